package study

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/train"
)

// A Resumption is an interrupted or killed run that is to go on.
type Resumption struct {
	folder   *record.Folder
	manifest record.Manifest
	state    []byte // nil: it made no checkpoint yet, and begins anew
	lock     *record.Lock
}

// Resume returns the run in the folder at path, to go on with as RunOptions.Resume. s must be its configuration. A run that
// was killed before its first checkpoint begins anew. It is an error if the run has ended, makes no checkpoints, has another
// configuration, or is under way (record.ErrLocked). The folder is locked until the run that goes on has ended.
func Resume(s *config.Setup, path string) (r *Resumption, err error) {
	if _, _, err := record.Open(path); err != nil {
		return nil, err
	}
	lock, err := record.LockFolder(path)
	if err != nil {
		return nil, err
	}
	if r, err = resumption(s, path); err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	r.lock = lock
	return r, nil
}

// resumption returns the run in a folder that is locked.
func resumption(s *config.Setup, path string) (*Resumption, error) {
	f, m, err := record.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := s.Config.Marshal()
	if err != nil {
		return nil, err
	}
	if m.Status == "completed" {
		return nil, fmt.Errorf("study: %s is complete: there is nothing to go on with", path)
	}
	if err := sameConfig(f, string(text)); err != nil {
		return nil, err
	}
	c, err := f.ReadCheckpoint()
	switch {
	case errors.Is(err, record.ErrNoCheckpoint) && s.Config.Record.Checkpoint == 0:
		return nil, fmt.Errorf("study: %s makes no checkpoints: set record.checkpoint before a run that may have to be resumed", path)
	case errors.Is(err, record.ErrNoCheckpoint):
		return &Resumption{folder: f, manifest: m}, nil
	case err != nil:
		return nil, err
	case c.Config != record.HashConfig(text):
		return nil, fmt.Errorf("study: the checkpoint in %s was made with another configuration than config.yaml has now", path)
	}
	return &Resumption{folder: f, manifest: m, state: c.State}, nil
}

// sameConfig returns an error that names the first line in which the configuration of a run is another than text.
func sameConfig(f *record.Folder, text string) error {
	b, err := os.ReadFile(f.Path("config.yaml"))
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	have, want := strings.Split(string(b), "\n"), strings.Split(text, "\n")
	for i := range max(len(have), len(want)) {
		a, b := line(have, i), line(want, i)
		if a != b {
			return fmt.Errorf("study: %s was made with another configuration: line %d of its config.yaml is %q, and now %q", f.Path(), i+1, a, b)
		}
	}
	return nil
}

func line(list []string, i int) string {
	if i >= len(list) {
		return ""
	}
	return strings.TrimSpace(list[i])
}

// reopen finds the folder of the run that is resumed.
func (r *run) reopen(build float64) error {
	r.folder, r.manifest, r.lock = r.Resume.folder, r.Resume.manifest, r.Resume.lock
	r.report.Run = r.folder.Path()
	m := &r.manifest
	if h := r.engine.Params().Hash(); h != m.Initial {
		return refuse("%s began with other parameters: the model or the weights it was made of have changed", r.report.Run)
	}
	m.Resumed++
	m.Status, m.Error, m.Ended = "running", "", time.Time{}
	m.SecondsBuild += build
	return nil
}

// begin writes into the folder of a run that is resumed, for the first time: it is certain now that it can go on.
func (r *run) begin() (err error) {
	if r.Resume == nil {
		return nil
	}
	if err = r.folder.WriteManifest(r.manifest); err != nil {
		return err
	}
	if err = r.log.Open(r.folder); err != nil {
		return err
	}
	r.metrics, err = r.folder.MetricsAgain()
	return err
}

// showResumption says what goes on.
func (r *run) showResumption() {
	switch {
	case r.Resume == nil:
	case r.Resume.state == nil:
		r.page.pair("resumed", "from the beginning: the run had made no checkpoint yet")
	default:
		r.page.pair("resumed", "from the last checkpoint")
	}
}

// checkpoints has the training c make checkpoints, and go on from one.
func (r *run) checkpoints(c *train.Config) error {
	if r.Resume != nil && r.Resume.state != nil {
		if err := r.restore(c, r.Resume.state); err != nil {
			return r.cannotGoOn(err)
		}
	}
	c.Every = r.Config.Record.Checkpoint
	c.OnCheckpoint = func(state []byte) error {
		w := &tensor.Encoder{}
		w.Bytes(state)
		if r.follower != nil {
			if err := r.follower.save(w); err != nil {
				return err
			}
		}
		recorded, err := r.tracer.state()
		if err != nil {
			return err
		}
		w.Bytes(recorded)
		return r.folder.WriteCheckpoint(record.Checkpoint{Config: record.HashConfig(r.text), State: w.B})
	}
	return nil
}

func (r *run) restore(c *train.Config, state []byte) error {
	d := &tensor.Decoder{B: state}
	n := d.Uint()
	if d.Err != nil || n > uint64(len(d.B)) {
		return errors.New("it ends too early")
	}
	c.Resume, d.B = d.B[:n], d.B[n:]
	if r.follower != nil {
		if err := r.follower.restore(d); err != nil {
			return err
		}
		for _, x := range r.follower.rows {
			r.report.Equal = r.report.Equal && x.diff.Equal()
		}
	}
	if n = d.Uint(); d.Err == nil && n != uint64(len(d.B)) {
		d.Fail("%d bytes are left over", len(d.B))
	}
	if len(r.Config.Record.Traces) > 0 {
		r.traced = d.B
	}
	if d.Err != nil {
		return d.Err
	}
	return train.Check(*c)
}

// cannotGoOn returns the error of a checkpoint that this run cannot go on from.
func (r *run) cannotGoOn(err error) error {
	return refuse("the checkpoint in %s is not one that this version of the program can go on from: go on with the version that made it (%s), or run it anew: %w",
		r.report.Run, strings.TrimSpace(r.manifest.Build.Version+" "+r.manifest.Build.Revision), err)
}

// numbers returns what is kept of a comparison.
func (d *distance) numbers() (whole []*int, ulps []*uint64, real []*float64) {
	whole, real = []*int{&d.update}, []*float64{&d.accuracy}
	for _, x := range []*engine.Difference{&d.diff, &d.lesioned} {
		whole, ulps = append(whole, &x.Params, &x.Differing), append(ulps, &x.MaxULP)
		real = append(real, &x.MaxAbs, &x.RelativeL2, &x.Cosine)
	}
	return whole, ulps, real
}

// save appends what f has found and the states of its twins.
func (f *follower) save(w *tensor.Encoder) error {
	w.Uint(uint64(f.shown))
	w.Uint(uint64(len(f.rows)))
	for k := range f.rows {
		whole, ulps, real := f.rows[k].numbers()
		for _, n := range whole {
			w.Int(int64(*n))
		}
		for _, n := range ulps {
			w.Uint(*n)
		}
		for _, x := range real {
			w.Uint(math.Float64bits(*x))
		}
	}
	for _, e := range f.twins() {
		twin, ok := e.(engine.Resumable)
		if !ok {
			return fmt.Errorf("study: %T cannot be resumed: make no checkpoints", e)
		}
		w.B = twin.AppendState(w.B)
	}
	return nil
}

func (f *follower) restore(d *tensor.Decoder) error {
	f.shown, f.rows = int(d.Uint()), nil
	for range d.Uint() {
		var x distance
		whole, ulps, real := x.numbers()
		for _, n := range whole {
			*n = int(d.Int())
		}
		for _, n := range ulps {
			*n = d.Uint()
		}
		for _, p := range real {
			*p = math.Float64frombits(d.Uint())
		}
		if d.Err != nil {
			return d.Err
		}
		f.rows = append(f.rows, x)
	}
	if f.shown < 0 || f.shown > len(f.rows) {
		d.Fail("%d of %d distances were shown", f.shown, len(f.rows))
	}
	if d.Err != nil {
		return d.Err
	}
	for _, twin := range f.twins() {
		rest, err := twin.(engine.Resumable).RestoreState(d.B)
		if d.B = rest; err != nil {
			return err
		}
	}
	return nil
}

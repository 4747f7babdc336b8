package study

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/train"
)

// A RunReport is what an experiment came to.
type RunReport struct {
	Run          string         `json:"run"` // its folder
	Dtype        string         `json:"dtype"`
	BLAS         string         `json:"blas"`
	Hosting      string         `json:"hosting"`   // of vertices: actor, shard, or none if the engine has no actors
	Hash         string         `json:"hash"`      // SHA-256 of the parameters' bits
	TwinHash     string         `json:"twin_hash"` // "" without a twin
	Epochs       []EpochReport  `json:"epochs"`
	Contrast     []BrokenReport `json:"contrast"`
	TestAccuracy Number         `json:"test_accuracy"`
	SecondsBuild Number         `json:"seconds_build"`
	SecondsTrain Number         `json:"seconds_train"` // of the engine's updates
	ClockShare   Number         `json:"clock_share"`   // of the engine's time; 0 for engines without a clock actor
	Virtual      *VirtualReport `json:"virtual,omitempty"`
	NonFinite    int            `json:"non_finite,omitempty"`
	Promised     bool           `json:"-"` // engine and schedule promise the bits of the twin
	Equal        bool           `json:"-"` // no parameter differed at any comparison
	Interrupted  bool           `json:"interrupted,omitempty"`
}

// An EpochReport is one epoch of a run.
type EpochReport struct {
	Epoch     int    `json:"epoch"`
	Loss      Number `json:"loss"`
	Accuracy  Number `json:"accuracy"`
	Differing int    `json:"differing"`
	TwinEqual bool   `json:"twin_equal"`
}

// A BrokenReport is an epoch with one condition of zero divergence broken.
type BrokenReport struct {
	Broken    string `json:"broken"`
	Differing int    `json:"differing"`
	Cosine    Number `json:"cosine"` // between the change of the parameters and that under backprop
}

// A Progress is told how far something is. Hide is called before text is written.
type Progress interface {
	Show(what string, done, total int)
	Hide()
}

// RunOptions say what a run writes and where.
type RunOptions struct {
	Text     io.Writer   // report for people, as it comes; nil: none
	Progress Progress    // nil: none
	Command  []string    // for the manifest
	Resume   *Resumption // a run to go on with; nil: a new one
}

// A run is an experiment under way.
type run struct {
	*config.Setup
	RunOptions
	page     page
	engine   engine.Engine
	twin     engine.Engine // nil: none
	follower *follower     // nil: none
	folder   *record.Folder
	lock     *record.Lock // of the folder
	log      record.Log   // of what is shown
	metrics  *record.Metrics
	journal  *record.Journal // of free-running actors; nil: none
	unnoted  error           // why there is no more of it
	done     int             // updates so far
	total    int             // updates that are asked for
	text     []byte          // the configuration
	manifest record.Manifest
	report   RunReport
	epochs   []train.Epoch
	curve    []record.Epoch

	tracer     *tracer
	traced     []byte // where recording goes on; nil: it begins
	recordings []record.Recording
}

// Run trains as s says, shows what comes, and keeps it in a run folder. If ctx ends, it finishes the batch, writes what
// there is and returns with Interrupted set. An error comes with whatever report there is.
func Run(ctx context.Context, s *config.Setup, o RunOptions) (RunReport, error) {
	r := &run{Setup: s, RunOptions: o}
	r.page.w = &r.log
	if o.Text != nil {
		r.page.w = io.MultiWriter(o.Text, &r.log)
	}
	if o.Progress == nil {
		r.Progress = silent{}
	}
	if err := r.open(); err != nil {
		return r.report, errors.Join(err, r.close())
	}
	err := r.train(ctx)
	if no := (*Refusal)(nil); errors.As(err, &no) && r.Resume != nil { // nothing was done: the folder stays as it is
		return r.report, errors.Join(err, r.close(), r.page.err)
	}
	if errors.Is(err, train.ErrInterrupted) {
		r.report.Interrupted, err = true, nil
	}
	if err == nil {
		err = r.show(ctx)
	}
	return r.report, errors.Join(err, r.finish(err), r.close(), r.page.err)
}

type silent struct{}

func (silent) Show(string, int, int) {}
func (silent) Hide()                 {}

// open builds the engines and makes the folder.
func (r *run) open() error {
	start := time.Now()
	var err error
	c := r.Config
	if r.engine, err = r.newEngine(); err != nil {
		return err
	}
	if r.follows() {
		if r.follower, err = r.newFollower(); err != nil {
			return err
		}
	} else if c.Compare.Reference != "none" {
		if r.twin, err = r.Engine(c.Compare.Reference, r.Rule); err != nil {
			return err
		}
	}
	if err := record.Check(r.recorded(), r.engine.Params(), c.Record.Specs()...); err != nil {
		return &Refusal{err}
	}
	build := r.Seconds + time.Since(start).Seconds()
	hosting, _ := config.Hosting(r.engine)
	r.report = RunReport{Dtype: c.Dtype, BLAS: r.Backend.Name(), Hosting: hosting, Epochs: []EpochReport{}, Contrast: []BrokenReport{}, Equal: true,
		TestAccuracy: Number(math.NaN()), SecondsBuild: Number(build), Promised: r.promised()}
	if r.text, err = c.Marshal(); err != nil {
		return err
	}
	if r.Resume != nil {
		return r.reopen(build)
	}
	return r.create(build)
}

// create makes the folder.
func (r *run) create(build float64) (err error) {
	c, now := r.Config, time.Now()
	if r.folder, err = record.Create(c.Record.Dir, c.Name, c.Seed, now); err != nil {
		return &Refusal{err}
	}
	if r.lock, err = record.LockFolder(r.folder.Path()); err != nil {
		return err
	}
	r.report.Run = r.folder.Path()
	r.manifest = record.Manifest{Name: c.Name, Seed: c.Seed, Dtype: c.Dtype, Network: r.Network.Name, Data: r.Train.Name, Command: r.Command,
		Build: record.ThisBuild(), Machine: record.ThisMachine(r.Backend.Name()), Started: now, Status: "running",
		Parameters: r.engine.Params().Len(), Initial: r.engine.Params().Hash(), Hosting: r.report.Hosting, SecondsBuild: build, Scope: record.Scope(r.Backend.Name())}
	if c.Wall() {
		if r.manifest.Scope = wallScope; c.Record.Journal.Bytes() == 0 {
			r.manifest.Scope = lostScope
		}
	}
	write := func(w io.Writer) error { _, err := w.Write(r.text); return err }
	if err = r.folder.Write("config.yaml", write); err != nil {
		return err
	}
	if err = r.folder.WriteManifest(r.manifest); err != nil {
		return err
	}
	if err = r.log.Open(r.folder); err != nil {
		return err
	}
	if err = r.openJournal(); err != nil {
		return err
	}
	r.metrics, err = r.folder.Metrics()
	return err
}

// promised reports whether the engine promises the bits of its twin.
func (r *run) promised() bool {
	return (r.twin != nil || r.follower != nil) && r.Setup.Promised(r.engine, r.Rule)
}

func (r *run) close() error {
	var errs []error
	list := []engine.Engine{r.engine, r.twin}
	if r.follower != nil {
		list = append(list, r.follower.twins()...)
	}
	for _, e := range list {
		if e != nil {
			errs = append(errs, e.Close())
		}
	}
	if r.metrics != nil {
		errs = append(errs, r.metrics.Close())
	}
	if r.journal != nil {
		errs = append(errs, r.journal.Close())
	}
	return errors.Join(append(errs, r.log.Close(), r.lock.Release())...)
}

// train makes the epochs.
func (r *run) train(ctx context.Context) error {
	r.showHeader()
	c := r.trainConfig(r.engine, r.twin)
	if r.total = c.Updates; r.total == 0 {
		r.total = c.Epochs * (r.Train.Len() / r.Batches.Size)
	}
	c.OnUpdate = func(epoch, update, updates int) {
		r.done = (epoch-1)*updates + update
		r.unnoted = r.noted()
		r.Progress.Show("learning", r.done, r.total)
	}
	c.OnEpoch = r.epoch
	eval, err := r.Evaluator()
	if err != nil {
		return err
	}
	if eval != nil {
		defer eval.Close()
		c.Eval = eval
	}
	if r.follower != nil {
		r.follow(&c)
	}
	if err := r.checkpoints(&c); err != nil {
		return err
	}
	if r.tracer, err = r.trace(&c, r.traced); err != nil {
		if r.traced != nil {
			err = r.cannotGoOn(err)
		}
		return err
	}
	if err := r.begin(); err != nil {
		return err
	}
	err = train.Run(ctx, c)
	var closing error
	if r.recordings, closing = r.tracer.close(err != nil); closing != nil {
		return closing
	}
	return err
}

// trainConfig returns the training of e and its twin under this run's configuration.
func (s *run) trainConfig(e, twin engine.Engine) train.Config {
	when := train.EveryEpoch
	switch s.Config.Compare.Every {
	case "update":
		when = train.EveryUpdate
	case "end":
		when = train.AtEnd
	}
	return train.Config{Engine: e, Twin: twin, Compare: when, Model: s.Network, Loss: s.Loss, Train: s.Train, Test: s.Test,
		Batches: s.Batches, Seed: s.Config.Seed, Epochs: s.Config.Learning.Epochs, Updates: s.Config.Learning.Updates}
}

// epoch takes in an epoch.
func (r *run) epoch(e train.Epoch) error {
	r.epochs = append(r.epochs, e)
	equal := e.Compared && e.Difference.Equal()
	if e.Compared && !equal {
		r.report.Equal = false
	}
	r.report.Epochs = append(r.report.Epochs, EpochReport{e.Number, Number(e.Loss), Number(e.Accuracy), e.Difference.Differing, equal})
	r.report.TestAccuracy = Number(e.Accuracy)
	r.report.SecondsTrain += Number(e.Time.Seconds())
	row := record.Epoch{Epoch: e.Number, Loss: e.Loss, TestLoss: e.TestLoss, Accuracy: e.Accuracy, Compared: e.Compared,
		Differing: e.Difference.Differing, MaxAbs: e.Difference.MaxAbs, Cosine: e.Difference.Cosine, Updates: e.Updates, Ticks: e.Ticks,
		Messages: e.Messages, Control: e.Control, Lost: e.Lost, Seconds: e.Time.Seconds(), Reference: e.TwinTime.Seconds()}
	r.curve = append(r.curve, row)
	r.showEpoch(e)
	return errors.Join(r.metrics.Add(row), r.page.err, r.unnoted)
}

// show shows what comes after the last epoch: hashes, contrast, cost.
func (r *run) show(ctx context.Context) error {
	r.report.Hash = r.engine.Params().Hash()
	if r.twin != nil {
		r.report.TwinHash = r.twin.Params().Hash()
	}
	r.report.ClockShare = Number(config.ClockShare(r.engine))
	r.showHashes()
	r.report.Virtual = r.virtual(r.engine)
	r.showVirtual()
	if !r.report.Interrupted {
		if err := r.contrast(ctx); err != nil {
			return err
		}
	}
	r.showCost(ctx)
	r.showEnd()
	r.report.NonFinite = r.report.nonFinite()
	return nil
}

func (r RunReport) nonFinite() int {
	n := nonFinite(r.TestAccuracy, r.SecondsBuild, r.SecondsTrain, r.ClockShare)
	for _, e := range r.Epochs {
		n += nonFinite(e.Loss, e.Accuracy)
	}
	for _, b := range r.Contrast {
		n += nonFinite(b.Cosine)
	}
	return n
}

// finish writes what is kept of the run; cause is why it failed.
func (r *run) finish(cause error) error {
	r.Progress.Hide()
	m := &r.manifest
	m.Ended, m.Epochs, m.Status = time.Now(), len(r.epochs), "completed"
	m.Hash, m.TwinHash, m.SecondsTrain = r.report.Hash, r.report.TwinHash, float64(r.report.SecondsTrain)
	switch {
	case cause != nil:
		m.Status, m.Error = "failed", cause.Error()
	case r.report.Interrupted:
		m.Status = "interrupted"
	}
	var errs []error
	if r.Config.Record.Parameters {
		errs = append(errs, r.folder.WriteParameters(r.engine.Params(), r.metadata()...))
	}
	if r.follower != nil {
		errs = append(errs, r.writeDistance())
	}
	if r.Config.Record.Plots && len(r.curve) > 0 {
		errs = append(errs, r.writeCurve())
	}
	return errors.Join(append(errs, r.folder.WriteManifest(*m))...)
}

var errNotEqual = errors.New("parameters differ from backprop's, although this engine and schedule promise the same bits")

// Err returns an error if a promise was broken.
func (r RunReport) Err() error {
	if r.Promised && !r.Equal {
		return fmt.Errorf("study: %w", errNotEqual)
	}
	return nil
}

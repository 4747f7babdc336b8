package record

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A Recorder writes what Specs ask for into files of a folder, while a run goes on. It never blocks the run: a frame for
// which there is no room, because the disk cannot keep up, is dropped and counted. But for Happen, a Recorder is used by one
// goroutine at a time, the one that runs the engine; another writes.
type Recorder struct {
	tracks  []*track
	streams []*stream
	wall    bool

	mu      sync.Mutex
	ordered bool
	pending []Event // ordered: since the last settle
}

// RecorderConfig says where a Recorder writes.
type RecorderConfig struct {
	Dir     string        // of the files; it exists
	Graph   *graph.Graph  // that runs: levelled
	Params  engine.Params // weights at the beginning, for updates; nil: updates are since the first record
	Memory  int           // bytes of frames that wait for the disk, for every Spec; 0: 16 MiB
	Wait    bool          // wait for the disk and drop nothing: for virtual time, in which waiting costs nothing
	Ordered bool          // events come from several goroutines, in any order: those between two calls of Tick or Update are sorted
	Wall    bool          // time goes on by itself: intervals in which nobody looked are counted
	Spool   bool          // what is recorded goes to a spool first, from which a killed run can go on; see State
	Resume  []byte        // with Spool: what State returned, to go on from there. nil: from the beginning
}

const defaultMemory = 16 << 20

// NewRecorder starts a file for every spec, NN-what.format. A spec that asks for what does not exist is an error.
func NewRecorder(c RecorderConfig, specs ...Spec) (*Recorder, error) {
	if c.Memory == 0 {
		c.Memory = defaultMemory
	}
	r := &Recorder{ordered: c.Ordered, wall: c.Wall}
	var state *tensor.Decoder
	if c.Resume != nil {
		state = &tensor.Decoder{B: c.Resume}
	}
	for i, s := range specs {
		s, err := s.check()
		var t *track
		if err == nil {
			t, err = lay(s, c.Graph, c.Params)
		}
		var w *stream
		if err == nil {
			w, err = openStream(c, t, filepath.Join(c.Dir, fileName(i, s)), state)
		}
		if err != nil {
			_, _ = r.Close(true)
			return nil, fmt.Errorf("record: recording %d: %w", i+1, err)
		}
		r.tracks, r.streams = append(r.tracks, t), append(r.streams, w)
	}
	return r, nil
}

// Check returns an error if a spec asks for what does not exist in a network.
func Check(g *graph.Graph, params engine.Params, specs ...Spec) error {
	for i, s := range specs {
		s, err := s.check()
		if err == nil {
			_, err = lay(s, g, params)
		}
		if err != nil {
			return fmt.Errorf("record: recording %d: %w", i+1, err)
		}
	}
	return nil
}

// fileName returns a name such as "01-value-error" without its suffix.
func fileName(i int, s Spec) string {
	what := strings.Join(s.What, "-")
	if len(what) > 60 { // whole names
		what = what[:strings.LastIndexByte(what[:61], '-')]
	}
	return fmt.Sprintf("%02d-%s", i+1, what)
}

// Tick records what is due at m, after a tick or an event. An engine's observer calls it.
func (r *Recorder) Tick(m Moment) { r.look(&m, false) }

// Update records what is due at the end of an update.
func (r *Recorder) Update(m Moment) { r.look(&m, true) }

// Wanted reports whether anything is recorded within updates, and so whether an engine needs to be observed.
func (r *Recorder) Wanted() bool {
	for _, t := range r.tracks {
		if t.Unit != Updates {
			return true
		}
	}
	return false
}

// Interval returns the shortest interval of time, in milliseconds, at which anything is recorded; 0 if nothing is.
func (r *Recorder) Interval() (ms float64) {
	for _, t := range r.tracks {
		if t.Unit == Millis && (ms == 0 || t.Every < ms) {
			ms = t.Every
		}
	}
	return ms
}

func (r *Recorder) look(m *Moment, ended bool) {
	if r.ordered {
		r.settle()
	}
	for i, t := range r.tracks {
		late := t.next
		if !t.due(m, ended, r.wall, &t.next) {
			continue
		}
		if n := (m.Millis - late) / t.Every; r.wall && t.Unit == Millis && n >= 1 && !math.IsInf(n, 0) && t.wantsAll(t.last, m.Update) {
			r.streams[i].skipped += int64(n)
		}
		t.last = m.Update
		r.keep(i, m)
	}
}

// Pass records, at intervals of time, what is due while m is what there is: from one time, in units of m.UnitMS, until
// before another. If both are the same, it is what is due by then. In virtual time, intervals of time are recorded by Pass alone.
func (r *Recorder) Pass(m Moment, from, until int64) {
	if r.ordered {
		r.settle()
	}
	for i, t := range r.tracks {
		if t.Unit != Millis || !t.wants(m.Update) {
			continue
		}
		for t.next = max(t.next, 0, math.Ceil(float64(from)/(t.Every/m.UnitMS)-1e-9)); ; t.next++ {
			if x := t.at(t.next, m.UnitMS); x > float64(from) && x >= float64(until) {
				break
			}
			m.Millis = t.next * t.Every
			r.keep(i, &m)
		}
	}
}

// keep records m in stream i.
func (r *Recorder) keep(i int, m *Moment) {
	f := r.streams[i].frame()
	if f == nil {
		return
	}
	f.update, f.tick, f.millis = m.Update, m.Tick, m.Millis
	r.tracks[i].fill(f.row, m)
	r.streams[i].full <- f // has room for all frames there are
}

// A Recording is what became of a Spec.
type Recording struct {
	Path     string `json:"path"`
	Recorded int64  `json:"recorded"`         // frames in the file, or events
	Dropped  int64  `json:"dropped"`          // frames or events for which there was no room
	Skipped  int64  `json:"skipped"`          // on the clock of the wall: intervals in which nobody had looked when they were over
	Events   bool   `json:"events,omitempty"` // what they are
}

// String returns "traces/01-value.npz: 120 frames", and how many were dropped, if any.
func (r Recording) String() string {
	what := " frames"
	if r.Events {
		what = " events"
	}
	s := r.Path + ": " + strconv.FormatInt(r.Recorded, 10) + what
	if r.Dropped > 0 {
		s += ", " + strconv.FormatInt(r.Dropped, 10) + " dropped: the disk could not keep up"
	}
	if r.Skipped > 0 {
		s += ", " + strconv.FormatInt(r.Skipped, 10) + " intervals skipped: the machine could not keep up"
	}
	return s
}

// Close writes what waits, completes the files and returns what became of every spec. The first error of writing is
// returned here. If the run is to go on another day, spools are kept.
func (r *Recorder) Close(keep bool) ([]Recording, error) {
	if r.ordered {
		r.settle()
	}
	var list []Recording
	var first error
	for i, s := range r.streams {
		if x := r.tracks[i].events; x != nil {
			x.flush(s)
		}
		s.keep = keep
		close(s.full)
		err := <-s.done
		if first == nil && err != nil {
			first = fmt.Errorf("record: %s: %w", s.path, err)
		}
		list = append(list, Recording{Path: s.path, Recorded: s.recorded, Dropped: s.dropped.Load(), Skipped: s.skipped, Events: r.tracks[i].events != nil})
	}
	r.streams, r.tracks = nil, nil
	return list, first
}

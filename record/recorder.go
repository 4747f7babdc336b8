package record

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
)

// A Recorder writes what Specs ask for into files of a folder, while a run goes on. It never blocks the run: a frame for
// which there is no room, because the disk cannot keep up, is dropped and counted. A Recorder is used by one goroutine at a
// time, the one that runs the engine; another writes.
type Recorder struct {
	tracks  []*track
	streams []*stream
}

// RecorderConfig says where a Recorder writes.
type RecorderConfig struct {
	Dir    string        // of the files; it exists
	Prefix string        // of their names
	Graph  *graph.Graph  // that runs: levelled
	Params engine.Params // weights at the beginning, for updates; nil: updates are since the first record
	Memory int           // bytes of frames that wait for the disk, for every Spec; 0: 16 MiB
	Wait   bool          // wait for the disk and drop nothing: for virtual time, in which waiting costs nothing
}

const defaultMemory = 16 << 20

// NewRecorder starts a file for every spec, NN-what.format after the prefix. A spec that asks for what does not exist is an error.
func NewRecorder(c RecorderConfig, specs ...Spec) (*Recorder, error) {
	if c.Memory == 0 {
		c.Memory = defaultMemory
	}
	r := &Recorder{}
	for i, s := range specs {
		s, err := s.check()
		var t *track
		if err == nil {
			t, err = lay(s, c.Graph, c.Params)
		}
		var w *stream
		if err == nil {
			w, err = openStream(c, t, filepath.Join(c.Dir, c.Prefix+fileName(i, s)))
		}
		if err != nil {
			_, _ = r.Close()
			return nil, fmt.Errorf("record: recording %d: %w", i+1, err)
		}
		r.tracks, r.streams = append(r.tracks, t), append(r.streams, w)
	}
	return r, nil
}

// fileName returns a name such as "01-value-error" without its suffix.
func fileName(i int, s Spec) string {
	what := strings.Join(s.What, "-")
	if len(what) > 60 {
		what = what[:60]
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

func (r *Recorder) look(m *Moment, ended bool) {
	for i, t := range r.tracks {
		if !t.due(m, ended, &t.next) {
			continue
		}
		f := r.streams[i].frame()
		if f == nil {
			continue
		}
		f.update, f.tick, f.millis = m.Update, m.Tick, m.Millis
		t.fill(f.row, m)
		r.streams[i].full <- f // has room for all frames there are
	}
}

// A Recording is what became of a Spec.
type Recording struct {
	Path     string `json:"path"`
	Recorded int64  `json:"recorded"` // frames in the file
	Dropped  int64  `json:"dropped"`  // frames for which there was no room
}

// String returns "traces/01-value.npz: 120 frames", and how many were dropped, if any.
func (r Recording) String() string {
	s := r.Path + ": " + strconv.FormatInt(r.Recorded, 10) + " frames"
	if r.Dropped > 0 {
		s += ", " + strconv.FormatInt(r.Dropped, 10) + " dropped: the disk could not keep up"
	}
	return s
}

// Close writes what waits, completes the files and returns what became of every spec. The first error of writing is
// returned here.
func (r *Recorder) Close() ([]Recording, error) {
	var list []Recording
	var first error
	for _, s := range r.streams {
		close(s.full)
		err := <-s.done
		if first == nil && err != nil {
			first = fmt.Errorf("record: %s: %w", s.path, err)
		}
		list = append(list, Recording{Path: s.path, Recorded: s.recorded, Dropped: s.dropped.Load()})
	}
	r.streams, r.tracks = nil, nil
	return list, first
}

// A frame is one moment of one track.
type frame struct {
	update, tick int
	millis       float64
	row          []float64
}

// A stream is a file with the goroutine that writes it. Frames go round: free, filled by the run, full, written.
type stream struct {
	path       string
	free, full chan *frame
	size       int // of a row
	wait       bool
	dropped    atomic.Int64
	recorded   int64 // the goroutine's until done
	done       chan error
}

// A sink writes frames to a file.
type sink interface {
	write(*frame) error
	close() error // completes the file
	abort()       // removes it
}

func openStream(c RecorderConfig, t *track, base string) (*stream, error) {
	size := len(t.What) * t.width
	n := min(max(c.Memory/(8*size+64), 4), 1<<14)
	s := &stream{path: base + "." + t.To, free: make(chan *frame, n), full: make(chan *frame, n), size: size, wait: c.Wait, done: make(chan error, 1)}
	k, err := openSink(t, base)
	if err != nil {
		return nil, err
	}
	for range n {
		s.free <- &frame{}
	}
	go s.run(k)
	return s, nil
}

func openSink(t *track, base string) (sink, error) {
	if t.To == "npz" {
		return openArrays(t, base)
	}
	return openTable(t, base)
}

// frame returns a frame to fill, nil if there is none.
func (s *stream) frame() *frame {
	if s.wait {
		return s.sized(<-s.free)
	}
	select {
	case f := <-s.free:
		return s.sized(f)
	default:
		s.dropped.Add(1)
		return nil
	}
}

// sized gives a frame its row when it is used first, so that short recordings take little memory.
func (s *stream) sized(f *frame) *frame {
	if f.row == nil {
		f.row = make([]float64, s.size)
	}
	return f
}

// run writes frames until there are no more, and completes the file. After an error it only hands frames back.
func (s *stream) run(k sink) {
	var err error
	for f := range s.full {
		if err == nil {
			err = k.write(f)
		}
		if err == nil {
			s.recorded++
		} else {
			s.dropped.Add(1)
		}
		s.free <- f
	}
	if err == nil {
		err = k.close()
	}
	if err != nil {
		k.abort()
	}
	s.done <- err
}

package record

import (
	"cmp"
	"slices"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/table"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// An Event is something that happened at a vertex, as a neuron.Tally tells it.
type Event struct {
	Update int
	Tick   int
	Millis float64 // NaN if the engine has no time
	What   neuron.Count
	Kind   neuron.Kind // of the message
	Vertex graph.VertexID
}

// eventSize is how many numbers of a frame an event takes: update, tick, time, target and kind. eventsPerFrame is how many
// a frame has room for.
const (
	eventSize      = 5
	eventsPerFrame = 512
)

// An eventTrack is what a track that records events adds to it.
type eventTrack struct {
	names []string               // of what happens
	kind  [neuron.Counts][2]int8 // by count and kind of message: index of names; −1: it is not recorded
	row   []int32                // by vertex: its target; −1: it is not recorded
	frame *frame                 // being filled; nil: none
	wants func(update int) bool
}

// layEvents names what is recorded, in the order of What.
func (t *track) layEvents(g *graph.Graph) {
	e := &eventTrack{row: make([]int32, g.Len()), wants: t.wants}
	for v := range e.row {
		e.row[v] = -1
	}
	for i, x := range t.targets {
		e.row[x.vertex] = int32(i)
	}
	for c := range e.kind {
		e.kind[c] = [2]int8{-1, -1}
	}
	for _, w := range t.What {
		for _, c := range countsOf(w) {
			first := w
			switch c {
			case neuron.CountActive:
				first = "prediction"
			case neuron.CountPredictions:
				first = "sent prediction"
			case neuron.CountErrors:
				first = "sent error"
			}
			for k := range e.kind[c] {
				name := first
				if c == neuron.CountActive && k == int(neuron.Error) {
					name = "error"
				}
				i := slices.Index(e.names, name)
				if i < 0 {
					i, e.names = len(e.names), append(e.names, name)
				}
				e.kind[c][k] = int8(i)
			}
		}
	}
	t.events = e
}

// Happen records an event, if a Spec asks for it. Any goroutine may call it, between two calls of Tick or Update; it waits
// for no disk unless the Recorder does.
func (r *Recorder) Happen(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ordered {
		r.pending = append(r.pending, e)
		return
	}
	r.happen(&e)
}

func (r *Recorder) happen(e *Event) {
	for i, t := range r.tracks {
		if t.events != nil {
			t.events.add(e, r.streams[i])
		}
	}
}

// add puts e into the frame, which goes to s when it is full.
func (x *eventTrack) add(e *Event, s *stream) {
	row, kind := x.row[e.Vertex], x.kind[e.What][e.Kind]
	if row < 0 || kind < 0 || !x.wants(e.Update) {
		return
	}
	if x.frame == nil {
		if x.frame = s.frame(); x.frame == nil {
			return
		}
		x.frame.row = x.frame.row[:0]
	}
	f := x.frame
	f.row = append(f.row, float64(e.Update), float64(e.Tick), e.Millis, float64(row), float64(kind))
	if len(f.row) >= eventSize*eventsPerFrame {
		x.flush(s)
	}
}

// flush sends what is in the frame on.
func (x *eventTrack) flush(s *stream) {
	if x.frame != nil {
		s.full <- x.frame
		x.frame = nil
	}
}

// settle puts the events since it was last called in an order that does not depend on which goroutine was faster.
func (r *Recorder) settle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortStableFunc(r.pending, func(a, b Event) int {
		return cmp.Or(a.Update-b.Update, a.Tick-b.Tick, cmp.Compare(a.Millis, b.Millis), int(a.Vertex-b.Vertex), int(a.What)-int(b.What), int(a.Kind)-int(b.Kind))
	})
	for i := range r.pending {
		r.happen(&r.pending[i])
	}
	r.pending = r.pending[:0]
}

// An eventTable writes a row for every event: step (the number of the update), tick, ms, of, kind. An index beside the table,
// in JSON, has the vertices with their levels.
type eventTable struct {
	w     *table.Writer
	of    []table.Cell
	kinds []table.Cell
}

func openEventTable(x *Index, to, base string) (sink, error) {
	s := &eventTable{}
	for _, t := range x.Targets {
		s.of = append(s.of, table.Text(t.Name))
	}
	for _, k := range x.Kinds {
		s.kinds = append(s.kinds, table.Text(k))
	}
	var err error
	s.w, err = table.Create(base+"."+to, table.Column{Name: "step", Type: table.Int64}, table.Column{Name: "tick", Type: table.Int64}, table.Column{Name: "ms"},
		table.Column{Name: "of", Type: table.String}, table.Column{Name: "kind", Type: table.String})
	if err == nil {
		err = writeIndex(base+".json", x)
	}
	return s, err
}

func (s *eventTable) write(f *frame) error {
	for r := f.row; len(r) >= eventSize; r = r[eventSize:] {
		if err := s.w.Append(table.Int(int64(r[0])), table.Int(int64(r[1])), table.Float(r[2]), s.of[int(r[3])], s.kinds[int(r[4])]); err != nil {
			return err
		}
	}
	return nil
}

func (s *eventTable) flush() error { return s.w.Flush() }
func (s *eventTable) close() error { return s.w.Close() }
func (s *eventTable) abort()       { _ = s.w.Abort() }

// An eventArrays writes the arrays step, tick, ms, of and kind, a number for every event: of and kind are positions in the
// lists targets and kinds of the index.
type eventArrays struct {
	file *npy.ArchiveStream
	arr  [eventSize]*npy.StreamWriter
	rows int
}

func openEventArrays(x *Index, base string) (sink, error) {
	file, err := npy.CreateArchive(base + ".npz")
	if err != nil {
		return nil, err
	}
	s := &eventArrays{file: file}
	for i, name := range [...]string{"step", "tick", "ms", "of", "kind"} {
		typ := tensor.Int64
		if name == "ms" {
			typ = tensor.Float64
		}
		if s.arr[i], err = file.Array(name, typ, tensor.Dims()); err != nil {
			s.abort()
			return nil, err
		}
	}
	if err = writeIndex(base+".json", x); err != nil {
		s.abort()
		return nil, err
	}
	return s, nil
}

func (s *eventArrays) write(f *frame) error {
	n := len(f.row) / eventSize
	for i, w := range s.arr {
		typ := tensor.Int64
		if i == 2 {
			typ = tensor.Float64
		}
		column := tensor.New(typ, tensor.Dims(n))
		for k := range n {
			column.SetFloat(k, f.row[k*eventSize+i])
		}
		if err := w.Append(column); err != nil {
			return err
		}
	}
	if s.rows += n; s.rows%(64*eventsPerFrame) < n {
		return s.file.Flush()
	}
	return nil
}

func (s *eventArrays) flush() error { return s.file.Flush() }
func (s *eventArrays) close() error { return s.file.Close() }
func (s *eventArrays) abort()       { _ = s.file.Abort() }

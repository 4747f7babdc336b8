package neuron

import (
	"sync/atomic"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A Count is something that a Tally counts of every vertex.
type Count uint8

const (
	CountTurns       Count = iota // turns in which it compared; in the sparse form, its work in an update
	CountActive                   // transitions in which it sent a message that was not empty, once for either kind
	CountPredictions              // that it sent
	CountErrors                   // that it sent
	CountDelivered                // messages that it received
	CountLost                     // messages to it that its links lost
	CountLate                     // of those delivered, the ones that came after the turn that they were meant for
	CountStale                    // messages to it that arrived after a later one of the same edge
	CountDuplicated               // second copies to it that were recognised
	CountExpired                  // messages to it that were under way at the end of a sample

	Counts = int(CountExpired) + 1
)

// A Tally counts, vertex by vertex, what an engine does. What is sent counts at the sender, whatever else becomes of a
// message at the receiver. It is made for one Population, which is told by Watch; without one nothing is counted, and
// nothing is slower. Its methods may be called by any goroutine.
type Tally struct {
	// Event is called for everything that is counted, on the goroutine on which it happens, after it has been counted; k is
	// the kind of the message, if it is about one. nil: not called.
	Event func(c Count, v graph.VertexID, k Kind)

	n       [Counts][]atomic.Int64
	travel  []atomic.Int64 // time that messages to a vertex are under way, all together
	longest []atomic.Int64
	waiting []atomic.Int64 // messages under way to a vertex
	fired   []bool         // in the present update, sparse form
}

// NewTally returns a tally for the vertices of g.
func NewTally(g *graph.Graph) *Tally {
	t := &Tally{fired: make([]bool, g.Len())}
	for _, list := range t.lists() {
		*list = make([]atomic.Int64, g.Len())
	}
	return t
}

func (t *Tally) lists() (all []*[]atomic.Int64) {
	for c := range t.n {
		all = append(all, &t.n[c])
	}
	return append(all, &t.travel, &t.longest, &t.waiting)
}

// Add counts one more of c at v; k is the kind of the message.
func (t *Tally) Add(c Count, v graph.VertexID, k Kind) {
	t.n[c][v].Add(1)
	if t.Event != nil {
		t.Event(c, v, k)
	}
}

// Of returns how many of c there were at v so far.
func (t *Tally) Of(c Count, v graph.VertexID) int64 { return t.n[c][v].Load() }

// Away takes note that a message is under way to v, Arrived that it is no more.
func (t *Tally) Away(v graph.VertexID)    { t.waiting[v].Add(1) }
func (t *Tally) Arrived(v graph.VertexID) { t.waiting[v].Add(-1) }

// Waiting returns how many messages are under way to v.
func (t *Tally) Waiting(v graph.VertexID) int64 { return t.waiting[v].Load() }

// Travelled takes note that a message to v travels for so many units.
func (t *Tally) Travelled(v graph.VertexID, units int64) {
	t.travel[v].Add(units)
	for a := &t.longest[v]; ; {
		old := a.Load()
		if units <= old || a.CompareAndSwap(old, units) {
			return
		}
	}
}

// Travel returns the time that messages to v have travelled, all together, and the longest of them.
func (t *Tally) Travel(v graph.VertexID) (sum, longest int64) {
	return t.travel[v].Load(), t.longest[v].Load()
}

// AppendState appends the counts to b, between updates.
func (t *Tally) AppendState(b []byte) []byte {
	w := &tensor.Encoder{B: b}
	for _, list := range t.lists() {
		for v := range *list {
			w.Int((*list)[v].Load())
		}
	}
	return w.B
}

// RestoreState makes the counts what they were when AppendState was called, and returns what follows in b.
func (t *Tally) RestoreState(b []byte) ([]byte, error) {
	r := &tensor.Decoder{B: b}
	for _, list := range t.lists() {
		for v := range *list {
			(*list)[v].Store(r.Int())
		}
	}
	return r.B, r.Err
}

// Watch has t, made for p's graph, count what p does from now on. No transition may be running. Under the sparse form the
// error of a vertex then shows as zero until the vertex has worked in the present update.
func (p *Population) Watch(t *Tally) { p.tally = t }

// begin forgets who has fired.
func (t *Tally) begin() { clear(t.fired) }

// fire counts a transition of v, and has w count what it sends.
func (t *Tally) fire(w *Worker, v graph.VertexID, tr Transition) {
	w.tally, w.vertex, w.said = t, v, [2]bool{}
	switch tr {
	case Feedback:
		t.fired[v] = true
		t.Add(CountTurns, v, Prediction)
	case Compare:
		t.Add(CountTurns, v, Prediction)
	}
}

// sent counts a message of the vertex that w fires.
func (t *Tally) sent(w *Worker, m Message) {
	v := w.vertex
	if m.Kind == Prediction {
		t.Add(CountPredictions, v, m.Kind)
	} else {
		t.Add(CountErrors, v, m.Kind)
	}
	if !m.Rest && !w.said[m.Kind] {
		w.said[m.Kind] = true
		t.Add(CountActive, v, m.Kind)
	}
}

package bp

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// Lesion silences the computed vertex v, or heals it: its value is 0, and so is its error, as if it were multiplied by 0.
// Its parameters get a feedback of 0. Between updates only.
func (e *Engine) Lesion(v graph.VertexID, silent bool) {
	if e.lesioned == nil {
		e.lesioned = make([]bool, e.g.Len())
	}
	e.lesioned[v] = silent
}

// Cut cuts the edge i, or mends it: its consumer computes with 0 in the place of that argument, and no error travels along
// it. Between updates only.
func (e *Engine) Cut(i graph.EdgeID, cut bool) {
	if e.zeros == nil {
		e.zeros = make([]tensor.Tensor, e.g.Edges())
	}
	e.zeros[i] = tensor.Tensor{}
	if from := e.g.From(i); cut {
		e.zeros[i] = tensor.New(e.typeOf(from), e.g.Shape(from))
	}
}

// silent reports whether v is lesioned.
func (e *Engine) silent(v graph.VertexID) bool { return e.lesioned != nil && e.lesioned[v] }

// stop sets the feedback of v's arguments to 0, of all if v is lesioned, otherwise of those whose edge is cut.
func (e *Engine) stop(v graph.VertexID) {
	first, n := e.g.In(v)
	for k := range n {
		i := first + graph.EdgeID(k)
		if t := e.feedback[i]; t.Wanted() && (e.silent(v) || e.zeros[i].Wanted()) {
			t.Zero()
		}
	}
}

package neuron

import (
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
)

// Under the sparse form nobody waits for what a vertex sends to its parameters but these. So where the function allows it a
// vertex first sends the errors that others wait for, and acknowledges; its parameters get theirs from a transition of its
// own, Contribute, and learn whenever they have them all, while the next levels are at work already. A parameter learns
// when its last consumer has contributed, and no consumer contributes before it has sent its other errors: no weight
// changes while somebody needs it. The calls are the same, with the same operands.

// Defer has vertices defer what they owe their parameters, from the next update on, if that takes at least least
// multiply-adds; 0 ends it. What is smaller is computed at once, as are functions whose derivatives share work. Whoever asks for
// it gives a vertex that Owes its Contribute after its Feedback, at any time before the update ends, and waits for the
// acknowledgements of all Learners before it does. Only the sparse form defers, and not while a Tally counts who does what in
// a tick. Between updates only.
func (p *Population) Defer(least int) {
	p.deferring = least > 0 && p.rule.Sparse && p.tally == nil
	if p.deferring && least != p.deferFrom {
		p.apart, p.deferFrom, p.deferrers = make([]bool, p.g.Len()), least, 0
		for v := range graph.VertexID(len(p.apart)) {
			if p.apart[v] = p.worthDeferring(v); p.apart[v] {
				p.deferrers++
			}
		}
	}
	p.deferring = p.deferring && p.deferrers > 0
}

// Deferring reports whether vertices defer in the present update.
func (p *Population) Deferring() bool { return p.deferring }

// Owes reports whether v has a Contribute to make after its Feedback in the present update.
func (p *Population) Owes(v graph.VertexID) bool {
	return p.deferring && p.apart[v] && !(p.held != nil && p.held[v].lesioned)
}

// Learners returns the parameters that get feedback: each learns once in an update of the sparse form.
func (p *Population) Learners() []graph.VertexID { return p.schedule.learners }

// Moment returns the tick to which transition t of v belongs. Without deferring that is the present one; a deferred transition
// belongs to the one at which it would have been made otherwise.
func (p *Population) Moment(v graph.VertexID, t Transition) int {
	if p.deferring && p.rule.Event == Clocked {
		switch t {
		case Contribute:
			return p.g.Level(v)
		case Learn:
			return p.lastDue(v)
		}
	}
	return p.now
}

// worthDeferring reports whether v can defer, and has both: a value to which errors go first, and a parameter with enough
// work. For a product of matrices √(|x|·|w|·|y|) is the number of multiply-adds.
func (p *Population) worthDeferring(v graph.VertexID) bool {
	if !p.active(v) || p.g.Role(v) != graph.Computed || !op.Apart(p.g.Op(v)) {
		return false
	}
	if f, _ := p.cell(v); f != nil {
		return false // it is computed in one call
	}
	value, work := 0, 0.0
	first, n := p.g.In(v)
	for k := range n {
		switch e := first + graph.EdgeID(k); {
		case p.among(e, toValues):
			value = max(value, p.g.Shape(p.g.From(e)).Len())
		case p.among(e, toParameters):
			work = max(work, float64(p.g.Shape(p.g.From(e)).Len())*float64(p.g.Shape(v).Len()))
		}
	}
	return math.Sqrt(work*float64(value)) >= float64(p.deferFrom)
}

// recipients are arguments to which a vertex sends errors.
type recipients uint8

const (
	toAll recipients = iota
	toValues
	toParameters
)

// among reports whether errors travel along e, to an argument that to names.
func (p *Population) among(e graph.EdgeID, to recipients) bool {
	return p.carries(e) && (to == toAll || (p.g.Role(p.g.From(e)) == graph.Parameter) == (to == toParameters))
}

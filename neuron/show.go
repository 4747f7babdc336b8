package neuron

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// This file is what an observer asks of single vertices, between transitions of that vertex.

// KeepFeedback has parameters keep, beside what they learn from, a copy of it, which Feedback returns. No transition may
// be running.
func (p *Population) KeepFeedback() {
	if p.keeps != nil {
		return
	}
	p.keeps = make([]tensor.Tensor, p.g.Parameters())
	for i := range p.keeps {
		p.keeps[i] = tensor.New(p.typ, p.g.Parameter(i).Shape)
	}
}

// Feedback returns the folded and scaled feedback that parameter i got when it learnt last, zeros before that. KeepFeedback
// must have been called. The tensor belongs to p.
func (p *Population) Feedback(i int) tensor.Tensor { return p.keeps[i] }

// Precision returns π of v.
func (p *Population) Precision(v graph.VertexID) float64 {
	if p.precision == nil {
		return 1
	}
	return p.precision[v]
}

// EnergyOf returns the part of v in the energy at the last tick: ½ε²/π summed over its elements, where ε is that of Err; of
// the output the loss at its present prediction. Under the sparse form no prediction moves, and the errors are those with
// which vertices fired.
func (p *Population) EnergyOf(v graph.VertexID) float64 {
	if v == p.g.Output() {
		return p.outputEnergy()
	}
	e := p.Err(v)
	if !e.Wanted() {
		return 0
	}
	return halfSquare(e) / p.Precision(v)
}

// ResidualOf returns the part of v in the square of the residual, as of its last relaxation.
func (p *Population) ResidualOf(v graph.VertexID) float64 {
	if p.rule.Sparse {
		return 0
	}
	return p.residual[v]
}

// Active reports whether v takes part in inference: it has an error.
func (p *Population) Active(v graph.VertexID) bool { return p.active(v) }

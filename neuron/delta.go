package neuron

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// This file is the event-driven form that accumulates: when its error changes by Δ, a vertex sends Δ ∂μ/∂x, and receivers
// add up. Jacobians are those of the forward sweep, so the sums do not depend on the order but for rounding. Changes that
// come while a vertex waits for its turn are merged, and nothing is sent for a change of zero: without the first, messages
// would multiply with every skip connection. The pending change of a vertex lies where u lies under other rules.
// As under Z-IL, feedback of Δ displaces a value by γΔ, which is an error of πγΔ.

// Absorb takes what m carries: it adds it to the pending change of the receiver, or to the port of a parameter. It
// returns the receiver, and Feedback if a turn must be arranged for it.
func (p *Population) Absorb(m Message, payload tensor.Tensor) (graph.VertexID, Transition) {
	v := p.g.From(m.Edge)
	if p.g.Role(v) == graph.Parameter {
		total := p.feedback(m.Edge)
		if !p.hasError[m.Edge] {
			total.Zero()
			p.hasError[m.Edge] = true
		}
		addKernel(total, payload)
		return v, None
	}
	pending := p.view(p.disp[v], v)
	if !p.latched[v] {
		pending.Zero()
	}
	addKernel(pending, payload)
	if p.latched[v] {
		return v, None
	}
	p.latched[v] = true
	return v, Feedback
}

// change is a turn of v: it sends what its pending change amounts to.
func (p *Population) change(w *Worker, v graph.VertexID) {
	eps := p.view(p.eps[v], v)
	mark := w.Ctx.Mark()
	defer w.Ctx.Release(mark)
	delta := w.Ctx.Scratch(p.typ, p.g.Shape(v))
	switch {
	case p.held != nil && p.held[v].lesioned:
		p.latched[v] = false
		return
	case v == p.g.Output():
		p.outputError(delta, p.Value(v))
	case p.latched[v]:
		delta.CopyFrom(p.view(p.disp[v], v))
		if g := p.gamma(v); g != 1 {
			tensor.Scale(delta, g)
		}
		p.weigh(v, delta)
		p.latched[v] = false
	default:
		return // a vertex that nothing has reached
	}
	if p.quiet[v] {
		eps.Zero()
		p.quiet[v] = false
	}
	addKernel(eps, delta)
	if allZero(delta) {
		return
	}
	first, n := p.g.In(v)
	w.args, w.d = w.args[:0], w.d[:0]
	for k := range n {
		e := first + graph.EdgeID(k)
		w.args = append(w.args, p.unlessCut(w, e, p.Value(p.g.From(e))))
		d := tensor.Tensor{}
		if p.carries(e) && !p.silent(v, e) {
			d = p.outgoing(e)
		}
		w.d = append(w.d, d)
	}
	p.vjp(w, v, p.Value(v), delta)
	turn := p.local[v]
	p.local[v]++
	for k := range n {
		if e := first + graph.EdgeID(k); w.d[k].Wanted() {
			w.send(Message{Edge: e, Tick: turn, Kind: Error})
		}
	}
}

// addKernel sets dst += src.
func addKernel(dst, src tensor.Tensor) {
	switch dst.Type() {
	case tensor.Float64:
		addOf[float64](dst, src)
	case tensor.Float32:
		addOf[float32](dst, src)
	}
}

func addOf[T tensor.Float](dst, src tensor.Tensor) {
	d, s := tensor.Data[T](dst), tensor.Data[T](src)
	for i := range d {
		d[i] += s[i]
	}
}

package neuron

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// hold is what an intervention does to a vertex.
type hold struct {
	lesioned bool
	clamped  bool          // an input: held at the value of the sample
	loose    bool          // the output: the target of the sample does not hold it
	fixed    tensor.Tensor // the value that it is held at
	pulse    tensor.Tensor // noise that its value is to have when the forward sweep, or a stream, comes to it
}

func (p *Population) holdOf(v graph.VertexID) *hold {
	if p.held == nil {
		p.held = make([]hold, p.g.Len())
	}
	return &p.held[v]
}

// MakeRoom makes room for interventions, so that those that concern different vertices may come on different goroutines.
func (p *Population) MakeRoom() {
	p.holdOf(0)
	if p.cut == nil {
		p.cut = make([]bool, p.g.Edges())
	}
	if p.kept == nil {
		p.kept = make([]bool, p.g.Parameters())
	}
}

// Lesion silences the computed vertex v, or heals it: its value is 0, and it sends no errors. In the dense form that is so at
// once, and its consumers learn of it with its next turn; otherwise from the next forward sweep on. Between ticks only.
func (p *Population) Lesion(v graph.VertexID, silent bool) {
	p.holdOf(v).lesioned = silent
	if silent && p.now != Sweep {
		p.hush(v)
	}
}

// hush sets the value of v to 0, where values move.
func (p *Population) hush(v graph.VertexID) {
	if p.rule.Sparse || p.rule.Event != Clocked || !p.active(v) {
		return
	}
	x := p.view(p.x[v], v)
	x.Zero()
	subtract(p.view(p.disp[v], v), x, p.Value(v))
	p.displaced[v] = true
}

// Lesioned reports whether v is silenced, by Lesion.
func (p *Population) Lesioned(v graph.VertexID) bool { return p.held != nil && p.held[v].lesioned }

// Severed reports whether the edge e is cut, by Cut.
func (p *Population) Severed(e graph.EdgeID) bool { return p.cut != nil && p.cut[e] }

// Freeze keeps parameter i as it is, or lets it learn again. Between updates only.
func (p *Population) Freeze(i int, keep bool) {
	if p.kept == nil {
		p.kept = make([]bool, p.g.Parameters())
	}
	p.kept[i] = keep
}

// Cut cuts the edge e, or mends it: its consumer finds 0 in that argument, and sends no error along it. Between ticks
// only.
func (p *Population) Cut(e graph.EdgeID, cut bool) {
	if p.cut == nil {
		p.cut = make([]bool, p.g.Edges())
	}
	p.cut[e] = cut
}

// Fix holds the value of v at x, which is copied, until Free. Its ε is still sent. In the dense form only, and between
// ticks only. Any x other than the prediction breaks the first condition of Z-IL.
//
// The output is held by a target, and x, of its shape, takes the place of that of the sample, under every rule. The loss must
// take such a target.
func (p *Population) Fix(v graph.VertexID, x tensor.Tensor) {
	h := p.holdOf(v)
	if !h.fixed.Wanted() {
		h.fixed = tensor.New(p.typ, p.g.Shape(v))
	}
	h.fixed.ConvertFrom(x)
	if h.loose = false; p.now != Sweep {
		p.fix(v, h.fixed)
	}
}

// Free lets go of the value of v that Fix holds, or of that of an input or the output, which the sample holds: it is inferred.
// An output that nothing holds has the value that is predicted, and no error.
func (p *Population) Free(v graph.VertexID) {
	h := p.holdOf(v)
	h.fixed, h.clamped, h.loose = tensor.Tensor{}, false, v == p.g.Output()
}

// goal returns what the output is compared with, and whether anything holds it.
func (p *Population) goal() (target tensor.Tensor, held bool) {
	if p.held != nil {
		if h := &p.held[p.g.Output()]; h.loose || h.fixed.Wanted() {
			return h.fixed, !h.loose
		}
	}
	return p.target, true
}

// outputError sets eps to the error of the output at its prediction mu. It reports whether anything holds the output.
func (p *Population) outputError(eps, mu tensor.Tensor) (held bool) {
	target, held := p.goal()
	if !held {
		eps.Zero()
		return false
	}
	p.loss.Grad(eps, mu, target)
	p.weigh(p.g.Output(), eps)
	return true
}

// outputEnergy returns the energy of the output at its present prediction. Where that does not move it is the loss, unless
// the output is held elsewhere.
func (p *Population) outputEnergy() float64 {
	target, held := p.goal()
	switch moves := !p.rule.Sparse && (p.now > 0 || p.rule.Free); {
	case !held:
		return 0
	case !moves && !(p.held != nil && p.held[p.g.Output()].fixed.Wanted()):
		return p.lossVal
	}
	return p.loss.Energy(p.Prediction(p.g.Output()), target)
}

// holdAgain sets the values that are held or disturbed, where no forward sweep does.
func (p *Population) holdAgain() {
	for v := range p.held {
		v := graph.VertexID(v)
		if p.settleHeld(v); p.held[v].lesioned {
			p.hush(v)
		}
	}
}

// settleHeld sets the value of v to what interventions want it to be, when a sample begins.
func (p *Population) settleHeld(v graph.VertexID) {
	if p.held == nil {
		return
	}
	h := &p.held[v]
	switch {
	case h.fixed.Wanted():
		p.fix(v, h.fixed)
	case h.pulse.Wanted() && !h.lesioned:
		p.shift(v, h.pulse)
	}
	h.pulse = tensor.Tensor{}
}

// still reports whether the value of v is held.
func (p *Population) still(v graph.VertexID) bool {
	if p.held == nil {
		return false
	}
	h := &p.held[v]
	return h.lesioned || h.clamped || h.fixed.Wanted()
}

// fix sets the value of v to x. That of the output is what is predicted.
func (p *Population) fix(v graph.VertexID, x tensor.Tensor) {
	if v == p.g.Output() {
		return
	}
	u := p.view(p.disp[v], v)
	subtract(u, x, p.Value(v))
	p.view(p.x[v], v).CopyFrom(x)
	p.displaced[v] = true
}

// Disturb adds Gaussian noise of standard deviation sd to the value of v, in the dense form, between ticks; before a forward sweep,
// to the value that v has after it. What is silenced or held does not move. The draws are those of the generator passed in.
func (p *Population) Disturb(v graph.VertexID, draw func() float64, sd float64) {
	noise := tensor.New(p.typ, p.g.Shape(v))
	for i := range noise.Len() {
		noise.SetFloat(i, float64(sd*draw()))
	}
	switch h := p.holdOf(v); {
	case p.now == Sweep && h.pulse.Wanted():
		addKernel(h.pulse, noise)
	case p.now == Sweep:
		h.pulse = noise
	case !p.still(v):
		p.shift(v, noise)
	}
}

// shift adds noise to the value of v.
func (p *Population) shift(v graph.VertexID, noise tensor.Tensor) {
	if !p.active(v) {
		return
	}
	u, x := p.view(p.disp[v], v), p.view(p.x[v], v)
	if !p.displaced[v] {
		u.Zero()
		x.CopyFrom(p.Value(v))
		p.displaced[v] = true
	}
	if p.rule.State == Absolute {
		addKernel(x, noise)
		return
	}
	addKernel(u, noise)
	displaceKernel(x, p.Value(v), u)
}

// unlessCut returns t, or zeros of its shape if the edge e is cut.
func (p *Population) unlessCut(w *Worker, e graph.EdgeID, t tensor.Tensor) tensor.Tensor {
	if p.cut == nil || !p.cut[e] {
		return t
	}
	if w.zeros == nil {
		w.zeros = map[tensor.Shape]tensor.Tensor{}
	}
	z, ok := w.zeros[t.Shape()]
	if !ok || z.Type() != t.Type() {
		z = tensor.New(t.Type(), t.Shape())
		w.zeros[t.Shape()] = z
	}
	return z
}

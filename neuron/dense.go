package neuron

import (
	"math/rand/v2"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// rest puts v into the state in which a forward sweep leaves it: x is the anchor, ε is zero. With Noise its value is
// displaced at once, which breaks the first condition of Z-IL.
func (p *Population) rest(v graph.VertexID) {
	first, n := p.g.In(v)
	noisy := p.rule.Noise > 0
	for k := range n {
		e := first + graph.EdgeID(k)
		p.moved[e] = noisy && p.carries(e) && p.g.Role(p.g.From(e)) == graph.Computed
		p.hasError[e] = false
		if r := p.rings[e]; r != nil {
			r.clear()
		}
	}
	p.displaced[v], p.quiet[v], p.predicted[v] = false, true, false
	if noisy && v != p.g.Output() {
		p.displace(v)
	}
}

// displace adds the rule's noise to the value of v. The draws depend on seed, sample and vertex alone.
func (p *Population) displace(v graph.VertexID) {
	r := rand.New(rand.NewPCG(p.rule.Seed, p.samples<<32|uint64(uint32(v))))
	u, x, a := p.view(p.disp[v], v), p.view(p.x[v], v), p.Value(v)
	for i := range u.Len() {
		u.SetFloat(i, p.rule.Noise*r.NormFloat64())
	}
	displaceKernel(x, a, u)
	p.displaced[v], p.quiet[v] = true, false
}

// X returns the present value of v: the anchor where it is at rest. The tensor belongs to the vertex.
func (p *Population) X(v graph.VertexID) tensor.Tensor {
	if !p.rule.Sparse && p.active(v) && p.displaced[v] {
		return p.view(p.x[v], v)
	}
	return p.Value(v)
}

// AtRest reports whether the value of v has not moved since the forward sweep.
func (p *Population) AtRest(v graph.VertexID) bool {
	return p.rule.Sparse || !p.active(v) || !p.displaced[v]
}

// Err returns ε of v at the last tick that it took part in, without storage if it is structurally zero.
func (p *Population) Err(v graph.VertexID) tensor.Tensor {
	if p.eps[v] < 0 || !p.rule.Sparse && p.quiet[v] {
		return tensor.Tensor{}
	}
	return p.view(p.eps[v], v)
}

// argument returns the value that came along e for this tick, and whether it differs from the anchor.
func (p *Population) argument(e graph.EdgeID) (tensor.Tensor, bool) {
	from := p.g.From(e)
	if r := p.rings[e]; r != nil {
		return r.argument(p, e)
	}
	if p.moved[e] {
		return p.view(p.x[from], from), true
	}
	return p.Value(from), false
}

// compare is the first half of a tick: μ at the present arguments, ε = μ − x, errors to the arguments.
func (p *Population) compare(w *Worker, v graph.VertexID) (ack bool) {
	first, n := p.g.In(v)
	if p.last {
		p.args[v].Store(int32(n))
	} else {
		p.args[v].Store(p.moving[v] + 1)
	}
	w.args = w.args[:0]
	live := false
	for k := range n {
		t, moved := p.argument(first + graph.EdgeID(k))
		w.args = append(w.args, t)
		live = live || moved
	}
	mu := p.Value(v)
	p.predicted[v] = live
	if live {
		mu = p.view(p.mu[v], v)
		p.g.Op(v).Forward(w.Ctx, mu, w.args)
	}
	eps := p.view(p.eps[v], v)
	if v == p.g.Output() {
		if p.now == 0 {
			p.lossVal = p.loss.Energy(p.Value(v), p.target)
		}
		p.loss.Grad(eps, mu, p.target)
		p.quiet[v] = false
	} else if p.quiet[v] = !live && !p.displaced[v]; !p.quiet[v] {
		p.errorOf(v, eps, mu, live)
	}
	p.sendErrors(w, v, mu, eps)
	if p.last || v == p.g.Output() {
		return true
	}
	if p.ports[v].Add(-1) == 0 {
		return p.relax(w, v)
	}
	return false
}

// errorOf sets eps = μ − x; live says that μ is not the anchor.
func (p *Population) errorOf(v graph.VertexID, eps, mu tensor.Tensor, live bool) {
	switch {
	case p.rule.State == Absolute:
		subtract(eps, mu, p.X(v))
	case !p.displaced[v]:
		compareKernel(eps, mu, p.Value(v), tensor.Tensor{})
	case !live:
		compareKernel(eps, tensor.Tensor{}, tensor.Tensor{}, p.view(p.disp[v], v))
	default:
		compareKernel(eps, mu, p.Value(v), p.view(p.disp[v], v))
	}
}

// sendErrors sends ε ∂μ/∂x to the arguments that are free, and to parameters if they are due.
func (p *Population) sendErrors(w *Worker, v graph.VertexID, mu, eps tensor.Tensor) {
	first, n := p.g.In(v)
	due := p.due(v)
	w.d = w.d[:0]
	wanted := false
	for k := range n {
		e := first + graph.EdgeID(k)
		d := tensor.Tensor{}
		if p.sends(e, due) && !p.quiet[v] {
			d = p.outgoing(e)
			wanted = true
		}
		w.d = append(w.d, d)
	}
	if wanted {
		p.g.Op(v).VJP(w.Ctx, w.d, w.args, mu, eps)
	}
	for k := range n {
		if e := first + graph.EdgeID(k); p.sends(e, due) {
			w.send(Message{Edge: e, Tick: int32(p.now), Kind: Error, Rest: p.quiet[v]})
		}
	}
}

// sends reports whether an error goes along e at this tick.
func (p *Population) sends(e graph.EdgeID, due bool) bool {
	if !p.carries(e) {
		return false
	}
	if p.g.Role(p.g.From(e)) == graph.Parameter {
		return due
	}
	return !p.last
}

// relax is the second half of a tick: x += γ(ε − Σ feedback), and the value to the consumers.
func (p *Population) relax(w *Worker, v graph.VertexID) (ack bool) {
	p.armPorts(v)
	parts := p.gather(w, v)
	still := p.quiet[v]
	for _, t := range parts {
		still = still && !t.Wanted()
	}
	p.residual[v] = 0
	if !still {
		m := w.Ctx.Mark()
		fold := w.Ctx.Scratch(p.typ, p.g.Shape(v))
		tensor.Fold(fold, parts)
		p.move(v, fold)
		w.Ctx.Release(m)
	}
	for _, e := range p.g.Out(v) {
		if p.carries(e) {
			if r := p.rings[e]; r != nil && p.displaced[v] {
				r.pushValue(p, e, p.view(p.x[v], v))
			}
			w.send(Message{Edge: e, Tick: int32(p.now + 1), Rest: !p.displaced[v]})
		}
	}
	return true
}

// move changes the value of v by γ(ε − fold).
func (p *Population) move(v graph.VertexID, fold tensor.Tensor) {
	u, x := p.view(p.disp[v], v), p.view(p.x[v], v)
	if !p.displaced[v] {
		u.Zero()
		x.CopyFrom(p.Value(v))
		p.displaced[v] = true
	}
	if p.quiet[v] {
		p.view(p.eps[v], v).Zero()
	}
	anchor := p.Value(v)
	if p.rule.State == Absolute {
		anchor, u = tensor.Tensor{}, x
	}
	p.residual[v] = relaxKernel(x, u, anchor, p.view(p.eps[v], v), fold, p.rule.Gamma)
}

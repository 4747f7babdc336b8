package neuron

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// rest puts v into the state in which a forward sweep leaves it: x is the anchor, ε is zero. With Noise its value is
// displaced at once, which breaks the first condition of Z-IL; so it is where it is fixed or disturbed.
func (p *Population) rest(v graph.VertexID) {
	first, n := p.g.In(v)
	for k := range n {
		e := first + graph.EdgeID(k)
		p.moved[e] = p.carries(e) && p.dynamic(p.g.From(e)) && p.displaced[p.g.From(e)]
		p.hasError[e] = false
		if p.wave != nil {
			p.wave[e] = false
		}
		if r := p.rings[e]; r != nil {
			r.clear()
		}
		if p.rule.Free && p.moved[e] || p.Sensory(e) {
			p.view(p.latest[e], p.g.From(e)).CopyFrom(p.X(p.g.From(e)))
		}
	}
	p.displaced[v], p.quiet[v], p.predicted[v], p.latched[v] = false, true, false, false
	if p.reached != nil {
		p.reached[v] = false
	}
	if p.local != nil {
		p.local[v] = 0
	}
	if p.rule.Noise > 0 && v != p.g.Output() && !p.still(v) {
		p.displace(v)
	}
	p.settleHeld(v)
}

// displace adds the rule's noise to the value of v. The draws depend on seed, sample and vertex alone.
func (p *Population) displace(v graph.VertexID) {
	r := rand.New(rand.NewPCG(p.rule.Seed, p.samples<<32|uint64(uint32(v))))
	u, x, a := p.view(p.disp[v], v), p.view(p.x[v], v), p.Value(v)
	for i := range u.Len() {
		u.SetFloat(i, p.rule.Noise*tensor.Normal(r.Uint64()))
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

// Err returns ε of v at the last tick that it took part in, without storage if it is structurally zero. Under the sparse form
// that is the tick at which it worked; of an update in which it has not yet, only Watch knows.
func (p *Population) Err(v graph.VertexID) tensor.Tensor {
	if p.eps[v] < 0 || !p.rule.Sparse && p.quiet[v] || p.rule.Sparse && p.tally != nil && !p.tally.fired[v] {
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
	switch {
	case p.rule.Frozen || !p.moved[e]:
		return p.Value(from), false
	case p.rule.Free:
		return p.view(p.latest[e], from), true
	}
	return p.view(p.x[from], from), true
}

// compare is the first half of a tick: μ at the present arguments, ε = μ − x, errors to the arguments.
func (p *Population) compare(w *Worker, v graph.VertexID) (ack bool) {
	if !p.rule.Free {
		p.armNext(v)
	}
	eps := p.view(p.eps[v], v)
	if p.g.Role(v) == graph.Computed {
		mu := p.predictAgain(w, v)
		switch live := p.predicted[v]; {
		case p.held != nil && p.held[v].lesioned:
			p.quiet[v] = true
		case v == p.g.Output():
			p.quiet[v] = !p.outputError(eps, mu)
			if p.reached != nil {
				p.reached[v] = true
			}
		default:
			if p.quiet[v] = !live && !p.displaced[v]; !p.quiet[v] {
				p.errorOf(w.Ctx, v, eps, mu, live)
				p.weigh(v, eps)
			}
		}
		p.sendErrors(w, v, mu, eps)
	}
	if p.rule.Free {
		p.local[v]++
		return false
	}
	if p.last || v == p.g.Output() {
		return true
	}
	if atomic.AddInt32(&p.ports[v], -1) == 0 {
		return p.relax(w, v)
	}
	return false
}

// armNext makes v wait for the predictions of the next tick, or of the next sweep.
func (p *Population) armNext(v graph.VertexID) {
	n := p.moving[v] + 1
	if p.last {
		_, k := p.g.In(v)
		n = int32(k)
	}
	if p.g.Role(v) != graph.Computed {
		n = 1
	}
	p.args[v] = n
}

// predictAgain collects the present arguments of v and returns μ, which is the anchor as long as none of them has moved.
func (p *Population) predictAgain(w *Worker, v graph.VertexID) tensor.Tensor {
	first, n := p.g.In(v)
	w.args = w.args[:0]
	live := p.rule.Gate == Incremental && p.now > 0 || p.stream
	for k := range n {
		e := first + graph.EdgeID(k)
		t, moved := p.argument(e)
		w.args = append(w.args, p.unlessCut(w, e, t))
		live = live || moved
	}
	p.predicted[v] = live
	if !live {
		return p.Value(v)
	}
	mu := p.view(p.mu[v], v)
	p.g.Op(v).Forward(w.Ctx, mu, w.args)
	return mu
}

// errorOf sets eps = μ − x; live says that μ is not the anchor.
func (p *Population) errorOf(c *tensor.Ctx, v graph.VertexID, eps, mu tensor.Tensor, live bool) {
	switch {
	case p.rule.State == Absolute:
		subtract(eps, mu, p.X(v))
	case !p.displaced[v]:
		compareKernel(c, eps, mu, p.Value(v), tensor.Tensor{})
	case !live:
		compareKernel(c, eps, tensor.Tensor{}, tensor.Tensor{}, p.view(p.disp[v], v))
	default:
		compareKernel(c, eps, mu, p.Value(v), p.view(p.disp[v], v))
	}
}

// sendErrors sends ε ∂μ/∂x to the arguments that are free, and to parameters if they are due.
func (p *Population) sendErrors(w *Worker, v graph.VertexID, mu, eps tensor.Tensor) {
	first, n := p.g.In(v)
	due := p.due(v, eps)
	add := p.rule.Gate == EveryTick && p.tick(v) > 0
	mark := w.Ctx.Mark()
	w.d = w.d[:0]
	for k := range n {
		e := first + graph.EdgeID(k)
		d := tensor.Tensor{}
		if p.sends(e, due) && !p.silent(v, e) {
			if d = p.outgoing(e); add && p.hasError[e] && !p.dynamic(p.g.From(e)) {
				d = w.Ctx.Scratch(p.typ, p.g.Shape(p.g.From(e)))
			}
		}
		w.d = append(w.d, d)
	}
	p.vjp(w, v, mu, eps)
	for k := range n {
		e := first + graph.EdgeID(k)
		if !p.sends(e, due) {
			continue
		}
		rest := p.silent(v, e)
		if add && !p.dynamic(p.g.From(e)) && p.hasError[e] { // contributions of all ticks add up in the port
			if !rest {
				total := p.outgoing(e)
				w.parts = append(w.parts[:0], w.d[k], total)
				w.Ctx.Fold(total, w.parts)
			}
			rest = false
		}
		w.send(Message{Edge: e, Tick: int32(p.tick(v)), Kind: Error, Rest: rest, Wave: p.reached != nil && p.reached[v] && !p.silent(v, e)})
	}
	w.Ctx.Release(mark)
}

// silent reports whether v has nothing to say along e.
func (p *Population) silent(v graph.VertexID, e graph.EdgeID) bool {
	return p.quiet[v] || p.cut != nil && p.cut[e]
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
	if !p.rule.Free {
		p.armPorts(v)
	}
	p.notice(v)
	parts := p.gather(w, v)
	still := p.quiet[v]
	for _, t := range parts {
		still = still && !t.Wanted()
	}
	still = still || p.still(v)
	p.residual[v] = 0
	if !still {
		m := w.Ctx.Mark()
		feedback, one := only(parts)
		if !one || p.rule.State == Absolute {
			feedback = w.Ctx.Scratch(p.typ, p.g.Shape(v))
			w.Ctx.Fold(feedback, parts)
		}
		p.move(w.Ctx, v, feedback)
		w.Ctx.Release(m)
	}
	for _, e := range p.g.Out(v) {
		if p.carries(e) {
			if r := p.rings[e]; r != nil && p.displaced[v] {
				r.pushValue(p, e, p.view(p.x[v], v))
			}
			w.send(Message{Edge: e, Tick: int32(p.nextTick(v)), Rest: !p.displaced[v]})
		}
	}
	return true
}

// nextTick returns the tick for which a value is meant that v sends now. A clock of its own has gone on already.
func (p *Population) nextTick(v graph.VertexID) int {
	if p.rule.Free {
		return int(p.local[v])
	}
	return p.now + 1
}

// only returns the one of parts that has storage, and whether there is just one.
func only(parts []tensor.Tensor) (t tensor.Tensor, one bool) {
	for _, p := range parts {
		if !p.Wanted() {
			continue
		}
		if t.Wanted() {
			return t, false
		}
		t = p
	}
	return t, t.Wanted()
}

// move changes the value of v by γ(ε − feedback). Under absolute values it overwrites feedback.
func (p *Population) move(c *tensor.Ctx, v graph.VertexID, feedback tensor.Tensor) {
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
	p.residual[v] = relaxKernel(c, x, u, anchor, p.view(p.eps[v], v), feedback, p.gamma(v))
}

package neuron

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A ring is the delay line of one edge in the dense form: what was sent at tick t is read at tick t + delay. It has
// delay+1 places per direction, is bypassed by the forward sweep, and is empty at the start of a sample, which reads as
// the anchor and as no error. (In the sparse form a slot is read when its consumers have all fired, so the slot itself
// is the delay line.)
type ring struct {
	values, errors []tensor.Tensor
	moved, has     []bool
	wave           []bool
}

// layOutRings makes the delay lines. Where vertices follow clocks of their own there are none: the engine lets messages
// travel longer.
func (p *Population) layOutRings() {
	if p.rule.Sparse || p.rule.Free {
		return
	}
	p.rings = map[graph.EdgeID]*ring{}
	for e := range graph.EdgeID(p.g.Edges()) {
		d := p.g.Delay(e)
		if d == 0 || !p.carries(e) {
			continue
		}
		r := &ring{moved: make([]bool, d+1), has: make([]bool, d+1), wave: make([]bool, d+1)}
		for range d + 1 {
			s := p.g.Shape(p.g.From(e))
			r.values, r.errors = append(r.values, tensor.New(p.typ, s)), append(r.errors, tensor.New(p.typ, s))
		}
		p.rings[e] = r
	}
}

func (r *ring) clear() {
	clear(r.moved)
	clear(r.has)
	clear(r.wave)
}

// place returns the index of what was sent at tick t, and whether there can be anything.
func (r *ring) place(t int) (int, bool) {
	if t < 0 {
		return 0, false
	}
	return t % len(r.moved), true
}

// argument returns the value that left the input delay ticks ago.
func (r *ring) argument(p *Population, e graph.EdgeID) (tensor.Tensor, bool) {
	if i, ok := r.place(p.now - p.g.Delay(e)); ok && r.moved[i] {
		return r.values[i], true
	}
	return p.Value(p.g.From(e)), false
}

// pushValue stores x, the value of the next tick.
func (r *ring) pushValue(p *Population, e graph.EdgeID, x tensor.Tensor) {
	i, _ := r.place(p.now + 1)
	r.values[i].CopyFrom(x)
}

// noteValue marks what came with prediction m.
func (p *Population) noteValue(m Message) {
	if r := p.rings[m.Edge]; r != nil {
		i, _ := r.place(int(m.Tick))
		r.moved[i] = !m.Rest
		return
	}
	p.moved[m.Edge] = !m.Rest
}

// noteError marks what came with error m.
func (p *Population) noteError(m Message) {
	if r := p.rings[m.Edge]; r != nil {
		i, _ := r.place(int(m.Tick))
		r.has[i], r.wave[i] = !m.Rest, m.Wave
		return
	}
	p.hasError[m.Edge] = !m.Rest
	if p.wave != nil {
		p.wave[m.Edge] = m.Wave
	}
}

// incoming returns the error that came along e for this tick, without storage if there is none.
func (p *Population) incoming(e graph.EdgeID) tensor.Tensor {
	if p.rule.Sparse {
		return p.feedback(e)
	}
	if r := p.rings[e]; r != nil {
		if i, ok := r.place(p.now - p.g.Delay(e)); ok && r.has[i] {
			return r.errors[i]
		}
		return tensor.Tensor{}
	}
	if p.hasError[e] {
		return p.feedback(e)
	}
	return tensor.Tensor{}
}

// outgoing returns the place for the error that leaves along e at this tick.
func (p *Population) outgoing(e graph.EdgeID) tensor.Tensor {
	if r := p.rings[e]; r != nil {
		i, _ := r.place(p.now)
		return r.errors[i]
	}
	if p.parcel != nil {
		return p.view(p.parcel[e], p.g.From(e))
	}
	return p.feedback(e)
}

// notice lets v know if an error that is due at this tick has brought the wave.
func (p *Population) notice(v graph.VertexID) {
	if p.reached == nil || p.reached[v] {
		return
	}
	for _, e := range p.g.Out(v) {
		if !p.carries(e) {
			continue
		}
		came := p.wave[e]
		if r := p.rings[e]; r != nil {
			i, ok := r.place(p.now - p.g.Delay(e))
			came = ok && r.wave[i]
		}
		p.reached[v] = p.reached[v] || came
	}
}

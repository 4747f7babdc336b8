package neuron

import (
	"fmt"
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A place is where something lies in the arena, in elements of the population's float type; a negative one is nowhere.
type place = int32

// small is the size in bytes from which on a tensor starts on a cache line. What is smaller follows its neighbour, so that
// the values of many small vertices, and the ports of each, are contiguous.
const small = 512

// An arena hands out places of a buffer that is made when all are known.
type arena struct {
	unit int // bytes of an element
	size int64
}

// add reserves room for a tensor.
func (a *arena) add(t tensor.Type, s tensor.Shape) place {
	n := s.Len() * t.Size()
	align := max(t.Size(), a.unit)
	if n >= small {
		align = 64
	}
	step := int64(align / a.unit)
	off := (a.size + step - 1) / step * step
	a.size = off + int64((n+a.unit-1)/a.unit)
	if a.size > math.MaxInt32 {
		return -1 // reported by layOut
	}
	return place(off)
}

// spread leaves three cache lines free after one of several tensors of n bytes that are read side by side: if n is a multiple of
// the page size, they would share the sets of the first cache otherwise.
func (a *arena) spread(n int) {
	if n%4096 == 0 {
		a.size += int64(3 * 64 / a.unit)
	}
}

// layOut gives every vertex and edge its place in the arena: values first, then errors, then feedback, that of
// parameters before that of others, by the vertex that receives it and its port.
func (p *Population) layOut() error {
	g := p.g
	a := arena{unit: p.typ.Size()}
	p.placeValues(&a)
	p.placeStates(&a)
	p.slot = p.placeEdges(nil)
	p.placeSlots(&a, func(v graph.VertexID) bool { return g.Role(v) == graph.Parameter })
	p.placeSlots(&a, func(v graph.VertexID) bool { return g.Role(v) != graph.Parameter })
	for v := range graph.VertexID(g.Len()) {
		if p.foldsInPlace(v) {
			p.eps[v] = p.slot[p.lastPort(v)]
		}
	}
	if p.rule.Event == Delta || p.rule.Free {
		p.local = make([]int32, g.Len())
		p.parcel = p.placeEdges(&a)
	}
	if p.rule.Free {
		p.latest = p.placeEdges(&a)
		p.placeSensory(&a)
	}
	if a.size > math.MaxInt32 {
		return fmt.Errorf("neuron: the states of %d vertices and %d edges are %d numbers, at most %d can be held", g.Len(), g.Edges(), a.size, math.MaxInt32)
	}
	p.buf = tensor.Buffer(int(a.size) * a.unit)
	p.flat = tensor.View(p.buf, 0, p.typ, tensor.Dims(int(a.size)))
	p.keepViews()
	p.layOutRings()
	return nil
}

// fewViews is the number of vertices and edges up to which the tensors of values and slots are kept, 40 bytes each. In a
// graph of more the vertices are small, and mostly cells, which need none.
const fewViews = 1 << 14

// keepViews makes the tensors of values and slots that are asked for in every update.
func (p *Population) keepViews() {
	if p.g.Len()+p.g.Edges() > fewViews {
		return
	}
	p.values, p.slots = make([]tensor.Tensor, p.g.Len()), make([]tensor.Tensor, p.g.Edges())
	p.large = make([]bool, p.g.Len())
	for v := range graph.VertexID(p.g.Len()) {
		f, _ := p.cell(v)
		p.large[v] = f == nil
		if p.value[v] >= 0 {
			p.values[v] = p.view(p.value[v], v)
		}
	}
	for e := range graph.EdgeID(p.g.Edges()) {
		if p.carries(e) {
			p.slots[e] = p.view(p.slot[e], p.g.From(e))
		}
	}
}

// placeValues places the values of parameters, computed vertices and small inputs; larger inputs and constants stay where
// they are.
func (p *Population) placeValues(a *arena) {
	g := p.g
	p.value = make([]place, g.Len())
	for i := range g.Inputs() {
		v := g.InputVertex(i)
		if v < 0 {
			continue
		}
		p.leafIndex[v] = int32(i)
		if s := g.Shape(v); !g.Type(v).IsFloat() || s.Len()*p.typ.Size() >= small {
			p.value[v] = ^place(len(p.external))
			p.external = append(p.external, tensor.Tensor{})
			p.outside = append(p.outside, int32(i))
		}
	}
	for v := range graph.VertexID(g.Len()) {
		switch {
		case g.Role(v) == graph.Constant:
			p.value[v] = ^place(len(p.external))
			p.external = append(p.external, g.Constant(v).Convert(p.typeOf(v)))
		case p.value[v] == 0:
			p.value[v] = a.add(p.typeOf(v), g.Shape(v))
		}
	}
}

// placeStates places ε, and in the dense form what belongs to inference, of vertices that take part in it.
func (p *Population) placeStates(a *arena) {
	g, n := p.g, p.g.Len()
	p.eps = make([]place, n)
	if !p.rule.Sparse {
		p.mu, p.disp, p.x = make([]place, n), make([]place, n), make([]place, n)
		p.moving, p.displaced, p.quiet, p.predicted = make([]int32, n), make([]bool, n), make([]bool, n), make([]bool, n)
		p.moved, p.hasError = make([]bool, g.Edges()), make([]bool, g.Edges())
		p.residual = make([]float64, n)
		p.latched = make([]bool, n)
		if p.rule.Gate == OnWave {
			p.reached, p.wave = make([]bool, n), make([]bool, g.Edges())
		}
	}
	for v := range graph.VertexID(n) {
		p.eps[v] = -1
		if !p.active(v) {
			continue
		}
		typ, s := p.typeOf(v), g.Shape(v)
		if !p.foldsInPlace(v) {
			p.eps[v] = a.add(typ, s)
		}
		if !p.rule.Sparse {
			p.mu[v], p.disp[v], p.x[v] = a.add(typ, s), a.add(typ, s), a.add(typ, s)
		}
	}
}

// foldsInPlace reports whether ε of v is folded where the feedback of its last port lies, which nobody reads afterwards:
// in the sparse form, unless v is small.
func (p *Population) foldsInPlace(v graph.VertexID) bool {
	if !p.rule.Sparse || p.rule.Event == Delta || !p.active(v) || v == p.g.Output() || p.g.Shape(v).Len()*p.typ.Size() < small {
		return false
	}
	for _, c := range p.g.Consumers(v) {
		if p.active(c) {
			return true
		}
	}
	return false
}

// placeSlots places the feedback that the chosen vertices receive: that of one vertex is contiguous, by port, unless it is
// large.
func (p *Population) placeSlots(a *arena, choose func(graph.VertexID) bool) {
	g := p.g
	for v := range graph.VertexID(g.Len()) {
		free := p.freed != nil && p.freed[v]
		if !choose(v) || !(free || g.Differentiable(v)) || g.Level(v) < 0 {
			continue
		}
		for k, e := range g.Out(v) {
			if p.active(g.Consumers(v)[k]) {
				p.slot[e] = a.add(p.typ, g.Shape(v))
				a.spread(g.Shape(v).Len() * p.typ.Size())
			}
		}
	}
}

// placeEdges returns a place for every edge on which errors travel, -1 for the others; all are -1 without an arena.
func (p *Population) placeEdges(a *arena) []place {
	list := make([]place, p.g.Edges())
	for e := range graph.EdgeID(len(list)) {
		list[e] = -1
		if a != nil && p.carries(e) {
			list[e] = a.add(p.typ, p.g.Shape(p.g.From(e)))
		}
	}
	return list
}

// placeSensory places what consumers of inputs have seen of them, in a stream.
func (p *Population) placeSensory(a *arena) {
	for e := range graph.EdgeID(p.g.Edges()) {
		if from := p.g.From(e); p.Sensory(e) {
			p.latest[e] = a.add(p.typ, p.g.Shape(from))
			p.x[from] = p.value[from]
		}
	}
}

// Bytes returns the size of all the population holds, in bytes; the state of plasticities that keep some is not counted.
func (p *Population) Bytes() int64 {
	places := cap(p.value) + cap(p.eps) + cap(p.mu) + cap(p.disp) + cap(p.x) + cap(p.latest) + cap(p.parcel) + cap(p.slot) + cap(p.operand)
	ints := cap(p.live) + cap(p.moving) + cap(p.args) + cap(p.ports) + cap(p.local) + cap(p.leafIndex) + cap(p.outside)
	bools := cap(p.freed) + cap(p.kept) + cap(p.cut) + cap(p.apart) + cap(p.displaced) + cap(p.quiet) + cap(p.predicted) + cap(p.moved) + cap(p.hasError) + cap(p.latched) + cap(p.reached) + cap(p.wave)
	floats := cap(p.residual) + cap(p.precision) + cap(p.step)
	tensors := cap(p.external) + cap(p.mirror) + cap(p.pruned)
	s := &p.schedule
	ints += cap(s.byLevel) + cap(s.start) + cap(s.leaves) + cap(s.learners) + cap(s.starters) + cap(s.emit)
	return int64(len(p.buf)) + int64(4*(places+ints)+bools+8*floats+40*tensors+48*len(p.held)+32*len(p.plasticity))
}

package neuron

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// plain reports whether vertices may be computed as cells: nothing is done to them that cells know nothing of.
func (p *Population) plain() bool {
	return p.held == nil && p.cut == nil && p.mirror == nil && p.freed == nil
}

// cell returns the function of v if v can be computed as a cell, and whether it is one of those that can be computed
// with others of its kind: the output has an error of its own.
func (p *Population) cell(v graph.VertexID) (f op.Cellular, common bool) {
	f, ok := p.g.Op(v).(op.Cellular)
	if !ok || !p.g.Type(v).IsFloat() {
		return nil, false
	}
	if v == p.g.Output() {
		return f, false
	}
	if p.g.Shape(v).Len()*p.typ.Size() >= small {
		return nil, false
	}
	return f, true
}

// alone names the operands of the vertex v, to be computed by itself without a Tensor for each of them. It returns nil
// if v cannot be.
func (p *Population) alone(w *Worker, v graph.VertexID) op.Cellular {
	if p.large != nil && p.large[v] {
		return nil
	}
	f, _ := p.cell(v)
	if f == nil || !p.plain() {
		return nil
	}
	c := &w.cells
	c.Args = c.Args[:0]
	for _, a := range p.g.Args(v) {
		at := p.value[a]
		if at < 0 {
			return nil
		}
		c.Args = append(c.Args, at)
	}
	first, n := p.g.In(v)
	c.Arena, c.N, c.D = p.flat, p.g.Shape(v).Len(), p.slot[first:int(first)+n]
	c.Spans = append(c.Spans[:0], op.Span{Last: int32(n)})
	c.Out, c.Eps = append(c.Out[:0], p.value[v]), append(c.Eps[:0], p.eps[v])
	return f
}

// errorsOf sets ε of vertices that have n elements each, in the sparse form.
func (p *Population) errorsOf(list []graph.VertexID, n int) {
	switch {
	case list[0] == p.g.Output():
		eps := p.view(p.eps[list[0]], list[0])
		p.outputError(eps, p.Value(list[0]))
	case p.typ == tensor.Float32:
		foldCells[float32](p, list, n)
	default:
		foldCells[float64](p, list, n)
	}
}

package neuron

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// This file fires many small vertices together. It reads and writes what the transitions of fire.go read and write, in
// the same places, and calls the same arithmetic: op.Cellular for the functions, a sum in the order of tensor.Fold for
// the ports, one call of the plasticity for weights that lie side by side.

// together fires as many of the first vertices of list as go in one call, and returns their number. It returns 0 if the
// first must be fired alone.
func (s *Shard) together(list []graph.VertexID, t Transition) int {
	p := s.p
	if !p.plain() || p.tally != nil || p.keeps != nil {
		return 0
	}
	switch {
	case t == Emit:
		s.sendValues(list)
		return len(list)
	case t == Predict:
		return s.predictCells(list)
	case t == Feedback && p.rule.Sparse:
		return s.feedbackCells(list)
	case t == Learn && p.rule.Sparse:
		return s.learnRange(list)
	}
	return 0
}

// alike returns the first vertices of list if they are cells of one kind, and their function. The output is a cell by
// itself.
func (s *Shard) alike(list []graph.VertexID) ([]graph.VertexID, op.Cellular) {
	g, v := s.p.g, list[0]
	f, common := s.p.cell(v)
	if s.cells.N = g.Shape(v).Len(); !common {
		return list[:1], f
	}
	n, kind := 1, g.Kind(v)
	for n < len(list) && g.Kind(list[n]) == kind && list[n] != g.Output() {
		n++
	}
	return list[:n], f
}

// layCells names the operands of the given vertices. It returns false if one does not lie in the arena.
func (s *Shard) layCells(list []graph.VertexID) bool {
	c, p := &s.cells, s.p
	c.Arena, c.Args, c.D = p.flat, p.operand, p.slot
	c.Spans, c.Out, c.Eps = c.Spans[:0], c.Out[:0], c.Eps[:0]
	for _, v := range list {
		first, n := p.g.In(v)
		r := op.Span{First: int32(first), Last: int32(first) + int32(n)}
		if p.operand[r.First] == elsewhere {
			return false
		}
		c.Spans = append(c.Spans, r)
		c.Out, c.Eps = append(c.Out, p.value[v]), append(c.Eps, p.eps[v])
	}
	return true
}

// elsewhere is the operand of the first edge to a vertex of which an argument does not lie in the arena.
const elsewhere = -1

// nameOperands makes the table of operands by edge. It is needed once there are shards.
func (p *Population) nameOperands() {
	if p.operand != nil {
		return
	}
	p.operand = make([]place, p.g.Edges())
	for v := range graph.VertexID(p.g.Len()) {
		first, _ := p.g.In(v)
		for k, a := range p.g.Args(v) {
			if p.operand[int(first)+k] = p.value[a]; p.value[a] < 0 {
				p.operand[first] = elsewhere
				break
			}
		}
	}
}

// predictCells is the forward sweep of vertices of one kind.
func (s *Shard) predictCells(list []graph.VertexID) int {
	list, f := s.alike(list)
	if f == nil || !s.layCells(list) {
		return 0
	}
	p := s.p
	f.ForwardCells(s.worker.Ctx, &s.cells)
	if list[0] == p.g.Output() {
		p.measure()
	}
	for _, v := range list {
		p.settle(v)
		if len(p.g.Consumers(v)) == 0 {
			s.acks++
		}
	}
	s.sendValues(list)
	return len(list)
}

// sendValues sends the values of the vertices to their consumers in the forward sweep.
func (s *Shard) sendValues(list []graph.VertexID) {
	for len(list) > 0 {
		n := row(list)
		to, at := s.p.g.ConsumersBetween(list[0], list[n-1]+1)
		if s.Hook == nil {
			s.worker.Predictions += int64(len(to))
			s.post(to, s.p.args, s.out, at)
		} else {
			for _, v := range list[:n] {
				for _, e := range s.p.g.Out(v) {
					s.worker.send(Message{Edge: e, Tick: Sweep})
				}
			}
		}
		list = list[n:]
	}
	s.deliver(s.p.args)
}

// row returns how many of the first vertices of list follow one another.
func row(list []graph.VertexID) int {
	n := 1
	for n < len(list) && list[n] == list[n-1]+1 {
		n++
	}
	return n
}

// feedbackCells is the whole work of vertices of one kind in an update of the sparse form.
func (s *Shard) feedbackCells(list []graph.VertexID) int {
	list, f := s.alike(list)
	if f == nil || !s.layCells(list) {
		return 0
	}
	p := s.p
	for _, v := range list {
		p.armPorts(v)
	}
	p.errorsOf(list, s.cells.N)
	f.VJPCells(s.worker.Ctx, &s.cells)
	s.sendErrors(list)
	s.acks += len(list)
	return len(list)
}

// sendErrors sends the feedback of the vertices to their arguments.
func (s *Shard) sendErrors(list []graph.VertexID) {
	p := s.p
	for len(list) > 0 {
		n := row(list)
		from, first := p.g.ArgsBetween(list[0], list[n-1]+1)
		slots := p.slot[first:][:len(from)]
		list = list[n:]
		if s.Hook != nil {
			for k, at := range slots {
				if at >= 0 {
					s.worker.send(Message{Edge: first + graph.EdgeID(k), Tick: int32(p.now), Kind: Error})
				}
			}
			continue
		}
		for lo := 0; lo < len(slots); { // runs of edges on which errors travel
			hi := lo
			for hi < len(slots) && slots[hi] >= 0 {
				hi++
			}
			s.worker.Errors += int64(hi - lo)
			s.post(from[lo:hi], p.ports, s.in, int(first)+lo)
			for lo = hi; lo < len(slots) && slots[lo] < 0; {
				lo++
			}
		}
	}
	s.deliver(p.ports)
}

// foldCells sets ε of every vertex of the list to the sum of its ports, from the last down, starting at +0, as tensor.Fold
// does. n is the number of elements of each.
func foldCells[T tensor.Float](p *Population, list []graph.VertexID, n int) {
	buf := tensor.Data[T](p.flat)
	for _, v := range list {
		out := p.g.Out(v)
		if n == 1 && len(out) > 0 && int(p.live[v]) == len(out) { // ports lie side by side
			var sum T
			ports := buf[p.slot[out[0]]:][:len(out)]
			for k := len(ports) - 1; k >= 0; k-- {
				sum += ports[k]
			}
			buf[p.eps[v]] = sum
			continue
		}
		dst := buf[p.eps[v]:][:n]
		clear(dst)
		for k := len(out) - 1; k >= 0; k-- {
			if !p.carries(out[k]) {
				continue
			}
			for i, x := range buf[p.slot[out[k]]:][:n] {
				dst[i] += x
			}
		}
	}
}

// learnRange lets small parameters of one shape learn whose values, and whose only ports, lie side by side: plasticities
// are elementwise.
func (s *Shard) learnRange(list []graph.VertexID) int {
	p := s.p
	size, kind := p.g.Shape(list[0]).Len(), p.g.Kind(list[0])
	if !p.shared || p.kept != nil || size*p.typ.Size() >= small {
		return 0
	}
	n, w, f := 0, p.value[list[0]], place(0)
	for _, v := range list {
		out := p.g.Out(v)
		if len(out) != 1 || p.g.Kind(v) != kind || p.g.Observed(int(p.leafIndex[v])) {
			break
		}
		at := p.slot[out[0]]
		if n == 0 {
			f = at
		}
		if p.value[v] != w+place(n*size) || at != f+place(n*size) {
			break
		}
		p.armPorts(v)
		n++
	}
	if n == 0 {
		return 0
	}
	feedback := p.flat.Rows(int(f), int(f)+n*size)
	s.worker.parts = append(s.worker.parts[:0], feedback)
	tensor.Fold(feedback, s.worker.parts)
	if p.scale != 1 {
		tensor.Scale(feedback, p.scale)
	}
	if p.mode == Learning {
		p.plasticity[0].Learn(s.worker.Ctx, p.flat.Rows(int(w), int(w)+n*size), feedback)
	}
	s.acks += n
	return n
}

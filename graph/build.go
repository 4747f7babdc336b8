package graph

import (
	"fmt"
	"sort"
	"strings"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Build checks what was declared and returns the Graph: it resolves references, orders vertices topologically (as they
// were declared, where that is possible), infers shapes, removes vertices that no output depends on, with a warning, and
// computes levels. Errors name the vertex: an unknown name, shapes that do not fit, a cycle (as a path), no output.
func (b *Builder) Build() (*Graph, error) {
	if b.err != nil {
		return nil, b.err
	}
	if len(b.refs) > 0 {
		return nil, b.unknown()
	}
	if len(b.outputs) == 0 {
		return nil, errNoOutput
	}
	keep := b.reachable()
	order, err := b.order(keep)
	if err != nil {
		return nil, err
	}
	for _, v := range order {
		if b.role[v] == Computed && b.typ[v] == tensor.None {
			if err := b.infer(v); err != nil {
				return nil, err
			}
		}
	}
	g := b.assemble(order)
	if g.role[g.Output()] != Computed || !g.typ[g.Output()].IsFloat() {
		return nil, fmt.Errorf("graph: output %s must be a computed vertex of float type", b.label(b.resolve(b.outputs[0])))
	}
	if len(g.Out(g.Output())) > 0 {
		return nil, fmt.Errorf("graph: output %s is used by %s: the output must be the last vertex (add an identity to read it)",
			g.Name(g.Output()), g.Name(g.To(g.Out(g.Output())[0])))
	}
	g.computeLevels()
	return g, nil
}

func (b *Builder) unknown() error {
	var list []string
	for name := range b.refs {
		list = append(list, fmt.Sprintf("%q", name))
	}
	sort.Strings(list)
	return fmt.Errorf("graph: unknown vertex %s", strings.Join(list, ", "))
}

// reachable marks the vertices from which a path leads to an output.
func (b *Builder) reachable() []bool {
	keep := make([]bool, len(b.role))
	var stack []VertexID
	push := func(v VertexID) {
		if v = b.resolve(v); !keep[v] {
			keep[v] = true
			stack = append(stack, v)
		}
	}
	for _, v := range b.outputs {
		push(v)
	}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, a := range b.argsOf(v) {
			push(a)
		}
	}
	return keep
}

// order returns the vertices to keep in topological order: as declared, except that a vertex follows its arguments.
func (b *Builder) order(keep []bool) ([]VertexID, error) {
	const unseen, open, done = 0, 1, 2
	state := make([]uint8, len(b.role))
	order := make([]VertexID, 0, len(b.role))
	type frame struct {
		v    VertexID
		next int
	}
	var stack []frame
	for r := range b.role {
		if !keep[r] || state[r] != unseen {
			continue
		}
		state[r] = open
		stack = append(stack[:0], frame{v: VertexID(r)})
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			args := b.argsOf(f.v)
			if f.next == len(args) {
				state[f.v] = done
				order = append(order, f.v)
				stack = stack[:len(stack)-1]
				continue
			}
			a := b.resolve(args[f.next])
			f.next++
			switch state[a] {
			case unseen:
				state[a] = open
				stack = append(stack, frame{v: a})
			case open:
				path := b.label(a)
				for k := len(stack) - 1; k >= 0; k-- {
					path += " ← " + b.label(stack[k].v)
					if stack[k].v == a {
						break
					}
				}
				return nil, fmt.Errorf("graph: cycle: %s", path)
			}
		}
	}
	return order, nil
}

// assemble makes the Graph of the vertices in order.
func (b *Builder) assemble(order []VertexID) *Graph {
	n := len(order)
	id := make([]VertexID, len(b.role)) // builder's → graph's, -1 for pruned
	for v := range id {
		id[v] = -1
	}
	g := &Graph{ops: append([]op.Op(nil), b.ops...), shapes: append([]tensor.Shape(nil), b.shapes...),
		role: make([]Role, n), typ: make([]tensor.Type, n), opOf: make([]int32, n), shape: make([]int32, n), inStart: make([]int32, n+1)}
	for k, v := range order {
		id[v] = VertexID(k)
		g.role[k], g.typ[k], g.opOf[k], g.shape[k] = b.role[v], b.typ[v], b.opOf[v], b.shape[v]
		if p := b.prefix[v]; p >= 0 {
			g.names.add(VertexID(k), b.prefixes[p], b.number[v])
		}
		g.inStart[k+1] = g.inStart[k] + int32(len(b.argsOf(v)))
	}
	g.from = make([]VertexID, g.inStart[n])
	for k, v := range order {
		for j, a := range b.argsOf(v) {
			g.from[int(g.inStart[k])+j] = id[b.resolve(a)]
		}
	}
	g.link(nil)
	b.leaves(g, id)
	return g
}

// leaves sets inputs, parameters, constants and outputs of g, and the warnings of what was pruned.
func (b *Builder) leaves(g *Graph, id []VertexID) {
	for _, v := range b.outputs {
		g.outputs = append(g.outputs, id[b.resolve(v)])
	}
	for _, c := range b.constants {
		if v := id[c.vertex]; v >= 0 {
			g.constants = append(g.constants, constant{v, c.value})
		}
	}
	sort.Slice(g.constants, func(i, j int) bool { return g.constants[i].vertex < g.constants[j].vertex })
	kept := func(list []VertexID) []VertexID {
		var r []VertexID
		for _, v := range list {
			w := id[v]
			if w < 0 {
				w = ^VertexID(len(g.pruned))
				g.pruned = append(g.pruned, leaf{strings.Trim(b.label(v), `"`), b.Shape(v), b.typ[v]})
			}
			r = append(r, w)
		}
		return r
	}
	g.inputs, g.params = kept(b.inputs), kept(b.params)
	for i, v := range b.params {
		if b.observed[v] {
			if g.observed == nil {
				g.observed = make([]bool, len(b.params))
			}
			g.observed[i] = true
		}
	}
	var gone []string
	count := 0
	for v := range b.role {
		if id[v] < 0 && b.role[v] != alias {
			if count++; count <= 5 {
				gone = append(gone, b.label(VertexID(v)))
			}
		}
	}
	if count > 5 {
		gone = append(gone, "…")
	}
	if count > 0 {
		g.warnings = append(g.warnings, fmt.Sprintf("%d vertices do not reach the output and are left out: %s; parameters among them get no feedback", count, strings.Join(gone, ", ")))
	}
}

// link derives to, outFrom, out and heads from inStart and from. port is the position of every edge among the out-edges
// of its input; nil says that ports follow edge ids.
func (g *Graph) link(port []int32) {
	n := g.Len()
	g.to = make([]VertexID, len(g.from))
	g.outFrom = make([]int32, n+1)
	for v := range n {
		for e := g.inStart[v]; e < g.inStart[v+1]; e++ {
			g.to[e] = VertexID(v)
			g.outFrom[g.from[e]+1]++
		}
	}
	for v := range n {
		g.outFrom[v+1] += g.outFrom[v]
	}
	g.out, g.heads = make([]EdgeID, len(g.from)), make([]VertexID, len(g.from))
	var next []int32
	if port == nil {
		next = append(next, g.outFrom[:n]...)
	}
	for e, v := range g.from {
		var at int32
		if port == nil {
			at = next[v]
			next[v]++
		} else {
			at = g.outFrom[v] + port[e]
		}
		g.out[at], g.heads[at] = EdgeID(e), g.to[e]
	}
}

// computeLevels sets level and depth: one pass in reverse topological order.
func (g *Graph) computeLevels() {
	n := g.Len()
	g.level = make([]int32, n)
	for v := range g.level {
		g.level[v] = -1
	}
	g.level[g.Output()] = 0
	g.depth = 0
	for v := n - 1; v >= 0; v-- {
		l := g.level[v]
		if l < 0 {
			continue
		}
		if g.role[v] == Computed {
			g.depth = max(g.depth, l+1)
		}
		for e := g.inStart[v]; e < g.inStart[v+1]; e++ {
			if a := g.from[e]; g.level[a] < l+1+int32(g.Delay(EdgeID(e))) {
				g.level[a] = l + 1 + int32(g.Delay(EdgeID(e)))
			}
		}
	}
}

package graph

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// drawn is a random graph: fields of shape [2], unary, binary and n-ary functions, leaves of all kinds, multi-edges, one
// or two outputs, branches that reach none.
func drawn(t *rapid.T) *Graph {
	b := NewBuilder()
	s := tensor.Dims(2)
	pool := []VertexID{b.Input("x", tensor.Float64, s)}
	for k := range rapid.IntRange(1, 3).Draw(t, "parameters") {
		pool = append(pool, b.Parameter(fmt.Sprintf("p/%d", k), s))
	}
	if rapid.Bool().Draw(t, "constant") {
		pool = append(pool, b.Constant("c", tensor.New(tensor.Float64, s)))
	}
	pick := func() VertexID { return rapid.SampledFrom(pool).Draw(t, "argument") }
	for k := range rapid.IntRange(1, 25).Draw(t, "vertices") {
		name := ""
		if rapid.Bool().Draw(t, "named") {
			name = fmt.Sprintf("v/%d", k)
		}
		switch rapid.IntRange(0, 3).Draw(t, "function") {
		case 0:
			pool = append(pool, b.Apply(name, op.Tanh(), pick()))
		case 1:
			pool = append(pool, b.Apply(name, op.Mul(), pick(), pick()))
		case 2:
			pool = append(pool, b.Apply(name, op.Neg(), pick()))
		default:
			pool = append(pool, b.Apply(name, op.SumN(), pick(), pick(), pick()))
		}
	}
	b.Output(b.Apply("out", op.Add(), pool[len(pool)-1], pick()))
	if rapid.Bool().Draw(t, "second output") {
		b.Output(b.Apply("second", op.Neg(), pick()))
	}
	g, err := b.Build()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return g
}

// longest returns the length of the longest path from v to the output by its definition, −1 if there is none.
func longest(g *Graph, v VertexID) int {
	if v == g.Output() {
		return 0
	}
	best := -1
	for _, e := range g.Out(v) {
		if l := longest(g, g.To(e)); l >= 0 {
			best = max(best, l+1+g.Delay(e))
		}
	}
	return best
}

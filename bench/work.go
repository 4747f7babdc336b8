package bench

import (
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/tensor"
)

// Work is what one backprop update of a network cannot do without.
type Work struct {
	Flops float64 // of products and convolutions, a multiply-add being two: forward, and one more for every derivative wanted
	Bytes float64 // every value and every feedback written once and read once, every parameter read twice and written once
}

// WorkOf counts the work of an update of n.
func WorkOf(n *network.Network, typ tensor.Type) Work {
	var w Work
	g := n.Graph
	for v := range graph.VertexID(g.Len()) {
		if g.Role(v) == graph.Parameter {
			w.Bytes += float64(5 * g.Shape(v).Len()) // with its feedback
			continue
		}
		if g.Role(v) != graph.Computed {
			continue
		}
		w.Bytes += float64(2 * g.Shape(v).Len())
		products := multiplies(g, v)
		w.Flops += 2 * products
		for k, a := range g.Args(v) {
			if !g.Differentiable(a) || g.Level(a) < 0 || g.Level(v) < 0 {
				continue
			}
			if g.Role(a) == graph.Computed {
				w.Bytes += float64(2 * g.Shape(a).Len())
			}
			if k < 2 {
				w.Flops += 2 * products
			}
		}
	}
	w.Bytes *= float64(typ.Size())
	return w
}

// multiplies returns the multiply-adds of v if it is a product or a convolution.
func multiplies(g *graph.Graph, v graph.VertexID) float64 {
	name, _, _ := strings.Cut(g.Op(v).Name(), "[")
	out := float64(g.Shape(v).Len())
	switch name {
	case "linear", "matmul":
		return out * float64(g.Shape(g.Args(v)[0]).Dim(-1))
	case "conv":
		w := g.Shape(g.Args(v)[1])
		return out * float64(w.Len()/w.Dim(0))
	}
	return 0
}

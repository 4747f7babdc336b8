package model

import (
	"fmt"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// checkIndices computes the vertices that take indices, and what they are computed from, on one goroutine, where the
// panic of a kernel can be caught. Other vertices cannot meet an index.
func (b *Bound) checkIndices() error {
	if b.Graph == nil {
		return nil
	}
	g := b.Graph
	wanted := make([]bool, g.Len())
	for v := graph.VertexID(g.Len() - 1); v >= 0; v-- {
		if g.Op(v) == nil {
			continue
		}
		for k, a := range g.Args(v) {
			wanted[v] = wanted[v] || k > 0 && g.Type(a) == tensor.Int64 // x[i]: the indices are never the first argument
		}
		if wanted[v] {
			for _, a := range g.Args(v) {
				wanted[a] = true
			}
		}
	}
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	value := make([]tensor.Tensor, g.Len())
	for i, t := range b.Values {
		if v := g.InputVertex(i); v >= 0 && wanted[v] {
			if value[v] = t; t.Type().IsFloat() {
				value[v] = t.Convert(tensor.Float64)
			}
		}
	}
	for i := range g.Parameters() {
		if v := g.ParameterVertex(i); v >= 0 && wanted[v] {
			value[v] = b.Parameters[i].Value.Convert(tensor.Float64)
		}
	}
	for v := range graph.VertexID(g.Len()) {
		if !wanted[v] {
			continue
		}
		if g.Role(v) == graph.Constant {
			value[v] = g.Constant(v)
			if value[v].Type().IsFloat() {
				value[v] = value[v].Convert(tensor.Float64)
			}
		}
		if g.Op(v) != nil {
			if err := try(c, g, v, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// try computes vertex v. The panic of a kernel that is given an index out of range is an error.
func try(c *tensor.Ctx, g *graph.Graph, v graph.VertexID, value []tensor.Tensor) (err error) {
	args := make([]tensor.Tensor, 0, len(g.Args(v)))
	for _, a := range g.Args(v) {
		args = append(args, value[a])
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case string:
			err = fmt.Errorf("vertex %q: %s%s", g.Name(v), strings.TrimPrefix(p, "op: "), where(g, v, args))
		default:
			panic(p)
		}
	}()
	value[v] = tensor.New(g.Type(v), g.Shape(v))
	g.Op(v).Forward(c, value[v], args)
	return nil
}

// where names the extreme indices that a vertex was given.
func where(g *graph.Graph, v graph.VertexID, args []tensor.Tensor) string {
	for k, t := range args {
		if k == 0 || t.Type() != tensor.Int64 || t.Len() == 0 {
			continue
		}
		lo, hi := t.Int64s()[0], t.Int64s()[0]
		for _, x := range t.Int64s() {
			lo, hi = min(lo, x), max(hi, x)
		}
		return fmt.Sprintf(": indices from %d to %d in %q, into %q of shape %v", lo, hi, g.Name(g.Args(v)[k]), g.Name(g.Args(v)[0]), args[0].Shape())
	}
	return ""
}

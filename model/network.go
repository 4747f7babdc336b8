package model

import (
	"fmt"
	"math"

	"github.com/retrodict/retrodict/encoding/onnx"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/tensor"
)

// Network returns the model as a network for mini-batches of the given number of rows. It must have one input, whose axis
// 0 is that of the rows: a fixed one demands that number of rows. Other axes that are not fixed have the sizes of row, the
// dimensions of one row of the data; nil: there are no data. A batch of 0 is the fixed number of rows, or 1.
func (m *Model) Network(batch int, row []int) (*network.Network, error) {
	in := m.Inputs()
	if len(in) != 1 {
		return nil, fmt.Errorf("the model has %d inputs, %s: data have one; the commands grad, infer and verify take several", len(in), names(in))
	}
	s, err := shapeFor(in[0], batch, row)
	if err != nil {
		return nil, fmt.Errorf("input %q: %w", in[0].Name, err)
	}
	cfg := onnx.Config{Inputs: []onnx.Input{{Name: in[0].Name, Shape: s, Sized: true}}}
	b, err := m.bind(cfg, func(onnx.Leaf) tensor.Tensor { return tensor.Tensor{} })
	if err != nil {
		return nil, err
	}
	c, err := b.Config(tensor.Float64, nil)
	if err != nil {
		return nil, err
	}
	for _, l := range b.Inputs {
		if l.Keep != 0 {
			return nil, fmt.Errorf("the model has dropout in training mode, whose masks no data hold: export it in evaluation mode")
		}
	}
	n := &network.Network{Name: m.Name, Graph: b.Graph, Initial: c.Initial, Batch: s.Dim(0), X: s}
	if t := b.Graph.Input(0).Type; t == tensor.Int64 {
		n.Tokens = words(b.Graph)
	} else if t == tensor.Bool {
		return nil, fmt.Errorf("input %q is of truth values, which data are not", in[0].Name)
	}
	return n, nil
}

// shapeFor returns the shape of an input for batch rows.
func shapeFor(v onnx.ValueInfo, batch int, row []int) (tensor.Shape, error) {
	if !v.Known {
		batch = max(batch, 1)
		if row == nil {
			return tensor.Shape{}, fmt.Errorf("the model does not say its shape: data are needed")
		}
		return tensor.Dims(append([]int{batch}, row...)...), nil
	}
	if len(v.Dims) == 0 {
		return tensor.Shape{}, fmt.Errorf("it is one number, without an axis of rows")
	}
	n := v.Dims[0].Size
	if batch == 0 {
		batch = int(max(n, 1))
	}
	if n >= 0 && n != int64(batch) {
		return tensor.Shape{}, fmt.Errorf("the model is made for batches of %d rows, not %d: set data.batch to %d, or export it with a dynamic axis", n, batch, n)
	}
	dims := []int64{int64(batch)}
	for i, d := range v.Dims[1:] {
		switch {
		case d.Size >= 0:
			dims = append(dims, d.Size)
		case len(row) == len(v.Dims)-1:
			dims = append(dims, int64(row[i]))
		case row == nil:
			return tensor.Shape{}, fmt.Errorf("axis %d (%v) has no fixed size: data are needed", i+1, d)
		default:
			return tensor.Shape{}, fmt.Errorf("axis %d (%v) has no fixed size, and a row of the data has the shape %v, not %d axes", i+1, d, row, len(v.Dims)-1)
		}
	}
	return tensor.CheckDims(dims, math.MaxInt32)
}

// words returns how many rows the smallest table has that the integer input looks up, the largest int32 if there is none.
func words(g *graph.Graph) int {
	n := math.MaxInt32
	in := g.InputVertex(0)
	for v := range graph.VertexID(g.Len()) {
		o := g.Op(v)
		if o == nil || len(g.Args(v)) != 2 || g.Args(v)[1] != in {
			continue
		}
		switch name := o.Name(); name {
		case "embedding", "gather[axis=0]":
			n = min(n, g.Shape(g.Args(v)[0]).Dim(0))
		}
	}
	return n
}

package model

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/tensor"
)

// RandomInputs returns an array for every input, drawn from r: floats with a standard normal distribution, integers 0 or
// 1, which is in range of any table of two rows, bools. Axis 0 gets rows elements where the model leaves it open; other
// open axes are an error.
func (m *Model) RandomInputs(r *rand.Rand, rows int) ([]npy.Array, error) {
	var list []npy.Array
	for _, v := range m.Inputs() {
		var dims []int64
		for i, d := range v.Dims {
			if i == 0 && d.Size < 0 {
				d.Size = int64(rows)
			}
			dims = append(dims, d.Size)
		}
		s, err := tensor.CheckDims(dims, math.MaxInt32)
		if err != nil || !v.Known || v.Type.Storage() == tensor.None {
			return nil, fmt.Errorf("input %q has no fixed shape %v of numbers: give its value", v.Name, v.Dims)
		}
		typ := v.Type.Storage()
		if typ.IsFloat() {
			typ = tensor.Float64
		}
		t := tensor.New(typ, s)
		for i := range t.Len() {
			if typ.IsFloat() {
				t.SetFloat(i, tensor.Normal(r.Uint64()))
			} else {
				t.SetFloat(i, float64(r.IntN(2)))
			}
		}
		list = append(list, npy.Array{Name: v.Name, Tensor: t})
	}
	return list, nil
}

// RandomTarget returns a target for the output of b, drawn from r: numbers with a standard normal distribution, or labels.
func (b *Bound) RandomTarget(r *rand.Rand, loss string, typ tensor.Type) (Target, error) {
	if b.Graph == nil {
		return Target{}, errConstant
	}
	s := b.Graph.Shape(b.Graph.Output())
	t := tensor.New(tensor.Float64, s)
	for i := range t.Len() {
		t.SetFloat(i, tensor.Normal(r.Uint64()))
	}
	if loss == "cross-entropy" && s.Rank() > 0 && s.Dim(-1) > 0 {
		n := s.Dim(-1)
		t = tensor.New(tensor.Int64, tensor.Dims(s.Slice()[:s.Rank()-1]...))
		for i := range t.Int64s() {
			t.Int64s()[i] = r.Int64N(int64(n))
		}
	}
	return b.Target(loss, t, typ)
}

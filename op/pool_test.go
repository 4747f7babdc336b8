package op_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// windows returns, for each output of a pooling over x [n, in], the elements of its window and how many pads it covers.
func windows(x []float64, kernel, stride, dilation, lo, hi int, ceil bool) (in [][]float64, pads []int) {
	extent := (kernel-1)*dilation + 1
	for first := -lo; ; first += stride {
		end := first + extent
		if over := end - (len(x) + hi); over > 0 && (!ceil || over >= stride) {
			if ceil && first-stride >= len(x) { // the last one starts beyond the input
				return in[:len(in)-1], pads
			}
			return in, pads
		}
		w, p := []float64{}, 0
		for i := first; i < end; i += dilation {
			if i >= 0 && i < len(x) {
				w = append(w, x[i])
			} else if i < len(x)+hi {
				p++
			}
		}
		in, pads = append(in, w), append(pads, p)
	}
}

// Pooling along one axis is its definition, window by window.
func TestPoolIsItsDefinition(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	const seed = 5
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 300 {
		kernel, stride, dilation, lo, hi, ceil := 1+r.IntN(4), 1+r.IntN(4), 1+r.IntN(3), r.IntN(3), r.IntN(3), r.IntN(2) == 0
		x := normal(r, 1, 1, (kernel-1)*dilation+1+r.IntN(9))
		in, pads := windows(x.Float64s(), kernel, stride, dilation, lo, hi, ceil)
		cfg := op.PoolConfig{Kernel: []int{kernel}, Stride: []int{stride}, Dilation: []int{dilation}, Pad: []int{lo, hi}, Ceil: ceil}
		padded := cfg
		padded.CountPad = true
		for k, o := range []op.Op{op.MaxPool(cfg), op.AvgPool(cfg), op.AvgPool(padded), op.LpPool(2, cfg)} {
			t.Run(fmt.Sprintf("seed %d case %d %s %v", seed, i, o.Name(), x.Shape()), func(t *testing.T) {
				want := make([]float64, len(in))
				for j, w := range in {
					want[j] = pooled(k, w, pads[j])
				}
				s, err := o.Shape(x.Shape())
				require.NoError(t, err)
				require.Equal(t, len(want), s.Dim(2))
				y := tensor.New(tensor.Float64, s)
				o.Forward(c, y, []tensor.Tensor{x})
				for j := range want {
					if want[j] != y.Float(j) {
						require.InDelta(t, want[j], y.Float(j), 1e-12)
					}
				}
			})
		}
	}
}

func pooled(kind int, w []float64, pads int) float64 {
	top, sum, squares := math.Inf(-1), 0.0, 0.0
	for _, v := range w {
		top, sum, squares = max(top, v), sum+v, squares+v*v
	}
	switch kind {
	case 0:
		return top
	case 1:
		return sum / float64(max(len(w), 1))
	case 2:
		return sum / float64(max(len(w)+pads, 1))
	}
	return math.Sqrt(squares)
}

// The subgradient at a tie goes to the first maximum of the window, −0 and +0 being equal; a NaN is a maximum.
func TestMaxPoolTies(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	nan, negative := math.NaN(), math.Copysign(0, -1)
	for _, k := range []struct{ x, want []float64 }{
		{[]float64{1, 2, 2, 2}, []float64{0, 1, 0, 0}},
		{[]float64{negative, 0, -1, 0}, []float64{1, 0, 0, 0}},
		{[]float64{3, nan, 5, nan}, []float64{0, 1, 0, 0}},
		{[]float64{math.Inf(-1), math.Inf(-1), math.Inf(-1), math.Inf(-1)}, []float64{1, 0, 0, 0}},
	} {
		x := tensor.From(tensor.Dims(1, 1, 2, 2), k.x)
		one := tensor.From(tensor.Dims(1, 1, 1, 1), []float64{1})
		for _, o := range []op.Op{op.MaxPool(op.PoolConfig{Kernel: []int{2}}), op.GlobalMaxPool()} {
			y, d := run(t, c, o, []tensor.Tensor{x}, one)
			require.Equal(t, k.want, d[0].Float64s(), "%s of %v", o.Name(), k.x)
			require.Equal(t, math.IsNaN(k.x[1]), math.IsNaN(y.Float(0)))
		}
	}
}

func TestPoolRefuses(t *testing.T) {
	for _, cfg := range []op.PoolConfig{
		{}, {Kernel: []int{0}}, {Kernel: []int{2, 2, 2}}, {Kernel: []int{5}}, {Kernel: []int{2}, Stride: []int{0}},
		{Kernel: []int{2}, Pad: []int{1, 1, 1}}, {Kernel: []int{2}, Dilation: []int{4}},
		{Kernel: []int{1 << 30}, Pad: []int{1 << 29}},
	} {
		_, err := op.MaxPool(cfg).Shape(tensor.Dims(1, 1, 4, 4))
		require.Error(t, err, "%+v", cfg)
	}
	_, err := op.AvgPool(op.PoolConfig{Kernel: []int{1}}).Shape(tensor.Dims(3, 4))
	require.Error(t, err)
	_, err = op.GlobalAvgPool().Shape(tensor.Dims(3, 4, 0))
	require.Error(t, err)
}

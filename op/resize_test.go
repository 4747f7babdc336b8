package op_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// The first rows of the examples of ONNX's specification of Resize.
func TestResizeExamples(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	grid := func(h, w int) tensor.Tensor {
		x := tensor.New(tensor.Float64, tensor.Dims(1, 1, h, w))
		for i := range x.Len() {
			x.SetFloat(i, float64(i+1))
		}
		return x
	}
	two := []float64{1, 1, 2, 2}
	for _, k := range []struct {
		cfg  op.ResizeConfig
		h, w int
		want []float64
	}{
		{op.ResizeConfig{Scales: []float64{1, 1, 2, 3}}, 2, 2, []float64{1, 1, 1, 2, 2, 2}},
		{op.ResizeConfig{Scales: []float64{1, 1, 0.6, 0.6}}, 2, 4, []float64{1, 3}},
		{op.ResizeConfig{Mode: op.Bilinear, Scales: two}, 2, 2, []float64{1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5}},
		{op.ResizeConfig{Mode: op.Bilinear, Scales: two, Coord: op.AlignCorners}, 2, 2, []float64{1, 1 + 1./3, 1 + 2./3, 2}},
		{op.ResizeConfig{Mode: op.Bilinear, Scales: []float64{1, 1, 0.6, 0.6}}, 2, 4, []float64{2.6666665, 4.3333331}},
		{op.ResizeConfig{Mode: op.Bilinear, Scales: []float64{1, 1, 0.6, 0.6}, Coord: op.AlignCorners}, 2, 4, []float64{1, 3.142857}},
		{op.ResizeConfig{Mode: op.Bilinear, Sizes: []int{1, 1, 3, 1}, Coord: op.PytorchHalfPixel}, 4, 4, []float64{1.6666666, 7, 12.333333}},
		{op.ResizeConfig{Mode: op.Bicubic, Scales: two}, 4, 4,
			[]float64{0.47265625, 0.76953125, 1.24609375, 1.875, 2.28125, 2.91015625, 3.38671875, 3.68359375}},
		{op.ResizeConfig{Mode: op.Bicubic, Scales: two, Cubic: -0.5, Outside: true}, 4, 4,
			[]float64{0.55882353, 0.81494204, 1.35698249, 1.89705882, 2.39705882, 2.93713516, 3.47917561, 3.73529412}},
	} {
		o, x := op.Resize(k.cfg), grid(k.h, k.w)
		s, err := o.Shape(x.Shape())
		require.NoError(t, err)
		y := tensor.New(tensor.Float64, s)
		o.Forward(c, y, []tensor.Tensor{x})
		for i, want := range k.want {
			require.InDelta(t, want, y.Float(i), 1e-6, "%s: element %d of %v", o.Name(), i, y)
		}
	}
}

// Nearest rounds halves as it is told to.
func TestResizeRounding(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	x := tensor.From(tensor.Dims(4), []float64{0, 1, 2, 3})
	for mode, want := range map[op.Rounding][]float64{
		op.RoundPreferFloor: {0, 0, 1, 1, 2, 2, 3, 3}, op.RoundPreferCeil: {0, 1, 1, 2, 2, 3, 3, 3},
		op.RoundFloor: {0, 0, 1, 1, 2, 2, 3, 3}, op.RoundCeil: {0, 1, 1, 2, 2, 3, 3, 3},
	} {
		y := tensor.New(tensor.Float64, tensor.Dims(8))
		op.Resize(op.ResizeConfig{Coord: op.Asymmetric, Round: mode, Scales: []float64{2}}).Forward(c, y, []tensor.Tensor{x})
		require.Equal(t, want, y.Float64s(), mode.String())
	}
}

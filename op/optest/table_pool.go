package optest

import (
	"math"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func poolRows() []Row {
	var rows []Row
	for _, p := range []struct {
		cfg  op.PoolConfig
		dims []int
	}{
		{op.PoolConfig{Kernel: []int{2}, Stride: []int{2}}, []int{2, 3, 5, 6}},
		{op.PoolConfig{Kernel: []int{3, 2}, Stride: []int{2, 1}, Pad: []int{1, 0, 1, 1}}, []int{1, 2, 5, 4}},
		{op.PoolConfig{Kernel: []int{3}, Stride: []int{2}, Pad: []int{1}, Ceil: true}, []int{1, 2, 6, 5}},
		{op.PoolConfig{Kernel: []int{2}, Pad: []int{0, 1, 2, 0}, Dilation: []int{2}}, []int{1, 2, 4, 5}},
		{op.PoolConfig{Kernel: []int{3}, Stride: []int{2}}, []int{2, 2, 9}},
		{op.PoolConfig{Kernel: []int{2}}, []int{1, 2, 3, 3, 3}},
	} {
		padded := p.cfg
		padded.CountPad = true
		rows = append(rows, pooling(op.MaxPool(p.cfg), Distinct(p.dims...)), pooling(op.AvgPool(p.cfg), F(p.dims...)),
			pooling(op.AvgPool(padded), F(p.dims...)), pooling(op.LpPool(1, p.cfg), Away(origin, p.dims...)),
			pooling(op.LpPool(2, p.cfg), Away(origin, p.dims...)), pooling(op.LpPool(3, p.cfg), Away(origin, p.dims...)))
	}
	for _, r := range []Row{
		pooling(op.GlobalMaxPool(), Distinct(2, 3, 4, 5)), pooling(op.GlobalAvgPool(), F(2, 3, 4, 5)),
		pooling(op.GlobalLpPool(1), Away(origin, 2, 3, 5)), pooling(op.GlobalLpPool(2), Away(origin, 2, 3, 5)),
	} {
		r.Large = shapes(tensor.Dims(9, 30, 20, 20))
		rows = append(rows, r)
	}
	rows[0].Large, rows[1].Large = shapes(tensor.Dims(3, 8, 33, 130)), shapes(tensor.Dims(3, 8, 33, 130))
	rows[0].Cases = []Case{ // the first of equal maxima, −0 = +0, NaN above all
		window([]float64{1, 2, 2, 2}, 2, []float64{0, 1, 0, 0}),
		window([]float64{math.Copysign(0, -1), 0, 0, -1}, 0, []float64{1, 0, 0, 0}),
		window([]float64{3, nan, 5, nan}, nan, []float64{0, 1, 0, 0}),
		window([]float64{-inf, -inf, -inf, -inf}, -inf, []float64{1, 0, 0, 0}),
	}
	return rows
}

// pooling returns a row of a pooling function.
func pooling(o op.Op, x Arg) Row {
	bad := [][]tensor.Shape{{tensor.Dims(4, 4)}, {x.Shape.With(-1, 0)}}
	return Row{Op: o, Args: []Arg{x}, Bad: bad}
}

// window returns a case with a single 2×2 window and ε = 1.
func window(x []float64, y float64, d []float64) Case {
	one, s := tensor.Dims(1, 1, 1, 1), tensor.Dims(1, 1, 2, 2)
	return Case{Args: []tensor.Tensor{tensor.From(s, x)}, Out: tensor.From(one, []float64{y}),
		Eps: tensor.From(one, []float64{1}), D: []tensor.Tensor{tensor.From(s, d)}}
}

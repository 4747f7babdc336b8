package optest

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func convRows() []Row {
	d := tensor.Dims
	conv := func(cfg op.ConvConfig, note string, args ...Arg) Row {
		return Row{Op: op.Conv(cfg), Note: note, Args: args, Tol32: 1e-4,
			Bad: [][]tensor.Shape{badConv(len(args), d(1, 8, 9), d(1, 3, 9)), badConv(len(args), d(1, 8, 9), d(1, 8, 3, 3)), badConv(len(args), d(4, 8), d(4, 8))}}
	}
	plain := conv(op.ConvConfig{Pad: []int{1}}, "", F(2, 3, 4, 5), F(4, 3, 3, 3))
	plain.Large = shapes(d(3, 8, 20, 20), d(16, 8, 3, 3))
	folded := conv(op.ConvConfig{Pad: []int{1}}, "few pixels", F(3, 2, 2, 2), F(3, 2, 3, 3))
	folded.Large = shapes(d(9, 40, 3, 3), d(70, 40, 3, 3))
	wide := conv(op.ConvConfig{Bias: true}, "blocks of an image", F(2, 1, 9), F(2, 1, 2), F(2))
	wide.Large = shapes(d(2, 2, 9000), d(6, 2, 5), d(6))
	depth := conv(op.ConvConfig{Groups: 3, Pad: []int{1}, Bias: true}, "depthwise", F(2, 3, 4, 5), F(6, 1, 3, 3), F(6))
	depth.Large = shapes(d(3, 3, 40, 40), d(6, 1, 3, 3), d(6))
	return append([]Row{
		plain, folded, wide, depth,
		conv(op.ConvConfig{Stride: []int{2, 1}, Pad: []int{1, 0, 2, 3}, Dilation: []int{1, 2}, Groups: 2, Bias: true}, "",
			F(2, 4, 5, 6), F(6, 2, 3, 3), F(6)),
		conv(op.ConvConfig{}, "pointwise", F(2, 3, 4, 3), F(5, 3, 1, 1)),
		conv(op.ConvConfig{Stride: []int{2}}, "pointwise", F(1, 3, 4, 3), F(5, 3, 1, 1)),
		conv(op.ConvConfig{Pad: []int{4}}, "all pads", F(1, 2, 1), F(2, 2, 2)),
		conv(op.ConvConfig{Stride: []int{3}, Pad: []int{2, 1}, Dilation: []int{2}}, "1-D", F(2, 2, 11), F(3, 2, 3)),
		conv(op.ConvConfig{Pad: []int{1}, Stride: []int{2, 1, 2}}, "3-D", F(1, 2, 3, 4, 3), F(2, 2, 2, 3, 2)),
	}, convTransposeRows()...)
}

// badConv returns n shapes that begin with x and w.
func badConv(n int, x, w tensor.Shape) []tensor.Shape {
	s := []tensor.Shape{x, w}
	if n == 3 {
		s = append(s, tensor.Dims(w.Dim(0)))
	}
	return s
}

func convTransposeRows() []Row {
	d := tensor.Dims
	row := func(cfg op.ConvTransposeConfig, note string, args ...Arg) Row {
		return Row{Op: op.ConvTranspose(cfg), Note: note, Args: args, Tol32: 1e-4,
			Bad: [][]tensor.Shape{badConv(len(args), d(1, 8, 9), d(3, 8, 3)), badConv(len(args), d(4, 8), d(8, 4))}}
	}
	base := func(cfg op.ConvConfig) op.ConvTransposeConfig { return op.ConvTransposeConfig{ConvConfig: cfg} }
	plain := row(base(op.ConvConfig{Bias: true}), "", F(2, 3, 3, 4), F(3, 2, 3, 2), F(2))
	plain.Large = shapes(d(3, 16, 20, 20), d(16, 8, 3, 3), d(8))
	strided := base(op.ConvConfig{Stride: []int{2}, Pad: []int{1}})
	strided.OutputPad = []int{1}
	grouped := base(op.ConvConfig{Stride: []int{3}, Pad: []int{1, 2}, Dilation: []int{2}, Groups: 2, Bias: true})
	grouped.OutputPad = []int{2}
	return []Row{
		plain,
		row(strided, "", F(2, 3, 3, 4), F(3, 2, 3, 3)),
		row(grouped, "1-D", F(2, 4, 5), F(4, 3, 3), F(6)),
		row(base(op.ConvConfig{Groups: 4}), "depthwise", F(2, 4, 3, 3), F(4, 1, 2, 2)),
		row(base(op.ConvConfig{}), "pointwise", F(2, 4, 3, 3), F(4, 2, 1, 1)),
	}
}

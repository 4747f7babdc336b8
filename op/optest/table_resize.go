package optest

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func resizeRows() []Row {
	var rows []Row
	add := func(cfg op.ResizeConfig, dims ...int) {
		rank := tensor.Dims(make([]int, len(dims)+1)...)
		rows = append(rows, Row{Op: op.Resize(cfg), Args: []Arg{F(dims...)}, Bad: [][]tensor.Shape{{rank}}, NoNaN: true})
	}
	for mode := op.Nearest; mode <= op.Bicubic; mode++ {
		for coord := op.HalfPixel; coord <= op.HalfPixelFloor; coord++ {
			add(op.ResizeConfig{Mode: mode, Coord: coord, Sizes: []int{2, 2, 7, 3}}, 2, 2, 4, 5)
			add(op.ResizeConfig{Mode: mode, Coord: coord, Scales: []float64{1, 1, 0.6, 2.3}}, 1, 2, 4, 3)
		}
	}
	for round := op.RoundPreferCeil; round <= op.RoundCeil; round++ {
		add(op.ResizeConfig{Coord: op.Asymmetric, Round: round, Scales: []float64{1, 2, 2}}, 1, 3, 2)
	}
	add(op.ResizeConfig{Mode: op.Bicubic, Cubic: -0.5, Outside: true, Scales: []float64{2.5, 0.7}}, 3, 5)
	add(op.ResizeConfig{Mode: op.Bilinear, Outside: true, Sizes: []int{5, 2, 3}}, 3, 4, 2)
	add(op.ResizeConfig{Mode: op.Bilinear, Sizes: []int{2, 3}}, 2, 3)
	large := op.Resize(op.ResizeConfig{Mode: op.Bilinear, Scales: []float64{1, 1, 2, 2}})
	return append(rows,
		Row{Op: large, Args: []Arg{F(1, 2, 3, 3)}, Large: shapes(tensor.Dims(2, 8, 30, 600)), Cases: []Case{{ // weight 0 leaves an infinity out
			Args: []tensor.Tensor{tensor.From(tensor.Dims(1, 1, 1, 2), []float64{1, inf})},
			Out:  tensor.From(tensor.Dims(1, 1, 2, 4), []float64{1, inf, inf, inf, 1, inf, inf, inf}),
		}}},
	)
}

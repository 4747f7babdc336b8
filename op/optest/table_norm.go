package optest

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func normRows() []Row {
	d := tensor.Dims
	row := func(o op.Op, args ...Arg) Row {
		return Row{Op: o, Args: args, Tol: 1e-6, Tol32: 1e-4, Bad: [][]tensor.Shape{badNorm(args)}}
	}
	layer := row(op.LayerNorm(op.LayerNormConfig{Axis: -1, Bias: true}), F(3, 7), F(7), F(7))
	layer.Large = shapes(d(90, 301), d(301), d(301))
	group := row(op.GroupNorm(2, 0), F(3, 4, 3, 2), F(4), F(4))
	group.Large = shapes(d(5, 8, 31, 33), d(8), d(8))
	shared := row(op.GroupNorm(2, 0.01), F(3, 4, 5), F(2), F(2))
	shared.Note = "scale of a group"
	train := row(op.BatchNormTrain(0), F(3, 4, 3, 2), F(4), F(4))
	train.Large = shapes(d(5, 8, 31, 33), d(8), d(8))
	dense := row(op.BatchNormTrain(0), F(6, 4), F(4), F(4))
	dense.Note = "dense"
	watched := row(op.BatchNormObserved(0), F(3, 4, 3, 2), F(4), F(4), statistic(4), statistic(4))
	infer := row(op.BatchNorm(0), F(3, 4, 3, 2), F(4), F(4), F(4), Positive(4))
	infer.Large = shapes(d(5, 8, 31, 33), d(8), d(8), d(8), d(8))
	denseInfer := row(op.BatchNorm(0), F(3, 4), F(4), F(4), F(4), Positive(4))
	denseInfer.Note = "dense"
	return append([]Row{
		layer, group, shared, train, dense, watched, infer, denseInfer,
		row(op.LayerNorm(op.LayerNormConfig{Axis: 1}), F(3, 5, 2), F(5, 2)),
		row(op.LayerNorm(op.LayerNormConfig{Eps: 0.1}), F(3, 5), F(3, 5)),
		row(op.RMSNorm(op.LayerNormConfig{Axis: -1}), F(3, 2, 6), F(6)),
		row(op.GroupNorm(1, 0), F(2, 3), F(3), F(3)),
		row(op.InstanceNorm(0), F(3, 4, 3, 2), F(4), F(4)),
	}, lrnRows()...)
}

// statistic is an argument of n elements that is told what it observes, not a derivative.
func statistic(n int) Arg { return Arg{Shape: tensor.Dims(n), Constant: true, Observed: true} }

// badNorm returns the shapes of args with one element too many in the last.
func badNorm(args []Arg) []tensor.Shape {
	s := Row{Args: args}.shapes()
	s[len(s)-1] = s[len(s)-1].With(0, s[len(s)-1].Dim(0)+1)
	return s
}

func lrnRows() []Row {
	var rows []Row
	for _, cfg := range []op.LRNConfig{{Size: 3}, {Size: 4, Alpha: 2, Beta: 0.6, Bias: 1.5}, {Size: 1, Alpha: 1, Beta: 0.5}, {Size: 9, Alpha: 1, Beta: 1}} {
		rows = append(rows, Row{Op: op.LRN(cfg), Args: []Arg{F(2, 5, 3, 2)}, Large: shapes(tensor.Dims(4, 20, 30, 30)), Bad: [][]tensor.Shape{{tensor.Dims(3)}}})
	}
	return rows
}

package optest

import (
	"math"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// axesRows are the functions along axes: softmax, reductions, permutations and slices.
func axesRows() []Row {
	rows := softmaxRows()
	for _, f := range []func([]int, bool) op.Op{op.Sum, op.Mean, op.MaxOver, op.MinOver, op.Prod, op.L1, op.L2, op.SumSquare, op.LogSumExp} {
		rows = append(rows, reductions(f, Arg{Distinct: true})...)
	}
	rows = append(rows, reductions(op.LogSum, Positive())...)
	rows = append(rows, reductionCases()...)
	return append(rows, viewRows()...)
}

func softmaxRows() []Row {
	bad := [][]tensor.Shape{{tensor.Dims()}}
	masked := Vec(1, -inf, 1)
	return []Row{
		{Op: op.Softmax(-1), Args: []Arg{F(3, 5)}, Large: shapes(tensor.Dims(301, 77)), Bad: bad, Cases: []Case{
			{Args: []tensor.Tensor{masked}, Out: Vec(0.5, 0, 0.5), Eps: Vec(1, inf, 1), D: []tensor.Tensor{Vec(0, 0, 0)}},
			{Args: []tensor.Tensor{Vec(-inf, -inf)}, Out: Vec(0, 0), Eps: Vec(1, 1), D: []tensor.Tensor{Vec(0, 0)}},
			{Args: []tensor.Tensor{Vec(1e308, -1e308)}, Out: Vec(1, 0)},
		}},
		{Op: op.Softmax(1), Args: []Arg{F(2, 3, 4)}, Large: shapes(tensor.Dims(30, 70, 11))},
		{Op: op.Softmax(0), Args: []Arg{F(4)}},
		{Op: op.LogSoftmax(-1), Args: []Arg{F(3, 5)}, Large: shapes(tensor.Dims(301, 77)), Bad: bad, Cases: []Case{
			{Args: []tensor.Tensor{masked}, Out: Vec(-math.Ln2, -inf, -math.Ln2), Eps: Vec(1, 0, 1), D: []tensor.Tensor{Vec(0, 0, 0)}},
			{Args: []tensor.Tensor{Vec(-inf, -inf)}, Out: Vec(-inf, -inf)},
		}},
		{Op: op.LogSoftmax(0), Args: []Arg{F(3, 4, 2)}},
	}
}

func reductions(f func([]int, bool) op.Op, arg Arg) []Row {
	row := func(axes []int, keep bool, s tensor.Shape) Row {
		a := arg
		a.Shape = s
		return Row{Op: f(axes, keep), Args: []Arg{a}}
	}
	last := row([]int{-1}, true, tensor.Dims(3, 4))
	last.Large, last.Tol32 = shapes(tensor.Dims(301, 99)), 1e-4
	first := row([]int{0}, false, tensor.Dims(3, 4))
	first.Large, first.Tol32 = shapes(tensor.Dims(99, 301)), 1e-4
	first.Bad = [][]tensor.Shape{{tensor.Dims()}}
	return []Row{last, first, row(nil, false, tensor.Dims(2, 3)), row([]int{0, 2}, false, tensor.Dims(2, 3, 2)), row([]int{1, -1}, true, tensor.Dims(2, 3, 2))}
}

func reductionCases() []Row {
	one := func(o op.Op, x []float64, y float64, d ...float64) Row {
		scalar := tensor.From(tensor.Dims(), []float64{1})
		return Row{Op: o, Note: "special", Args: []Arg{Distinct(4)}, Cases: []Case{{
			Args: []tensor.Tensor{Vec(x...)}, Out: tensor.From(tensor.Dims(), []float64{y}), Eps: scalar, D: []tensor.Tensor{Vec(d...)}}}}
	}
	return []Row{
		one(op.MaxOver(nil, false), []float64{1, 3, 3}, 3, 0, 1, 0),
		one(op.MinOver(nil, false), []float64{1, nan, 3}, nan, 0, 1, 0),
		one(op.Prod([]int{0}, false), []float64{2, 0, 3}, 0, 0, 6, 0),
		one(op.L1(nil, false), []float64{-2, 0, 3}, 5, -1, 0, 1),
		one(op.L2(nil, false), []float64{0, 0}, 0, 0, 0),
		one(op.LogSumExp(nil, false), []float64{-inf, -inf}, -inf, 0, 0),
		one(op.LogSumExp([]int{0}, false), []float64{1000, -inf}, 1000, 1, 0),
	}
}

func viewRows() []Row {
	return []Row{
		{Op: op.Transpose(), Args: []Arg{F(3, 4)}, Large: shapes(tensor.Dims(301, 99))},
		{Op: op.Transpose(1, -1, 0), Args: []Arg{F(2, 3, 4)}, Bad: [][]tensor.Shape{{tensor.Dims(2, 3)}}},
		{Op: op.Transpose(1, 0), Note: "i64", Args: []Arg{Index(0, 9, 2, 3)}},
		{Op: op.Transpose(1, 0), Note: "bool", Args: []Arg{Mask(2, 3)}},
		{Op: op.Expand(3, 1, 4), Args: []Arg{F(2, 1)}, Bad: [][]tensor.Shape{{tensor.Dims(2, 3)}}},
		{Op: op.Expand(2), Args: []Arg{F()}},
		{Op: op.Slice(op.Range{Axis: 1, Start: 1, End: 3}), Args: []Arg{F(2, 4)}, Bad: [][]tensor.Shape{{tensor.Dims(2)}}},
		{Op: op.Slice(op.Range{Axis: -1, Start: -1, End: -100, Step: -2}, op.Range{Start: 1, End: 100, Step: 2}), Args: []Arg{F(5, 4)}},
		{Op: op.Slice(op.Range{Start: 3, End: 1}), Args: []Arg{F(5, 4)}},
		{Op: op.Split(0, 2, 3)[1], Args: []Arg{F(5, 2)}},
		{Op: op.DepthToSpace(2, false), Args: []Arg{F(2, 8, 2, 3)}, Bad: [][]tensor.Shape{{tensor.Dims(1, 6, 2, 2)}}},
		{Op: op.DepthToSpace(2, true), Args: []Arg{F(2, 8, 2, 3)}},
		{Op: op.SpaceToDepth(2), Args: []Arg{F(2, 3, 2, 4)}, Bad: [][]tensor.Shape{{tensor.Dims(1, 6, 2, 3)}}},
	}
}

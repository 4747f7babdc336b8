package optest

import (
	"math"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// must returns o; a constructor that fails on constants is a bug of the table.
func must(o op.Op, err error) op.Op {
	if err != nil {
		panic(err)
	}
	return o
}

func shapes(s ...tensor.Shape) []tensor.Shape { return s }

var ( // constants
	inf    = math.Inf(1)
	nan    = math.NaN()
	origin = []float64{0}
)

// elementwise returns a row of a function of one number, with shapes large enough to split.
func elementwise(o op.Op, arg Arg, cases ...Case) Row {
	arg.Shape = tensor.Dims(3, 5)
	return Row{Op: o, Args: []Arg{arg}, Large: shapes(tensor.Dims(37, 1001)), Cases: cases}
}

// at returns a case of a function of one number with ε = 1.
func at(x, y, d []float64) Case {
	eps := make([]float64, len(x))
	for i := range eps {
		eps[i] = 1
	}
	return Case{Args: []tensor.Tensor{Vec(x...)}, Out: Vec(y...), Eps: Vec(eps...), D: []tensor.Tensor{Vec(d...)}}
}

func basicRows() []Row {
	zero := math.Copysign(0, -1)
	rows := []Row{
		elementwise(op.Identity(), F(), at([]float64{zero, inf, nan}, []float64{zero, inf, nan}, []float64{1, 1, 1})),
		elementwise(op.Neg(), F(), at([]float64{0, inf}, []float64{zero, -inf}, []float64{-1, -1})),
		elementwise(op.Scale(0.125), F(), at([]float64{8, -inf}, []float64{1, -inf}, []float64{0.125, 0.125})),
		elementwise(op.Tanh(), F(), at([]float64{0, inf, -inf}, []float64{0, 1, -1}, []float64{1, 0, 0})),
		elementwise(op.Sigmoid(), F(), at([]float64{0, inf, -inf}, []float64{0.5, 1, 0}, []float64{0.25, 0, 0})),
		elementwise(op.Relu(), Away(origin), at([]float64{0, zero, -1, 2, nan}, []float64{0, 0, 0, 2, nan}, []float64{0, 0, 0, 1, 1})),
		elementwise(op.Gelu(), F()),
		elementwise(op.GeluTanh(), F()),
		elementwise(op.Exp(), F(), at([]float64{0, -inf}, []float64{1, 0}, []float64{1, 0})),
		elementwise(op.Log(), Positive(), at([]float64{1, 0}, []float64{0, -inf}, []float64{1, inf})),
		elementwise(op.Sqrt(), Positive(), at([]float64{4, 0}, []float64{2, 0}, []float64{0.25, inf})),
		elementwise(op.Abs(), Away(origin), at([]float64{-2, 0, 3}, []float64{2, 0, 3}, []float64{-1, 0, 1})),
		elementwise(op.PowScalar(2), F()),
		elementwise(op.PowScalar(3), F()),
		elementwise(op.PowScalar(-0.5), Positive()),
	}
	return append(rows, binaryRows()...)
}

// pairs returns rows of a broadcasting function of two numbers: shapes equal, stretched on either side and in the
// middle, a scalar.
func pairs(o op.Op, a, b Arg) []Row {
	row := func(note string, x, y tensor.Shape, large ...tensor.Shape) Row {
		a, b := a, b
		a.Shape, b.Shape = x, y
		return Row{Op: o, Note: note, Args: []Arg{a, b}, Large: large,
			Bad: [][]tensor.Shape{{tensor.Dims(2, 3), tensor.Dims(2)}, {tensor.Dims(4), tensor.Dims(3)}}}
	}
	return []Row{
		row("same", tensor.Dims(2, 3), tensor.Dims(2, 3), tensor.Dims(200, 100), tensor.Dims(200, 100)),
		row("row", tensor.Dims(4, 3), tensor.Dims(3), tensor.Dims(200, 100), tensor.Dims(100)),
		row("column", tensor.Dims(4, 1), tensor.Dims(4, 3), tensor.Dims(200, 1), tensor.Dims(200, 100)),
		row("both", tensor.Dims(2, 1, 3), tensor.Dims(4, 1), tensor.Dims(20, 1, 30), tensor.Dims(40, 1)),
		row("scalar", tensor.Dims(), tensor.Dims(2, 2)),
	}
}

func binaryRows() []Row {
	var rows []Row
	rows = append(rows, pairs(op.Add(), F(), F())...)
	rows = append(rows, pairs(op.Sub(), F(), F())...)
	rows = append(rows, pairs(op.Mul(), F(), F())...)
	rows = append(rows, pairs(op.Div(), F(), Positive())...)
	rows = append(rows, pairs(op.Pow(), Positive(), F())...)
	return append(rows, Row{Op: op.Pow(), Note: "special", Args: []Arg{Positive(3), F(3)}, Cases: []Case{{
		Args: []tensor.Tensor{Vec(0, 0, -2), Vec(0, 2, 2)}, Out: Vec(1, 0, 4), Eps: Vec(1, 1, 1),
		D: []tensor.Tensor{Vec(0, 0, -4), Vec(0, 0, nan)},
	}}})
}

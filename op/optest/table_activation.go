package optest

import (
	"math"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// activationRows are the functions of one number beside those of basicRows.
func activationRows() []Row {
	within := Arg{Min: -0.9, Max: 0.9}
	rows := []Row{
		elementwise(op.Erf(), F(), at([]float64{0, inf, -inf}, []float64{0, 1, -1}, []float64{2 / math.SqrtPi, 0, 0})),
		elementwise(op.Silu(), F()),
		elementwise(op.Elu(1), Away(origin)),
		elementwise(op.Selu(), Away(origin)),
		elementwise(op.Celu(2), F()),
		elementwise(op.LeakyRelu(0.25), Away(origin), at([]float64{-4, 0, 4}, []float64{-1, 0, 4}, []float64{0.25, 0.25, 1})),
		elementwise(op.Softplus(), F(), at([]float64{-1e9, 1e9}, []float64{0, 1e9}, []float64{0, 1})),
		elementwise(op.Softsign(), F(), at([]float64{0, 1, -1}, []float64{0, 0.5, -0.5}, []float64{1, 0.25, 0.25})),
		elementwise(op.HardSigmoid(0.25, 0.5), Away([]float64{-2, 2}), at([]float64{-2, 0, 2}, []float64{0, 0.5, 1}, []float64{0, 0.25, 0})),
		elementwise(op.HardSwish(), Arg{Min: -5, Max: 5, Away: []float64{-3, 3}}),
		elementwise(op.Mish(), F()),
		elementwise(op.ThresholdedRelu(1), Away([]float64{1}), at([]float64{1, 2}, []float64{0, 2}, []float64{0, 1})),
		elementwise(op.Clip(-1, 0.5), Away([]float64{-1, 0.5}), at([]float64{-2, -1, 0, 0.5, 1}, []float64{-1, -1, 0, 0.5, 0.5}, []float64{0, 1, 1, 1, 0})),
		elementwise(op.Shrink(0.5, 0.25), Away([]float64{-0.5, 0.5})),
		elementwise(op.Reciprocal(), Positive(), at([]float64{2, inf}, []float64{0.5, 0}, []float64{-0.25, math.Copysign(0, -1)})),
		elementwise(op.Sin(), F()), elementwise(op.Cos(), F()), elementwise(op.Tan(), within),
		elementwise(op.Asin(), within), elementwise(op.Acos(), within), elementwise(op.Atan(), F()),
		elementwise(op.Sinh(), F()), elementwise(op.Cosh(), F()),
		elementwise(op.Asinh(), F()), elementwise(op.Acosh(), Arg{Min: 1.5, Max: 4}), elementwise(op.Atanh(), within),
	}
	for _, o := range []op.Op{op.Sign(), op.Floor(), op.Ceil(), op.Round()} {
		row := elementwise(o, F(), at([]float64{-2, 0, inf}, []float64{-2, 0, inf}, []float64{0, 0, 0}))
		if o.Name() == "sign" {
			row.Cases = []Case{at([]float64{-2, 0, 5}, []float64{-1, 0, 1}, []float64{0, 0, 0})}
		}
		row.Flat = true
		rows = append(rows, row)
	}
	for _, row := range pairs(op.Prelu(), Away(origin), F()) {
		row.NoNaN = true // a slope that is not used
		rows = append(rows, row)
	}
	mod := Arg{Min: 0.1, Max: 0.9}
	rows = append(rows, pairs(op.Mod(false), mod, Arg{Min: 1, Max: 1.5})...)
	rows = append(rows, pairs(op.Mod(true), mod, Arg{Min: 1, Max: 1.5})...)
	signs := []tensor.Tensor{Vec(5, -5, 5, -5), Vec(3, 3, -3, -3)}
	ones := Vec(1, 1, 1, 1)
	return append(rows,
		Row{Op: op.Mod(false), Note: "signs", Args: []Arg{mod, {Shape: tensor.Dims(), Min: 1, Max: 2}},
			Cases: []Case{{Args: signs, Out: Vec(2, 1, -1, -2), Eps: ones, D: []tensor.Tensor{ones, Vec(-1, 2, 2, -1)}}}},
		Row{Op: op.Mod(true), Note: "signs", Args: []Arg{mod, {Shape: tensor.Dims(), Min: 1, Max: 2}},
			Cases: []Case{{Args: signs, Out: Vec(2, -2, 2, -2), Eps: ones, D: []tensor.Tensor{ones, Vec(-1, 1, 1, -1)}}}},
		Row{Op: op.Dropout(0.5), Note: "bool", Args: []Arg{F(3, 4), Mask(3, 4)}, NoNaN: true, Bad: [][]tensor.Shape{{tensor.Dims(3), tensor.Dims(1)}}},
		Row{Op: op.Dropout(0.25), Args: []Arg{F(3, 4), F(3, 4)}},
		Row{Op: op.Where(), Args: []Arg{Mask(3, 1), F(3, 4), F(4)}, NoNaN: true, Bad: [][]tensor.Shape{{tensor.Dims(3), tensor.Dims(2), tensor.Dims(3)}}},
		Row{Op: op.Where(), Note: "wide", Args: []Arg{Mask(2, 3, 4), F(), F(3, 1)}, NoNaN: true},
		Row{Op: op.Max(), Args: []Arg{Distinct(3, 4), Distinct(4), Distinct(3, 1)}, Cases: extremes(1)},
		Row{Op: op.Min(), Args: []Arg{Distinct(3, 4), Distinct(4), Distinct(3, 1)}, Cases: extremes(-1)},
		Row{Op: op.Max(), Note: "one", Args: []Arg{F(3)}},
	)
}

// extremes returns the case of ties, of which the first gets ε, and of NaN.
func extremes(sign float64) []Case {
	a, b := Vec(2*sign, 1*sign, nan, 1), Vec(2*sign, 3*sign, 1, nan)
	return []Case{{Args: []tensor.Tensor{a, b}, Out: Vec(2*sign, 3*sign, nan, nan), Eps: Vec(1, 1, 1, 1),
		D: []tensor.Tensor{Vec(1, 0, 1, 0), Vec(0, 1, 0, 1)}}}
}

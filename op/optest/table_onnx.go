package optest

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// dataRows are the functions of integers and truth values, which nothing is learned through.
func dataRows() []Row {
	bad := shapes(tensor.Dims(2, 3), tensor.Dims(2))
	two := func(o op.Op, a, b Arg, cases ...Case) Row {
		return Row{Op: o, Args: []Arg{a, b}, Bad: [][]tensor.Shape{bad}, NoNaN: true, Cases: cases}
	}
	rows := []Row{
		two(op.Equal(), Index(0, 3, 4, 5), Index(0, 3, 5)),
		two(op.Less(), Index(0, 3, 4, 1), Index(0, 3, 5)),
		two(op.LessOrEqual(), Index(0, 3, 4, 5), Index(0, 3)),
		two(op.And(), Mask(2, 3), Mask(3)), two(op.Or(), Mask(2, 3), Mask(2, 1)), two(op.Xor(), Mask(2, 3), Mask(3)),
		{Op: op.Not(), Args: []Arg{Mask(2, 3)}},
		{Op: op.Equal(), Note: "floats", Args: []Arg{F(2, 3), F(3)}, NoNaN: true},
		{Op: op.Less(), Note: "floats", Args: []Arg{F(2, 3), F(3)}, NoNaN: true},
		{Op: op.LessOrEqual(), Note: "floats", Args: []Arg{F(2, 3), F(3)}, NoNaN: true},
		{Op: op.Equal(), Note: "bool", Args: []Arg{Mask(2, 3), Mask(3)}},
		{Op: op.IsNaN(), Args: []Arg{F(2, 3)}, NoNaN: true, Cases: []Case{boolean([]float64{nan, inf, 0}, true, false, false)}},
		{Op: op.IsInf(0), Args: []Arg{F(3)}, NoNaN: true, Cases: []Case{boolean([]float64{nan, inf, -inf}, false, true, true)}},
		{Op: op.IsInf(1), Args: []Arg{F(3)}, NoNaN: true, Cases: []Case{boolean([]float64{nan, inf, -inf}, false, true, false)}},
		{Op: op.IsInf(-1), Args: []Arg{F(3)}, NoNaN: true, Cases: []Case{boolean([]float64{nan, inf, -inf}, false, false, true)}},
		{Op: op.ToFloat(), Args: []Arg{Index(-9, 9, 2, 3)}},
		{Op: op.ToFloat(), Note: "bool", Args: []Arg{Mask(2, 3)}},
		{Op: op.ToBool(), Args: []Arg{F(2, 3)}, NoNaN: true},
		{Op: op.ToInteger(op.Integer{}), Args: []Arg{F(2, 3)}, NoNaN: true,
			Cases: []Case{whole([]float64{2.7, -2.7, nan}, 2, -2, 0)}},
		{Op: op.ToInteger(op.Integer{Bits: 8, Unsigned: true}), Args: []Arg{Index(-300, 300, 5)}},
		{Op: op.ArgExtreme(op.ArgConfig{Axis: -1}), Args: []Arg{Index(0, 3, 4, 5)}, NoEmpty: true, Bad: [][]tensor.Shape{{tensor.Dims()}, {tensor.Dims(3, 0)}}},
		{Op: op.ArgExtreme(op.ArgConfig{Axis: 0, Min: true, Last: true}), Args: []Arg{F(4, 5)}, NoEmpty: true, NoNaN: true},
	}
	return append(rows, integerRows()...)
}

// boolean returns a case of a question about floats.
func boolean(x []float64, y ...bool) Case {
	return Case{Args: []tensor.Tensor{Vec(x...)}, Out: tensor.From(tensor.Dims(len(y)), y)}
}

func whole(x []float64, y ...int64) Case {
	return Case{Args: []tensor.Tensor{Vec(x...)}, Out: tensor.From(tensor.Dims(len(y)), y)}
}

// integerRows are rows of every integer function, in 64 bits and in one narrower type each.
func integerRows() []Row {
	narrow := []op.Integer{{Bits: 8}, {Bits: 8, Unsigned: true}, {Bits: 16}, {Bits: 16, Unsigned: true}, {Bits: 32}, {Bits: 32, Unsigned: true}}
	ints := func(x ...int64) tensor.Tensor { return tensor.From(tensor.Dims(len(x)), x) }
	cases := map[string]Case{
		"add": {Args: []tensor.Tensor{ints(5, 1<<62), ints(-7, 1<<62)}, Out: ints(-2, -1<<63)},
		"div": {Args: []tensor.Tensor{ints(7, -7, 7, -7, 1), ints(2, 2, -2, -2, 0)}, Out: ints(3, -3, -3, 3, 0)},
		"mod": {Args: []tensor.Tensor{ints(7, -7, 7, -7, 1), ints(2, 2, -2, -2, 0)}, Out: ints(1, 1, -1, -1, 0)},
		"fmod": {Args: []tensor.Tensor{ints(7, -7, 7, -7, 1), ints(2, 2, -2, -2, 0)},
			Out: ints(1, -1, 1, -1, 0)},
		"pow": {Args: []tensor.Tensor{ints(3, -2, 2, 1, -1), ints(4, 3, -1, -5, -3)}, Out: ints(81, -8, 0, 1, -1)},
	}
	var rows []Row
	one, two := op.IntegerNames()
	for k, name := range append(one, two...) {
		lo := -5
		if name == "shl" || name == "shr" {
			lo = 0
		}
		args := []Arg{Index(lo, 6, 3, 4), Index(lo, 6, 4)}
		if k < len(one) {
			args = args[:1]
		}
		row := Row{Op: must(op.IntegerOp(name, op.Integer{})), Args: args}
		if c, ok := cases[name]; ok {
			row.Cases = []Case{c}
		}
		rows = append(rows, row, Row{Op: must(op.IntegerOp(name, narrow[k%len(narrow)])), Args: args})
	}
	return rows
}

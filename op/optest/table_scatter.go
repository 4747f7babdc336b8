package optest

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// scatterRows are the functions that read and write at index vectors.
func scatterRows() []Row {
	ints := func(s tensor.Shape, x ...int64) tensor.Tensor { return tensor.From(s, x) }
	twice := func(out []float64, d0, d2 []float64) Case { // the same place twice
		return Case{Args: []tensor.Tensor{Vec(1, 2, 3), ints(tensor.Dims(3, 1), 1, -1, 1), Vec(5, 6, 7)}, Out: Vec(out...),
			Eps: Vec(1, 2, 4), D: []tensor.Tensor{Vec(d0...), {}, Vec(d2...)}}
	}
	return []Row{
		{Op: op.GatherND(0), Args: []Arg{F(4, 3, 2), Index(-3, 3, 2, 5, 2)}, NoNaN: true, NoEmpty: true,
			Bad: [][]tensor.Shape{{tensor.Dims(4), tensor.Dims(2, 2)}, {tensor.Dims(4), tensor.Dims()}}},
		{Op: op.GatherND(1), Args: []Arg{F(4, 3, 2), Index(0, 3, 4, 2, 1)}, NoNaN: true, NoEmpty: true,
			Bad: [][]tensor.Shape{{tensor.Dims(4, 3), tensor.Dims(3, 1)}}},
		{Op: op.GatherND(0), Note: "bool", Args: []Arg{Mask(4, 3), Index(0, 3, 5, 2)}, NoEmpty: true},
		{Op: op.ScatterND(false), Args: []Arg{F(4, 3), Index(-4, 4, 6, 1), F(6, 3)}, NoNaN: true, NoEmpty: true,
			Cases: []Case{twice([]float64{1, 7, 6}, []float64{1, 0, 0}, []float64{0, 4, 2})},
			Bad:   [][]tensor.Shape{{tensor.Dims(4), tensor.Dims(2, 1), tensor.Dims(3)}}},
		{Op: op.ScatterND(true), Args: []Arg{F(4, 3), Index(0, 3, 6, 2), F(6)}, NoNaN: true, NoEmpty: true,
			Cases: []Case{twice([]float64{1, 14, 9}, []float64{1, 2, 4}, []float64{2, 4, 2})}},
		{Op: op.ScatterElements(0, false), Args: []Arg{F(4, 3), Index(-4, 4, 2, 3), F(2, 3)}, NoNaN: true, NoEmpty: true,
			Bad: [][]tensor.Shape{{tensor.Dims(4, 3), tensor.Dims(2, 4), tensor.Dims(2, 4)}}},
		{Op: op.ScatterElements(1, true), Args: []Arg{F(4, 3), Index(0, 3, 4, 5), F(4, 5)}, NoNaN: true, NoEmpty: true},
		{Op: op.ScatterElements(1, true), Note: "i64", Args: []Arg{Index(-9, 9, 4, 3), Index(0, 3, 4, 5), Index(-9, 9, 4, 5)}, NoEmpty: true},
	}
}

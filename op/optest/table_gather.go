package optest

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// gatherRows are the functions that pick elements, and gemm.
func gatherRows() []Row {
	idx := tensor.From(tensor.Dims(4), []int64{1, -1, 1, 0})
	sum := Case{Args: []tensor.Tensor{Vec(5, 6, 7), idx}, Out: Vec(6, 7, 6, 5), Eps: Vec(1, 2, 4, 8), D: []tensor.Tensor{Vec(8, 5, 2), {}}}
	rows := []Row{
		{Op: op.Gather(0), Args: []Arg{F(4, 3), Index(-4, 4, 2, 5)}, Large: shapes(tensor.Dims(50, 64), tensor.Dims(301)),
			Cases: []Case{sum}, NoNaN: true, Bad: [][]tensor.Shape{{tensor.Dims(), tensor.Dims(1)}, {tensor.Dims(0), tensor.Dims(1)}}},
		{Op: op.Gather(-2), Args: []Arg{F(2, 4, 3), Index(0, 4, 5)}, Large: shapes(tensor.Dims(6, 50, 64), tensor.Dims(301))},
		{Op: op.Gather(1), Note: "one", Args: []Arg{F(2, 4, 3), Index(0, 4)}},
		{Op: op.Gather(1), Note: "bool", Args: []Arg{Mask(2, 4), Index(0, 4, 3)}},
		{Op: op.Embedding(), Args: []Arg{F(5, 3), Index(0, 5, 2, 4)}, Large: shapes(tensor.Dims(1000, 64), tensor.Dims(20, 64)), Cases: []Case{sum}},
		{Op: op.GatherElements(1), Args: []Arg{F(3, 4), Index(-4, 4, 2, 5)}, Bad: [][]tensor.Shape{{tensor.Dims(2, 3), tensor.Dims(3, 3)}, {tensor.Dims(2), tensor.Dims(1, 1)}}},
		{Op: op.GatherElements(-3), Args: []Arg{F(3, 2, 2), Index(0, 3, 4, 2, 1)}},
		{Op: op.GatherElements(0), Note: "i64", Args: []Arg{Index(0, 9, 3), Index(0, 3, 4)}, Cases: []Case{sum}},
		{Op: op.OneHot(4, -1, 0, 1), Args: []Arg{Index(-6, 6, 3, 2)}, NoNaN: true, Bad: [][]tensor.Shape{{tensor.Dims(1, 1, 1, 1, 1, 1)}}},
		{Op: op.OneHot(3, 1, -1, 2), Args: []Arg{Index(0, 3, 2, 2)}},
		{Op: op.Tile(2, 3), Args: []Arg{F(2, 3)}, Bad: [][]tensor.Shape{{tensor.Dims(2)}}},
		{Op: op.Tile(1, 0), Args: []Arg{F(2, 3)}},
		{Op: op.CumSum(1, false, false), Args: []Arg{F(3, 4)}, Bad: [][]tensor.Shape{{tensor.Dims(2)}}},
		{Op: op.CumSum(0, true, false), Args: []Arg{F(3, 4)}},
		{Op: op.CumSum(-1, true, true), Args: []Arg{F(3, 4)}},
		{Op: op.CumSum(1, false, true), Args: []Arg{F(2, 3, 2)}},
		{Op: op.Trilu(true, 0), Args: []Arg{F(2, 3, 4)}, Bad: [][]tensor.Shape{{tensor.Dims(2)}}},
		{Op: op.Trilu(false, -1), Args: []Arg{F(4, 3)}},
		{Op: op.Trilu(true, -9), Args: []Arg{F(4, 3)}},
		{Op: op.Trilu(false, 1), Note: "bool", Args: []Arg{Mask(3, 3)}},
	}
	rows = append(rows, padRows()...)
	return append(rows, gemmRows()...)
}

func padRows() []Row {
	row := func(cfg op.PadConfig, x, y, d []float64) Row {
		eps := make([]float64, len(y))
		for i := range eps {
			eps[i] = 1
		}
		return Row{Op: must(op.Pad(cfg)), Args: []Arg{F(5)}, Bad: [][]tensor.Shape{{tensor.Dims(2, 2)}}, Cases: []Case{{
			Args: []tensor.Tensor{Vec(x...)}, Out: Vec(y...), Eps: Vec(eps...), D: []tensor.Tensor{Vec(d...)}}}}
	}
	x, b, a := []float64{1, 2, 3}, []int{2}, []int{1}
	return []Row{
		row(op.PadConfig{Value: 9, Before: b, After: a}, x, []float64{9, 9, 1, 2, 3, 9}, []float64{1, 1, 1}),
		row(op.PadConfig{Mode: "edge", Before: b, After: a}, x, []float64{1, 1, 1, 2, 3, 3}, []float64{3, 1, 2}),
		row(op.PadConfig{Mode: "reflect", Before: b, After: a}, x, []float64{3, 2, 1, 2, 3, 2}, []float64{1, 3, 2}),
		row(op.PadConfig{Mode: "wrap", Before: b, After: a}, x, []float64{2, 3, 1, 2, 3, 1}, []float64{2, 2, 2}),
		row(op.PadConfig{Before: []int{-1}, After: []int{1}}, x, []float64{2, 3, 0}, []float64{0, 1, 1}),
		row(op.PadConfig{Mode: "edge", Before: []int{1}, After: []int{-2}}, x, []float64{1, 1}, []float64{2, 0, 0}),
		{Op: must(op.Pad(op.PadConfig{Mode: "reflect", Before: []int{0, 2, 1}, After: []int{1, 0, 3}})), Args: []Arg{F(2, 3, 3)}},
		{Op: must(op.Pad(op.PadConfig{Value: 1, Before: []int{1, 2}, After: []int{0, -1}})), Args: []Arg{F(2, 3)}},
	}
}

func gemmRows() []Row {
	bad := [][]tensor.Shape{{tensor.Dims(2)}, {tensor.Dims(2, 3), tensor.Dims(4, 5)}, {tensor.Dims(3, 4), tensor.Dims(4, 4), tensor.Dims(5)}}
	row := func(cfg op.GemmConfig, args ...Arg) Row {
		return Row{Op: op.Gemm(cfg), Args: args, Bad: bad, Tol32: 1e-4}
	}
	return []Row{
		row(op.GemmConfig{}, F(3, 4), F(4, 2), F(2)),
		row(op.GemmConfig{TransA: true, Alpha: 0.5, Beta: 2}, F(4, 3), F(4, 2), F(3, 1)),
		row(op.GemmConfig{TransB: true, Alpha: -1}, F(3, 4), F(2, 4), F(3, 2)),
		row(op.GemmConfig{TransA: true, TransB: true}, F(4, 3), F(2, 4)),
	}
}

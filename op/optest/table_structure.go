package optest

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// structureRows are the matrix products, the single neuron, and what joins and reshapes.
func structureRows() []Row {
	rows := matrixRows()
	for _, name := range op.ActivationNames() {
		x := Arg{Shape: tensor.Dims(7)}
		rows = append(rows, Row{Op: must(op.Unit(name)), Args: []Arg{x, x, x, F(4)},
			Bad: [][]tensor.Shape{{tensor.Dims(7), tensor.Dims(1)}, {tensor.Dims(2)}, {tensor.Dims(7), tensor.Dims(6), tensor.Dims(3)}}})
	}
	return append(rows,
		Row{Op: op.Stack(), Args: []Arg{F(3, 2), F(3, 2), F(3, 2)}, Bad: [][]tensor.Shape{{tensor.Dims(2), tensor.Dims(3)}}},
		Row{Op: op.SumN(), Args: []Arg{F(3, 2), F(3, 2), F(3, 2)}, Bad: [][]tensor.Shape{{tensor.Dims(2), tensor.Dims(3)}}},
		Row{Op: op.Concat(0), Args: []Arg{F(2, 3), F(1, 3)}, Bad: [][]tensor.Shape{{tensor.Dims()}, {tensor.Dims(2, 3), tensor.Dims(2, 4)}}},
		Row{Op: op.Concat(-2), Args: []Arg{F(2, 3, 2), F(2, 1, 2), F(2, 4, 2)}},
		Row{Op: op.Concat(1), Note: "i64", Args: []Arg{Index(0, 9, 2, 3), Index(0, 9, 2, 1)}},
		Row{Op: op.Reshape(0, -1), Args: []Arg{F(2, 3, 2)}},
		Row{Op: op.Reshape(3, 4), Args: []Arg{F(2, 6)}, Bad: [][]tensor.Shape{{tensor.Dims(2, 5)}}},
		Row{Op: op.ReshapeTo(tensor.Dims(2, 0, 3)), Args: []Arg{F(0)}, Bad: [][]tensor.Shape{{tensor.Dims(1)}}},
		Row{Op: op.Flatten(1), Args: []Arg{F(2, 3, 2)}},
		Row{Op: op.Squeeze(0, -1), Args: []Arg{F(1, 3, 1)}, Bad: [][]tensor.Shape{{tensor.Dims(2, 1)}, {tensor.Dims(1)}}},
		Row{Op: op.Squeeze(), Args: []Arg{F(1, 3, 1)}},
		Row{Op: op.Unsqueeze(0, -1), Args: []Arg{F(3, 2)}, Bad: [][]tensor.Shape{{tensor.Dims(1, 1, 1, 1, 1)}}},
	)
}

func matrixRows() []Row {
	bad := [][]tensor.Shape{{tensor.Dims(), tensor.Dims(2)}, {tensor.Dims(2, 3), tensor.Dims(2, 3)}, {tensor.Dims(2, 2, 3), tensor.Dims(3, 3, 2)}}
	mm := func(note string, a, b Arg, large ...tensor.Shape) Row {
		return Row{Op: op.MatMul(), Note: note, Args: []Arg{a, b}, Bad: bad, Large: large, Tol32: 1e-4}
	}
	return []Row{
		mm("matrices", F(3, 4), F(4, 2), tensor.Dims(130, 70), tensor.Dims(70, 90)),
		mm("rows", F(2, 3, 4), F(4, 2)),
		mm("batch", F(2, 3, 4), F(2, 4, 2), tensor.Dims(8, 30, 20), tensor.Dims(8, 20, 30)),
		mm("stretched", F(3, 1, 2, 4), F(2, 4, 2)),
		mm("stretched left", F(2, 4), F(3, 4, 2)),
		mm("vectors", F(4), F(4)),
		mm("vector matrix", F(4), F(2, 4, 3)),
		mm("matrix vector", F(2, 3, 4), F(4)),
		{Op: op.Linear(), Args: []Arg{F(5, 3), F(3, 4), F(4)}, Tol32: 1e-4,
			Large: shapes(tensor.Dims(150, 40), tensor.Dims(40, 200), tensor.Dims(200)),
			Bad:   [][]tensor.Shape{{tensor.Dims(5, 3), tensor.Dims(4, 3), tensor.Dims(3)}, {tensor.Dims(3), tensor.Dims(3, 4), tensor.Dims(1)}}},
		{Op: op.Linear(), Note: "deep", Args: []Arg{F(2, 2, 3), F(3, 4), F(4)}},
		{Op: op.Linear(), Note: "vector", Args: []Arg{F(3), F(3, 4), F(4)}},
	}
}

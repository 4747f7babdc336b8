package op

import "github.com/retrodict/retrodict/tensor"

// Cells are many vertices of one function whose values lie in one arena: what a network of millions of small vertices is
// made of. Operands are named by their offset in the arena, in elements, so that no Tensor has to be made for them. The
// arena is a tensor of rank 1.
type Cells struct {
	Arena tensor.Tensor
	N     int     // elements of the value of every cell
	Args  []int32 // where arguments lie
	D     []int32 // for the vector–Jacobian product, by argument: where the derivative goes, -1: not wanted
	Spans []Span  // by cell: its arguments
	Out   []int32 // by cell: where its value lies
	Eps   []int32 // by cell: where ε lies
}

// A Span says that Args[First:Last] are the arguments of a cell.
type Span struct{ First, Last int32 }

// Len returns the number of cells.
func (s *Cells) Len() int { return len(s.Out) }

// A Cellular Op computes many cells in one call, with the bits that Forward and VJP give for each of them alone. Cells
// do not depend on one another.
type Cellular interface {
	Op
	// ForwardCells sets the value of every cell.
	ForwardCells(c *tensor.Ctx, s *Cells)
	// VJPCells sets the derivatives that D wants.
	VJPCells(c *tensor.Ctx, s *Cells)
}

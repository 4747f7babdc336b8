package op

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/tensor"
)

// Many units in one call have the bits of one call a unit: all activations, scalars and batches, any set of wanted
// derivatives, special values included.
func TestCellsEqualSingleUnits(t *testing.T) {
	const seed = 4
	r := rand.New(rand.NewPCG(seed, 0))
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	for _, name := range ActivationNames() {
		u, err := Unit(name)
		require.NoError(t, err)
		for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
			for _, n := range []int{1, 3, 16} {
				l := layCells(r, typ, n, 40)
				l.cells.Arena = l.arena
				u.(Cellular).ForwardCells(c, &l.cells)
				u.(Cellular).VJPCells(c, &l.cells)
				for i := range l.cells.Len() {
					args, d, out, eps := l.tensors(i)
					y := tensor.New(typ, out.Shape())
					u.Forward(c, y, args)
					require.Zero(t, tensor.Differing(y, out), "%s %v n=%d cell %d, seed %d", name, typ, n, i, seed)
					want := make([]tensor.Tensor, len(d))
					for k := range d {
						if d[k].Wanted() {
							want[k] = tensor.New(typ, d[k].Shape())
						}
					}
					u.VJP(c, want, args, out, eps)
					for k := range d {
						if d[k].Wanted() {
							require.Zero(t, tensor.Differing(want[k], d[k]), "%s %v n=%d cell %d derivative %d, seed %d", name, typ, n, i, k, seed)
						}
					}
				}
			}
		}
	}
}

// laid is cells with an arena of their own.
type laid struct {
	cells Cells
	arena tensor.Tensor
	size  int32
}

func (l *laid) place(n int) int32 {
	l.size += int32(n)
	return l.size - int32(n)
}

// layCells returns cells of random fan-in on shared inputs.
func layCells(r *rand.Rand, typ tensor.Type, n, cells int) *laid {
	l := &laid{cells: Cells{N: n}}
	var inputs []int32
	for range 20 {
		inputs = append(inputs, l.place(n))
	}
	for range cells {
		k := 1 + r.IntN(12)
		first := int32(len(l.cells.Args))
		for j := range k + 1 {
			at, size := inputs[r.IntN(len(inputs))], n
			if j == k {
				at, size = l.place(k+1), k+1
			}
			d := int32(-1)
			if r.IntN(4) > 0 {
				d = l.place(size)
			}
			l.cells.Args, l.cells.D = append(l.cells.Args, at), append(l.cells.D, d)
		}
		l.cells.Spans = append(l.cells.Spans, Span{first, int32(len(l.cells.Args))})
		l.cells.Out, l.cells.Eps = append(l.cells.Out, l.place(n)), append(l.cells.Eps, l.place(n))
	}
	special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e300}
	l.arena = tensor.New(typ, tensor.Dims(int(l.size)))
	for i := range l.arena.Len() {
		x := r.NormFloat64()
		if r.IntN(20) == 0 {
			x = special[r.IntN(len(special))]
		}
		l.arena.SetFloat(i, x)
	}
	return l
}

// tensors returns the operands of cell i.
func (l *laid) tensors(i int) (args, d []tensor.Tensor, out, eps tensor.Tensor) {
	s := &l.cells
	lo, hi := s.Spans[i].First, s.Spans[i].Last
	view := func(at int32, n int) tensor.Tensor {
		if at < 0 {
			return tensor.Tensor{}
		}
		return l.arena.Rows(int(at), int(at)+n)
	}
	for e := lo; e < hi; e++ {
		n := s.N
		if e == hi-1 {
			n = int(hi - lo)
		}
		args, d = append(args, view(s.Args[e], n)), append(d, view(s.D[e], n))
	}
	return args, d, view(s.Out[i], s.N), view(s.Eps[i], s.N)
}

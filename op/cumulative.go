package op

import (
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// CumSum returns g(x)_i = Σ_{j≤i} x_j along the axis (negative: from the end), added in ascending order; without x_i
// itself if exclusive; from the end, in descending order, if reverse. ∂x is the cumulative sum of ε the other way round.
// ONNX: CumSum.
func CumSum(axis int, exclusive, reverse bool) Op {
	name := "cumsum[axis=" + strconv.Itoa(axis)
	if exclusive {
		name += ",exclusive"
	}
	if reverse {
		name += ",reverse"
	}
	return rowMap{name: name + "]", axis: axis,
		fwd: liftRows(
			func(y, x []float64) { cumulate(y, x, exclusive, reverse) },
			func(y, x []float32) { cumulate(y, x, exclusive, reverse) }),
		vjp: liftRowsVJP(
			func(d, _, e []float64) { cumulate(d, e, exclusive, !reverse) },
			func(d, _, e []float32) { cumulate(d, e, exclusive, !reverse) })}
}

func cumulate[T tensor.Float](dst, x []T, exclusive, reverse bool) {
	var sum T
	for k := range x {
		i := k
		if reverse {
			i = len(x) - 1 - k
		}
		before := sum
		sum += x[i]
		dst[i] = sum
		if exclusive {
			dst[i] = before
		}
	}
}

// Trilu returns g(x) = the upper (lower) triangle of the matrices in x's last two axes, on and above (below) the k-th
// diagonal, and 0 elsewhere, whatever is there. x may be of any type. ONNX: Trilu.
func Trilu(upper bool, k int) Op { return trilu{upper, k} }

type trilu struct {
	upper bool
	k     int
}

func (o trilu) Name() string {
	if o.upper {
		return "triu[" + strconv.Itoa(o.k) + "]"
	}
	return "tril[" + strconv.Itoa(o.k) + "]"
}

func (o trilu) Arity() int { return 1 }

func (o trilu) Type(args ...tensor.Type) (tensor.Type, error) { return sameType(o, args) }

func (o trilu) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if args[0].Rank() < 2 {
		return args[0], errorf(o, "got %v, want rank 2 or more", args[0])
	}
	return args[0], nil
}

func (o trilu) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) { o.apply(dst, args[0]) }

func (o trilu) apply(dst, x tensor.Tensor) {
	dst.Zero()
	rows, cols, size := x.Shape().Dim(-2), x.Shape().Dim(-1), x.Type().Size()
	y, b := dst.Bytes(), x.Bytes()
	for r := 0; r*cols*size < len(b); r++ {
		from, to := 0, min(max(r%rows+o.k+1, 0), cols)
		if o.upper {
			from, to = min(max(r%rows+o.k, 0), cols), cols
		}
		copy(y[(r*cols+from)*size:(r*cols+to)*size], b[(r*cols+from)*size:(r*cols+to)*size])
	}
}

func (o trilu) VJP(_ *tensor.Ctx, d, _ []tensor.Tensor, _, eps tensor.Tensor) {
	if d[0].Wanted() {
		o.apply(d[0], eps)
	}
}

package op

import (
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// Concat returns g(x_1, …, x_n) = the arguments one after the other along the axis (negative: from the end); their other
// dimensions are the same. It takes any type, one for all. ONNX: Concat.
func Concat(axis int) Op { return concat{axis} }

type concat struct{ axis int }

func (o concat) Name() string { return "concat[axis=" + strconv.Itoa(o.axis) + "]" }
func (o concat) Arity() int   { return -1 }

func (o concat) Type(args ...tensor.Type) (tensor.Type, error) { return sameType(o, args) }

func (o concat) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s := args[0]
	if o.axis >= s.Rank() || o.axis < -s.Rank() {
		return s, errorf(o, "got %v: %v", s, errAxis)
	}
	n := s.Dim(o.axis)
	for k, t := range args[1:] {
		if t.Rank() != s.Rank() || t.With(o.axis, s.Dim(o.axis)) != s {
			return s, errorf(o, "argument %d has shape %v, which differs from %v outside the axis", k+1, t, s)
		}
		n += t.Dim(o.axis)
	}
	return s.With(o.axis, n), nil
}

func (o concat) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	outer, n, inner := dst.Shape().Split(o.axis)
	size := inner * dst.Type().Size()
	y, at := dst.Bytes(), 0
	for _, x := range args {
		w := x.Shape().Dim(o.axis) * size
		b := x.Bytes()
		for r := range outer {
			copy(y[r*n*size+at:], b[r*w:(r+1)*w])
		}
		at += w
	}
}

func (o concat) VJP(_ *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	outer, n, inner := eps.Shape().Split(o.axis)
	size := inner * eps.Type().Size()
	e, at := eps.Bytes(), 0
	for k, x := range args {
		w := x.Shape().Dim(o.axis) * size
		if d[k].Wanted() {
			b := d[k].Bytes()
			for r := range outer {
				copy(b[r*w:(r+1)*w], e[r*n*size+at:])
			}
		}
		at += w
	}
}

// Stack returns g(x_1, …, x_K) of K arguments of one shape S: the tensor of shape S + [K] whose last index is that of
// the argument. It joins single neurons to a layer.
func Stack() Op { return stack{} }

type stack struct{}

func (stack) Name() string { return "stack" }
func (stack) Arity() int   { return -1 }

func (o stack) Type(args ...tensor.Type) (tensor.Type, error) { return sameType(o, args) }

func (o stack) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if args[0].Rank() == tensor.MaxRank {
		return args[0], errorf(o, "got %v: %v", args[0], errRank)
	}
	if err := oneShape(o, args); err != nil {
		return args[0], err
	}
	return tensor.Dims(append(args[0].Slice(), len(args))...), nil
}

func oneShape(o Op, args []tensor.Shape) error {
	for k, s := range args {
		if s != args[0] {
			return errorf(o, "argument %d has shape %v, argument 0 %v", k, s, args[0])
		}
	}
	return nil
}

func (stack) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	switch dst.Type() {
	case tensor.Float64:
		interleave(tensor.Data[float64](dst), args)
	case tensor.Float32:
		interleave(tensor.Data[float32](dst), args)
	case tensor.Int64:
		interleave(tensor.Data[int64](dst), args)
	case tensor.Bool:
		interleave(tensor.Data[bool](dst), args)
	}
}

func interleave[T tensor.Element](dst []T, args []tensor.Tensor) {
	for k := range args {
		i := k
		for _, v := range tensor.Data[T](args[k]) {
			dst[i] = v
			i += len(args)
		}
	}
}

func (stack) VJP(_ *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	for k := range args {
		if !d[k].Wanted() {
			continue
		}
		if eps.Type() == tensor.Float32 {
			every(d[k].Float32s(), eps.Float32s(), k, len(args))
		} else {
			every(d[k].Float64s(), eps.Float64s(), k, len(args))
		}
	}
}

// every sets dst to the elements of src from index i on, step apart.
func every[T tensor.Element](dst, src []T, i, step int) {
	for j := range dst {
		dst[j] = src[i]
		i += step
	}
}

// SumN returns g(x_1, …, x_n) = x_1 + … + x_n of arguments of one shape, added in ascending order: ∂x_k = ε. ONNX: Sum
// without broadcasting.
func SumN() Op { return sumN{} }

type sumN struct{}

func (sumN) Name() string { return "sum-n" }
func (sumN) Arity() int   { return -1 }

func (o sumN) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	return args[0], oneShape(o, args)
}

func (sumN) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	dst.CopyFrom(args[0])
	for _, x := range args[1:] {
		if dst.Type() == tensor.Float32 {
			addSlice(dst.Float32s(), dst.Float32s(), x.Float32s())
		} else {
			addSlice(dst.Float64s(), dst.Float64s(), x.Float64s())
		}
	}
}

func (sumN) VJP(_ *tensor.Ctx, d, _ []tensor.Tensor, _, eps tensor.Tensor) {
	for _, g := range d {
		if g.Wanted() {
			g.CopyFrom(eps)
		}
	}
}

package op

import (
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// A move is a function whose result is its argument's elements, in order, in another shape. It takes any type.
type move struct {
	name  string
	shape func(s tensor.Shape) (tensor.Shape, error)
}

func (o move) Name() string { return o.name }
func (o move) Arity() int   { return 1 }

func (o move) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s, err := o.shape(args[0])
	if err != nil {
		return tensor.Shape{}, errorf(o, "got %v: %v", args[0], err)
	}
	return s, nil
}

func (o move) Type(args ...tensor.Type) (tensor.Type, error) { return sameType(o, args) }

func (o move) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	copyTo(c, dst, args[0])
}

func (o move) VJP(c *tensor.Ctx, d, _ []tensor.Tensor, _, eps tensor.Tensor) {
	if d[0].Wanted() {
		copyTo(c, d[0], eps)
	}
}

// sameType returns the type that all arguments have, or an error.
func sameType(o Op, args []tensor.Type) (tensor.Type, error) {
	if len(args) == 0 {
		return tensor.None, errorf(o, "got no arguments")
	}
	for k, t := range args {
		if t == tensor.None || t != args[0] {
			return tensor.None, errorf(o, "argument %d has type %v, argument 0 %v", k, t, args[0])
		}
	}
	return args[0], nil
}

// Reshape returns g(x) = x with the given dimensions. One of them may be −1, the quotient that keeps the number of
// elements; 0 copies the dimension of x at that place. ONNX: Reshape (allowzero=0).
func Reshape(dims ...int) Op {
	dims = append([]int(nil), dims...)
	return move{name: "reshape" + list(dims), shape: func(s tensor.Shape) (tensor.Shape, error) { return reshape(s, dims) }}
}

func reshape(s tensor.Shape, dims []int) (tensor.Shape, error) {
	if len(dims) > tensor.MaxRank {
		return s, errRank
	}
	var r [tensor.MaxRank]int
	infer, n := -1, 1
	for i, d := range dims {
		switch {
		case d == -1 && infer < 0:
			infer, r[i] = i, 1
		case d == 0 && i < s.Rank():
			r[i] = s.Dim(i)
		case d > 0:
			r[i] = d
		default:
			return s, errDims
		}
		n *= r[i]
	}
	if infer >= 0 && n > 0 && s.Len()%n == 0 {
		r[infer] = s.Len() / n
		n = s.Len()
	}
	if n != s.Len() {
		return s, errLen
	}
	return tensor.Dims(r[:len(dims)]...), nil
}

// ReshapeTo returns g(x) = x with exactly the shape s, whose dimensions may be 0.
func ReshapeTo(s tensor.Shape) Op {
	return move{name: "reshape-to" + list(s.Slice()), shape: func(x tensor.Shape) (tensor.Shape, error) {
		if x.Len() != s.Len() {
			return s, errLen
		}
		return s, nil
	}}
}

// Flatten returns g(x) = x as a matrix, whose rows are the axes before axis (negative: from the end) and whose columns
// are the others. ONNX: Flatten.
func Flatten(axis int) Op {
	return move{name: "flatten[axis=" + strconv.Itoa(axis) + "]", shape: func(s tensor.Shape) (tensor.Shape, error) {
		a := axis
		if a < 0 {
			a += s.Rank()
		}
		if a < 0 || a > s.Rank() {
			return s, errAxis
		}
		rows, cols := 1, 1
		for i := range s.Rank() {
			if i < a {
				rows *= s.Dim(i)
			} else {
				cols *= s.Dim(i)
			}
		}
		return tensor.Dims(rows, cols), nil
	}}
}

// Squeeze returns g(x) = x without the given axes (negative: from the end), which must be of length 1; without
// arguments, without any axis of length 1. ONNX: Squeeze.
func Squeeze(axes ...int) Op {
	axes = append([]int(nil), axes...)
	return move{name: "squeeze" + list(axes), shape: func(s tensor.Shape) (tensor.Shape, error) {
		drop, err := axisSet(axes, s.Rank())
		if err != nil {
			return s, err
		}
		var dims []int
		for i := range s.Rank() {
			switch {
			case drop[i] && s.Dim(i) != 1:
				return s, errAxis
			case !drop[i] && (len(axes) > 0 || s.Dim(i) != 1):
				dims = append(dims, s.Dim(i))
			}
		}
		return tensor.Dims(dims...), nil
	}}
}

// Unsqueeze returns g(x) = x with axes of length 1 inserted, so that they are at the given places of the result
// (negative: from its end). ONNX: Unsqueeze.
func Unsqueeze(axes ...int) Op {
	axes = append([]int(nil), axes...)
	return move{name: "unsqueeze" + list(axes), shape: func(s tensor.Shape) (tensor.Shape, error) {
		n := s.Rank() + len(axes)
		if n > tensor.MaxRank {
			return s, errRank
		}
		add, err := axisSet(axes, n)
		if err != nil {
			return s, err
		}
		dims, k := make([]int, n), 0
		for i := range dims {
			if add[i] {
				dims[i] = 1
				continue
			}
			dims[i] = s.Dim(k)
			k++
		}
		return tensor.Dims(dims...), nil
	}}
}

// axisSet marks the axes, of which negative ones count from the end, or returns an error if one is out of range or
// given twice.
func axisSet(axes []int, rank int) ([tensor.MaxRank]bool, error) {
	var set [tensor.MaxRank]bool
	for _, a := range axes {
		if a < 0 {
			a += rank
		}
		if a < 0 || a >= rank || set[a] {
			return set, errAxis
		}
		set[a] = true
	}
	return set, nil
}

// list formats integers as "[2,-1]".
func list(x []int) string {
	s := make([]string, len(x))
	for i, v := range x {
		s[i] = strconv.Itoa(v)
	}
	return "[" + strings.Join(s, ",") + "]"
}

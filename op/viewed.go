package op

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// A viewed is a function each of whose results is one element of its argument, found by a view. It takes any type; the
// derivative adds up the errors of the results that show an element, in ascending row-major order of the results.
type viewed struct {
	name  string
	shape func(s tensor.Shape) (tensor.Shape, error)
	view  func(s tensor.Shape) view // of an argument of shape s that shape accepts
}

func (o viewed) Name() string { return o.name }
func (o viewed) Arity() int   { return 1 }

func (o viewed) Type(args ...tensor.Type) (tensor.Type, error) { return sameType(o, args) }

func (o viewed) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s, err := o.shape(args[0])
	if err != nil {
		return tensor.Shape{}, errorf(o, "got %v: %v", args[0], err)
	}
	return s, nil
}

func (o viewed) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.view(args[0].Shape()).gather(c, dst, args[0])
}

func (o viewed) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if d[0].Wanted() {
		o.view(args[0].Shape()).scatter(c, d[0], eps)
	}
}

// permuted returns the view of a tensor of shape s with its axes in the order of perm.
func permuted(s tensor.Shape, perm []int) view {
	var dims [tensor.MaxRank]int
	var v view
	st := s.Strides()
	for i, p := range perm {
		dims[i], v.step[i] = s.Dim(p), st[p]
	}
	v.shape = tensor.Dims(dims[:len(perm)]...)
	return v
}

// Transpose returns g(x) = x with its axes in the order of perm, which may count from the end; without arguments they
// are reversed. ONNX: Transpose.
func Transpose(perm ...int) Op {
	perm = append([]int(nil), perm...)
	order := func(s tensor.Shape) ([tensor.MaxRank]int, error) {
		var p [tensor.MaxRank]int
		if len(perm) == 0 {
			for i := range s.Rank() {
				p[i] = s.Rank() - 1 - i
			}
			return p, nil
		}
		if _, err := axisSet(perm, s.Rank()); err != nil || len(perm) != s.Rank() {
			return p, fmt.Errorf("%v is no order of its axes", perm)
		}
		for i, a := range perm {
			p[i] = a
			if a < 0 {
				p[i] += s.Rank()
			}
		}
		return p, nil
	}
	return viewed{name: "transpose" + list(perm),
		shape: func(s tensor.Shape) (tensor.Shape, error) {
			p, err := order(s)
			if err != nil {
				return s, err
			}
			return permuted(s, p[:s.Rank()]).shape, nil
		},
		view: func(s tensor.Shape) view {
			p, _ := order(s)
			return permuted(s, p[:s.Rank()])
		}}
}

// Expand returns g(x) = x stretched, as NumPy broadcasts, to the dimensions; a dimension of 1 leaves that of x.
// ONNX: Expand.
func Expand(dims ...int) Op {
	dims = append([]int(nil), dims...)
	shape := func(s tensor.Shape) (tensor.Shape, error) {
		to, err := tensor.CheckDims(int64s(dims), 1<<40)
		if err != nil {
			return s, err
		}
		return tensor.Broadcast(s, to)
	}
	to := tensor.Shape{}
	if s, err := shape(to); err == nil {
		to = s
	}
	return viewed{name: "expand" + list(dims), shape: shape, view: func(s tensor.Shape) view {
		r, _ := tensor.Broadcast(s, to)
		return stretch(r, s)
	}}
}

func int64s(x []int) []int64 {
	y := make([]int64, len(x))
	for i, v := range x {
		y[i] = int64(v)
	}
	return y
}

// A Range is the elements Start, Start+Step, … before End of an axis. Negative Axis, Start and End count from the end;
// Start and End are moved into the axis. A Step of 0 counts as 1; a negative one goes down, and then an End below
// −(length of the axis) includes element 0.
type Range struct{ Axis, Start, End, Step int }

// Slice returns g(x) = the elements of x in the ranges, each of another axis. ONNX: Slice.
func Slice(ranges ...Range) Op {
	ranges = append([]Range(nil), ranges...)
	var name []string
	for i, r := range ranges {
		if r.Step == 0 {
			ranges[i].Step, r.Step = 1, 1
		}
		name = append(name, fmt.Sprintf("%d:%d:%d:%d", r.Axis, r.Start, r.End, r.Step))
	}
	return viewed{name: "slice[" + strings.Join(name, ",") + "]",
		shape: func(s tensor.Shape) (tensor.Shape, error) {
			var seen [tensor.MaxRank]bool
			for _, r := range ranges {
				a := r.Axis
				if a < 0 {
					a += s.Rank()
				}
				if a < 0 || a >= s.Rank() || seen[a] {
					return s, errAxis
				}
				seen[a] = true
			}
			return sliced(s, ranges).shape, nil
		},
		view: func(s tensor.Shape) view { return sliced(s, ranges) }}
}

func sliced(s tensor.Shape, ranges []Range) view {
	v := view{shape: s, step: s.Strides()}
	for _, r := range ranges {
		a := r.Axis
		if a < 0 {
			a += s.Rank()
		}
		start, n, step := r.bounds(s.Dim(a))
		v.shape = v.shape.With(a, n)
		v.off += start * v.step[a]
		v.step[a] *= step
	}
	return v
}

// bounds returns the first index, the number of elements and the step in an axis of length n.
func (r Range) bounds(n int) (start, count, step int) {
	start, end, step := r.Start, r.End, r.Step
	if start < 0 {
		start += n
	}
	if end < 0 {
		end += n
	}
	if step > 0 {
		start, end = min(max(start, 0), n), min(max(end, 0), n)
		count = max(0, (end-start+step-1)/step)
	} else {
		start, end = min(max(start, -1), n-1), min(max(end, -1), n-1)
		count = max(0, (start-end-step-1)/-step)
	}
	if count == 0 {
		start = 0
	}
	return start, count, step
}

// Split returns the Ops that cut x along the axis into pieces of the given sizes, one Slice a piece. ONNX: Split.
func Split(axis int, sizes ...int) []Op {
	ops, from := make([]Op, len(sizes)), 0
	for i, n := range sizes {
		ops[i] = Slice(Range{Axis: axis, Start: from, End: from + n})
		from += n
	}
	return ops
}

var errBlock = errors.New("want rank 4 and dimensions that the block divides")

// DepthToSpace returns g(x) of x [N, C, H, W]: [N, C/b², H·b, W·b] for block size b, the channels being read as
// [b, b, C/b²], or as [C/b², b, b] if crd is set. ONNX: DepthToSpace.
func DepthToSpace(block int, crd bool) Op {
	name := "depth-to-space[block=" + strconv.Itoa(block) + "]"
	perm := []int{0, 3, 4, 1, 5, 2}
	if crd {
		name = "depth-to-space[block=" + strconv.Itoa(block) + ",crd]"
		perm = []int{0, 1, 4, 2, 5, 3}
	}
	return viewed{name: name,
		shape: func(s tensor.Shape) (tensor.Shape, error) {
			if block < 1 || s.Rank() != 4 || s.Dim(1)%(block*block) != 0 {
				return s, errBlock
			}
			return tensor.Dims(s.Dim(0), s.Dim(1)/(block*block), s.Dim(2)*block, s.Dim(3)*block), nil
		},
		view: func(s tensor.Shape) view {
			c := s.Dim(1) / (block * block)
			if crd {
				return permuted(tensor.Dims(s.Dim(0), c, block, block, s.Dim(2), s.Dim(3)), perm)
			}
			return permuted(tensor.Dims(s.Dim(0), block, block, c, s.Dim(2), s.Dim(3)), perm)
		}}
}

// SpaceToDepth returns g(x) of x [N, C, H, W]: [N, C·b², H/b, W/b] for block size b, the inverse of DepthToSpace
// without crd. ONNX: SpaceToDepth.
func SpaceToDepth(block int) Op {
	perm := []int{0, 3, 5, 1, 2, 4}
	return viewed{name: "space-to-depth[block=" + strconv.Itoa(block) + "]",
		shape: func(s tensor.Shape) (tensor.Shape, error) {
			if block < 1 || s.Rank() != 4 || s.Dim(2)%block != 0 || s.Dim(3)%block != 0 {
				return s, errBlock
			}
			return tensor.Dims(s.Dim(0), s.Dim(1)*block*block, s.Dim(2)/block, s.Dim(3)/block), nil
		},
		view: func(s tensor.Shape) view {
			return permuted(tensor.Dims(s.Dim(0), s.Dim(1), s.Dim(2)/block, block, s.Dim(3)/block, block), perm)
		}}
}

package op

import (
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// badIndex is the panic of a kernel that meets an index outside the axis.
const badIndex = "op: gather: index out of range"

// indexOf returns i, which may count from the end, as an index into an axis of length n.
func indexOf(i int64, n int) int {
	if i < 0 {
		i += int64(n)
	}
	if i < 0 || i >= int64(n) {
		panic(badIndex)
	}
	return int(i)
}

// floatAndIndex is the type rule of x and Int64 indices: the type of x.
func floatAndIndex(o Op, args []tensor.Type) (tensor.Type, error) {
	if len(args) != 2 || args[0] == tensor.None || args[1] != tensor.Int64 {
		return tensor.None, errorf(o, "got types %v, want any and i64", args)
	}
	return args[0], nil
}

// Gather returns g(x, i) = the slices of x along the axis (negative: from the end) at the Int64 indices i, whose axes
// take the place of the axis; negative indices count from the end, one out of range panics. ∂x adds the errors of
// slices with the same index in ascending order of their places in i. x may be of any type. ONNX: Gather.
func Gather(axis int) Op { return gather{name: "gather[axis=" + strconv.Itoa(axis) + "]", axis: axis} }

// Embedding returns g(W, i) = the rows of the table W [words, …] at the indices i: Gather along axis 0.
func Embedding() Op { return gather{name: "embedding"} }

type gather struct {
	name string
	axis int
}

func (o gather) Name() string { return o.name }
func (o gather) Arity() int   { return 2 }

func (o gather) Type(args ...tensor.Type) (tensor.Type, error) { return floatAndIndex(o, args) }

func (o gather) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x, axis := args[0], o.axis
	if axis < 0 {
		axis += x.Rank()
	}
	if axis < 0 || axis >= x.Rank() || x.Dim(axis) == 0 && args[1].Len() > 0 {
		return x, errorf(o, "got %v and %v: %v", x, args[1], errAxis)
	}
	d := x.Slice()
	dims := append(append(append([]int(nil), d[:axis]...), args[1].Slice()...), d[axis+1:]...)
	if len(dims) > tensor.MaxRank {
		return x, errorf(o, "got %v and %v: %v", x, args[1], errRank)
	}
	return tensor.Dims(dims...), nil
}

func (o gather) args(x, i, t tensor.Tensor) (a tensor.Args, outer, inner int) {
	outer, n, inner := x.Shape().Split(o.axis)
	return tensor.Args{T: [6]tensor.Tensor{t, x, i}, N: [12]int{n, inner * x.Type().Size(), inner, outer}}, outer, inner
}

func (o gather) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	a, outer, inner := o.args(args[0], args[1], dst)
	c.Split(outer*args[1].Len(), perRow(inner), gatherSlices, a)
}

func gatherSlices(a *tensor.Args, lo, hi int) {
	idx, n, size := a.T[2].Int64s(), a.N[0], a.N[1]
	dst, src := a.T[0].Bytes(), a.T[1].Bytes()
	for r := lo; r < hi; r++ {
		at := (r/len(idx)*n + indexOf(idx[r%len(idx)], n)) * size
		copy(dst[r*size:(r+1)*size], src[at:at+size])
	}
}

func (o gather) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if !d[0].Wanted() {
		return
	}
	a, outer, inner := o.args(d[0], args[1], eps)
	d[0].Zero()
	run, n, each := scatterSlices[float64], inner, outer*args[1].Len()
	if eps.Type() == tensor.Float32 {
		run = scatterSlices[float32]
	}
	c.Split(n, perRow(each), run, a)
}

// scatterSlices adds elements lo to hi of every slice.
func scatterSlices[T tensor.Float](a *tensor.Args, lo, hi int) {
	e, d, idx := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.T[2].Int64s()
	n, inner, outer := a.N[0], a.N[2], a.N[3]
	for r := range outer * len(idx) {
		at := (r/len(idx)*n + indexOf(idx[r%len(idx)], n)) * inner
		to, from := d[at+lo:at+hi], e[r*inner+lo:r*inner+hi]
		for i, v := range from {
			to[i] += v
		}
	}
}

// GatherElements returns g(x, i) of the shape of i: the element of x at the place of the index, but along the axis
// (negative: from the end) at the index itself; i has x's rank and elsewhere no larger dimensions. ∂x adds the errors of
// the same element in ascending order. x may be of any type. ONNX: GatherElements.
func GatherElements(axis int) Op { return gatherElements{axis} }

type gatherElements struct{ axis int }

func (o gatherElements) Name() string { return "gather-elements[axis=" + strconv.Itoa(o.axis) + "]" }
func (o gatherElements) Arity() int   { return 2 }

func (o gatherElements) Type(args ...tensor.Type) (tensor.Type, error) { return floatAndIndex(o, args) }

func (o gatherElements) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x, i := args[0], args[1]
	if x.Rank() != i.Rank() || o.axis >= x.Rank() || o.axis < -x.Rank() {
		return i, errorf(o, "got %v and %v, want one rank, above the axis", x, i)
	}
	for a := range x.Rank() {
		along := a == o.axis || a == o.axis+x.Rank()
		if !along && i.Dim(a) > x.Dim(a) || along && x.Dim(a) == 0 && i.Len() > 0 {
			return i, errorf(o, "got %v and %v: the indices do not fit axis %d", x, i, a)
		}
	}
	return i, nil
}

// place returns which element of a tensor of shape x the index at place p of shape i means.
func (o gatherElements) place(x, i tensor.Shape, index int64, p int) int {
	at, step, axis := 0, 1, o.axis
	if axis < 0 {
		axis += x.Rank()
	}
	for a := x.Rank() - 1; a >= 0; a-- {
		k := p % i.Dim(a)
		p /= i.Dim(a)
		if a == axis {
			k = indexOf(index, x.Dim(a))
		}
		at += k * step
		step *= x.Dim(a)
	}
	return at
}

func (o gatherElements) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	x, i, size := args[0], args[1], dst.Type().Size()
	y, b := dst.Bytes(), x.Bytes()
	for p, index := range i.Int64s() {
		at := o.place(x.Shape(), i.Shape(), index, p) * size
		copy(y[p*size:(p+1)*size], b[at:at+size])
	}
}

func (o gatherElements) VJP(_ *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if !d[0].Wanted() {
		return
	}
	d[0].Zero()
	for p, index := range args[1].Int64s() {
		at := o.place(d[0].Shape(), args[1].Shape(), index, p)
		if eps.Type() == tensor.Float32 {
			d[0].Float32s()[at] += eps.Float32s()[p]
		} else {
			d[0].Float64s()[at] += eps.Float64s()[p]
		}
	}
}

// OneHot returns g(i) = floats of the shape of the Int64 indices i with an axis of length depth inserted (negative: from
// the end of the result): on where the place along it is the index, off elsewhere. Negative indices count from the end;
// one out of range gives off everywhere. ONNX: OneHot.
func OneHot(depth, axis int, off, on float64) Op { return oneHot{depth, axis, off, on} }

type oneHot struct {
	depth, axis int
	off, on     float64
}

func (o oneHot) Name() string {
	return "one-hot[" + strconv.Itoa(o.depth) + ",axis=" + strconv.Itoa(o.axis) + "," + decimal(o.off) + "," + decimal(o.on) + "]"
}

func (o oneHot) Arity() int { return 1 }

func (o oneHot) Type(args ...tensor.Type) (tensor.Type, error) {
	if len(args) != 1 || args[0] != tensor.Int64 {
		return tensor.None, errorf(o, "got types %v, want i64", args)
	}
	return tensor.Float64, nil
}

func (o oneHot) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s, axis := args[0], o.axis
	if axis < 0 {
		axis += s.Rank() + 1
	}
	if axis < 0 || axis > s.Rank() || s.Rank() == tensor.MaxRank || o.depth < 0 {
		return s, errorf(o, "got %v: %v", s, errAxis)
	}
	d := s.Slice()
	return tensor.Dims(append(append(append([]int(nil), d[:axis]...), o.depth), d[axis:]...)...), nil
}

func (o oneHot) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	outer, n, inner := dst.Shape().Split(o.axis)
	idx := args[0].Int64s()
	dst.Fill(o.off)
	for r := range outer {
		for j := range inner {
			i := idx[r*inner+j]
			if i < 0 {
				i += int64(n)
			}
			if i >= 0 && i < int64(n) {
				dst.SetFloat((r*n+int(i))*inner+j, o.on)
			}
		}
	}
}

func (oneHot) VJP(*tensor.Ctx, []tensor.Tensor, []tensor.Tensor, tensor.Tensor, tensor.Tensor) {}

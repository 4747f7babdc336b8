package op

import (
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// An address maps the elements of updates to elements of data, by indices: along an axis, as GatherElements does, or,
// with axis < 0, by index vectors: the last axis of the indices holds a place on the first axes of data after the batch
// axes, and the rest of data's axes are copied whole.
type address struct {
	axis, batch int
}

// updates returns the shape of what indices of shape i address in data of shape x, and whether they fit.
func (a address) updates(x, i tensor.Shape) (tensor.Shape, bool) {
	if a.axis >= 0 {
		if x.Rank() != i.Rank() || a.axis >= x.Rank() {
			return i, false
		}
		for k := range x.Rank() {
			if k != a.axis && i.Dim(k) > x.Dim(k) {
				return i, false
			}
		}
		return i, true
	}
	if i.Rank() < a.batch+1 || i.Dim(-1) < 1 || a.batch+i.Dim(-1) > x.Rank() {
		return i, false
	}
	dims := i.Slice()[:i.Rank()-1]
	for k := range a.batch {
		if i.Dim(k) != x.Dim(k) {
			return i, false
		}
	}
	dims = append(dims, x.Slice()[a.batch+i.Dim(-1):]...)
	if len(dims) > tensor.MaxRank {
		return i, false
	}
	return tensor.Dims(dims...), true
}

// place returns the element of data of shape x that element p of the updates belongs to.
func (a address) place(x, i tensor.Shape, index []int64, p int) int {
	if a.axis >= 0 {
		return gatherElements{a.axis}.place(x, i, index[p], p)
	}
	k := i.Dim(-1)
	inner, outer := 1, 1
	for d := a.batch + k; d < x.Rank(); d++ {
		inner *= x.Dim(d)
	}
	for d := a.batch; d < i.Rank()-1; d++ {
		outer *= i.Dim(d)
	}
	row := p / inner
	at := 0
	if a.batch > 0 {
		at = row / outer
	}
	for d := range k {
		at = at*x.Dim(a.batch+d) + indexOf(index[row*k+d], x.Dim(a.batch+d))
	}
	return at*inner + p%inner
}

// GatherND returns g(x, i) = the elements, or slices of the last axes, of x at the index vectors in the last axis of the
// Int64 indices i; the first batch axes of both are the same and stay. ∂x adds the errors of the same element in
// ascending order. A negative index counts from the end, one out of range panics. x may be of any type. ONNX: GatherND.
func GatherND(batch int) Op {
	return gatherND{"gather-nd[batch=" + strconv.Itoa(batch) + "]", address{axis: -1, batch: batch}}
}

type gatherND struct {
	name string
	at   address
}

func (o gatherND) Name() string { return o.name }
func (o gatherND) Arity() int   { return 2 }

func (o gatherND) Type(args ...tensor.Type) (tensor.Type, error) { return floatAndIndex(o, args) }

func (o gatherND) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s, ok := o.at.updates(args[0], args[1])
	if !ok {
		return s, errorf(o, "indices %v do not fit %v", args[1], args[0])
	}
	return s, nil
}

func (o gatherND) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	x, i, size := args[0], args[1], dst.Type().Size()
	y, b := dst.Bytes(), x.Bytes()
	for p := range dst.Len() {
		at := o.at.place(x.Shape(), i.Shape(), i.Int64s(), p) * size
		copy(y[p*size:(p+1)*size], b[at:at+size])
	}
}

func (o gatherND) VJP(_ *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if !d[0].Wanted() {
		return
	}
	d[0].Zero()
	for p := range eps.Len() {
		o.at.add(d[0], args[1], eps, p)
	}
}

// add adds element p of e to the element of d that it belongs to.
func (a address) add(d, i, e tensor.Tensor, p int) {
	at := a.place(d.Shape(), i.Shape(), i.Int64s(), p)
	switch d.Type() {
	case tensor.Float32:
		d.Float32s()[at] += e.Float32s()[p]
	case tensor.Int64:
		d.Int64s()[at] += e.Int64s()[p]
	default:
		d.Float64s()[at] += e.Float64s()[p]
	}
}

// ScatterND returns g(x, i, u) = x with the elements that GatherND(0) would read at the indices i replaced by u, later
// ones last, or with add increased by u in ascending order. ∂u is ε at these places, 0 for what was replaced again; ∂x is
// ε, 0 where replaced. ONNX: ScatterND, reduction none or add.
func ScatterND(add bool) Op {
	return scatter{scatterName("scatter-nd[", add), address{axis: -1}, add}
}

// ScatterElements returns g(x, i, u) = x with the elements that GatherElements(axis) would read at the indices i replaced
// by, or with add increased by, u; see ScatterND. axis must not be negative. ONNX: ScatterElements, Scatter.
func ScatterElements(axis int, add bool) Op {
	return scatter{scatterName("scatter-elements[axis="+strconv.Itoa(axis)+",", add), address{axis: max(axis, 0)}, add}
}

func scatterName(s string, add bool) string {
	if add {
		return s + "add]"
	}
	return s + "replace]"
}

type scatter struct {
	name string
	at   address
	sum  bool
}

func (o scatter) Name() string { return o.name }
func (o scatter) Arity() int   { return 3 }

func (o scatter) Type(args ...tensor.Type) (tensor.Type, error) {
	if len(args) != 3 || args[0] == tensor.None || args[1] != tensor.Int64 || args[2] != args[0] || o.sum && args[0] == tensor.Bool {
		return tensor.None, errorf(o, "got types %v, want any, i64 and that of the first; numbers to add", args)
	}
	return args[0], nil
}

func (o scatter) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if u, ok := o.at.updates(args[0], args[1]); !ok || u != args[2] {
		return args[0], errorf(o, "indices %v and updates %v do not fit %v", args[1], args[2], args[0])
	}
	return args[0], nil
}

func (o scatter) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	i, u, size := args[1], args[2], dst.Type().Size()
	dst.CopyFrom(args[0])
	y, b := dst.Bytes(), u.Bytes()
	for p := range u.Len() {
		if o.sum {
			o.at.add(dst, i, u, p)
			continue
		}
		at := o.at.place(dst.Shape(), i.Shape(), i.Int64s(), p) * size
		copy(y[at:at+size], b[p*size:(p+1)*size])
	}
}

func (o scatter) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	i, n := args[1], args[2].Len()
	if d[0].Wanted() {
		d[0].CopyFrom(eps)
		for p := 0; p < n && !o.sum; p++ {
			d[0].SetFloat(o.at.place(eps.Shape(), i.Shape(), i.Int64s(), p), 0)
		}
	}
	if !d[2].Wanted() {
		return
	}
	m := c.Mark()
	last := c.Scratch(tensor.Int64, eps.Shape()).Int64s()
	for p := range n {
		last[o.at.place(eps.Shape(), i.Shape(), i.Int64s(), p)] = int64(p)
	}
	for p := range n {
		at := o.at.place(eps.Shape(), i.Shape(), i.Int64s(), p)
		if o.sum || last[at] == int64(p) {
			d[2].SetFloat(p, eps.Float(at))
		} else {
			d[2].SetFloat(p, 0)
		}
	}
	c.Release(m)
}

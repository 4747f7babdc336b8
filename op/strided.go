package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// A view maps every index of a shape to an element of another tensor: element i of the shape is element
// off + Σ i_a·step[a]. Broadcasting (step 0), transposition, slicing and the sum over axes are views.
type view struct {
	shape tensor.Shape
	step  [tensor.MaxRank]int
	off   int
}

// stretch returns the view of a tensor of shape small as shape big, to which it broadcasts.
func stretch(big, small tensor.Shape) view {
	v := view{shape: big}
	st, shift := small.Strides(), big.Rank()-small.Rank()
	for i := range small.Rank() {
		if small.Dim(i) != 1 {
			v.step[i+shift] = st[i]
		}
	}
	return v
}

// merged returns the same view with as few axes as possible, and at least one.
func (v view) merged() view {
	var dims, step [tensor.MaxRank]int
	n := 0
	for i := range v.shape.Rank() {
		d, s := v.shape.Dim(i), v.step[i]
		switch {
		case d == 1:
		case n > 0 && step[n-1] == d*s:
			dims[n-1] *= d
			step[n-1] = s
		default:
			dims[n], step[n] = d, s
			n++
		}
	}
	if n == 0 {
		dims[0], step[0], n = 1, 0, 1
	}
	return view{shape: tensor.Dims(dims[:n]...), step: step, off: v.off}
}

func (v view) args(t, other tensor.Tensor) tensor.Args {
	a := tensor.Args{T: [6]tensor.Tensor{t.Reshape(v.shape), other}}
	copy(a.N[:], v.step[:])
	a.N[tensor.MaxRank] = v.off
	return a
}

func viewOf(a *tensor.Args) view {
	v := view{shape: a.T[0].Shape(), off: a.N[tensor.MaxRank]}
	copy(v.step[:], a.N[:])
	return v
}

// gather sets dst[i] = src[v(i)] for every index i of v's shape, which dst has. Any type.
func (v view) gather(c *tensor.Ctx, dst, src tensor.Tensor) {
	if dst.Len() == 0 {
		return
	}
	v = v.merged()
	run := gatherFloat64
	switch dst.Type() {
	case tensor.Float32:
		run = gatherFloat32
	case tensor.Int64:
		run = gatherInt64
	case tensor.Bool:
		run = gatherBool
	}
	n := v.shape.Dim(0)
	c.Split(n, max(1, grain*n/dst.Len()), run, v.args(dst, src))
}

func gatherFloat64(a *tensor.Args, lo, hi int) { gatherRange[float64](a, lo, hi) }
func gatherFloat32(a *tensor.Args, lo, hi int) { gatherRange[float32](a, lo, hi) }
func gatherInt64(a *tensor.Args, lo, hi int)   { gatherRange[int64](a, lo, hi) }
func gatherBool(a *tensor.Args, lo, hi int)    { gatherRange[bool](a, lo, hi) }

func gatherRange[T tensor.Element](a *tensor.Args, lo, hi int) {
	v := viewOf(a)
	w := walk{view: v}
	dst, src := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	n, s := w.start(lo, hi)
	for w.next() {
		d, o := dst[w.pos:w.pos+n], w.at
		switch s {
		case 1:
			copy(d, src[o:o+n])
		case 0:
			x := src[o]
			for i := range d {
				d[i] = x
			}
		default:
			for i := range d {
				d[i] = src[o]
				o += s
			}
		}
	}
}

// scatter sets dst[v(i)] to the sum over all i with this v(i) of src[i], in ascending row-major order of i, starting
// at +0; but to src[i] itself if v is a permutation. Elements of dst that no i maps to become +0. src has v's shape; both
// are of one float type.
func (v view) scatter(c *tensor.Ctx, dst, src tensor.Tensor) {
	if v.permutes(dst.Len()) {
		v = v.merged()
		run := putRows64
		if dst.Type() == tensor.Float32 {
			run = putRows32
		}
		n := v.shape.Dim(0)
		c.Split(n, max(1, grain*n/dst.Len()), run, v.args(src, dst))
		return
	}
	dst.Zero()
	v.add(c, dst, src)
}

// permutes reports whether v shows each of n elements of a tensor once: its steps are those of the dimensions in some order.
func (v view) permutes(n int) bool {
	if v.off != 0 || n == 0 || v.shape.Len() != n {
		return false
	}
	covered, rest := 1, v.shape.Rank()
	for i := range v.shape.Rank() {
		if v.shape.Dim(i) == 1 {
			rest--
		}
	}
	for ; rest > 0; rest-- {
		found := false
		for i := range v.shape.Rank() {
			if d := v.shape.Dim(i); d != 1 && v.step[i] == covered {
				covered *= d
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return covered == n
}

// add is scatter without clearing dst first.
func (v view) add(c *tensor.Ctx, dst, src tensor.Tensor) {
	if src.Len() == 0 {
		return
	}
	v = v.merged()
	run, cols := addRows64, addColumns64
	if dst.Type() == tensor.Float32 {
		run, cols = addRows32, addColumns32
	}
	n, each := v.shape.Dim(0), src.Len()/v.shape.Dim(0)
	switch {
	case v.step[0] != 0: // different indices of the first axis reach different elements
		c.Split(n, max(1, grain/each), run, v.args(src, dst))
	case v.shape.Rank() == 2 && v.step[1] == 1:
		c.Split(each, max(64, grain/n), cols, v.args(src, dst)) // fewer columns than a few vectors are not worth a pass over the rows
	default:
		c.Split(n, n, run, v.args(src, dst))
	}
}

func putRows64(a *tensor.Args, lo, hi int)    { putRows[float64](a, lo, hi) }
func putRows32(a *tensor.Args, lo, hi int)    { putRows[float32](a, lo, hi) }
func addRows64(a *tensor.Args, lo, hi int)    { addRows[float64](a, lo, hi) }
func addRows32(a *tensor.Args, lo, hi int)    { addRows[float32](a, lo, hi) }
func addColumns64(a *tensor.Args, lo, hi int) { addColumns[float64](a, lo, hi) }
func addColumns32(a *tensor.Args, lo, hi int) { addColumns[float32](a, lo, hi) }

func addRows[T tensor.Float](a *tensor.Args, lo, hi int) {
	v := viewOf(a)
	w := walk{view: v}
	src, dst := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	n, s := w.start(lo, hi)
	for w.next() {
		x, o := src[w.pos:w.pos+n], w.at
		switch s {
		case 1:
			tensor.AddOf(dst[o:o+n], dst[o:o+n], x)
		case 0:
			sum := dst[o]
			for _, y := range x {
				sum += y
			}
			dst[o] = sum
		default:
			for _, y := range x {
				dst[o] += y
				o += s
			}
		}
	}
}

// putRows sets what addRows adds to.
func putRows[T tensor.Float](a *tensor.Args, lo, hi int) {
	v := viewOf(a)
	w := walk{view: v}
	src, dst := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	n, s := w.start(lo, hi)
	for w.next() {
		x, o := src[w.pos:w.pos+n], w.at
		if s == 1 {
			copy(dst[o:o+n], x)
			continue
		}
		for _, y := range x {
			dst[o] = y
			o += s
		}
	}
}

// addColumns adds all rows of a matrix to columns lo to hi.
func addColumns[T tensor.Float](a *tensor.Args, lo, hi int) {
	rows, n, off := a.T[0].Shape().Dim(0), a.T[0].Shape().Dim(1), a.N[tensor.MaxRank]
	src, d := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])[off+lo:off+hi]
	for r := range rows {
		tensor.AddOf(d, d, src[r*n+lo:r*n+hi])
	}
}

// A walk visits the innermost runs of a view: pos is the run's first element in row-major order, at the element that
// it maps to.
type walk struct {
	view
	idx     [tensor.MaxRank]int
	hi      int // end of the first axis
	run     int // elements in a run
	pos, at int
	begun   bool
	inner   int // the last axis that next advances; −1: a single run
}

// start prepares the walk for indices lo to hi of the first axis and returns the length and step of the runs.
func (w *walk) start(lo, hi int) (n, step int) {
	last := w.shape.Rank() - 1
	w.inner, w.hi = last-1, hi
	if last == 0 {
		w.run, w.pos, w.at = hi-lo, lo, w.off+lo*w.step[0]
		return w.run, w.step[0]
	}
	w.run = w.shape.Dim(last)
	w.idx[0], w.at = lo, w.off+lo*w.step[0]
	w.pos = lo * (w.shape.Len() / w.shape.Dim(0))
	return w.run, w.step[last]
}

// next moves to the next run, the first one at first, and reports whether there is one.
func (w *walk) next() bool {
	if !w.begun {
		w.begun = true
		return true
	}
	w.pos += w.run
	for i := w.inner; i >= 0; i-- {
		w.idx[i]++
		w.at += w.step[i]
		end := w.hi
		if i > 0 {
			end = w.shape.Dim(i)
		}
		if w.idx[i] < end {
			return true
		}
		w.at -= w.idx[i] * w.step[i]
		w.idx[i] = 0
	}
	return false
}

// reduceTo sets dst to src summed, in ascending order, over the axes along which dst's shape was stretched to src's.
func reduceTo(c *tensor.Ctx, dst, src tensor.Tensor) {
	if dst.Shape() == src.Shape() {
		copyTo(c, dst, src)
		return
	}
	stretch(src.Shape(), dst.Shape()).scatter(c, dst, src)
}

// copyTo sets dst to the elements of src, of the same type and number; large tensors are shared among workers.
func copyTo(c *tensor.Ctx, dst, src tensor.Tensor) {
	if !dst.Type().IsFloat() || dst.Len() <= 2*grain {
		dst.CopyFrom(src)
		return
	}
	c.Split(dst.Len(), 2*grain, copyRange, tensor.Args{T: [6]tensor.Tensor{dst, src}})
}

func copyRange(a *tensor.Args, lo, hi int) {
	if a.T[0].Type() == tensor.Float64 {
		copy(a.T[0].Float64s()[lo:hi], a.T[1].Float64s()[lo:hi])
	} else {
		copy(a.T[0].Float32s()[lo:hi], a.T[1].Float32s()[lo:hi])
	}
}

// expanded returns t stretched to shape s: t itself if it has that shape, otherwise a scratch copy.
func expanded(c *tensor.Ctx, t tensor.Tensor, s tensor.Shape) tensor.Tensor {
	if t.Shape() == s {
		return t
	}
	e := c.Scratch(t.Type(), s)
	stretch(s, t.Shape()).gather(c, e, t)
	return e
}

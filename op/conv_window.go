package op

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// A window is the geometry that convolutions and pooling share: a kernel that slides over up to three spatial axes.
// Fewer axes are filled up in front with axes of size 1. Output position o of an axis reads, with tap t, input position
// o·stride + t·dilation − lo; positions outside the input are padding. Indices into all axes are row-major: a pixel is
// an output index, a tap a kernel index, an output row the pixels with the same leading two coordinates.
type window struct {
	in, kernel, out, stride, dilation, lo, hi [3]int
}

// maxAttr bounds strides, dilations, pads and kernels, so that no product of them and a dimension overflows.
const maxAttr = 1 << 30

// slides are the attributes of a window as a user gives them: nil for the default, one number for all axes, or one for
// each; pads also as all begins followed by all ends.
type slides struct {
	stride, pad, dilation []int
}

// check returns what is wrong with s for the given number of spatial axes, or "".
func (s slides) check(rank int) string {
	if rank < 1 || rank > 3 {
		return "needs one to three spatial axes"
	}
	switch {
	case !oneOf(len(s.stride), 0, 1, rank) || !within(s.stride, 1):
		return "needs strides of at least 1, one for all axes or one for each"
	case !oneOf(len(s.dilation), 0, 1, rank) || !within(s.dilation, 1):
		return "needs dilations of at least 1, one for all axes or one for each"
	case !oneOf(len(s.pad), 0, 1, rank, 2*rank) || !within(s.pad, 0):
		return "needs pads of at least 0, one for all sides, one for each axis, or all begins and all ends"
	}
	return ""
}

func oneOf(n int, list ...int) bool {
	for _, x := range list {
		if n == x {
			return true
		}
	}
	return false
}

func within(list []int, least int) bool {
	for _, x := range list {
		if x < least || x > maxAttr {
			return false
		}
	}
	return true
}

// at returns the number for axis i of a list that is empty, holds one for all axes, or one for each.
func at(list []int, i, def int) int {
	switch len(list) {
	case 0:
		return def
	case 1:
		return list[0]
	}
	return list[i]
}

// padAt returns the pads before and after axis i.
func padAt(list []int, i, rank int) (lo, hi int) {
	if len(list) > rank {
		return list[i], list[i+rank]
	}
	lo = at(list, i, 0)
	return lo, lo
}

// window returns the geometry for the spatial dimensions (those from 2 on) of an input, and a kernel; out is not set.
// s must have passed check.
func (s slides) window(x tensor.Shape, kernel func(i int) int) window {
	var w window
	rank := x.Rank() - 2
	for i := range 3 {
		w.in[i], w.kernel[i], w.out[i], w.stride[i], w.dilation[i] = 1, 1, 1, 1, 1
	}
	for i := range rank {
		j := 3 - rank + i
		w.in[j], w.kernel[j] = x.Dim(2+i), kernel(i)
		w.stride[j], w.dilation[j] = at(s.stride, i, 1), at(s.dilation, i, 1)
		w.lo[j], w.hi[j] = padAt(s.pad, i, rank)
	}
	return w
}

// slide sets the output sizes: ⌊(in + pads − extent)/stride⌋ + 1, or with ceil rounded up, but without a last window
// that would start beyond the input and its leading pad. It reports whether every axis has an output.
func (w *window) slide(ceil bool) bool {
	for i := range 3 {
		room := w.in[i] + w.lo[i] + w.hi[i] - ((w.kernel[i]-1)*w.dilation[i] + 1)
		if w.in[i] < 1 || w.kernel[i] < 1 || room < 0 {
			return false
		}
		if ceil {
			room += w.stride[i] - 1
		}
		w.out[i] = room/w.stride[i] + 1
		if ceil && (w.out[i]-1)*w.stride[i] >= w.in[i]+w.lo[i] {
			w.out[i]--
		}
		if w.out[i] > math.MaxInt32 {
			return false
		}
	}
	return true
}

func (w *window) size() int   { return w.in[0] * w.in[1] * w.in[2] }
func (w *window) taps() int   { return w.kernel[0] * w.kernel[1] * w.kernel[2] }
func (w *window) pixels() int { return w.out[0] * w.out[1] * w.out[2] }
func (w *window) rows() int   { return w.out[0] * w.out[1] }

// pointwise reports whether pixel p reads input element p alone.
func (w *window) pointwise() bool {
	return w.taps() == 1 && w.in == w.out && w.stride == [3]int{1, 1, 1} && w.lo == [3]int{}
}

// tensor returns w in scratch memory, so that it can be an operand of a kernel; windowOf restores it.
func (w *window) tensor(c *tensor.Ctx) tensor.Tensor {
	t := c.Scratch(tensor.Int64, tensor.Dims(21))
	d := t.Int64s()
	for i, f := range [...]*[3]int{&w.in, &w.kernel, &w.out, &w.stride, &w.dilation, &w.lo, &w.hi} {
		for j, x := range f {
			d[3*i+j] = int64(x)
		}
	}
	return t
}

func windowOf(t tensor.Tensor) (w window) {
	d := t.Int64s()
	for i, f := range [...]*[3]int{&w.in, &w.kernel, &w.out, &w.stride, &w.dilation, &w.lo, &w.hi} {
		for j := range f {
			f[j] = int(d[3*i+j])
		}
	}
	return w
}

// A tap is one position in the kernel: where it reads relative to a pixel, and which pixels of a row it reads for.
type tap struct {
	off    [3]int // input position of output position 0
	lo, hi int    // outputs along the last axis that read inside the input
}

func (w *window) tap(i int) (t tap) {
	k := [3]int{i / (w.kernel[1] * w.kernel[2]), i / w.kernel[2] % w.kernel[1], i % w.kernel[2]}
	for j := range 3 {
		t.off[j] = k[j]*w.dilation[j] - w.lo[j]
	}
	s, off := w.stride[2], t.off[2]
	if off < 0 {
		t.lo = min((-off+s-1)/s, w.out[2])
	}
	if last := w.in[2] - 1 - off; last >= 0 {
		t.hi = min(last/s+1, w.out[2])
	}
	t.hi = max(t.hi, t.lo)
	return t
}

// span returns the pixels [a, b) within [from, to) of output row q for which t reads an element of the input, and the
// index src of that element for pixel a; following pixels read stride[2] further on. a and b are counted from the
// start of the row; a == b if there is none.
func (w *window) span(t *tap, q, from, to int) (a, b, src int) {
	i, j := 0, q
	if w.out[0] > 1 {
		i, j = q/w.out[1], q%w.out[1]
	}
	i = i*w.stride[0] + t.off[0]
	j = j*w.stride[1] + t.off[1]
	if i < 0 || i >= w.in[0] || j < 0 || j >= w.in[1] {
		return from, from, 0
	}
	a = min(max(from, t.lo), to)
	b = max(min(to, t.hi), a)
	return a, b, (i*w.in[1]+j)*w.in[2] + a*w.stride[2] + t.off[2]
}

// shape returns x with its channels and spatial dimensions replaced by those of the output.
func (w *window) shape(x tensor.Shape, channels int) tensor.Shape {
	x = x.With(1, channels)
	for i := 2; i < x.Rank(); i++ {
		x = x.With(i, w.out[3-x.Rank()+i])
	}
	return x
}

// named returns base followed by those attributes that are not empty, such as "conv[stride=2x1,pad=1]".
func named(base string, attributes ...string) string {
	sep := "["
	for _, a := range attributes {
		if a != "" {
			base += sep + a
			sep = ","
		}
	}
	if sep == "," {
		base += "]"
	}
	return base
}

// ints returns "key=1x2", or "" if every number has the default value.
func ints(key string, list []int, def int) string {
	text, plain := key, true
	for i, x := range list {
		if i == 0 {
			text += "="
		} else {
			text += "x"
		}
		text += strconv.Itoa(x)
		plain = plain && x == def
	}
	if plain {
		return ""
	}
	return text
}

// flag returns key if it is set.
func flag(key string, set bool) string {
	if set {
		return key
	}
	return ""
}

// splitOf runs the kernel for T over [0, n) on idle workers. work is the cost of one index in elementary steps; a piece
// gets at least some ten thousand.
func splitOf(c *tensor.Ctx, typ tensor.Type, n, work int, f64, f32 kernel, args tensor.Args) {
	grain := max(1, (1<<14)/max(work, 1))
	if typ == tensor.Float32 {
		c.Split(n, grain, f32, args)
	} else {
		c.Split(n, grain, f64, args)
	}
}

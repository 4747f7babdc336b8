package onnx

import (
	"math"
	"slices"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// shapeEntries are the operators whose result has the elements of the argument in another shape, and those that ask
// for a shape.
func shapeEntries() []Entry {
	return []Entry{
		{Name: "Flatten", From: 1, Doc: "flatten", load: func(c *call) {
			c.set(0, c.apply(op.Flatten(c.int("axis", 1)), c.x(0)))
		}},
		{Name: "Identity", From: 1, Doc: "the argument itself, no vertex", load: func(c *call) { c.set(0, c.x(0)) }},
		{Name: "Reshape", From: 1, Doc: "reshape; the shape must be constant", load: reshape},
		{Name: "Shape", From: 1, Doc: "a constant", load: shape},
		{Name: "Size", From: 1, Doc: "a constant", load: func(c *call) {
			c.set(0, constantOf(Int64, tensor.From(tensor.Shape{}, []int64{int64(c.x(0).shape.Len())})))
		}},
		{Name: "Squeeze", From: 1, Doc: "squeeze; the axes must be constant", load: squeeze},
		{Name: "Unsqueeze", From: 1, Doc: "unsqueeze; the axes must be constant", load: unsqueeze},
	}
}

// to returns v in another shape of the same number of elements: v itself if it has that shape.
func (c *call) to(v *value, s tensor.Shape) *value {
	if v.shape == s {
		return v
	}
	return c.apply(op.ReshapeTo(s), v)
}

func reshape(c *call) {
	x := c.x(0)
	var dims []int
	if c.opset() < 5 {
		dims = c.ints("shape")
	} else {
		dims = c.knownInts(1)
	}
	c.set(0, c.to(x, c.reshaped(x.shape, dims, c.flag("allowzero", false))))
}

// reshaped returns the shape that Reshape's argument stands for: −1 is what remains, 0 the dimension of x at that place.
func (c *call) reshaped(x tensor.Shape, dims []int, allowZero bool) tensor.Shape {
	dims = slices.Clone(dims)
	rest, n := -1, 1
	for i, d := range dims {
		switch {
		case d == -1 && rest < 0:
			rest, dims[i] = i, 1
		case d == 0 && !allowZero:
			if i >= x.Rank() {
				c.fail("shape %v copies axis %d of %v", dims, i, x)
			}
			dims[i] = x.Dim(i)
		case d < 0:
			c.fail("shape %v", dims)
		}
	}
	n = c.shapeOf(dims).Len()
	if rest >= 0 && n > 0 {
		dims[rest] = x.Len() / n
	} else if rest >= 0 {
		c.fail("shape %v leaves axis %d undetermined", dims, rest)
	}
	s := c.shapeOf(dims)
	if s.Len() != x.Len() {
		c.fail("%v cannot be reshaped to %v", x, s)
	}
	return s
}

func shape(c *call) {
	dims := c.x(0).shape.Slice()
	clamp := func(i int) int {
		if i < 0 {
			i += len(dims)
		}
		return min(max(i, 0), len(dims))
	}
	lo, hi := clamp(c.int("start", 0)), clamp(c.int("end", math.MaxInt32))
	c.set(0, intsOf(dims[lo:max(lo, hi)]...))
}

func squeeze(c *call) {
	x := c.x(0)
	axes, given := c.axes(1, 13)
	drop := make([]bool, x.rank())
	for _, a := range axes {
		drop[c.inRank(a, x.rank())] = true
	}
	var dims []int
	for i, d := range x.shape.Slice() {
		switch {
		case drop[i] && d != 1:
			c.fail("axis %d of %v is squeezed", i, x.shape)
		case !drop[i] && (given || d != 1):
			dims = append(dims, d)
		}
	}
	c.set(0, c.to(x, tensor.Dims(dims...)))
}

func unsqueeze(c *call) {
	x := c.x(0)
	axes, _ := c.axes(1, 13)
	rank := x.rank() + len(axes)
	if rank > tensor.MaxRank {
		c.unsupported("rank %d", rank)
	}
	add := make([]bool, rank)
	for _, a := range axes {
		a = c.inRank(a, rank)
		if add[a] {
			c.fail("axis %d is inserted twice", a)
		}
		add[a] = true
	}
	dims, k := make([]int, rank), 0
	for i := range dims {
		dims[i] = 1
		if !add[i] {
			dims[i] = x.shape.Dim(k)
			k++
		}
	}
	c.set(0, c.to(x, tensor.Dims(dims...)))
}

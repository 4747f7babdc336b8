package onnx

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// indexEntries are the operators that select by index or condition.
func indexEntries() []Entry {
	return []Entry{
		{Name: "ArgMax", From: 1, Doc: "argmax", load: func(c *call) { argExtreme(c, false) }},
		{Name: "ArgMin", From: 1, Doc: "argmin", load: func(c *call) { argExtreme(c, true) }},
		{Name: "Gather", From: 1, Doc: "gather", load: gather},
		{Name: "GatherElements", From: 11, Doc: "gather-elements", load: func(c *call) {
			x := c.x(0)
			axis := c.axis("axis", 0, x.rank())
			c.set(0, c.apply(op.GatherElements(axis), x, c.indices(1, x.shape.Dim(axis))))
		}},
		{Name: "OneHot", From: 9, Doc: "one-hot; depth and values must be constant", load: oneHot},
		{Name: "Where", From: 9, Doc: "where", load: func(c *call) {
			if c.x(0).elem != Bool {
				c.fail("the condition is %v", c.x(0).elem)
			}
			c.set(0, c.applyAs(c.x(1).elem, op.Where(), c.x(0), c.x(1), c.x(2)))
		}},
	}
}

func argExtreme(c *call, least bool) {
	x := c.x(0)
	axis := c.axis("axis", 0, x.rank())
	y := c.applyAs(Int64, op.ArgExtreme(op.ArgConfig{Axis: axis, Min: least, Last: c.flag("select_last_index", false)}), x)
	if !c.flag("keepdims", true) {
		y = c.index(y, axis, 0)
	}
	c.set(0, y)
}

// indices returns input i, an integer index into n elements.
func (c *call) indices(i, n int) *value {
	v := c.x(i)
	if !v.elem.IsInt() {
		c.fail("input %d has type %v, want integers", i, v.elem)
	}
	c.inRange(v, n)
	return v
}

// inRange fails if v is known and holds an index that n elements do not have.
func (c *call) inRange(v *value, n int) {
	if !v.data.Wanted() {
		return
	}
	for _, k := range v.data.Int64s() {
		if k < int64(-n) || k >= int64(n) {
			c.fail("index %d is outside [−%d, %d)", k, n, n)
		}
	}
}

func gather(c *call) {
	x := c.x(0)
	axis := c.axis("axis", 0, x.rank())
	i := c.indices(1, x.shape.Dim(axis))
	if x.rank()+i.rank()-1 > tensor.MaxRank {
		c.unsupported("rank %d", x.rank()+i.rank()-1)
	}
	if i.constant() && i.shape.Len() == 1 { // one element of a constant shape, one token, the first of a sequence
		k := int(i.data.Int64s()[0])
		if k < 0 {
			k += x.shape.Dim(axis)
		}
		dims := x.shape.Slice()
		s := append(append(append([]int{}, dims[:axis]...), i.shape.Slice()...), dims[axis+1:]...)
		c.set(0, c.to(c.slice(x, axis, k, k+1), tensor.Dims(s...)))
		return
	}
	c.set(0, c.apply(op.Gather(axis), x, i))
}

// oneHot has its two values as attributes, so they must be constant.
func oneHot(c *call) {
	depth, values := int(c.scalar(1)), c.known(2)
	if values.Shape() != tensor.Dims(2) || depth < 1 || depth > maxFolded {
		c.fail("depth %d, values %v", depth, values.Shape())
	}
	elem := c.x(2).elem
	y := c.applyAs(elem, op.OneHot(depth, c.int("axis", -1), values.Float(0), values.Float(1)), c.cast(c.x(0), Int64))
	c.set(0, c.cast(y, elem))
}

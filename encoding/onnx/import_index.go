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
		{Name: "GatherND", From: 11, Doc: "gather-nd", load: func(c *call) {
			x, batch := c.x(0), c.int("batch_dims", 0)
			if batch < 0 || batch > x.rank() {
				c.fail("batch_dims %d", batch)
			}
			c.set(0, c.apply(op.GatherND(batch), x, c.vectors(1, batch)))
		}},
		{Name: "Scatter", From: 9, To: 10, Doc: "scatter-elements", load: scatterElements},
		{Name: "ScatterElements", From: 11, Doc: "scatter-elements; reductions none and add", load: scatterElements},
		{Name: "ScatterND", From: 11, Doc: "scatter-nd; reductions none and add", load: func(c *call) {
			c.set(0, c.apply(op.ScatterND(c.adds()), c.x(0), c.vectors(1, 0), c.x(2)))
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

// vectors returns input i, integer index vectors into the axes of input 0 after the batch axes.
func (c *call) vectors(i, batch int) *value {
	x, v := c.x(0), c.x(i)
	if !v.elem.IsInt() || v.rank() == 0 || v.shape.Dim(-1) == 0 || batch+v.shape.Dim(-1) > x.rank() {
		c.fail("indices %v of shape %v for shape %v", v.elem, v.shape, x.shape)
	}
	if v.data.Wanted() {
		k := v.shape.Dim(-1)
		for j, at := range v.data.Int64s() {
			if n := int64(x.shape.Dim(batch + j%k)); at < -n || at >= n {
				c.fail("index %d is outside [−%d, %d)", at, n, n)
			}
		}
	}
	return v
}

func scatterElements(c *call) {
	x := c.x(0)
	axis := c.axis("axis", 0, x.rank())
	c.set(0, c.apply(op.ScatterElements(axis, c.adds()), x, c.indices(1, x.shape.Dim(axis)), c.x(2)))
}

// adds reports whether a scatter adds, as opposed to replaces.
func (c *call) adds() bool {
	switch s := c.str("reduction", "none"); s {
	case "none":
		return false
	case "add":
		if e := c.x(0).elem; !e.IsFloat() && e != Int64 {
			c.unsupported("with reduction add on %v", e)
		}
		return true
	default:
		c.unsupported("with reduction %s", s)
		return false
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

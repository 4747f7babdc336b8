package onnx

import "github.com/retrodict/retrodict/op"

// reduceEntries are the reductions over axes.
func reduceEntries() []Entry {
	entry := func(name string, since int64, o func(axes []int, keep bool) op.Op) Entry {
		return Entry{Name: name, From: 1, Doc: "the reduction of that name; the axes must be constant",
			load: func(c *call) { reduce(c, since, o) }}
	}
	return []Entry{
		{Name: "CumSum", From: 11, Doc: "cumsum; the axis must be constant", load: func(c *call) {
			x := c.float(0)
			axis := c.inRank(int(c.scalar(1)), x.rank())
			c.set(0, c.apply(op.CumSum(axis, c.flag("exclusive", false), c.flag("reverse", false)), x))
		}},
		entry("ReduceL1", 18, op.L1),
		entry("ReduceL2", 18, op.L2),
		entry("ReduceLogSum", 18, op.LogSum),
		entry("ReduceLogSumExp", 18, op.LogSumExp),
		entry("ReduceMax", 18, op.MaxOver),
		entry("ReduceMean", 18, op.Mean),
		entry("ReduceMin", 18, op.MinOver),
		entry("ReduceProd", 18, op.Prod),
		entry("ReduceSum", 13, op.Sum),
		entry("ReduceSumSquare", 18, op.SumSquare),
	}
}

// reduce reduces over the axes given as attribute before opset since, as input from then on; all axes by default.
func reduce(c *call, since int64, o func(axes []int, keep bool) op.Op) {
	x := c.x(0)
	axes, _ := c.axes(1, since)
	if len(axes) == 0 && c.flag("noop_with_empty_axes", false) {
		c.set(0, x)
		return
	}
	for i, a := range axes {
		axes[i] = c.inRank(a, x.rank())
	}
	c.set(0, c.viaFloat(x, func(x *value) *value { return c.apply(o(axes, c.flag("keepdims", true)), x) }))
}

// viaFloat computes f of constant integers in float64, which is exact up to 2⁵³; of other integers it is not supported.
func (c *call) viaFloat(x *value, f func(x *value) *value) *value {
	if x.elem.IsFloat() {
		return f(x)
	}
	if !x.elem.IsInt() || !x.constant() {
		c.unsupported("on %v", x.elem)
	}
	const exact = 1 << 53
	for _, k := range x.data.Int64s() {
		if k > exact || k < -exact {
			c.unsupported("on integers beyond 2^53")
		}
	}
	y := f(c.applyAs(Double, op.ToFloat(), x))
	for _, k := range y.data.Float64s() {
		if k > exact || k < -exact {
			c.unsupported("on integers beyond 2^53")
		}
	}
	return c.applyAs(x.elem, op.ToInteger(integerOf(x.elem)), y)
}

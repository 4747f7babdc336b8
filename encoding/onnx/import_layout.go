package onnx

import (
	"math"
	"slices"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// layoutEntries are the operators that move elements without computing: of any type.
func layoutEntries() []Entry {
	return []Entry{
		{Name: "Concat", From: 1, Doc: "concat", load: concat},
		{Name: "DepthToSpace", From: 1, Doc: "depth-to-space", load: func(c *call) {
			c.set(0, c.apply(op.DepthToSpace(c.int("blocksize", 0), c.str("mode", "DCR") == "CRD"), c.x(0)))
		}},
		{Name: "Expand", From: 8, Doc: "expand; the shape must be constant", load: expand},
		{Name: "Pad", From: 1, Doc: "pad: constant, reflect, edge; the pads must be constant", load: pad},
		{Name: "Slice", From: 1, Doc: "slice, with steps; the bounds must be constant", load: slice},
		{Name: "SpaceToDepth", From: 1, Doc: "space-to-depth", load: func(c *call) {
			c.set(0, c.apply(op.SpaceToDepth(c.int("blocksize", 0)), c.x(0)))
		}},
		{Name: "Split", From: 2, Doc: "a slice for each output; the sizes must be constant", load: split},
		{Name: "Tile", From: 6, Doc: "tile; the repeats must be constant", load: tile},
		{Name: "Transpose", From: 1, Doc: "transpose", load: func(c *call) { c.set(0, c.apply(op.Transpose(c.ints("perm")...), c.x(0))) }},
		{Name: "Trilu", From: 14, Doc: "trilu; the diagonal must be constant", load: trilu},
	}
}

// slice returns elements lo to hi of an axis of x: x itself if that is all of them.
func (c *call) slice(x *value, axis, lo, hi int) *value {
	if lo == 0 && hi == x.shape.Dim(axis) {
		return x
	}
	return c.apply(op.Slice(op.Range{Axis: axis, Start: lo, End: hi}), x)
}

func concat(c *call) {
	if len(c.in) == 0 {
		c.fail("it has no inputs")
	}
	def := 0
	if c.opset() < 4 {
		def = 1
	}
	var parts []*value
	for i := range c.in {
		parts = append(parts, c.x(i))
	}
	axis := c.axis("axis", def, parts[0].rank())
	n := 0
	for _, p := range parts {
		if p.rank() != parts[0].rank() {
			c.fail("shapes %v and %v", parts[0].shape, p.shape)
		}
		n += p.shape.Dim(axis)
	}
	if n > maxElements {
		c.fail("the result has %d elements on axis %d", n, axis)
	}
	c.set(0, c.join(parts, axis))
}

func expand(c *call) {
	x := c.x(0)
	s, err := tensor.Broadcast(x.shape, c.shapeOf(c.knownInts(1)))
	c.check(err)
	if s == x.shape {
		c.set(0, x)
		return
	}
	c.set(0, c.apply(op.Expand(s.Slice()...), x))
}

func slice(c *call) {
	x := c.x(0)
	var starts, ends, axes, steps []int
	if c.opset() < 10 {
		starts, ends, axes = c.bounds("starts"), c.bounds("ends"), c.ints("axes")
	} else {
		starts, ends = c.knownInts(1), c.knownInts(2)
		if c.has(3) {
			axes = c.knownInts(3)
		}
		if c.has(4) {
			steps = c.knownInts(4)
		}
	}
	if axes == nil {
		for i := range starts {
			axes = append(axes, i)
		}
	}
	if len(ends) != len(starts) || len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		c.fail("%d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(axes), len(steps))
	}
	ranges := make([]op.Range, len(starts))
	for i := range ranges {
		ranges[i] = op.Range{Axis: c.inRank(axes[i], x.rank()), Start: saturate(starts[i]), End: saturate(ends[i]), Step: 1}
		if steps != nil {
			ranges[i].Step = saturate(steps[i])
		}
		if ranges[i].Step == 0 {
			c.fail("step 0")
		}
	}
	c.set(0, c.apply(op.Slice(ranges...), x))
}

// saturate returns x moved into the range of an int32: bounds beyond it mean "to the end".
func saturate(x int) int { return min(max(x, math.MinInt32), math.MaxInt32) }

// bounds returns a list of integers that may lie beyond every dimension.
func (c *call) bounds(name string) []int {
	a := c.attr(name, AttrInts)
	if a == nil {
		c.fail("attribute %s is missing", name)
	}
	x := make([]int, len(a.Ints))
	for i, e := range a.Ints {
		x[i] = int(e)
	}
	return x
}

func split(c *call) {
	x := c.x(0)
	axis := c.axis("axis", 0, x.rank())
	n := x.shape.Dim(axis)
	var sizes []int
	switch {
	case c.opset() < 13:
		sizes = c.ints("split")
	case c.has(1):
		sizes = c.knownInts(1)
	}
	if sizes == nil {
		k := c.int("num_outputs", len(c.n.Outputs))
		if k < 1 || k > maxDims || k < len(c.n.Outputs) || n%k != 0 && c.opset() < 18 {
			c.fail("axis %d of %v split into %d", axis, x.shape, k)
		}
		size := (n + k - 1) / k
		for i := range k {
			sizes = append(sizes, min(size, max(n-i*size, 0)))
		}
	}
	at := 0
	for i, size := range sizes {
		if size < 0 || size > n-at {
			c.fail("axis %d of %v split into %v", axis, x.shape, sizes)
		}
		if c.wants(i) {
			c.set(i, c.slice(x, axis, at, at+size))
		}
		at += size
	}
	if at != n {
		c.fail("axis %d of %v split into %v", axis, x.shape, sizes)
	}
}

func tile(c *call) {
	x := c.x(0)
	reps := c.knownInts(1)
	if len(reps) != x.rank() {
		c.fail("%d repeats for shape %v", len(reps), x.shape)
	}
	dims := x.shape.Slice()
	for i, r := range reps {
		if r < 0 || r > maxElements {
			c.fail("repeats %v", reps)
		}
		dims[i] *= r
	}
	c.shapeOf(dims)
	if !slices.ContainsFunc(reps, func(r int) bool { return r != 1 }) {
		c.set(0, x)
		return
	}
	c.set(0, c.apply(op.Tile(reps...), x))
}

func trilu(c *call) {
	k := 0
	if c.has(1) {
		c.scalar(1)
		k = saturate(int(c.known(1).Convert(tensor.Int64).Int64s()[0]))
	}
	if c.x(0).rank() < 2 {
		c.fail("got shape %v, want matrices", c.x(0).shape)
	}
	c.set(0, c.apply(op.Trilu(c.flag("upper", true), k), c.x(0)))
}

func pad(c *call) {
	x := c.x(0)
	var pads []int
	fill := 0.0
	if c.opset() < 11 {
		pads, fill = c.ints("pads"), c.num("value", 0)
		if pads == nil {
			pads = c.ints("paddings")
		}
	} else {
		pads = c.knownInts(1)
		if c.has(2) {
			fill = c.scalar(2)
		}
	}
	if c.has(3) {
		pads = c.scattered(pads, c.knownInts(3), x.rank())
	}
	if len(pads) != 2*x.rank() {
		c.fail("%d pads for shape %v", len(pads), x.shape)
	}
	dims := x.shape.Slice()
	for i := range dims {
		lo, hi := pads[i], pads[i+len(dims)]
		if saturate(lo) != lo || saturate(hi) != hi {
			c.fail("pads %v", pads)
		}
		dims[i] += lo + hi
	}
	c.shapeOf(dims)
	if !slices.ContainsFunc(pads, func(p int) bool { return p != 0 }) {
		c.set(0, x)
		return
	}
	o, err := op.Pad(op.PadConfig{Mode: c.str("mode", "constant"), Value: fill, Before: pads[:x.rank()], After: pads[x.rank():]})
	c.check(err)
	c.set(0, c.apply(o, x))
}

// scattered spreads pads that are given for some axes over all.
func (c *call) scattered(pads, axes []int, rank int) []int {
	if len(pads) != 2*len(axes) {
		c.fail("%d pads for %d axes", len(pads), len(axes))
	}
	all := make([]int, 2*rank)
	for i, a := range axes {
		a = c.inRank(a, rank)
		all[a], all[a+rank] = pads[i], pads[i+len(axes)]
	}
	return all
}

package onnx

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// normEntries are the normalisations.
func normEntries() []Entry {
	return []Entry{
		{Name: "BatchNormalization", From: 1, Doc: "batchnorm, its statistics are constants; in training batchnorm-train, and the new statistics", load: batchNorm},
		{Name: "GroupNormalization", From: 18, Doc: "groupnorm", load: func(c *call) {
			c.set(0, c.apply(op.GroupNorm(c.int("num_groups", 0), c.eps()), c.float(0), c.float(1), c.float(2)))
		}},
		{Name: "InstanceNormalization", From: 1, Doc: "instancenorm", load: func(c *call) {
			c.set(0, c.apply(op.InstanceNorm(c.eps()), c.float(0), c.float(1), c.float(2)))
		}},
		{Name: "LayerNormalization", From: 17, Doc: "layernorm; mean and inverse deviation as vertices of their own", load: layerNorm},
		{Name: "LpNormalization", From: 1, Doc: "l1 or l2, div", load: lpNorm},
		{Name: "LRN", From: 1, Doc: "lrn", load: func(c *call) {
			cfg := op.LRNConfig{Size: c.int("size", 0), Alpha: c.num("alpha", 1e-4), Beta: c.num("beta", 0.75), Bias: c.num("bias", 1)}
			if cfg.Alpha == 0 || cfg.Beta == 0 || cfg.Bias == 0 {
				c.unsupported("with alpha, beta or bias 0")
			}
			c.set(0, c.apply(op.LRN(cfg), c.float(0)))
		}},
		{Name: "MeanVarianceNormalization", From: 9, Doc: "mean, sub, pow, sqrt, add, div", load: meanVariance},
	}
}

// eps returns the attribute epsilon as the Ops have it: a negative one for 0.
func (c *call) eps() float64 {
	if x := c.num("epsilon", 1e-5); x != 0 {
		return x
	}
	return -1
}

// fixed returns v as a constant if it is an initializer: statistics are observed, not learned.
func (c *call) fixed(v *value) *value {
	if !v.param {
		return v
	}
	if v.still == nil {
		v.still = &value{name: v.name, elem: v.elem, shape: v.shape, data: v.data, vertex: noVertex}
	}
	return v.still
}

func batchNorm(c *call) {
	x, scale, bias := c.float(0), c.float(1), c.float(2)
	if !c.flag("spatial", true) {
		c.unsupported("with spatial=0")
	}
	training := c.opset() < 7 && !c.flag("is_test", false) || c.opset() >= 14 && c.flag("training_mode", false)
	if !training {
		c.set(0, c.apply(op.BatchNorm(c.eps()), x, scale, bias, c.fixed(c.float(3)), c.fixed(c.float(4))))
		return
	}
	if c.opset() < 14 {
		c.unsupported("in training before opset 14")
	}
	c.set(0, c.apply(op.BatchNormTrain(c.eps()), x, scale, bias))
	var axes []int
	for i := range x.rank() {
		if i != 1 {
			axes = append(axes, i)
		}
	}
	if c.wants(1) || c.wants(2) { // running·momentum + batch's·(1 − momentum)
		mean := c.apply(op.Mean(axes, true), x)
		square := c.apply(op.PowScalar(2), c.apply(op.Sub(), x, mean))
		c.set(1, c.running(3, c.apply(op.ReshapeTo(tensor.Dims(x.shape.Dim(1))), mean)))
		c.set(2, c.running(4, c.apply(op.Mean(axes, false), square)))
	}
}

func (c *call) running(i int, batch *value) *value {
	m := c.num("momentum", 0.9)
	return c.apply(op.Add(), c.apply(op.Scale(m), c.fixed(c.float(i))), c.apply(op.Scale(1-m), batch))
}

func layerNorm(c *call) {
	x := c.float(0)
	axis := c.axis("axis", -1, x.rank())
	s := tensor.Dims(x.shape.Slice()[axis:]...)
	args := []*value{x, c.stretched(c.float(1), s)}
	if c.has(2) {
		args = append(args, c.stretched(c.float(2), s))
	}
	c.set(0, c.apply(op.LayerNorm(op.LayerNormConfig{Axis: axis, Eps: c.eps(), Bias: c.has(2)}), args...))
	if !c.wants(1) && !c.wants(2) {
		return
	}
	var axes []int
	for i := axis; i < x.rank(); i++ {
		axes = append(axes, i)
	}
	mean := c.apply(op.Mean(axes, true), x)
	c.set(1, mean)
	if c.wants(2) {
		square := c.apply(op.PowScalar(2), c.apply(op.Sub(), x, mean))
		c.set(2, c.apply(op.PowScalar(-0.5), c.plus(c.apply(op.Mean(axes, true), square), c.num("epsilon", 1e-5))))
	}
}

// plus returns v + x for a constant x.
func (c *call) plus(v *value, x float64) *value { return c.apply(op.Add(), v, number(x)) }

// stretched returns v broadcast to shape s.
func (c *call) stretched(v *value, s tensor.Shape) *value {
	if v.shape == s {
		return v
	}
	return c.apply(op.Expand(s.Slice()...), v)
}

func lpNorm(c *call) {
	x := c.float(0)
	axis := c.axis("axis", -1, x.rank())
	o := op.L2([]int{axis}, true)
	switch p := c.int("p", 2); p {
	case 1:
		o = op.L1([]int{axis}, true)
	case 2:
	default:
		c.fail("p is %d", p)
	}
	c.set(0, c.apply(op.Div(), x, c.apply(o, x)))
}

// meanVariance is (x − mean)/(√variance + 1e-9), as the specification's own definition has it.
func meanVariance(c *call) {
	x := c.float(0)
	axes := c.ints("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	for i := range axes {
		axes[i] = c.inRank(axes[i], x.rank())
	}
	d := c.apply(op.Sub(), x, c.apply(op.Mean(axes, true), x))
	v := c.apply(op.Sqrt(), c.apply(op.Mean(axes, true), c.apply(op.PowScalar(2), d)))
	c.set(0, c.apply(op.Div(), d, c.plus(v, 1e-9)))
}

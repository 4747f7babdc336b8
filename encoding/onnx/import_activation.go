package onnx

import (
	"math"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// activationEntries are the activation functions.
func activationEntries() []Entry {
	with := func(name string, from int64, doc string, o func(c *call) op.Op) Entry {
		return Entry{Name: name, From: from, Doc: doc, load: func(c *call) { c.set(0, c.apply(o(c), c.float(0))) }}
	}
	return []Entry{
		elementwise("HardSwish", 14, op.HardSwish()), elementwise("Mish", 18, op.Mish()), elementwise("Relu", 1, op.Relu()),
		elementwise("Sigmoid", 1, op.Sigmoid()), elementwise("Softplus", 1, op.Softplus()),
		elementwise("Softsign", 1, op.Softsign()), elementwise("Tanh", 1, op.Tanh()),
		with("Celu", 12, "celu", func(c *call) op.Op { return op.Celu(c.num("alpha", 1)) }),
		with("Elu", 1, "elu", func(c *call) op.Op { return op.Elu(c.num("alpha", 1)) }),
		with("Gelu", 20, "gelu, gelu[tanh]", gelu),
		with("HardSigmoid", 1, "hard-sigmoid", func(c *call) op.Op { return op.HardSigmoid(c.num("alpha", 0.2), c.num("beta", 0.5)) }),
		with("LeakyRelu", 1, "leaky-relu", func(c *call) op.Op { return op.LeakyRelu(c.num("alpha", 0.01)) }),
		with("Selu", 1, "selu", selu),
		with("Shrink", 9, "shrink", func(c *call) op.Op { return op.Shrink(c.num("lambd", 0.5), c.num("bias", 0)) }),
		with("ThresholdedRelu", 10, "thresholded-relu", func(c *call) op.Op { return op.ThresholdedRelu(c.num("alpha", 1)) }),
		{Name: "Clip", From: 1, Doc: "clip; the bounds must be constant; integers too", load: clip},
		{Name: "Dropout", From: 1, Doc: "nothing in inference; in training dropout, whose mask is an input", load: dropout},
		{Name: "Hardmax", From: 1, Doc: "argmax, equal, to-float", load: func(c *call) { c.coerced(hardmax) }},
		{Name: "LogSoftmax", From: 1, Doc: "log-softmax", load: func(c *call) {
			c.coerced(func(c *call, x *value, axis int) *value { return c.apply(op.LogSoftmax(axis), x) })
		}},
		{Name: "PRelu", From: 1, Doc: "prelu", load: prelu},
		{Name: "Softmax", From: 1, Doc: "softmax", load: func(c *call) {
			c.coerced(func(c *call, x *value, axis int) *value { return c.apply(op.Softmax(axis), x) })
		}},
	}
}

func gelu(c *call) op.Op {
	switch s := c.str("approximate", "none"); s {
	case "none":
		return op.Gelu()
	case "tanh":
		return op.GeluTanh()
	default:
		c.fail("approximate %q", s)
		return nil
	}
}

// selu has the constants of the paper as its defaults; those of the specification are their float32 neighbours.
func selu(c *call) op.Op {
	if !c.hasAttr("alpha") && !c.hasAttr("gamma") {
		return op.Selu()
	}
	return op.SeluWith(c.num("alpha", 1.67326319217681884765625), c.num("gamma", 1.05070102214813232421875))
}

// coerced applies f along an axis. Before opset 13 the argument is a matrix whose columns are the axes from there on.
func (c *call) coerced(f func(c *call, x *value, axis int) *value) {
	x := c.float(0)
	if c.opset() >= 13 {
		c.set(0, f(c, x, c.axis("axis", -1, x.rank())))
		return
	}
	axis := c.axis("axis", 1, x.rank())
	_, n, inner := x.shape.Split(axis)
	if n*inner == x.shape.Dim(-1) && axis == x.rank()-1 {
		c.set(0, f(c, x, axis))
		return
	}
	rows := 1
	for _, d := range x.shape.Slice()[:axis] {
		rows *= d
	}
	c.set(0, c.to(f(c, c.to(x, tensor.Dims(rows, n*inner)), 1), x.shape))
}

func hardmax(c *call, x *value, axis int) *value {
	n := x.shape.Dim(axis)
	dims := make([]int, x.rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[axis] = n
	classes := c.filled(tensor.Int64, tensor.Dims(dims...))
	for i := range n {
		classes.Int64s()[i] = int64(i)
	}
	best := c.applyAs(Int64, op.ArgExtreme(op.ArgConfig{Axis: axis}), x)
	return c.applyAs(x.elem, op.ToFloat(), c.applyAs(Bool, op.Equal(), best, constantOf(Int64, classes)))
}

func clip(c *call) {
	x := c.x(0)
	lo, hi := math.Inf(-1), math.Inf(1)
	if c.opset() < 11 {
		lo, hi = c.num("min", lo), c.num("max", hi)
	}
	if x.elem.IsInt() {
		for i, name := range []string{1: "max", 2: "min"} {
			if i > 0 && c.has(i) {
				x = c.integer(name, x, c.x(i))
			}
		}
		c.set(0, x)
		return
	}
	if c.has(1) {
		lo = c.scalar(1)
	}
	if c.has(2) {
		hi = c.scalar(2)
	}
	c.set(0, c.apply(op.Clip(lo, hi), c.float(0)))
}

// prelu has one slope a channel before opset 7, and slopes that broadcast from then on.
func prelu(c *call) {
	x, a := c.float(0), c.float(1)
	if c.opset() < 7 && a.rank() == 1 && a.shape.Dim(0) > 1 && x.rank() > 2 {
		dims := make([]int, x.rank()-1)
		for i := range dims {
			dims[i] = 1
		}
		dims[0] = a.shape.Dim(0)
		a = c.to(a, tensor.Dims(dims...))
	}
	if s, err := tensor.Broadcast(x.shape, a.shape); err != nil || s != x.shape {
		c.fail("slopes %v do not fit %v", a.shape, x.shape)
	}
	c.set(0, c.apply(op.Prelu(), x, a))
}

// dropout is the identity unless its training flag is set; then its mask is one more input of the graph.
func dropout(c *call) {
	x := c.float(0)
	ratio, training := c.num("ratio", 0.5), c.opset() < 7 && !c.flag("is_test", false)
	if c.opset() >= 12 {
		ratio = 0.5
		if c.has(1) {
			ratio = c.scalar(1)
		}
		training = c.has(2) && c.scalar(2) != 0
	}
	if !training || ratio == 0 {
		c.set(0, x)
		if c.wants(1) {
			mask := c.filled(tensor.Bool, x.shape)
			for i := range mask.Bools() {
				mask.Bools()[i] = true
			}
			c.set(1, constantOf(Bool, mask))
		}
		return
	}
	if ratio < 0 || ratio >= 1 {
		c.unsupported("with ratio %v", ratio)
	}
	name := c.label("mask", nil)
	c.result.Inputs = append(c.result.Inputs, Leaf{Name: name, Type: Bool, Shape: x.shape, Keep: 1 - ratio})
	mask := &value{name: name, elem: Bool, shape: x.shape, vertex: c.b.Input(name, tensor.Bool, x.shape)}
	c.set(0, c.apply(op.Dropout(ratio), x, mask))
	c.set(1, mask)
}

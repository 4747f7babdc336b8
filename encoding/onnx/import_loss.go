package onnx

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// lossEntries are the losses that models of training compute themselves.
func lossEntries() []Entry {
	return []Entry{
		{Name: "NegativeLogLikelihoodLoss", From: 12, Doc: "gather-elements, neg, mul, and sum, mean or div", load: func(c *call) {
			c.set(0, c.likelihood(c.float(0)))
		}},
		{Name: "SoftmaxCrossEntropyLoss", From: 12, Doc: "log-softmax, then as NegativeLogLikelihoodLoss", load: func(c *call) {
			x := c.float(0)
			if x.rank() < 2 {
				c.fail("scores of shape %v", x.shape)
			}
			logp := c.apply(op.LogSoftmax(1), x)
			c.set(0, c.likelihood(logp))
			c.set(1, logp)
		}},
	}
}

// likelihood returns −weight[t]·logp[t] of labels t, reduced; labels equal to ignore_index count nothing. The mean is
// divided by the sum of the weights that count.
func (c *call) likelihood(logp *value) *value {
	if logp.rank() < 2 {
		c.fail("scores of shape %v", logp.shape)
	}
	classes := logp.shape.Dim(1)
	dims := logp.shape.Slice()
	labels := append([]int{dims[0]}, dims[2:]...)
	t, elem := c.cast(c.x(1), Int64), logp.elem
	if t.shape != tensor.Dims(labels...) {
		c.fail("labels %v for scores %v", t.shape, logp.shape)
	}
	var weight *value // of every label
	if c.hasAttr("ignore_index") {
		ignored := constantOf(Int64, tensor.From(tensor.Shape{}, []int64{int64(c.int("ignore_index", 0))}))
		count := c.applyAs(Bool, op.Not(), c.applyAs(Bool, op.Equal(), t, ignored))
		t = c.applyAs(Int64, op.Where(), count, t, constantOf(Int64, tensor.From(tensor.Shape{}, []int64{0})))
		weight = c.applyAs(elem, op.ToFloat(), count)
	}
	c.inRange(t, classes)
	if c.has(2) {
		w := c.float(2)
		if w.shape != tensor.Dims(classes) {
			c.fail("weights %v for %d classes", w.shape, classes)
		}
		w = c.apply(op.Gather(0), w, t)
		if weight != nil {
			w = c.apply(op.Mul(), w, weight)
		}
		weight = w
	}
	dims[1] = 1
	loss := c.apply(op.Neg(), c.to(c.apply(op.GatherElements(1), logp, c.to(t, tensor.Dims(dims...))), t.shape))
	if weight != nil {
		loss = c.apply(op.Mul(), loss, weight)
	}
	return c.reduced(loss, weight)
}

func (c *call) reduced(loss, weight *value) *value {
	switch s := c.str("reduction", "mean"); {
	case s == "none":
		return loss
	case s == "sum":
		return c.apply(op.Sum(nil, false), loss)
	case s != "mean":
		c.fail("reduction %q", s)
	case weight != nil:
		return c.apply(op.Div(), c.apply(op.Sum(nil, false), loss), c.apply(op.Sum(nil, false), weight))
	}
	return c.apply(op.Mean(nil, false), loss)
}

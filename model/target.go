package model

import (
	"errors"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

var errConstant = errors.New("every output of the model is a constant: there is nothing to learn")

// Losses returns the names of the losses of users' models, in a fixed order.
func Losses() []string { return []string{"mse", "cross-entropy"} }

// A Target is what the output is compared with.
//
//	mse            loss = ½ Σ (output − y)² / B, B the size of axis 0 of the output
//	cross-entropy  loss = −Σ_rows log softmax(output)[label] / rows, over the last axis; labels are integers
type Target struct {
	Loss  op.Loss
	Value tensor.Tensor
	Rows  int // the loss is Loss / Rows, and gradients are scaled by 1 / Rows
}

// Target returns t as the loss of that name wants it for the output of b, floats as type typ.
func (b *Bound) Target(loss string, t tensor.Tensor, typ tensor.Type) (Target, error) {
	if b.Graph == nil {
		return Target{}, errConstant
	}
	out := b.Graph.Shape(b.Graph.Output())
	r := Target{Rows: 1, Value: t}
	switch loss {
	case "mse":
		r.Loss = op.HalfSquared{}
		if out.Rank() > 0 {
			r.Rows = out.Dim(0)
		}
		if t.Type() != tensor.Bool {
			r.Value = t.Convert(typ)
		}
	case "cross-entropy":
		r.Loss = op.CrossEntropy{}
		if t.Type() != tensor.Int64 {
			return r, fmt.Errorf("target: got %s, cross-entropy wants integer labels", kind(t.Type()))
		}
		if out.Rank() == 0 {
			return r, fmt.Errorf("target: the output is one number: cross-entropy needs an axis of classes")
		}
		labels := tensor.Dims(out.Slice()[:out.Rank()-1]...)
		if r.Rows = labels.Len(); t.Len() == r.Rows && (t.Shape().Rank() < 2 || labels.Rank() < 2) { // one list of rows
			r.Value = t.Reshape(labels)
		}
	default:
		return r, fmt.Errorf("unknown loss %q: use mse or cross-entropy", loss)
	}
	if r.Rows == 0 {
		return r, fmt.Errorf("target: the output has shape %v and no rows", out)
	}
	if err := r.Loss.Check(out, r.Value.Type(), r.Value.Shape()); err != nil {
		return r, fmt.Errorf("target: %w", err)
	}
	if err := op.CheckLabels(out, r.Value); err != nil {
		return r, fmt.Errorf("target: %w", err)
	}
	return r, nil
}

// Sample returns one sample of the given inputs.
func (t Target) Sample(inputs []tensor.Tensor) engine.Sample {
	return engine.Sample{Inputs: inputs, Target: t.Value, Scale: 1 / float64(t.Rows)}
}

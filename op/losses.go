package op

import (
	"fmt"

	"github.com/retrodict/retrodict/tensor"
)

// Losses returns the losses, in a fixed order.
func Losses() []Loss {
	return []Loss{HalfSquared{}, CrossEntropy{}, LinearLoss{}, NLL{}, BCEWithLogits{}}
}

func lossNames() string {
	s := ""
	for i, l := range Losses() {
		if i > 0 {
			s += ", "
		}
		s += l.Name()
	}
	return s
}

// sameShape returns an error if the target is not floats of the prediction's shape.
func sameShape(l Loss, mu tensor.Shape, typ tensor.Type, target tensor.Shape) error {
	if !typ.IsFloat() {
		return fmt.Errorf("%s: the target has type %v, a float is needed", l.Name(), typ)
	}
	if mu != target {
		return fmt.Errorf("%s: the target has shape %v, the prediction %v", l.Name(), target, mu)
	}
	return nil
}

// HalfSquared is "half-squared-error": E = ½ Σ (μ − y)², ε = μ − y. The target has the type and shape of μ.
type HalfSquared struct{}

func (HalfSquared) Name() string { return "half-squared-error" }

func (l HalfSquared) Check(mu tensor.Shape, typ tensor.Type, target tensor.Shape) error {
	return sameShape(l, mu, typ, target)
}

func (HalfSquared) Energy(mu, target tensor.Tensor) float64 {
	if mu.Type() == tensor.Float32 {
		return halfSquared(mu.Float32s(), target.Float32s())
	}
	return halfSquared(mu.Float64s(), target.Float64s())
}

func halfSquared[T tensor.Float](mu, y []T) float64 {
	sum := 0.0
	for i, m := range mu {
		e := float64(m) - float64(y[i])
		sum += float64(e * e)
	}
	return 0.5 * sum
}

func (HalfSquared) Grad(dst, mu, target tensor.Tensor) {
	if mu.Type() == tensor.Float32 {
		subSlice(dst.Float32s(), mu.Float32s(), target.Float32s())
		return
	}
	subSlice(dst.Float64s(), mu.Float64s(), target.Float64s())
}

// LinearLoss is "linear": E = Σ μ, ε = 1. The target is ignored and may be the zero Tensor. It is the loss of a graph that
// computes its own.
type LinearLoss struct{}

func (LinearLoss) Name() string { return "linear" }

func (LinearLoss) Check(tensor.Shape, tensor.Type, tensor.Shape) error { return nil }

func (LinearLoss) Energy(mu, _ tensor.Tensor) float64 {
	if mu.Type() == tensor.Float32 {
		return sum64(mu.Float32s())
	}
	return sum64(mu.Float64s())
}

func sum64[T tensor.Float](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

func (LinearLoss) Grad(dst, _, _ tensor.Tensor) { dst.Fill(1) }

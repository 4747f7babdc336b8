package synapse

import (
	"errors"
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// adam divides a running mean of the gradient by the root of a running mean of its square.
type adam struct {
	rule         Rule
	decoupled    bool
	mean, square tensor.Tensor // none before the first Learn
	count        int64         // updates so far
}

// Positions in the coefficients of one update.
const (
	beta1 = iota
	beta1c
	beta2
	beta2c
	step     // α / (1 − β₁ᵗ)
	root     // √(1 − β₂ᵗ)
	epsilon  // ε
	decay    // λ that is added to the gradient
	shrink   // 1 − αλ, or 1
	adamSize // number of coefficients
)

func (a *adam) Learn(c *tensor.Ctx, weight, feedback tensor.Tensor) {
	check(weight, feedback)
	fit(&a.mean, weight)
	fit(&a.square, weight)
	a.count++
	m := c.Mark()
	k := c.Scratch(tensor.Float64, tensor.Dims(adamSize))
	a.coefficients(k.Float64s())
	c.Split(weight.Len(), grain, adamPiece, tensor.Args{T: [6]tensor.Tensor{weight, feedback, a.mean, a.square, k}})
	c.Release(m)
}

// coefficients fills k with what the elements of this update have in common.
func (a *adam) coefficients(k []float64) {
	r := a.rule
	k[beta1], k[beta1c] = r.Beta1, 1-r.Beta1
	k[beta2], k[beta2c] = r.Beta2, 1-r.Beta2
	k[step] = r.Rate / (1 - power(r.Beta1, a.count))
	k[root] = math.Sqrt(1 - power(r.Beta2, a.count))
	k[epsilon] = r.Epsilon
	k[decay], k[shrink] = r.Decay, 1
	if a.decoupled {
		k[decay], k[shrink] = 0, 1-float64(r.Rate*r.Decay)
	}
}

// power returns xⁿ by repeated squaring: the same bits whether a run was interrupted or not.
func power(x float64, n int64) float64 {
	y := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}

func adamPiece(a *tensor.Args, lo, hi int) {
	if a.T[0].Type() == tensor.Float32 {
		adapt[float32](a, lo, hi)
	} else {
		adapt[float64](a, lo, hi)
	}
}

func adapt[T tensor.Float](a *tensor.Args, lo, hi int) {
	w, f := tensor.Data[T](a.T[0])[lo:hi], tensor.Data[T](a.T[1])[lo:hi]
	p, q := tensor.Data[T](a.T[2])[lo:hi], tensor.Data[T](a.T[3])[lo:hi]
	var k [adamSize]T
	for i, x := range a.T[4].Float64s() {
		k[i] = T(x)
	}
	for i := range w {
		w[i] *= k[shrink]
		g := f[i] + T(k[decay]*w[i])
		p[i] = T(k[beta1]*p[i]) + T(k[beta1c]*g)
		q[i] = T(k[beta2]*q[i]) + T(k[beta2c]*T(g*g))
		w[i] -= T(k[step]*p[i]) / (T(math.Sqrt(float64(q[i])))/k[root] + k[epsilon])
	}
}

func (a *adam) Snapshot() []tensor.Tensor {
	if a.count == 0 {
		return nil
	}
	return []tensor.Tensor{a.mean.Clone(), a.square.Clone(), tensor.From(tensor.Dims(), []int64{a.count})}
}

func (a *adam) Restore(state []tensor.Tensor) error {
	if len(state) == 0 {
		a.mean, a.square, a.count = tensor.Tensor{}, tensor.Tensor{}, 0
		return nil
	}
	if len(state) != 3 || !state[0].Type().IsFloat() || state[0].Type() != state[1].Type() || state[0].Shape() != state[1].Shape() ||
		state[2].Type() != tensor.Int64 || state[2].Len() != 1 || state[2].Int64s()[0] < 1 {
		return errors.New("synapse: the state of adam is the running mean, the running square of the same shape, and the number of updates")
	}
	a.mean, a.square, a.count = state[0].Clone(), state[1].Clone(), state[2].Int64s()[0]
	return nil
}

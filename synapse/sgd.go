package synapse

import (
	"errors"

	"github.com/retrodict/retrodict/tensor"
)

// grain is the least number of elements that is worth a goroutine of its own.
const grain = 1 << 14

// stateless is the part of a Plasticity that keeps nothing.
type stateless struct{}

func (stateless) Snapshot() []tensor.Tensor { return nil }

func (stateless) Restore(state []tensor.Tensor) error {
	if len(state) != 0 {
		return errors.New("synapse: a rule without state was given some to restore")
	}
	return nil
}

// none leaves the weight as it is.
type none struct{ stateless }

func (none) Learn(*tensor.Ctx, tensor.Tensor, tensor.Tensor) {}

// sgd is plain gradient descent, ζ ← ζ − α·(f + λζ).
type sgd struct {
	stateless
	rate, decay float64
}

func (s sgd) Learn(c *tensor.Ctx, weight, feedback tensor.Tensor) {
	check(weight, feedback)
	if weight.Len() <= grain { // no Args to copy: leaves of one unit are small
		sgdRange(weight, feedback, s.rate, s.decay, 0, weight.Len())
		return
	}
	c.Split(weight.Len(), grain, sgdPiece, tensor.Args{T: [6]tensor.Tensor{weight, feedback}, F: [4]float64{s.rate, s.decay}})
}

func sgdPiece(a *tensor.Args, lo, hi int) { sgdRange(a.T[0], a.T[1], a.F[0], a.F[1], lo, hi) }

func sgdRange(weight, feedback tensor.Tensor, rate, decay float64, lo, hi int) {
	if weight.Type() == tensor.Float32 {
		descend(weight.Float32s()[lo:hi], feedback.Float32s()[lo:hi], float32(rate), float32(decay))
	} else {
		descend(weight.Float64s()[lo:hi], feedback.Float64s()[lo:hi], rate, decay)
	}
}

func descend[T tensor.Float](w, f []T, rate, decay T) {
	f = f[:len(w)]
	if decay == 0 {
		tensor.AddScaledOf(w, w, f, -rate)
		return
	}
	for i := range w {
		w[i] -= T(rate * (f[i] + T(decay*w[i])))
	}
}

// check panics if the operands of Learn are not of one float type and one shape.
func check(weight, feedback tensor.Tensor) {
	if !weight.Type().IsFloat() || weight.Type() != feedback.Type() || weight.Shape() != feedback.Shape() {
		panic("synapse: Learn: weight and feedback differ in type or shape")
	}
}

package synapse

import (
	"errors"

	"github.com/retrodict/retrodict/tensor"
)

// momentum is gradient descent with a velocity v ← m·v + g.
type momentum struct {
	rate, keep, decay float64
	nesterov          bool
	velocity          tensor.Tensor // none before the first Learn
}

func (m *momentum) Learn(c *tensor.Ctx, weight, feedback tensor.Tensor) {
	check(weight, feedback)
	fit(&m.velocity, weight)
	a := tensor.Args{T: [6]tensor.Tensor{weight, feedback, m.velocity}, F: [4]float64{m.rate, m.keep, m.decay}}
	if m.nesterov {
		a.N[0] = 1
	}
	c.Split(weight.Len(), grain, momentumPiece, a)
}

func momentumPiece(a *tensor.Args, lo, hi int) {
	if a.T[0].Type() == tensor.Float32 {
		roll[float32](a, lo, hi)
	} else {
		roll[float64](a, lo, hi)
	}
}

func roll[T tensor.Float](a *tensor.Args, lo, hi int) {
	w, f, v := tensor.Data[T](a.T[0])[lo:hi], tensor.Data[T](a.T[1])[lo:hi], tensor.Data[T](a.T[2])[lo:hi]
	rate, keep, decay, nesterov := T(a.F[0]), T(a.F[1]), T(a.F[2]), a.N[0] == 1
	for i := range w {
		g := f[i] + T(decay*w[i])
		v[i] = T(keep*v[i]) + g
		if nesterov {
			g += T(keep * v[i])
		} else {
			g = v[i]
		}
		w[i] -= T(rate * g)
	}
}

func (m *momentum) Snapshot() []tensor.Tensor {
	if !m.velocity.Wanted() {
		return nil
	}
	return []tensor.Tensor{m.velocity.Clone()}
}

func (m *momentum) Restore(state []tensor.Tensor) error {
	if len(state) == 0 {
		m.velocity = tensor.Tensor{}
		return nil
	}
	if len(state) != 1 || !state[0].Type().IsFloat() {
		return errors.New("synapse: the state of momentum is one tensor of floats, the velocity")
	}
	m.velocity = state[0].Clone()
	return nil
}

// fit allocates state for weight, or panics if what is there, for example restored, belongs to another weight.
func fit(state *tensor.Tensor, weight tensor.Tensor) {
	if !state.Wanted() {
		*state = tensor.New(weight.Type(), weight.Shape())
	}
	if state.Type() != weight.Type() || state.Shape() != weight.Shape() {
		panic("synapse: Learn: the state of the rule belongs to a weight of another type or shape")
	}
}

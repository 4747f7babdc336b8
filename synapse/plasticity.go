package synapse

import "github.com/retrodict/retrodict/tensor"

// A Plasticity changes one parameter leaf's weight. An instance, with its state, belongs to one leaf.
type Plasticity interface {
	// Learn applies one update. feedback is the gradient of the energy with respect to weight, folded and scaled; it has
	// the type and shape of weight, and may be overwritten. No allocation after the first call.
	Learn(c *tensor.Ctx, weight, feedback tensor.Tensor)
	// Snapshot returns copies of the state, in a fixed order; empty if there is none.
	Snapshot() []tensor.Tensor
	// Restore sets the state to what Snapshot returned.
	Restore(state []tensor.Tensor) error
}

package op

import (
	"fmt"

	"github.com/retrodict/retrodict/tensor"
)

// A Loss is the energy E(μ, y) of the output vertex, summed over rows. It is not a vertex: the output's error is
// ε = ∂E/∂μ, recomputed whenever μ changes. A loss that is averaged over rows is had by scaling the feedback of the
// leaves (Sample.Scale), not by scaling E, which would change inference learning.
type Loss interface {
	Name() string
	// Check returns an error if a target of the given type and shape does not fit a prediction of shape mu.
	Check(mu tensor.Shape, typ tensor.Type, target tensor.Shape) error
	// Energy returns E(mu, target), summed in ascending order in float64.
	Energy(mu, target tensor.Tensor) float64
	// Grad sets dst = ∂E/∂mu. dst has the type and shape of mu and may be no operand.
	Grad(dst, mu, target tensor.Tensor)
}

// ParseLoss returns the loss named "half-squared-error", "cross-entropy" or "linear".
func ParseLoss(name string) (Loss, error) {
	for _, l := range Losses() {
		if l.Name() == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("unknown loss %q: use one of %s", name, lossNames())
}

package neuron

import (
	"fmt"
	"math"
)

// A Gate says when a leaf takes its consumer's error.
type Gate uint8

const (
	AtLevel   Gate = iota // at tick ℓ from a consumer of level ℓ (condition C2 of Z-IL)
	AtEnd                 // at the last tick (inference learning)
	EveryTick             // at every tick; contributions add up and are applied at the end
)

// String returns "at-level", "at-end" or "every-tick".
func (g Gate) String() string { return [...]string{"at-level", "at-end", "every-tick"}[g] }

// A State says how a value is stored.
type State uint8

const (
	Displacement State = iota // as anchor + displacement: exact
	Absolute                  // as one number, as the papers write it: ε = μ − x cancels. For study
)

// A Rule is a form of predictive coding, by orthogonal properties. See package pc for the named ones.
type Rule struct {
	Name   string
	Sparse bool    // only the active level works, at the forward values: legal only under the three conditions of Z-IL
	Gamma  float64 // γ, the integration step, in (0, ∞)
	Gate   Gate    // when leaves learn
	Ticks  int     // relaxations; 0: as many ticks as levels, of which the last does not relax
	Tol    float64 // stop when the residual ‖∂F/∂x‖₂ is at most Tol; 0: never
	State  State
	Noise  float64 // standard deviation of the values' initial displacement; 0 is the forward sweep (condition C1)
	Seed   uint64  // of the noise
}

// Check returns an error if the properties contradict each other.
func (r Rule) Check() error {
	switch {
	case !(r.Gamma > 0) || math.IsInf(r.Gamma, 0):
		return fmt.Errorf("neuron: rule %s: γ is %v, want a positive number", r.Name, r.Gamma)
	case r.Ticks < 0:
		return fmt.Errorf("neuron: rule %s: %d ticks", r.Name, r.Ticks)
	case !(r.Tol >= 0) || !(r.Noise >= 0) || math.IsInf(r.Noise, 0):
		return fmt.Errorf("neuron: rule %s: tolerance %v and noise %v must not be negative", r.Name, r.Tol, r.Noise)
	case r.Sparse && (r.Gamma != 1 || r.Gate != AtLevel || r.Noise != 0 || r.State != Displacement || r.Ticks != 0 || r.Tol != 0):
		return fmt.Errorf("neuron: rule %s: the sparse form holds only for γ = 1, learning at the level, no initial error: use the dense form", r.Name)
	}
	return nil
}

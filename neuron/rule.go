package neuron

import (
	"fmt"
	"math"
)

// A Gate says when a leaf takes its consumer's error.
type Gate uint8

const (
	AtLevel     Gate = iota // at tick ℓ from a consumer of level ℓ (condition C2 of Z-IL)
	AtEnd                   // at the last tick (inference learning)
	EveryTick               // at every tick; contributions add up and are applied at the end
	OnWave                  // once per sample, at the first tick at which what the output sends has reached the consumer, zero or not
	OnValue                 // once per sample, at the first tick at which an element of the consumer's error is not 0
	Incremental             // at every tick, applied at every tick (iPC)
)

// String returns the name of the gate.
func (g Gate) String() string {
	return [...]string{"at-level", "at-end", "every-tick", "on-wave", "on-value", "incremental"}[g]
}

// A State says how a value is stored.
type State uint8

const (
	Displacement State = iota // as anchor + displacement: exact
	Absolute                  // as one number, as the papers write it: ε = μ − x cancels. For study
)

// A Return says through which weights errors travel back.
type Return uint8

const (
	Transpose Return = iota // the weights themselves: the Jacobian
	Random                  // fixed random weights of the same mean and deviation (feedback alignment)
	Sign                    // the weights' signs times their mean magnitude
	Stale                   // the weights as they were when last refreshed
)

// String returns the name of the return path.
func (r Return) String() string { return [...]string{"transpose", "random", "sign", "stale"}[r] }

// An Event says what an event-driven rule waits for.
type Event uint8

const (
	Clocked Event = iota // a clock gives turns
	Gather               // a vertex fires when all its consumers have sent: no clock, no levels
	Delta                // a vertex sends the change of its error whenever there is one; receivers accumulate
)

// A Rule is a form of predictive coding, by orthogonal properties. See package pc for the named ones.
type Rule struct {
	Name    string
	Sparse  bool    // only the active level works, at the forward values: legal only under the three conditions of Z-IL
	Event   Event   // Gather and Delta: no clock
	Frozen  bool    // predictions and Jacobians stay those of the forward sweep (fixed prediction)
	Gamma   float64 // γ, the integration step, in (0, ∞)
	Gate    Gate    // when leaves learn
	Ticks   int     // relaxations; 0: as many ticks as levels, of which the last does not relax
	Tol     float64 // stop when the residual ‖∂F/∂x‖₂ is at most Tol; 0: never
	State   State
	Return  Return
	Refresh int     // Stale: updates between two refreshes; 0 stands for 1
	Noise   float64 // standard deviation of the values' initial displacement; 0 is the forward sweep (condition C1)
	Seed    uint64  // of the noise and of random return weights
	Free    bool    // free-running: a slot holds the latest message, and vertices follow clocks of their own
	Stream  bool    // likewise: samples follow one another without a forward sweep, and inputs send what they show
}

// Check returns an error if the properties contradict each other.
func (r Rule) Check() error {
	exact := r.Gamma == 1 && r.Gate == AtLevel && r.Noise == 0 && r.State == Displacement && r.Ticks == 0 && r.Tol == 0
	switch {
	case !(r.Gamma > 0) || math.IsInf(r.Gamma, 0):
		return fmt.Errorf("neuron: rule %s: γ is %v, want a positive number", r.Name, r.Gamma)
	case r.Ticks < 0:
		return fmt.Errorf("neuron: rule %s: %d ticks", r.Name, r.Ticks)
	case !(r.Tol >= 0) || !(r.Noise >= 0) || math.IsInf(r.Noise, 0):
		return fmt.Errorf("neuron: rule %s: tolerance %v and noise %v must not be negative", r.Name, r.Tol, r.Noise)
	case r.Refresh < 0:
		return fmt.Errorf("neuron: rule %s: return weights cannot be refreshed every %d updates", r.Name, r.Refresh)
	case r.Sparse && (!exact || r.Frozen || r.Free):
		return fmt.Errorf("neuron: rule %s: the sparse form holds only for γ = 1, learning at the level, no initial error: use the dense form", r.Name)
	case r.Event == Gather && !r.Sparse, r.Event == Delta && (r.Sparse || !exact || !r.Frozen || r.Free):
		return fmt.Errorf("neuron: rule %s: an event-driven rule works at the forward values with γ = 1", r.Name)
	}
	return nil
}

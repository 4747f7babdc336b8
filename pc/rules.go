package pc

import (
	"fmt"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// ZIL returns zero-divergence inference learning in its sparse form: only the active level works, and one update makes
// exactly the kernel calls of backprop [Salvatori et al. 2022, Algorithm 2 and §5].
func ZIL() neuron.Rule { return neuron.Rule{Name: "zil", Sparse: true, Gamma: 1} }

// DenseZIL returns zero-divergence inference learning as the theorems state it: every vertex at every tick. It needs a
// levelled graph, and gives the same bits as ZIL.
func DenseZIL() neuron.Rule { return neuron.Rule{Name: "zil-dense", Gamma: 1} }

// IL returns inference learning with ticks relaxations of step gamma. With tol > 0 it stops as soon as the residual
// ‖∂F/∂x‖₂ is at most tol [Salvatori et al. 2022, Algorithm 1].
func IL(ticks int, gamma, tol float64) neuron.Rule {
	return neuron.Rule{Name: "il", Gamma: gamma, Gate: neuron.AtEnd, Ticks: ticks, Tol: tol}
}

// DefaultIL returns IL with 20 relaxations of step 0.1.
func DefaultIL() neuron.Rule { return IL(20, 0.1, 0) }

// FaZIL returns fully autonomous Z-IL: no clock tells a weight when to learn; it learns once per sample, at the first
// tick at which an error has reached its consumer, be it zero. On a levelled graph that is the level's tick, so it
// promises what DenseZIL does [Song et al. 2020, with an explicit wave in place of the trigger on the value].
func FaZIL() neuron.Rule { return neuron.Rule{Name: "fazil", Gamma: 1, Gate: neuron.OnWave} }

// FaZILValue returns fully autonomous Z-IL as published: a weight learns when an element of its consumer's error turns
// from 0. It is exact only where no error that arrives is exactly 0, which ReLU units break [Song et al. 2020].
func FaZILValue() neuron.Rule {
	return neuron.Rule{Name: "fazil-value", Gamma: 1, Gate: neuron.OnValue}
}

// FixedPrediction returns inference with predictions and Jacobians frozen at the forward sweep: ticks relaxations of step
// eta. With eta = 1 and enough ticks its fixed point is backprop [Millidge et al. 2020; Rosenbaum 2022].
func FixedPrediction(ticks int, eta float64) neuron.Rule {
	return neuron.Rule{Name: "fixed", Frozen: true, Gamma: eta, Gate: neuron.AtEnd, Ticks: ticks}
}

// Event returns the event-driven form that gathers: a vertex works when all its consumers have sent. No clock, no levels,
// one message per edge; the bits of backprop in any order of delivery.
func Event() neuron.Rule {
	return neuron.Rule{Name: "event", Sparse: true, Event: neuron.Gather, Gamma: 1}
}

// EventDelta returns the event-driven form that accumulates: a vertex sends the change of its error whenever there is one,
// changes that wait are merged. No clock, no levels, no count of consumers; backprop to rounding in any order.
func EventDelta() neuron.Rule {
	return neuron.Rule{Name: "event-delta", Event: neuron.Delta, Frozen: true, Gamma: 1}
}

// IPC returns incremental predictive coding: values and weights move at every tick, from one snapshot
// [Salvatori et al. 2023, arXiv 2212.00720].
func IPC(ticks int, gamma float64) neuron.Rule {
	return neuron.Rule{Name: "ipc", Gamma: gamma, Gate: neuron.Incremental, Ticks: ticks}
}

// An Ablation breaks one condition of Z-IL.
type Ablation struct {
	Name string // what is broken, in words
	Rule neuron.Rule
}

// Ablations returns dense Z-IL with each of its three conditions broken: learning at the level's own tick, γ = 1, and
// zero initial error [Salvatori et al. 2022, Table 3]. None of them equals backprop. seed is that of the initial error.
func Ablations(seed uint64) []Ablation {
	every, half, noisy := DenseZIL(), DenseZIL(), DenseZIL()
	every.Name, every.Gate = "zil-every-tick", neuron.EveryTick
	half.Name, half.Gamma = "zil-half-gamma", 0.5
	noisy.Name, noisy.Noise, noisy.Seed = "zil-initial-error", 0.1, seed
	return []Ablation{{"weights learn at every tick", every}, {"γ = 0.5", half}, {"wrong initial error", noisy}}
}

// Promised reports whether rule r promises the bits of backprop on a graph levelled in the given form, in lockstep.
func Promised(r neuron.Rule, form graph.Form) bool {
	exact := r.Gamma == 1 && r.Noise == 0 && r.State == neuron.Displacement && r.Return == neuron.Transpose &&
		r.Ticks == 0 && !r.Frozen && !r.Free
	gate := r.Gate == neuron.AtLevel || r.Gate == neuron.OnWave
	return exact && gate && (r.Sparse || form != graph.Unlevelled)
}

// Rules returns the named rules, with default ticks and steps, in a fixed order.
func Rules() []neuron.Rule {
	return []neuron.Rule{ZIL(), DenseZIL(), FaZIL(), FaZILValue(), Event(), EventDelta(), DefaultIL(), FixedPrediction(20, 1), IPC(20, 0.1)}
}

// ParseSchedule returns the rule with the given name.
func ParseSchedule(name string) (neuron.Rule, error) {
	var names []string
	for _, r := range Rules() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return neuron.Rule{}, fmt.Errorf("pc: unknown schedule %q: use one of %s", name, strings.Join(names, ", "))
}

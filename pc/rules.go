package pc

import (
	"fmt"

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

// Promised reports whether rule r promises the bits of backprop on a graph levelled in the given form.
func Promised(r neuron.Rule, form graph.Form) bool {
	exact := r.Gamma == 1 && r.Gate == neuron.AtLevel && r.Noise == 0 && r.State == neuron.Displacement && r.Ticks == 0
	return exact && (r.Sparse || form != graph.Unlevelled)
}

// ParseSchedule returns the rule named "zil", "zil-dense" or "il".
func ParseSchedule(name string) (neuron.Rule, error) {
	for _, r := range []neuron.Rule{ZIL(), DenseZIL(), DefaultIL()} {
		if r.Name == name {
			return r, nil
		}
	}
	return neuron.Rule{}, fmt.Errorf("pc: unknown schedule %q: use zil, zil-dense or il", name)
}

package enginetest

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

const notObserved = skipped("the engine does not show its states")

// checkLemma: E3, Lemma A.1 of [Salvatori et al. 2022] at every tick of dense Z-IL. At tick t a vertex of level above t
// has ε = 0, one of level t or above has μ = μ₀, and after it one of level above t+1 has x = μ₀.
func checkLemma(f Factory) error {
	for _, c := range append(Architectures(), Random(3000), Random(3001), Random(3002)) {
		for _, form := range []graph.Form{graph.Identities, graph.Delays} {
			cfg := c.Config(tensor.Float64)
			err := with(f, Setup{Schedule: "zil-dense", Form: form}, cfg, func(e engine.Engine) error {
				return lemma(e, samples(c, tensor.Float64, 2))
			})
			if _, ok := err.(skipped); ok {
				return err
			}
			if err != nil {
				return fmt.Errorf("%s by %v: %w", c.Name, form, err)
			}
		}
	}
	return nil
}

func lemma(e engine.Engine, list []engine.Sample) error {
	o, ok := e.(Observed)
	if !ok {
		return notObserved
	}
	for _, s := range list { // the second finds the states that the first left
		var failed error
		ticks, depth := 0, 0
		o.Observe(func(st State) {
			depth = st.Graph().Depth()
			if st.Now() != ticks && failed == nil {
				failed = fmt.Errorf("observed tick %d, want %d", st.Now(), ticks)
			}
			ticks++
			if failed == nil {
				failed = atTick(st)
			}
		})
		if _, err := e.Learn(context.Background(), s); err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
		if ticks != depth || depth == 0 {
			return fmt.Errorf("observed %d ticks, the graph has %d levels", ticks, depth)
		}
	}
	return nil
}

// atTick checks the lemma after a tick.
func atTick(st State) error {
	g, t := st.Graph(), st.Now()
	for v := range graph.VertexID(g.Len()) {
		if g.Role(v) != graph.Computed || !g.Differentiable(v) || g.Level(v) < t {
			continue
		}
		anchor, l := st.Value(v), g.Level(v)
		if tensor.Differing(st.Prediction(v), anchor) > 0 {
			return fmt.Errorf("tick %d: vertex %s of level %d: μ is not μ₀", t, g.Name(v), l)
		}
		if l > t && !zero(st.Err(v)) {
			return fmt.Errorf("tick %d: vertex %s of level %d: ε is not 0", t, g.Name(v), l)
		}
		if l > t+1 && (!st.AtRest(v) || tensor.Differing(st.X(v), anchor) > 0) {
			return fmt.Errorf("tick %d: vertex %s of level %d: x is not μ₀", t, g.Name(v), l)
		}
	}
	return nil
}

// zero reports whether every element is 0; a tensor without storage is.
func zero(t tensor.Tensor) bool {
	if !t.Wanted() {
		return true
	}
	for i := range t.Len() {
		if t.Float(i) != 0 {
			return false
		}
	}
	return true
}

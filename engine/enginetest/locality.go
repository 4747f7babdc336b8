package enginetest

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// checkLocality: E8. All that vertices tell each other crosses edges of the graph. In sparse Z-IL one prediction and, where
// its input is free, one error crosses each edge, at the tick of its consumer's level; in the form that gathers, one each way
// without ticks. No error goes to a clamped leaf.
func checkLocality(f Factory) error {
	for _, c := range append(Architectures(), Random(5000), Random(5001)) {
		list := samples(c, tensor.Float64, 2)
		for _, v := range exact() {
			err := with(f, v.set, c.Config(tensor.Float64), func(e engine.Engine) error {
				for _, s := range list {
					if err := local(e, s, v.set.Schedule); err != nil {
						return err
					}
				}
				return nil
			})
			if _, ok := err.(skipped); ok {
				return err
			}
			if err != nil {
				return fmt.Errorf("%s, %s: %w", c.Name, v.name, err)
			}
		}
	}
	return nil
}

func local(e engine.Engine, s engine.Sample, schedule string) error {
	sparse := schedule == "zil" || schedule == "event"
	tr, ok := e.(Traced)
	if !ok {
		return skipped("the engine does not show its messages")
	}
	var trace []Message
	tr.Trace(func(m Message) { trace = append(trace, m) })
	r, err := e.Learn(context.Background(), s)
	if err != nil {
		return err
	}
	if int64(len(trace)) != r.Messages {
		return fmt.Errorf("the trace has %d messages, the result says %d", len(trace), r.Messages)
	}
	g := tr.Running()
	seen := map[Message]bool{}
	sweeps, errors := 0, 0
	for _, m := range trace {
		if m.Edge < 0 || int(m.Edge) >= g.Edges() {
			return fmt.Errorf("message %+v crosses no edge of the graph", m)
		}
		name := fmt.Sprintf("%s → %s", g.Name(g.From(m.Edge)), g.Name(g.To(m.Edge)))
		if seen[m] {
			return fmt.Errorf("%s: message %+v was sent twice", name, m)
		}
		seen[m] = true
		switch {
		case m.Error && !bears(g, m.Edge):
			return fmt.Errorf("%s: an error to a leaf that is not free, or from a vertex without one", name)
		case m.Error && schedule == "zil" && m.Tick != g.Level(g.To(m.Edge)):
			return fmt.Errorf("%s: an error at tick %d from a vertex of level %d", name, m.Tick, g.Level(g.To(m.Edge)))
		case m.Error:
			errors++
		case m.Tick < 0:
			sweeps++
		case sparse:
			return fmt.Errorf("%s: a prediction at tick %d", name, m.Tick)
		}
	}
	want := 0
	for i := range graph.EdgeID(g.Edges()) {
		if bears(g, i) {
			want++
		}
	}
	if sweeps != g.Edges() {
		return fmt.Errorf("%d predictions in the forward sweep over %d edges", sweeps, g.Edges())
	}
	if sparse && errors != want || errors < want {
		return fmt.Errorf("%d errors over %d edges that carry them", errors, want)
	}
	return nil
}

// bears reports whether errors travel along e.
func bears(g *graph.Graph, e graph.EdgeID) bool {
	to := g.To(e)
	return g.Role(to) == graph.Computed && g.Differentiable(to) && g.Level(to) >= 0 && g.Differentiable(g.From(e))
}

package sim

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// relink returns interventions that change links: at once, later in an update, one after the other on the same edges, and in
// every update.
func relink() []Intervention {
	set := func(e graph.EdgeID, l synapse.Link) func(Subject, int) error {
		return func(x Subject, _ int) error {
			for i := e; i < graph.EdgeID(x.Population().Graph().Edges()); i += 3 {
				for _, k := range []neuron.Kind{neuron.Prediction, neuron.Error} {
					p := Path{Link: &l, OnLoss: OnLoss(i % 2), Distance: float64(i)}
					if err := x.SetLink(i, k, p); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
	all := []graph.VertexID{0}
	slow := synapse.Link{Delay: synapse.Distribution{Family: synapse.Distance, Velocity: 0.1, Offset: 20}}
	lossy := synapse.Link{Delay: synapse.Distribution{Family: synapse.Constant, Mean: 30},
		Loss: synapse.Loss{Model: synapse.GilbertElliott, GoodBad: 0.2, BadGood: 0.4, LossBad: 0.9}}
	return []Intervention{
		{Name: "late", Update: 1, After: 250, Of: all, Do: set(0, lossy), Again: true},
		{Name: "first", Update: 1, Of: all, Do: set(0, slow), Again: true},
		{Name: "second", Update: 2, Of: all, Do: set(1, lossy), Again: true},
		{Name: "far", Update: 1, After: 3000, Of: all, Do: set(1, slow), Again: true}, // when another update is under way
		{Name: "always", After: 90, Of: all, Do: set(2, slow), Again: true},
	}
}

// A run whose links are changed goes on between any two updates, and in the middle of one, with links as they were.
func TestChangedLinksAreResumed(t *testing.T) {
	net := nets(t)[0]
	base, s := problem(t, net, tensor.Float64)
	fresh := func(link *synapse.Link) *Engine {
		c := Config{Config: pc.Config{Config: base, Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Seed: 5}
		if link != nil {
			c.Path = func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{Link: link} }
		}
		e, err := New(c)
		require.NoError(t, err)
		require.NoError(t, e.Plan(relink()...))
		return e
	}
	for _, link := range []*synapse.Link{nil, wild} {
		whole := fresh(link)
		var ends []int64
		for range 6 {
			learn(t, whole, s)
			ends = append(ends, whole.Stats().Events)
		}
		require.Positive(t, whole.Stats().Lost, "no link lost anything: nothing is tested")
		for _, stop := range append(ends[:5:5], ends[0]/2, ends[1]/2+ends[2]/2, ends[4]+7) {
			e := fresh(link)
			for range 6 {
				require.NoError(t, e.Begin(s, neuron.Learning))
				for more := true; more; {
					var err error
					more, err = e.Step()
					require.NoError(t, err)
					if e.Stats().Events == stop {
						state := e.AppendState(nil)
						e = fresh(link)
						rest, err := e.RestoreState(state)
						require.NoError(t, err)
						require.Empty(t, rest)
					}
				}
			}
			require.Equal(t, whole.Params().Hash(), e.Params().Hash(), "stopped after %d of %v events", stop, ends)
			require.Equal(t, whole.Stats().Lost, e.Stats().Lost)
			require.Equal(t, whole.Updates(), e.Updates())
		}
		state := whole.AppendState(nil)
		bare, err := New(Config{Config: pc.Config{Config: base, Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Seed: 5})
		require.NoError(t, err)
		_, err = bare.RestoreState(state)
		require.ErrorContains(t, err, "are planned")
	}
}

func learn(t *testing.T, e *Engine, s engine.Sample) {
	_, err := e.Learn(context.Background(), s)
	require.NoError(t, err)
}

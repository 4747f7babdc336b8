package sim

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// Stopped after any event and resumed in a new engine, a run ends with the hash, the time and the counts of the undisturbed
// one: values, messages under way, clocks and random streams are all in the snapshot.
func TestResumeAnywhere(t *testing.T) {
	noisy := *wild
	noisy.Noise = synapse.Noise{Additive: 0.01}
	clocks := func(_ *graph.Levelled, v graph.VertexID) Clock {
		return Clock{Kind: ClockKind(v % 3), Drift: 0.01 * float64(v%5), Phase: float64(v%7) / 7, Scaled: v%2 == 0}
	}
	path := func(l *synapse.Link) func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path {
		return func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{Link: l, OnLoss: Silence} }
	}
	lossless := *wild
	lossless.Loss = synapse.Loss{}
	for _, net := range nets(t) {
		base, s := problem(t, net, tensor.Float32)
		base.Plasticity = synapse.Rule{Name: "adam", Rate: 0.01}
		for name, c := range map[string]Config{
			"lockstep": {Config: pc.Config{Config: base, Rule: pc.DenseZIL()}, Path: path(wild)},
			"event":    {Config: pc.Config{Config: base, Rule: pc.Event()}, Path: path(wild)},
			"delta":    {Config: pc.Config{Config: base, Rule: pc.EventDelta()}, Mode: Free, Path: path(&lossless)},
			"free":     {Config: pc.Config{Config: base, Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Path: path(&noisy), Clock: clocks},
			"stream":   {Config: pc.Config{Config: base, Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Keep: true, Path: path(&noisy), Clock: clocks},
		} {
			c.Seed = 5
			whole, err := New(c)
			require.NoError(t, err)
			for range 3 {
				_, err := whole.Learn(context.Background(), s)
				require.NoError(t, err)
			}
			events := int(whole.Stats().Events)
			for _, stop := range []int{0, 1, events / 7, events / 3, events / 2, events - 2} {
				e, err := New(c)
				require.NoError(t, err)
				done := 0
				for range 3 {
					require.NoError(t, e.Begin(s, neuron.Learning))
					for more := true; more; done++ {
						if done == stop {
							state := e.AppendState(nil)
							e, err = New(c)
							require.NoError(t, err)
							rest, err := e.RestoreState(state)
							require.NoError(t, err)
							require.Empty(t, rest)
						}
						more, err = e.Step()
						require.NoError(t, err)
					}
				}
				require.Equal(t, whole.Params().Hash(), e.Params().Hash(), "%s %s, stopped after %d of %d events", net.Name, name, stop, events)
				require.Equal(t, whole.Now(), e.Now())
				a, b := whole.Stats(), e.Stats()
				a.MaxPending, b.MaxPending = 0, 0
				require.Equal(t, a, b)
			}
		}
	}
}

package pc

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// Stopped after any stage of any update and resumed in a new engine, a run ends with the bits of the undisturbed one.
func TestResumeAnywhere(t *testing.T) {
	g := skip(t)
	base, s := trial(t, g)
	base.Plasticity = synapse.Rule{Name: "adam", Rate: 0.01}
	stale := DenseZIL()
	stale.Return, stale.Refresh = neuron.Stale, 2
	noisy := DenseZIL()
	noisy.Noise = 0.1
	for _, c := range []Config{{}, {Rule: DenseZIL()}, {Rule: DenseZIL(), Form: graph.Delays}, {Rule: IL(5, 0.1, 0)}, {Rule: IPC(4, 0.1)}, {Rule: stale}, {Rule: noisy}, {Rule: Event()}} {
		c.Config = base
		whole, err := New(c)
		require.NoError(t, err)
		for range 3 {
			_, err := whole.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		want := whole.Params().Hash()
		for stop := range 30 {
			e, err := New(c)
			require.NoError(t, err)
			steps := 0
			for range 3 {
				require.NoError(t, e.Begin(s, neuron.Learning))
				for more := true; more; steps++ {
					if steps == stop {
						state := e.AppendState(nil)
						e, err = New(c)
						require.NoError(t, err)
						rest, err := e.RestoreState(state)
						require.NoError(t, err)
						require.Empty(t, rest)
					}
					more, err = e.Next()
					require.NoError(t, err)
				}
			}
			require.Equal(t, want, e.Params().Hash(), "%s, stopped after stage %d", c.Rule.Name, stop)
		}
	}
}

func TestDamagedSnapshotIsAnError(t *testing.T) {
	base, s := trial(t, skip(t))
	c := Config{Config: base, Rule: DenseZIL()}
	e, err := New(c)
	require.NoError(t, err)
	_, err = e.Learn(context.Background(), s)
	require.NoError(t, err)
	state := e.AppendState(nil)
	for n := 0; n < len(state); n += 1 + len(state)/200 {
		fresh, err := New(c)
		require.NoError(t, err)
		_, err = fresh.RestoreState(state[:n])
		require.Error(t, err, "cut after %d of %d bytes", n, len(state))
	}
	other, err := New(Config{Config: base, Rule: ZIL()})
	require.NoError(t, err)
	_, err = other.RestoreState(state)
	require.Error(t, err)
}

func trial(t *testing.T, g *graph.Graph) (engine.Config, engine.Sample) {
	r := rand.New(rand.NewPCG(7, 7))
	cfg := engine.Config{Graph: g}
	for i := range g.Parameters() {
		cfg.Initial = append(cfg.Initial, random(r, tensor.Float64, g.Parameter(i).Shape))
	}
	return cfg, engine.Sample{Inputs: []tensor.Tensor{random(r, tensor.Float64, tensor.Dims(5, 4))}, Target: random(r, tensor.Float64, tensor.Dims(5, 3)), Scale: 0.2}
}

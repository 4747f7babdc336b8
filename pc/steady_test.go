package pc

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// An update allocates nothing in the steady state, under the clocked rules and with every plasticity.
func TestUpdatesDoNotAllocate(t *testing.T) {
	rules := []neuron.Rule{ZIL(), DenseZIL(), DefaultIL(), FaZIL(), FixedPrediction(5, 1), IPC(5, 0.05)}
	for _, a := range Ablations(1)[:2] {
		rules = append(rules, a.Rule)
	}
	rules = append(rules, Event(), EventDelta(), returning(neuron.Random, true, 0), returning(neuron.Sign, false, 0), returning(neuron.Stale, true, 2))
	for _, c := range enginetest.Architectures() {
		for _, r := range rules {
			cfg := c.Config(tensor.Float32)
			cfg.Compute.Workers = 1
			cfg.Plasticity = synapse.Rule{Name: "adam"}
			e, err := New(Config{Config: cfg, Rule: r})
			require.NoError(t, err)
			s := c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 1)), tensor.Float32)
			update := func() {
				if _, err := e.Learn(context.Background(), s); err != nil {
					t.Fatal(err)
				}
			}
			update()
			update()
			assert.Zero(t, testing.AllocsPerRun(5, update), "%s, %s", c.Name, r.Name)
			require.NoError(t, e.Close())
		}
	}
}

// Contributions of a leaf that learns at every tick are those of all ticks together.
func TestEveryTickAddsUp(t *testing.T) {
	r, tried := Ablations(1)[0].Rule, 0
	for k, c := range networks(10) {
		s := sampleOf(c, uint64(k))
		l := graph.Level(c.Graph, graph.Identities, false)
		b := newTextbook(t, l.Graph, c)
		b.run(s, l.Depth(), func(int, int) bool { return true })
		if d := engine.Diff(b.grads, backprop(t, c, s)); !(d.RelativeL2 < 1e12) {
			continue // behind the wave values grow without bounds, and rounding with them
		}
		tried++
		g, _ := gradientOf(t, c, Config{Rule: r, Form: graph.Identities}, s)
		assert.Less(t, engine.Diff(g, b.grads).RelativeL2, 1e-9, c.Name)
	}
	assert.Greater(t, tried, 10)
}

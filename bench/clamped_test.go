package bench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// On every job no engine asks for derivatives of inputs, and each predicts what it predicts from leaves alone once per batch,
// however many relaxations there are.
func TestClampedInputsCostNothing(t *testing.T) {
	engines := builders(pc.ZIL(), pc.IL(2, 0.01, 0))
	for _, j := range Jobs() {
		net, err := j.Build()
		require.NoError(t, err)
		sample, updates := j.sample(net, tensor.Float32), 2
		if large(net) {
			updates = 1
		}
		check := func(build func(engine.Config) (engine.Engine, error)) error {
			watch := new(enginetest.Clamped)
			c := watch.Watch(enginetest.Case{Graph: net.Graph, Initial: net.Initial, Loss: j.Loss}).Config(tensor.Float32)
			c.Plasticity = synapse.Rule{Rate: 0.01}
			e, err := build(c)
			require.NoError(t, err)
			defer e.Close()
			for range updates {
				_, err := e.Learn(context.Background(), sample)
				require.NoError(t, err)
			}
			return watch.Check(updates)
		}
		for name, build := range engines {
			assert.NoError(t, check(build), "%s, %s", j.Name, name)
		}
		if j.Name == "mlp20" { // negative control: an input that is inferred moves
			assert.ErrorContains(t, check(func(c engine.Config) (engine.Engine, error) {
				return pc.New(pc.Config{Config: c, Rule: pc.IL(20, 0.01, 0), FreeInputs: []int{0}})
			}), "derivatives of inputs")
		}
	}
}

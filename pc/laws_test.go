package pc

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// build returns a network as a case, with a loss of ½ Σ (μ − y)².
func build(t testing.TB, c network.Config) enginetest.Case {
	n, err := c.Build()
	require.NoError(t, err)
	return enginetest.Case{Name: n.Name, Graph: n.Graph, Initial: n.Initial}
}

// Reference: iPC [Salvatori et al. 2023]. Values and weights move at every tick; the energy at the end of an update is not
// above what inference alone leaves, and training lowers the loss.
func TestIncrementalRuleTrains(t *testing.T) {
	for _, activation := range []string{"tanh", "sigmoid"} {
		c := build(t, network.Config{Arch: "mlp", Layers: []int{3, 8, 2}, Activation: activation, Batch: 8})
		teacher := build(t, network.Config{Arch: "mlp", Layers: []int{3, 5, 2}, Activation: activation, Batch: 8, Init: network.Init{Seed: 9}})
		cfg := c.Config(tensor.Float64)
		cfg.Plasticity.Rate = 0.01
		e, err := New(Config{Config: cfg, Rule: IPC(10, 0.1)})
		require.NoError(t, err)
		ref, err := bp.New(teacher.Config(tensor.Float64))
		require.NoError(t, err)
		still := cfg
		still.Plasticity.Rate = 1e-300
		il, err := New(Config{Config: still, Rule: IPC(10, 0.1)})
		require.NoError(t, err)
		first, last := 0.0, 0.0
		for n := range 400 {
			s := sampleOf(c, uint64(n))
			out, err := ref.Predict(context.Background(), s.Inputs)
			require.NoError(t, err)
			s.Target = out[0]
			if n == 0 {
				a, err := il.Learn(context.Background(), s)
				require.NoError(t, err)
				b, err := e.Learn(context.Background(), s)
				require.NoError(t, err)
				assert.Less(t, b.Energy, a.Energy, "weights that move lower the energy further")
				assert.Less(t, a.Energy, a.Loss)
				continue
			}
			r, err := e.Learn(context.Background(), s)
			require.NoError(t, err)
			if n <= 20 {
				first += r.Loss / 20
			} else if n >= 380 {
				last += r.Loss / 20
			}
		}
		t.Logf("%s: loss %.3g, then %.3g", activation, first, last)
		assert.Less(t, last, first/3)
	}
}

// Reference: levelling by delays. An edge delay of k ticks does what k identity vertices do, to the bit, under every rule
// that needs levels; the promise does not depend on the form.
func TestDelayLinesAreIdentities(t *testing.T) {
	every := Ablations(1)[1].Rule
	for _, r := range []neuron.Rule{DenseZIL(), FaZIL(), ZIL(), every} {
		for k, c := range append(networks(0), unequal(20)...) {
			s := sampleOf(c, uint64(k))
			a, _ := gradientOf(t, c, Config{Rule: r, Form: graph.Identities}, s)
			b, _ := gradientOf(t, c, Config{Rule: r, Form: graph.Delays}, s)
			if r.Gamma == 1 {
				assert.True(t, engine.Diff(a, b).Equal(), "%s, %s", r.Name, c.Name)
			} else if c.Unequal {
				assert.False(t, engine.Diff(a, b).Equal(), "an identity multiplies by γ, a delay does not: %s", c.Name)
			}
		}
	}
}

// Reference: erratum 7. With values stored as one number, ε = μ − x has the absolute rounding error of x: the relative
// distance to backprop is the larger the smaller errors are, and the smaller the finer the type. With displacements it is 0.
func TestAbsoluteStateLosesDigits(t *testing.T) {
	c := build(t, network.Config{Arch: "mlp", Layers: []int{16, 32, 32, 32, 32, 32, 32, 32, 10}, Batch: 4})
	loss := map[tensor.Type][]float64{}
	for _, typ := range []tensor.Type{tensor.Float32, tensor.Float64} {
		cfg := c.Config(typ)
		s := c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 1)), typ)
		ref, err := bp.New(cfg)
		require.NoError(t, err)
		out, err := ref.Predict(context.Background(), s.Inputs)
		require.NoError(t, err)
		noise, mu := s.Target.Clone(), out[0].Clone()
		for _, size := range []float64{1, 1e-2, 1e-4} {
			for i := range mu.Len() {
				s.Target.SetFloat(i, mu.Float(i)-float64(size*noise.Float(i)))
			}
			want, _, err := ref.Gradient(context.Background(), s)
			require.NoError(t, err)
			for _, state := range []neuron.State{neuron.Absolute, neuron.Displacement} {
				r := DenseZIL()
				r.State = state
				e, err := New(Config{Config: cfg, Rule: r})
				require.NoError(t, err)
				g, _, err := e.Gradient(context.Background(), s)
				require.NoError(t, err)
				if d := engine.Diff(g, want); state == neuron.Displacement {
					assert.True(t, d.Equal())
				} else {
					loss[typ] = append(loss[typ], d.RelativeL2)
				}
			}
		}
	}
	t.Logf("relative loss with errors of 1, 1e-2, 1e-4: f32 %.1e, f64 %.1e", loss[tensor.Float32], loss[tensor.Float64])
	for k, x := range loss[tensor.Float64] {
		assert.Greater(t, x, 0.0)
		assert.Greater(t, loss[tensor.Float32][k], 1e7*x)
		if k > 0 {
			assert.Greater(t, x, 20*loss[tensor.Float64][k-1])
			assert.Greater(t, loss[tensor.Float32][k], 20*loss[tensor.Float32][k-1])
		}
	}
}

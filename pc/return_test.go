package pc

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// returning returns Z-IL with errors that travel through other weights.
func returning(r neuron.Return, sparse bool, refresh int) neuron.Rule {
	rule := DenseZIL()
	rule.Name, rule.Sparse, rule.Return, rule.Refresh, rule.Seed = "zil-"+r.String(), sparse, r, refresh, 3
	return rule
}

// last is the number of parameters of the output layer: weights and bias.
const last = 2

// Reference: feedback alignment [Lillicrap et al. 2016]. Errors that return through other weights change the update of
// hidden layers, and of these only: the feedback to a parameter goes through no weight, so that of the output layer is
// backprop's to the bit. Sparse and dense agree.
func TestReturnWeightsSpareTheOutputLayer(t *testing.T) {
	for seed := range uint64(5) {
		c := build(t, network.Config{Arch: "mlp", Layers: []int{4, 8, 8, 3}, Batch: 3, Init: network.Init{Seed: seed}})
		s := sampleOf(c, seed)
		want := backprop(t, c, s)
		for _, r := range []neuron.Return{neuron.Random, neuron.Sign} {
			got, _ := gradientOf(t, c, Config{Rule: returning(r, true, 0)}, s)
			n := len(got) - last
			assert.True(t, engine.Diff(got[n:], want[n:]).Equal(), "%v", r)
			for i := range n {
				assert.Greater(t, engine.Diff(got[i:i+1], want[i:i+1]).RelativeL2, 1e-3, "%v: %s", r, got[i].Name)
			}
			dense, _ := gradientOf(t, c, Config{Rule: returning(r, false, 0)}, s)
			assert.True(t, engine.Diff(dense, got).Equal(), "%v, dense", r)
			assert.False(t, Promised(returning(r, true, 0), 0))
		}
		stale, _ := gradientOf(t, c, Config{Rule: returning(neuron.Stale, true, 5)}, s)
		assert.True(t, engine.Diff(stale, want).Equal(), "nothing is stale before the first update")
	}
}

// task returns a sample of a regression that a network of c's shape can learn.
func task(t *testing.T, c enginetest.Case) func(n int) engine.Sample {
	teacher := build(t, network.Config{Arch: "mlp", Layers: []int{4, 6, 3}, Batch: 8, Init: network.Init{Seed: 77}})
	ref, err := bp.New(teacher.Config(tensor.Float64))
	require.NoError(t, err)
	return func(n int) engine.Sample {
		s := sampleOf(c, uint64(n))
		out, err := ref.Predict(context.Background(), s.Inputs)
		require.NoError(t, err)
		s.Target = out[0].Clone()
		return s
	}
}

// measure trains e on task for the given number of updates and returns the cosine of its hidden layers' update to
// backprop's at e's weights, at the first and at the last update, and the losses there, means of 20.
func measure(t *testing.T, c enginetest.Case, e *Engine, updates int) (cosine, loss [2]float64) {
	sample := task(t, c)
	for n := range updates {
		s := sample(n)
		if k := n / (updates - 20); n < 20 || k == 1 {
			g, _, err := e.Gradient(context.Background(), s)
			require.NoError(t, err)
			now := enginetest.Case{Graph: c.Graph}
			for _, p := range e.Params() {
				now.Initial = append(now.Initial, p.Value)
			}
			want := backprop(t, now, s)
			h := len(g) - last
			cosine[k] += engine.Diff(g[:h], want[:h]).Cosine / 20
		}
		r, err := e.Learn(context.Background(), s)
		require.NoError(t, err)
		if k := n / (updates - 20); n < 20 || k == 1 {
			loss[k] += r.Loss / 20
		}
	}
	return cosine, loss
}

// Reference: [Lillicrap et al. 2016; Liao et al. 2016]. Networks learn although errors return through fixed random weights:
// they come to align, so that the update of hidden layers points within 90° of backprop's. Signs do better, stale weights
// better still.
func TestReturnWeightsAlign(t *testing.T) {
	c := build(t, network.Config{Arch: "mlp", Layers: []int{4, 16, 16, 3}, Batch: 8, Init: network.Init{Seed: 4}})
	final := map[neuron.Return]float64{}
	for _, r := range []neuron.Return{neuron.Transpose, neuron.Random, neuron.Sign, neuron.Stale} {
		cfg := c.Config(tensor.Float64)
		cfg.Plasticity.Rate = 0.1
		e, err := New(Config{Config: cfg, Rule: returning(r, true, 50)})
		require.NoError(t, err)
		cosine, loss := measure(t, c, e, 1500)
		t.Logf("%-9v cosine %.3f, then %.3f; loss %.3g, then %.3g", r, cosine[0], cosine[1], loss[0], loss[1])
		assert.Less(t, loss[1], loss[0]/5, "%v", r)
		assert.Greater(t, cosine[1], 0.2, "%v", r)
		final[r] = cosine[1]
	}
	assert.InDelta(t, 1, final[neuron.Transpose], 1e-12)
	assert.Greater(t, final[neuron.Sign], final[neuron.Random])
	assert.Greater(t, final[neuron.Stale], final[neuron.Sign])
}

// Stale weights are refreshed after every Refresh-th update: then the next one is backprop's, to the bit, and those that
// follow are not. Predictions and gradients in between count for nothing. Refreshed every time they are not stale at all.
func TestStaleWeightsAreRefreshed(t *testing.T) {
	c := build(t, network.Config{Arch: "mlp", Layers: []int{4, 8, 8, 3}, Batch: 8, Init: network.Init{Seed: 4}})
	sample := task(t, c)
	for _, refresh := range []int{0, 1, 3} {
		for _, sparse := range []bool{true, false} {
			e, err := New(Config{Config: c.Config(tensor.Float64), Rule: returning(neuron.Stale, sparse, refresh)})
			require.NoError(t, err)
			ref, err := New(Config{Config: c.Config(tensor.Float64), Rule: returning(neuron.Stale, sparse, refresh)})
			require.NoError(t, err)
			for n := range 10 {
				s := sample(n)
				g, _, err := e.Gradient(context.Background(), s)
				require.NoError(t, err)
				now := enginetest.Case{Graph: c.Graph}
				for _, p := range e.Params() {
					now.Initial = append(now.Initial, p.Value)
				}
				fresh := n%max(refresh, 1) == 0
				assert.Equal(t, fresh, engine.Diff(g, backprop(t, now, s)).Equal(), "refresh %d, update %d", refresh, n)
				_, err = e.Predict(context.Background(), s.Inputs)
				require.NoError(t, err)
				_, err = e.Learn(context.Background(), s)
				require.NoError(t, err)
				_, err = ref.Learn(context.Background(), s)
				require.NoError(t, err)
			}
			assert.Equal(t, ref.Params().Hash(), e.Params().Hash(), "refresh %d: looking changes nothing", refresh)
		}
	}
}

// The same seed draws the same random weights, another seed others; only dynamic values are concerned.
func TestRandomReturnWeightsAreSeeded(t *testing.T) {
	c := build(t, network.Config{Arch: "mlp", Layers: []int{4, 8, 8, 3}})
	s := sampleOf(c, 1)
	rule := returning(neuron.Random, true, 0)
	a, _ := gradientOf(t, c, Config{Rule: rule}, s)
	b, _ := gradientOf(t, c, Config{Rule: rule}, s)
	assert.True(t, engine.Diff(a, b).Equal())
	rule.Seed++
	b, _ = gradientOf(t, c, Config{Rule: rule}, s)
	assert.False(t, engine.Diff(a, b).Equal())
}

package train

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// iris returns a run on Iris with the given engine rule, a twin and batches of the given size.
func iris(t *testing.T, rule pc.Config, batch int) Config {
	s, err := data.Iris()
	require.NoError(t, err)
	a, b, err := s.Split(0.2, 3)
	require.NoError(t, err)
	data.Standardize(a, b)
	n, err := network.Config{Layers: []int{4, 6, 3}, Batch: batch, Init: network.Init{Seed: 3}}.Build()
	require.NoError(t, err)
	rule.Config = engine.Config{Graph: n.Graph, Initial: n.Initial, Loss: op.CrossEntropy{}, Plasticity: synapse.Rule{Rate: 0.2}}
	e, err := pc.New(rule)
	require.NoError(t, err)
	twin, err := bp.New(rule.Config)
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = e.Close(), twin.Close() })
	return Config{Engine: e, Twin: twin, Model: n, Loss: op.CrossEntropy{}, Train: a, Test: b, Batches: data.Batches{Size: batch}, Seed: 3, Epochs: 3}
}

func epochs(t *testing.T, c Config) []Epoch {
	var list []Epoch
	c.OnEpoch = func(e Epoch) error { list = append(list, e); return nil }
	require.NoError(t, Run(context.Background(), c))
	return list
}

func TestZeroDivergenceAndItsControls(t *testing.T) {
	for _, e := range epochs(t, iris(t, pc.Config{}, 7)) {
		assert.True(t, e.Compared)
		assert.Zero(t, e.Difference.Differing)
		assert.Equal(t, 51, e.Difference.Params)
		assert.Equal(t, 120/7, e.Updates, "rows that are left over are dropped")
		assert.Equal(t, 120/7*7, e.Rows)
	}
	for _, a := range pc.Ablations(1) {
		c := iris(t, pc.Config{Rule: a.Rule}, 7)
		c.Compare = EveryUpdate
		list := epochs(t, c)
		assert.Positive(t, list[0].Difference.Differing, a.Name)
		assert.Equal(t, 1, list[0].FirstDiffering, a.Name)
	}
}

func TestComparisonAtTheEndOnly(t *testing.T) {
	c := iris(t, pc.Config{}, 10)
	c.Compare = AtEnd
	list := epochs(t, c)
	assert.False(t, list[0].Compared)
	assert.True(t, list[2].Compared)
}

// What is learnt depends on the seed, and on nothing else.
func TestSameSeedSameBits(t *testing.T) {
	a, b, other := iris(t, pc.Config{}, 8), iris(t, pc.Config{}, 8), iris(t, pc.Config{}, 8)
	other.Seed = 4
	la, lb, lo := epochs(t, a), epochs(t, b), epochs(t, other)
	assert.Equal(t, a.Engine.Params().Hash(), b.Engine.Params().Hash())
	assert.NotEqual(t, a.Engine.Params().Hash(), other.Engine.Params().Hash())
	for i := range la {
		assert.Equal(t, la[i].Loss, lb[i].Loss)
		assert.Equal(t, la[i].Accuracy, lb[i].Accuracy)
	}
	assert.NotEqual(t, la[0].Loss, lo[0].Loss)
}

// Padding does not count: batches of any size find the same labels right, and the same loss but for rounding.
func TestEvaluationDoesNotDependOnTheBatch(t *testing.T) {
	var want Epoch
	for i, batch := range []int{1, 7, 30, 31} {
		c := iris(t, pc.Config{}, batch)
		r := &trainer{Config: c, inputs: c.Model.NewInputs(tensor.Float64)}
		var err error
		r.test, err = data.NewLoader(c.Test, c.Batches)
		require.NoError(t, err)
		var e Epoch
		require.NoError(t, r.evaluate(context.Background(), &e))
		if i == 0 {
			want = e
		}
		assert.Equal(t, want.Accuracy, e.Accuracy)
		assert.InDelta(t, want.TestLoss, e.TestLoss, 1e-12)
	}
}

// When the context ends, the batch under way is finished, and the epoch is handed out as it is.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	c := iris(t, pc.Config{}, 10)
	why := errors.New("enough")
	c.OnUpdate = func(epoch, update, updates int) {
		assert.Equal(t, 12, updates)
		if epoch == 2 && update == 5 {
			cancel(why)
		}
	}
	var list []Epoch
	c.OnEpoch = func(e Epoch) error { list = append(list, e); return nil }
	err := Run(ctx, c)
	require.ErrorIs(t, err, ErrInterrupted)
	require.ErrorIs(t, err, why)
	require.Len(t, list, 2)
	assert.False(t, list[0].Partial)
	assert.True(t, list[1].Partial)
	assert.Equal(t, 5, list[1].Updates)
	assert.Zero(t, list[1].Difference.Differing, "the twin learnt the same batches")
	assert.Positive(t, list[1].Accuracy)
	_, err = c.Engine.Learn(context.Background(), engine.Sample{})
	assert.ErrorContains(t, err, "inputs", "the engine can still be used")
}

func TestInterruptBetweenEpochsAndAfterTheLast(t *testing.T) {
	for _, last := range []int{1, 3} {
		ctx, cancel := context.WithCancel(context.Background())
		c := iris(t, pc.Config{}, 10)
		n := 0
		c.OnEpoch = func(Epoch) error {
			if n++; n == last {
				cancel()
			}
			return nil
		}
		err := Run(ctx, c)
		assert.Equal(t, last, n)
		if last == 1 {
			assert.ErrorIs(t, err, ErrInterrupted)
		} else {
			assert.NoError(t, err, "everything was done")
		}
	}
}

func TestErrorsEndTheRun(t *testing.T) {
	c := iris(t, pc.Config{}, 10)
	full := errors.New("disk full")
	c.OnEpoch = func(Epoch) error { return full }
	assert.ErrorIs(t, Run(context.Background(), c), full)

	c = iris(t, pc.Config{}, 10)
	c.Batches.Size = 11
	assert.ErrorContains(t, Run(context.Background(), c), "epoch 1, update 1: network: features have shape")

	c = iris(t, pc.Config{}, 10)
	c.Train = c.Train.Head(9)
	assert.ErrorContains(t, Run(context.Background(), c), "fewer than one batch of 10")
}

func TestRegressionHasNoAccuracy(t *testing.T) {
	s, err := data.Sine(1, 100, 0)
	require.NoError(t, err)
	n, err := network.Config{Layers: []int{1, 8, 1}, Batch: 10}.Build()
	require.NoError(t, err)
	e, err := bp.New(engine.Config{Graph: n.Graph, Initial: n.Initial})
	require.NoError(t, err)
	list := epochs(t, Config{Engine: e, Model: n, Loss: op.HalfSquared{}, Train: s, Test: s, Batches: data.Batches{Size: 10}, Epochs: 2})
	assert.True(t, math.IsNaN(list[1].Accuracy))
	assert.Less(t, list[1].TestLoss, list[0].TestLoss)
	assert.False(t, list[1].Compared)
	list = epochs(t, Config{Engine: e, Model: n, Loss: op.HalfSquared{}, Train: s, Batches: data.Batches{Size: 10}, Epochs: 1})
	assert.True(t, math.IsNaN(list[0].TestLoss))
	require.NoError(t, e.Close())
}

func TestMatches(t *testing.T) {
	nan := math.NaN()
	mu := tensor.From(tensor.Dims(4, 3), []float64{0, 1, 2, 5, 5, 1, nan, 1, 0, -3, -2, -1})
	right, total := matches(mu, tensor.From(tensor.Dims(4), []int64{2, 0, 1, 0}))
	assert.Equal(t, []int{2, 4}, []int{right, total})
	right, _ = matches(mu, tensor.From(tensor.Dims(4, 3), []float64{0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1}))
	assert.Equal(t, 2, right)
}

// A run of so many updates ends after them, in the middle of an epoch, and evaluates; it is what a longer one begins with.
func TestUpdates(t *testing.T) {
	var weights []engine.Params
	for _, updates := range []int{3, 7} {
		c := iris(t, pc.Config{}, 10)
		c.Updates, c.Epochs = updates, 0
		seen := 0
		c.Before = func(k int, _ engine.Sample) error {
			require.Equal(t, seen+1, k)
			if k == 4 {
				weights = append(weights, c.Engine.Params().Clone())
			}
			return nil
		}
		c.After = func(k int, _ engine.Sample) error { seen = k; return nil }
		c.OnEpoch = func(e Epoch) error {
			assert.Equal(t, updates, e.Updates)
			assert.False(t, e.Partial)
			return nil
		}
		require.NoError(t, Run(context.Background(), c))
		assert.Equal(t, updates, seen)
		if updates == 3 {
			weights = append(weights, c.Engine.Params().Clone())
		}
	}
	assert.True(t, engine.Diff(weights[0], weights[1]).Equal())
}

package network_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// Running statistics observe: they are exponential averages of the batch's moments, whatever plasticity and scale the
// sample has, the same bits in both engines; and evaluation by them approaches that by the batch.
func TestRunningStatistics(t *testing.T) {
	net, err := network.ResNet{Width: 4, Blocks: []int{1, 1}, Stem: "small", Image: []int{2, 6, 6}, Batch: 8}.Build()
	require.NoError(t, err)
	require.NotNil(t, net.Eval)
	cfg := engine.Config{Graph: net.Graph, Initial: net.Initial, Plasticity: synapse.Rule{Name: "none"}}
	ref, err := bp.New(cfg)
	require.NoError(t, err)
	coding, err := pc.New(pc.Config{Config: cfg, Rule: pc.DenseZIL()})
	require.NoError(t, err)
	s := engine.Sample{Inputs: net.NewInputs(tensor.Float64), Target: tensor.New(tensor.Float64, net.Output()), Scale: 1.0 / 8}
	require.NoError(t, net.Inputs(net.RandomFeatures(rand.New(rand.NewPCG(1, 1)), tensor.Float64), s.Inputs))
	const steps = 400
	for range steps {
		_, err = ref.Learn(context.Background(), s)
		require.NoError(t, err)
	}
	for range 3 {
		_, err = coding.Learn(context.Background(), s)
		require.NoError(t, err)
	}
	early, err := bp.New(cfg)
	require.NoError(t, err)
	for range 3 {
		_, err = early.Learn(context.Background(), s)
		require.NoError(t, err)
	}
	require.Zero(t, engine.Diff(coding.Params(), early.Params()).Differing)
	moved := 0
	for i, p := range early.Params() {
		d := tensor.Differing(p.Value, net.Initial[i])
		require.Equal(t, net.Graph.Observed(i), d > 0, p.Name)
		moved += d
	}
	require.Positive(t, moved)

	eval, err := bp.New(engine.Config{Graph: net.Eval, Initial: net.Initial})
	require.NoError(t, err)
	for i, p := range ref.Params() {
		eval.Params()[i].Value.CopyFrom(p.Value)
	}
	batch, err := ref.Predict(context.Background(), s.Inputs)
	require.NoError(t, err)
	running, err := eval.Predict(context.Background(), s.Inputs)
	require.NoError(t, err)
	for i := range batch[0].Len() { // the running variance is the unbiased one: a factor of 36·8/(36·8 − 1) and more
		require.InDelta(t, batch[0].Float(i), running[0].Float(i), 0.05*math.Max(1, math.Abs(batch[0].Float(i))))
	}
}

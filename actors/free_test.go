package actors

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A journal of a free-running run, replayed in virtual time, gives the same bits, whatever the machine's scheduler did.
func TestJournalReplays(t *testing.T) {
	link := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 60},
		Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 0.1}, Duplicate: 0.1, Reorder: true, Noise: synapse.Noise{Additive: 0.01}}
	rules := []neuron.Rule{pc.DenseZIL(), pc.FaZIL(), pc.IL(10, 0.2, 0), pc.FixedPrediction(6, 1)}
	events := 0
	for run := range 20 {
		g := skip(t, op.Tanh())
		if run%2 == 1 {
			g = population(t)
		}
		base, s := config(t, g, tensor.Float64, 2)
		cfg := sim.Config{Config: pc.Config{Config: base, Rule: rules[run%4]}, Mode: sim.Free, Seed: uint64(run),
			Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path {
				return sim.Path{Link: link, OnLoss: sim.OnLoss(run % 2)}
			},
			Clock: func(_ *graph.Levelled, v graph.VertexID) sim.Clock {
				return sim.Clock{Kind: sim.ClockKind((int(v) + run) % 3), Phase: float64(v%5) / 5, Drift: 0.01 * float64(v%3)}
			}}
		var journals [][]neuron.Entry
		free, err := NewFree(FreeConfig{Config: cfg, Unit: time.Microsecond, Journal: func(j []neuron.Entry) { journals = append(journals, j) }})
		require.NoError(t, err)
		var samples []engine.Sample
		r := rand.New(rand.NewPCG(uint64(run), 1))
		for range 5 {
			s.Target = random(r, tensor.Float64, g.Shape(g.Output()))
			samples = append(samples, s)
			_, err := free.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		again, err := sim.New(cfg)
		require.NoError(t, err)
		for i, s := range samples {
			_, err := again.Replay(context.Background(), s, neuron.Learning, journals[i])
			require.NoError(t, err, "run %d, sample %d", run, i)
			events += len(journals[i])
		}
		require.Equal(t, free.Params().Hash(), again.Params().Hash(), "run %d", run)
		require.NoError(t, free.Close())
	}
	require.Positive(t, events)
}

// A link keeps the order of messages within a sample. What expired with the last sample does not hold up the next, whose
// time begins at 0 again.
func TestSampleStartsWithEmptyLinks(t *testing.T) {
	base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	link := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Constant, Mean: 40}}
	f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.IL(10, 0.2, 0)},
		Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path { return sim.Path{Link: link} }}})
	require.NoError(t, err)
	defer f.Close()
	fresh := synapse.NewChannel(link, 0, 0, 0, 0)
	for range 2 {
		_, err := f.Learn(context.Background(), s)
		require.NoError(t, err)
		require.Positive(t, f.Stats().Sent)
		for kind := range f.channel {
			for i := range f.channel[kind] {
				require.Equal(t, fresh.Snapshot()[2], f.channel[kind][i].Snapshot()[2], "latest arrival on edge %d, kind %d", i, kind)
			}
		}
	}
}

func TestJournalThatDoesNotFit(t *testing.T) {
	base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	e, err := sim.New(sim.Config{Config: pc.Config{Config: base, Rule: pc.DenseZIL()}, Mode: sim.Free})
	require.NoError(t, err)
	_, err = e.Replay(context.Background(), s, neuron.Learning, []neuron.Entry{{Vertex: 6, What: neuron.Received, Kind: neuron.Error, Edge: 3, Tick: 4}})
	require.ErrorContains(t, err, "which was never sent")
}

func TestFreeRunningPanicAndCancel(t *testing.T) {
	noGoroutineLeft(t, func() {
		base, s := config(t, skip(t, broken{op.Tanh(), false}), tensor.Float64, 1)
		f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.DenseZIL()}, Settle: 1 << 40}}) // until it fails
		require.NoError(t, err)
		_, err = f.Learn(context.Background(), s)
		require.ErrorContains(t, err, "out of order")
		require.NoError(t, f.Close())
	})
	noGoroutineLeft(t, func() {
		base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
		f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.DenseZIL()}, Settle: 1 << 40}})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err = f.Learn(ctx, s)
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, f.Close())
	})
}

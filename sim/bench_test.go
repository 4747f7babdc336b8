package sim

import (
	"context"
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// crowd returns a free-running engine in the middle of an update: units of one scalar, clocks with drift and phase, and
// delays such that about 10⁵ messages are under way.
func crowd(t testing.TB, delay synapse.Distribution) *Engine {
	net, err := network.Config{Arch: "mlp", Layers: []int{4, 300, 300, 4}, Grain: network.Neuron}.Build()
	require.NoError(t, err)
	cfg, s := problem(t, net, tensor.Float64)
	cfg.Compute.Workers = 1
	link := &synapse.Link{Delay: delay, Reorder: true}
	e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.IL(math.MaxInt32, 0.01, 0)}, Mode: Free, Tick: 1000, Settle: math.MaxInt64 / 4, Seed: 1,
		Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{Link: link} },
		Clock: func(_ *graph.Levelled, v graph.VertexID) Clock {
			return Clock{Drift: 1e-4 * float64(v%100), Phase: float64(v%997) / 997}
		}})
	require.NoError(t, err)
	require.NoError(t, e.Begin(s, neuron.Learning))
	for e.Now() < 20_000 { // until the number of messages under way is steady
		_, err := e.Step()
		require.NoError(t, err)
	}
	return e
}

func TestSizes(t *testing.T) {
	require.EqualValues(t, 32, unsafe.Sizeof(event{}))
}

// In the steady state of a free-running sample, an event allocates nothing.
func TestEventsDoNotAllocate(t *testing.T) {
	e := crowd(t, synapse.Distribution{Family: synapse.Uniform, High: 1300})
	for range 500_000 { // the queue has grown as far as it will
		_, err := e.Step()
		require.NoError(t, err)
	}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		for range 10_000 {
			if _, err := e.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}))
	require.Greater(t, e.Stats().Pending, 50_000)
}

// Whole updates allocate nothing either, with links and clocks of every kind.
func TestUpdatesDoNotAllocate(t *testing.T) {
	for _, c := range settings() {
		if c.name == "free, stream" {
			continue // the number of messages under way has no bound that it keeps to
		}
		c.cfg.Compute.Workers = 1
		e, s := c.open(t, 0, tensor.Float64)
		update := func() {
			if _, err := e.Learn(context.Background(), s); err != nil {
				t.Fatal(err)
			}
		}
		for range 60 {
			update()
		}
		require.Zero(t, testing.AllocsPerRun(5, update), c.name)
	}
}

// BenchmarkEvents counts events per second of virtual time with 10⁵ messages under way, on one core.
func BenchmarkEvents(b *testing.B) {
	for _, c := range []struct {
		name  string
		delay synapse.Distribution
	}{
		{"uniform", synapse.Distribution{Family: synapse.Uniform, High: 1300}},
		{"exponential", synapse.Distribution{Family: synapse.Exponential, Mean: 650}},
	} {
		b.Run(c.name, func(b *testing.B) {
			e := crowd(b, c.delay)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Step(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(e.Stats().Pending), "pending")
			b.ReportMetric(float64(e.PendingBytes())/float64(e.Stats().Pending), "B/pending")
		})
	}
}

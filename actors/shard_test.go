package actors

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

func inShards(n int) func(*Config) {
	return func(c *Config) { c.Hosting, c.Shards = HostShard, n }
}

func TestEngineInShards(t *testing.T) {
	enginetest.Test(t, func(s enginetest.Setup) (engine.Engine, error) { return hosted(s, inShards(3)) })
}

func TestFixturesInShards(t *testing.T) {
	for _, s := range []string{"zil", "zil-dense", "fazil", "event"} {
		t.Run(s, func(t *testing.T) {
			enginetest.TestFixtures(t, func(c engine.Config) (engine.Engine, error) {
				return hosted(enginetest.Setup{Config: c, Schedule: s}, inShards(2))
			})
		})
	}
}

func TestHosting(t *testing.T) {
	require.Equal(t, HostActor, HostAuto.For(ManyVertices-1))
	require.Equal(t, HostShard, HostAuto.For(ManyVertices))
	require.Equal(t, HostShard, HostShard.For(1))
	for h := HostAuto; h <= HostShard; h++ {
		got, err := ParseHosting(h.String())
		require.NoError(t, err)
		require.Equal(t, h, got)
	}
	_, err := ParseHosting("thread")
	require.ErrorContains(t, err, `unknown hosting "thread"`)

	cfg, s := config(t, population(t), tensor.Float32, 2)
	for _, h := range []Hosting{HostActor, HostShard} {
		e, err := New(Config{Config: pc.Config{Config: cfg}, Hosting: h})
		require.NoError(t, err)
		require.Equal(t, h, e.Hosting())
		n := e.Graph().Len()
		require.Equal(t, n, e.Vertices())
		_, err = e.Learn(context.Background(), s)
		require.NoError(t, err)
		if h == HostActor {
			require.Equal(t, []int{n, 0}, []int{e.Actors(), e.Shards()})
			require.Zero(t, e.Stats().Batches)
		} else {
			require.Equal(t, []int{0, 2}, []int{e.Actors(), e.Shards()})
			require.Positive(t, e.Stats().Batches)
		}
		require.NoError(t, e.Close())
	}
}

// A population in shards learns the bits of actors, whatever the number of shards and workers; also more than one of
// either kind in one system.
func TestShardsEqualActors(t *testing.T) {
	system := NewSystem()
	defer system.Shutdown()
	for _, rule := range []neuron.Rule{pc.ZIL(), pc.DenseZIL(), pc.IL(9, 0.1, 0), pc.IPC(4, 0.05)} {
		cfg, s := config(t, population(t), tensor.Float32, 2)
		ref, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}, System: system})
		require.NoError(t, err)
		var list []*Engine
		for _, n := range []int{1, 2, 3, 7} {
			for _, workers := range []int{1, 2, 4} {
				cfg.Compute.Workers = workers
				e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}, System: system, Hosting: HostShard, Shards: n})
				require.NoError(t, err)
				list = append(list, e)
			}
		}
		for range 10 {
			want, err := ref.Learn(context.Background(), s)
			require.NoError(t, err)
			for _, e := range list {
				got, err := e.Learn(context.Background(), s)
				require.NoError(t, err)
				got.Control = want.Control
				require.Equal(t, want, got, "%s, %d shards", rule.Name, e.Shards())
				require.Zero(t, engine.Diff(e.Params(), ref.Params()).Differing, "%s, %d shards", rule.Name, e.Shards())
			}
		}
		for _, e := range append(list, ref) {
			require.NoError(t, e.Close())
		}
	}
}

func TestPanicInAShardEndsTheUpdate(t *testing.T) {
	for _, forward := range []bool{true, false} {
		noGoroutineLeft(t, func() {
			cfg, s := config(t, skip(t, broken{op.Tanh(), forward}), tensor.Float64, 2)
			e, err := New(Config{Config: pc.Config{Config: cfg}, Hosting: HostShard})
			require.NoError(t, err)
			_, err = e.Learn(context.Background(), s)
			require.ErrorContains(t, err, "vertex k")
			if forward {
				require.ErrorContains(t, err, "in the forward sweep: panic: out of order")
			} else {
				require.ErrorContains(t, err, "at tick 2: panic: out of order")
			}
			require.NoError(t, e.Close())
		})
	}
}

func TestLostBatchEndsTheUpdate(t *testing.T) {
	noGoroutineLeft(t, func() {
		cfg, s := config(t, population(t), tensor.Float64, 2)
		e, err := New(Config{Config: pc.Config{Config: cfg}, Hosting: HostShard})
		require.NoError(t, err)
		e.lose = func(b *neuron.Batch) bool { return e.pop.Now() == 1 && b.From == 1 }
		_, err = e.Learn(context.Background(), s)
		require.ErrorContains(t, err, "acknowledgements are missing at tick 2, the first from vertex unit[tanh]#")
		require.NoError(t, e.Close())
	})
	noGoroutineLeft(t, func() {
		cfg, s := config(t, population(t), tensor.Float64, 2)
		e, err := New(Config{Config: pc.Config{Config: cfg}, Hosting: HostShard})
		require.NoError(t, err)
		var lost atomic.Int32 // 1 + the edge; shards run side by side
		e.drop = func(m neuron.Message) bool {
			if m.Kind == neuron.Prediction && e.graph.Role(e.graph.From(m.Edge)) == graph.Computed {
				lost.CompareAndSwap(0, int32(m.Edge)+1)
			}
			return int32(m.Edge)+1 == lost.Load()
		}
		_, err = e.Predict(context.Background(), s.Inputs)
		require.ErrorContains(t, err, "acknowledgements are missing in the forward sweep, the first from vertex "+e.graph.Name(e.graph.To(graph.EdgeID(lost.Load()-1))))
		require.NoError(t, e.Close())
	})
}

func TestCancelInShards(t *testing.T) {
	noGoroutineLeft(t, func() {
		cfg, s := config(t, population(t), tensor.Float64, 2)
		ctx, cancel := context.WithCancel(context.Background())
		e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.IL(1000000, 0.01, 0)}, Hosting: HostShard, Trace: func(m neuron.Message) {
			if m.Tick == 100 {
				cancel()
			}
		}})
		require.NoError(t, err)
		_, err = e.Learn(ctx, s)
		require.True(t, errors.Is(err, context.Canceled), "%v", err)
		require.NoError(t, e.Close())
	})
}

// Neither hosting allocates in the steady state.
func TestUpdatesDoNotAllocate(t *testing.T) {
	for _, g := range []*graph.Graph{skip(t, op.Tanh()), population(t)} {
		for _, rule := range []neuron.Rule{pc.ZIL(), pc.DenseZIL(), pc.IL(5, 0.1, 0)} {
			for _, h := range []Hosting{HostActor, HostShard} {
				cfg, s := config(t, g, tensor.Float32, 2)
				e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}, Hosting: h})
				require.NoError(t, err)
				update := func() {
					if _, err := e.Learn(context.Background(), s); err != nil {
						t.Fatal(err)
					}
				}
				for range 20 {
					update()
				}
				require.Less(t, testing.AllocsPerRun(50, update), 1.0, "%s, %s", rule.Name, h)
				require.NoError(t, e.Close())
			}
		}
	}
}

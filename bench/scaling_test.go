package bench

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// The bytes of a point hold at least every parameter and its feedback, and neither the initial parameters nor what other
// points have left.
func TestScalingBytes(t *testing.T) {
	build := network.MLP{Layers: []int{64, 512, 512, 10}, Activation: "tanh", Batch: 8}.Build
	net, err := build()
	require.NoError(t, err)
	parameters := int64(0)
	for _, x := range net.Initial {
		parameters += int64(x.Len())
	}
	for _, e := range []Entry{{Engine: "bp"}, {Engine: "pc", Schedule: "zil"}, {Engine: "actors", Schedule: "zil"}} {
		for _, typ := range []tensor.Type{tensor.Float32, tensor.Float64} {
			p, err := Scaling{Type: typ, Entry: e, Reps: 1}.point(context.Background(), build)
			require.NoError(t, err)
			least := 2 * parameters * int64(typ.Size())
			assert.GreaterOrEqual(t, p.Bytes, least, "%+v %v", e, typ)
			assert.Less(t, p.Bytes, least+1<<20, "%+v %v", e, typ)
			assert.Positive(t, p.Build)
		}
	}
}

// Building a graph, levelling it in either form and building an engine are linear in the edges: from one size to four
// times as many, what an edge more allocates stays the same.
func TestConstructionIsLinear(t *testing.T) {
	var edges []float64
	var costs [][]float64
	for _, n := range []int{2500, 10000, 40000} {
		net, err := network.Layered{Depth: 10, Width: n / 10, FanIn: 10}.Build()
		require.NoError(t, err)
		chain := skips(t, n)
		cost := []float64{
			allocated(func() { _, err = network.Layered{Depth: 10, Width: n / 10, FanIn: 10}.Build() }),
			allocated(func() { skips(t, n) }),
			allocated(func() { graph.Level(chain, graph.Delays, false) }),
			allocated(func() { graph.Level(chain, graph.Identities, false) }),
		}
		for _, h := range []actors.Hosting{actors.HostActor, actors.HostShard} {
			c := Neurons{Type: tensor.Float32, Entry: Entry{Engine: "actors", Schedule: "zil"}, Hosting: h}
			cost = append(cost, allocated(func() {
				e, err := c.engine(net)
				require.NoError(t, err)
				require.NoError(t, e.Close())
			}))
		}
		edges, costs = append(edges, float64(n)), append(costs, cost)
	}
	for part := range costs[0] {
		rise := func(i int) float64 { return (costs[i+1][part] - costs[i][part]) / (edges[i+1] - edges[i]) }
		assert.LessOrEqual(t, rise(1), 1.2*rise(0), "part %d", part)
	}
}

// skips is a chain of n sums, each of the last two, so that every vertex needs an identity or a delay.
func skips(t *testing.T, n int) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Parameter("x", tensor.Dims(1))
	x = b.Apply("", op.Identity(), x)
	y := b.Apply("", op.Tanh(), x)
	for range n {
		x, y = y, b.Apply("", op.Add(), x, y)
	}
	b.Output(y)
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

// allocated returns the bytes that f allocates.
func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

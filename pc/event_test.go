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
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// bearing returns the number of edges of g along which errors travel.
func bearing(g *graph.Graph) int64 {
	n := int64(0)
	for e := range graph.EdgeID(g.Edges()) {
		if to := g.To(e); g.Role(to) == graph.Computed && g.Differentiable(to) && g.Level(to) >= 0 && g.Differentiable(g.From(e)) {
			n++
		}
	}
	return n
}

// Reference: reverse differentiation as a data flow. A vertex that waits for all its consumers needs no clock and no
// levels: the bits of backprop, with one prediction and one error across each edge.
func TestGatheringIsBackprop(t *testing.T) {
	for k, c := range networks(40) {
		s := sampleOf(c, uint64(k))
		got, r := gradientOf(t, c, Config{Rule: Event()}, s)
		assert.True(t, engine.Diff(got, backprop(t, c, s)).Equal(), c.Name)
		assert.Equal(t, int64(c.Graph.Edges())+bearing(c.Graph), r.Messages, c.Name)
		assert.Equal(t, 1, r.Ticks)
	}
}

// A flood carries the messages of the accumulating rule without merging changes: whatever arrives makes its receiver
// send at once, the newest message first or the oldest, or at random.
type flood struct {
	*Engine
	order func(n int) int
	mail  []letter
	sent  int64
}

type letter struct {
	m       neuron.Message
	payload tensor.Tensor
}

// Send implements neuron.Router.
func (f *flood) Send(w *neuron.Worker, m neuron.Message) {
	if m.Kind == neuron.Prediction {
		f.Engine.Send(w, m)
		return
	}
	f.sent++
	f.mail = append(f.mail, letter{m, f.pop.Payload(m).Clone()})
}

// gradient makes one update.
func (f *flood) gradient(t *testing.T, s engine.Sample) engine.Params {
	f.worker.Router = f
	f.pop.Begin(neuron.Gradients, s.Inputs, s.Target, s.Scale)
	require.NoError(t, f.stage())
	f.pop.Open(0, true)
	for _, v := range f.pop.Due() {
		f.pop.Fire(&f.worker, v, neuron.Feedback)
	}
	for len(f.mail) > 0 {
		k := f.order(len(f.mail))
		l := f.mail[k]
		f.mail[k] = f.mail[len(f.mail)-1]
		f.mail = f.mail[:len(f.mail)-1]
		if v, tr := f.pop.Absorb(l.m, l.payload); tr != neuron.None {
			f.pop.Fire(&f.worker, v, tr)
		}
	}
	f.pop.OpenLearning()
	for _, v := range f.pop.Due() {
		f.pop.Fire(&f.worker, v, neuron.Learn)
	}
	f.collect()
	return f.grads.Clone()
}

// Reference: the accumulating form sends Δε ∂μ/∂x at the forward values. It is linear, so the sums are backprop's up to
// rounding, merged or not, in whatever order messages arrive.
func TestAccumulationIsBackprop(t *testing.T) {
	worst := 0.0
	r := rand.New(rand.NewPCG(enginetest.Seed, 1))
	orders := []func(int) int{func(n int) int { return n - 1 }, r.IntN}
	for k, c := range networks(30) {
		s := sampleOf(c, uint64(k))
		want := backprop(t, c, s)
		got, _ := gradientOf(t, c, Config{Rule: EventDelta()}, s)
		d := engine.Diff(got, want).RelativeL2
		assert.Less(t, d, 1e-13, c.Name)
		worst = max(worst, d)
		if c.Graph.Depth() > 14 {
			continue // too many paths
		}
		for _, order := range orders {
			e, err := New(Config{Config: c.Config(tensor.Float64), Rule: EventDelta()})
			require.NoError(t, err)
			f := &flood{Engine: e, order: order}
			d := engine.Diff(f.gradient(t, s), want).RelativeL2
			assert.Less(t, d, 1e-12, c.Name)
			worst = max(worst, d)
		}
	}
	t.Logf("largest relative difference %.1e", worst)
}

// Reference: on a chain of residual blocks the number of paths doubles with every block. A message for each path explodes;
// changes that wait for the vertex's turn are merged, and messages grow with depth at worst.
func TestCoalescing(t *testing.T) {
	for _, tc := range []struct {
		blocks    int
		few, many float64 // messages per edge: at most, merged; at least, not merged
	}{{4, 3, 4}, {8, 5, 30}, {16, 9, 4000}} {
		layers := []int{2}
		for range tc.blocks + 1 {
			layers = append(layers, 2)
		}
		c := build(t, network.Config{Arch: "residual", Layers: append(layers, 2)})
		s := sampleOf(c, 1)
		want, edges := backprop(t, c, s), float64(bearing(c.Graph))
		e, err := New(Config{Config: c.Config(tensor.Float64), Rule: EventDelta()})
		require.NoError(t, err)
		g, r, err := e.Gradient(context.Background(), s)
		require.NoError(t, err)
		assert.Less(t, engine.Diff(g, want).RelativeL2, 1e-13)
		merged := float64(r.Messages-int64(c.Graph.Edges())) / edges
		f := &flood{Engine: e, order: func(n int) int { return n - 1 }}
		assert.Less(t, engine.Diff(f.gradient(t, s), want).RelativeL2, 1e-12)
		flooded := float64(f.sent) / edges
		t.Logf("%d blocks: %.1f messages an edge, %.0f without coalescing", tc.blocks, merged, flooded)
		assert.LessOrEqual(t, merged, tc.few)
		assert.GreaterOrEqual(t, flooded, tc.many)
	}
}

// A change of zero is not sent: with the target at the prediction nothing is.
func TestNoErrorNoMessage(t *testing.T) {
	c := build(t, network.Config{Arch: "diamond"})
	s := sampleOf(c, 1)
	s.Target = scalarPrediction(t, c, s)
	g, r := gradientOf(t, c, Config{Rule: EventDelta()}, s)
	assert.EqualValues(t, c.Graph.Edges(), r.Messages)
	for _, p := range g {
		for i := range p.Value.Len() {
			assert.Zero(t, p.Value.Float(i))
		}
	}
}

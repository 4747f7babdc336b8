package pc

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// ones returns a value for every vertex of g: the one that f says, 1 for leaves.
func ones(g *graph.Graph, f func(v graph.VertexID) float64) []float64 {
	list := make([]float64, g.Len())
	for v := range list {
		list[v] = 1
		if g.Role(graph.VertexID(v)) == graph.Computed {
			list[v] = f(graph.VertexID(v))
		}
	}
	return list
}

// Reference: the energy F = E + ½ Σ π ε² with fixed precisions π, and steps γ. If γ π = 1 at every hidden vertex, Z-IL is
// backprop of the loss scaled by the output's precision: to the bit if all are powers of 2, so that no product rounds. So is
// the accumulating form, to rounding.
func TestPrecisionLaw(t *testing.T) {
	for k, c := range networks(15) {
		s := sampleOf(c, uint64(k))
		g, r := c.Graph, rand.New(rand.NewPCG(enginetest.Seed, uint64(k)))
		want := backprop(t, c, s)
		const out = 4
		for i := range want {
			tensor.Scale(want[i].Value, out)
		}
		for _, exact := range []bool{true, false} {
			pi := ones(g, func(graph.VertexID) float64 {
				if exact {
					return math.Ldexp(1, r.IntN(9)-4)
				}
				return 0.2 + 3*r.Float64()
			})
			pi[g.Output()] = out
			step := ones(g, func(v graph.VertexID) float64 { return 1 / pi[v] })
			for _, rule := range []neuron.Rule{DenseZIL(), EventDelta()} {
				got, _ := gradientOf(t, c, Config{Rule: rule, Precision: pi, Step: step}, s)
				d := engine.Diff(got, want)
				if exact && rule.Event == neuron.Clocked {
					assert.True(t, d.Equal(), "%s: %+v", c.Name, d)
				}
				assert.Less(t, d.RelativeL2, 1e-13, "%s %s", rule.Name, c.Name)
			}
		}
	}
}

// Reference: as before. Otherwise the update of a leaf is scaled by ∏ γ_i π_i along its path, the output's precision
// included, here on chains, where there is one path.
func TestPrecisionScalesAlongThePath(t *testing.T) {
	for seed := range uint64(6) {
		c := build(t, network.Config{Arch: "mlp", Layers: []int{4, 6, 5, 7, 3}, Batch: 3, Init: network.Init{Seed: seed}})
		s := sampleOf(c, seed)
		g, r := c.Graph, rand.New(rand.NewPCG(enginetest.Seed, seed))
		pi := ones(g, func(graph.VertexID) float64 { return 0.2 + 3*r.Float64() })
		step := ones(g, func(graph.VertexID) float64 { return 0.3 + r.Float64() })
		dense, _ := gradientOf(t, c, Config{Rule: DenseZIL(), Precision: pi, Step: step}, s)
		delta, _ := gradientOf(t, c, Config{Rule: EventDelta(), Precision: pi, Step: step}, s)
		want := backprop(t, c, s)
		for i := range want {
			factor := pi[g.Output()]
			for v := g.To(g.Out(g.Parameter(i).Vertex)[0]); v != g.Output(); v = g.To(g.Out(v)[0]) {
				factor *= pi[v] * step[v]
			}
			tensor.Scale(want[i].Value, factor)
			for name, got := range map[string]engine.Params{"dense": dense, "delta": delta} {
				d := engine.Diff(got[i:i+1], want[i:i+1])
				assert.Less(t, d.RelativeL2, 1e-13, "%s %s: %s", name, c.Name, want[i].Name)
			}
		}
	}
}

// Precisions and steps that make no sense, or that the sparse form cannot have, are refused.
func TestPrecisionErrors(t *testing.T) {
	c := networks(0)[1]
	for what, cfg := range map[string]Config{
		"zero":     {Rule: DenseZIL(), Precision: ones(c.Graph, func(graph.VertexID) float64 { return 0 })},
		"negative": {Rule: DenseZIL(), Step: ones(c.Graph, func(graph.VertexID) float64 { return -1 })},
		"infinite": {Rule: DenseZIL(), Precision: ones(c.Graph, func(graph.VertexID) float64 { return math.Inf(1) })},
		"sparse":   {Rule: ZIL(), Precision: ones(c.Graph, func(graph.VertexID) float64 { return 2 })},
		"short":    {Rule: DenseZIL(), Precision: []float64{1}},
	} {
		cfg.Config = c.Config(tensor.Float64)
		_, err := New(cfg)
		assert.Error(t, err, what)
	}
}

package pc

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// tail returns Pr[Bin(n, p) ≥ k].
func tail(n, k int, p float64) float64 {
	sum := 0.0
	for i := k; i <= n; i++ {
		lg, _ := math.Lgamma(float64(n + 1))
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		q := float64(i) * math.Log(p)
		if n > i {
			q += float64(n-i) * math.Log1p(-p)
		}
		sum += math.Exp(lg - a - b + q)
	}
	return sum
}

// byLength returns backprop's errors of every vertex of g over paths of each length from the output: δ^(0) is that of the
// output, δ^(ℓ+1)_i = Σ_j δ^(ℓ)_j ∂μ_j/∂μ_i. Nothing of package neuron takes part.
func byLength(t *testing.T, c enginetest.Case, s engine.Sample) (delta [][]tensor.Tensor, feedback func(v graph.VertexID, eps tensor.Tensor) []tensor.Tensor) {
	g, b := c.Graph, newTextbook(t, c.Graph, c)
	b.run(s, 1, never)
	feedback = func(v graph.VertexID, eps tensor.Tensor) []tensor.Tensor {
		args := b.args(v)
		d := make([]tensor.Tensor, len(args))
		for k, a := range g.Args(v) {
			if g.Differentiable(a) {
				d[k] = tensor.New(tensor.Float64, args[k].Shape())
			}
		}
		g.Op(v).VJP(b.ctx, d, args, b.mu[v], eps)
		return d
	}
	last := make([]tensor.Tensor, g.Len())
	last[g.Output()] = b.eps[g.Output()]
	for any := true; any; {
		delta = append(delta, last)
		next := make([]tensor.Tensor, g.Len())
		any = false
		for v := range graph.VertexID(g.Len()) {
			if !last[v].Wanted() || g.Role(v) != graph.Computed {
				continue
			}
			for k, d := range feedback(v, last[v]) {
				if a := g.Args(v)[k]; d.Wanted() && g.Role(a) == graph.Computed {
					any = true
					accumulate(&next[a], d, 1)
				}
			}
		}
		last = next
	}
	return delta, feedback
}

// accumulate adds factor·x to sum.
func accumulate(sum *tensor.Tensor, x tensor.Tensor, factor float64) {
	if !sum.Wanted() {
		*sum = tensor.New(tensor.Float64, x.Shape())
	}
	for i := range x.Len() {
		sum.SetFloat(i, sum.Float(i)+float64(factor*x.Float(i)))
	}
}

// Reference: fixed prediction [Millidge et al. 2020; Rosenbaum 2022]. After T Jacobi steps of size η the error of a vertex
// is Σ_ℓ δ^(ℓ) Pr[Bin(T, η) ≥ ℓ], where δ^(ℓ) is backprop's error over paths of length ℓ: a random walk that advances with
// probability η. On any graph, levelled or not.
func TestFixedPredictionIsBinomial(t *testing.T) {
	worst := 0.0
	for k, c := range networks(12) {
		s := sampleOf(c, uint64(k))
		delta, feedback := byLength(t, c, s)
		for _, tc := range []struct {
			ticks int
			eta   float64
		}{{1, 0.3}, {3, 0.5}, {8, 0.1}, {20, 0.7}, {6, 1}, {40, 0.25}} {
			want := engine.Params{}
			for i := range c.Initial {
				want = append(want, engine.Param{Value: tensor.New(tensor.Float64, c.Initial[i].Shape())})
			}
			for v := range graph.VertexID(c.Graph.Len()) {
				eps := tensor.Tensor{}
				for l := range delta {
					if delta[l][v].Wanted() {
						accumulate(&eps, delta[l][v], tail(tc.ticks, l, tc.eta))
					}
				}
				if !eps.Wanted() {
					continue
				}
				for a, d := range feedback(v, eps) {
					for i := range want {
						if from := c.Graph.Args(v)[a]; d.Wanted() && from == c.Graph.Parameter(i).Vertex {
							accumulate(&want[i].Value, d, s.Scale)
						}
					}
				}
			}
			got, _ := gradientOf(t, c, Config{Rule: FixedPrediction(tc.ticks, tc.eta)}, s)
			d := engine.Diff(got, want)
			worst = max(worst, d.RelativeL2)
			assert.Less(t, d.RelativeL2, 1e-12, "%s, T = %d, η = %v", c.Name, tc.ticks, tc.eta)
		}
	}
	t.Logf("largest relative difference %.1e", worst)
}

// Reference: as before. With η = 1 and T at least the depth fixed prediction is backprop, with fewer ticks it is not; with
// η < 1 it approaches backprop as T grows.
func TestFixedPredictionOfFullSteps(t *testing.T) {
	for k, c := range networks(12) {
		s := sampleOf(c, uint64(k))
		want := backprop(t, c, s)
		depth, lowest := c.Graph.Depth(), 0 // the lowest level at which a parameter is used
		for i := range c.Graph.Parameters() {
			if v := c.Graph.Parameter(i).Vertex; v >= 0 {
				lowest = max(lowest, c.Graph.Level(v)-1)
			}
		}
		for _, ticks := range []int{max(lowest, 1), depth, depth + 1, depth + 7} {
			got, _ := gradientOf(t, c, Config{Rule: FixedPrediction(ticks, 1)}, s)
			assert.Less(t, engine.Diff(got, want).RelativeL2, 1e-13, c.Name)
		}
		if lowest > 1 {
			got, _ := gradientOf(t, c, Config{Rule: FixedPrediction(lowest-1, 1)}, s)
			assert.Greater(t, engine.Diff(got, want).RelativeL2, 1e-9, c.Name)
		}
		last := math.Inf(1)
		for _, ticks := range []int{2 * depth, 6 * depth, 20 * depth} {
			got, _ := gradientOf(t, c, Config{Rule: FixedPrediction(ticks, 0.5)}, s)
			d := engine.Diff(got, want).RelativeL2
			assert.LessOrEqual(t, d, max(last, 1e-12), c.Name)
			last = d
		}
		assert.Less(t, last, 1e-3, c.Name)
	}
}

package pc

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// The paper is Salvatori, Song, Xu, Lukasiewicz, Bogacz: Reverse Differentiation via Predictive Coding, AAAI 2022,
// arXiv 2103.04689v2. Theorem 3 to the bit, Lemma A.1 at every tick and the ablations of Table 3 are the checks E1, E3 and
// E5 of package enginetest, which TestEngine runs.

func never(int, int) bool { return false }

// Reference: Algorithm 1, equations (5) to (8) with erratum 1: inference learning is T relaxations of all values at once, and
// then one update of all parameters.
func TestInferenceLearningIsAlgorithm1(t *testing.T) {
	const ticks, gamma = 12, 0.07
	for k, c := range networks(20) {
		s := sampleOf(c, uint64(k))
		b := newTextbook(t, c.Graph, c)
		b.gamma = gamma
		b.run(s, ticks+1, func(_, tick int) bool { return tick == ticks })
		g, r := gradientOf(t, c, Config{Rule: IL(ticks, gamma, 0)}, s)
		assert.Less(t, engine.Diff(g, b.grads).RelativeL2, 1e-11, c.Name)
		assert.InEpsilon(t, b.energy, r.Energy, 1e-11, c.Name)
		if c.Graph.Depth() > 1 {
			assert.InEpsilon(t, b.residual, r.Residual, 1e-9, c.Name)
		}
		assert.Equal(t, ticks+1, r.Ticks)
	}
}

// Reference: Theorem 3 and Algorithm 2. Z-IL as it is printed (with the errata) equals backprop up to rounding on every
// levelled graph, and the engine equals it to the bit, in as many ticks as there are levels.
func TestTheorem3(t *testing.T) {
	for k, c := range networks(30) {
		s := sampleOf(c, uint64(k))
		want := backprop(t, c, s)
		l := graph.Level(c.Graph, graph.Identities, false)
		b := newTextbook(t, l.Graph, c)
		b.run(s, l.Depth(), atLevel)
		assert.Less(t, engine.Diff(b.grads, want).RelativeL2, 1e-9, c.Name)
		for _, r := range []neuron.Rule{ZIL(), DenseZIL()} {
			g, res := gradientOf(t, c, Config{Rule: r}, s)
			assert.True(t, engine.Diff(g, want).Equal(), "%s, %s: %+v", c.Name, r.Name, engine.Diff(g, want))
			assert.Equal(t, c.Graph.Depth(), res.Ticks, c.Name)
		}
	}
}

// Reference: erratum 1. Equation (7) is printed with "+" before the feedback; the gradient of the energy has "−".
func TestErratumSign(t *testing.T) {
	wrong, deep := 0, 0
	for k, c := range networks(40) {
		if c.Graph.Depth() < 3 {
			continue
		}
		deep++
		s := sampleOf(c, uint64(k))
		l := graph.Level(c.Graph, graph.Identities, false)
		b := newTextbook(t, l.Graph, c)
		b.sign = +1
		b.run(s, l.Depth(), atLevel)
		if !(engine.Diff(b.grads, backprop(t, c, s)).RelativeL2 < 1e-6) {
			wrong++
		}
	}
	t.Logf("%d of %d differ", wrong, deep)
	assert.Greater(t, wrong, deep*3/4, "of %d", deep) // it goes unnoticed where all parameters sit at even levels
}

// Reference: erratum 2. A leaf of level d takes the error at t = d − 1; at t = d it takes another one.
func TestErratumTimeOfLearning(t *testing.T) {
	wrong, all := 0, 0
	for k, c := range networks(40) {
		all++
		s := sampleOf(c, uint64(k))
		l := graph.Level(c.Graph, graph.Identities, false)
		b := newTextbook(t, l.Graph, c)
		b.run(s, l.Depth()+1, func(level, tick int) bool { return tick == level+1 })
		if !(engine.Diff(b.grads, backprop(t, c, s)).RelativeL2 < 1e-6) {
			wrong++
		}
	}
	t.Logf("%d of %d differ", wrong, all)
	assert.Greater(t, wrong, all*9/10, "of %d", all)
}

// Reference: erratum 3, Section 4 and Figure 4. On the edge from an input j to its consumer i there are
// level(j) − level(i) − 1 identity vertices; with padded leaves also on the edges of parameters and inputs, after which all
// edges join neighbouring levels.
func TestErratumIdentityCount(t *testing.T) {
	for _, c := range networks(40) {
		g := c.Graph
		for _, pad := range []bool{false, true} {
			want := 0
			for e := range graph.EdgeID(g.Edges()) {
				from, to := g.From(e), g.To(e)
				if g.Level(to) >= 0 && g.Role(from) != graph.Constant && (pad || g.Role(from) == graph.Computed) {
					want += g.Level(from) - g.Level(to) - 1
				}
			}
			l := graph.Level(g, graph.Identities, pad)
			assert.Equal(t, want, l.Identities, c.Name)
			assert.Equal(t, g.Len()+want, l.Len(), c.Name)
			assert.Equal(t, g.Depth(), l.Depth(), c.Name)
		}
	}
}

// Reference: erratum 4. γ ≠ 1 only rescales: the error that first arrives at level d is γ^d δ, so a leaf of level d, padded,
// gets γ^(d−1) times backprop's gradient. Without padding the ports of a leaf would have factors of their own.
func TestErratumGammaRescales(t *testing.T) {
	for k, c := range networks(25) {
		s := sampleOf(c, uint64(k))
		want := backprop(t, c, s)
		l := graph.Level(c.Graph, graph.Identities, true)
		for _, gamma := range []float64{0.5, 0.9, 1.25} {
			r := DenseZIL()
			r.Name, r.Gamma = "scaled", gamma
			got, _ := gradientOf(t, c, Config{Rule: r, Form: graph.Identities, PadLeaves: true}, s)
			for i := range got {
				if v := l.Parameter(i).Vertex; v >= 0 && l.Level(v) > 0 {
					tensor.Scale(got[i].Value, math.Pow(gamma, float64(1-l.Level(v))))
				}
			}
			assert.Less(t, engine.Diff(got, want).RelativeL2, 1e-12, "%s, γ = %v", c.Name, gamma)
		}
	}
}

// Reference: erratum 6. Padding the edges of leaves changes nothing: each consumer hands over its own contribution when
// it fires, and the leaf folds them in port order.
func TestErratumPaddingLeavesIsUnnecessary(t *testing.T) {
	for k, c := range networks(25) {
		s := sampleOf(c, uint64(k))
		with, _ := gradientOf(t, c, Config{Rule: DenseZIL(), Form: graph.Identities, PadLeaves: true}, s)
		without, _ := gradientOf(t, c, Config{Rule: DenseZIL(), Form: graph.Identities}, s)
		assert.True(t, engine.Diff(with, without).Equal(), c.Name)
	}
}

// Reference: erratum 7. With values stored as absolute numbers ε = μ − x cancels: the update equals backprop's up to
// rounding, and not to the bit.
func TestErratumAbsoluteValuesCancel(t *testing.T) {
	r := DenseZIL()
	r.State = neuron.Absolute
	differing := 0
	for k, c := range networks(25) {
		s := sampleOf(c, uint64(k))
		g, _ := gradientOf(t, c, Config{Rule: r}, s)
		d := engine.Diff(g, backprop(t, c, s))
		assert.Less(t, d.RelativeL2, 1e-10, c.Name)
		if !d.Equal() {
			differing++
		}
	}
	assert.Greater(t, differing, 10)
	assert.False(t, Promised(r, graph.Identities))
}

// counterexample builds z3·(z1·z2 + 1)·s as fork = z3·s, p = z1·z2, long = p·fork, out = long + fork.
func counterexample(t *testing.T, z [3]float64) enginetest.Case {
	b := graph.NewBuilder()
	s := b.Input("s", tensor.Float64, tensor.Dims())
	z1, z2, z3 := b.Parameter("z1", tensor.Dims()), b.Parameter("z2", tensor.Dims()), b.Parameter("z3", tensor.Dims())
	fork := b.Apply("fork", op.Mul(), z3, s)
	long := b.Apply("long", op.Mul(), b.Apply("p", op.Mul(), z1, z2), fork)
	b.Output(b.Apply("out", op.Add(), long, fork))
	g, err := b.Build()
	require.NoError(t, err)
	c := enginetest.Case{Name: "counter-example", Graph: g}
	for _, x := range z {
		c.Initial = append(c.Initial, scalar(x))
	}
	return c
}

func scalar(x float64) tensor.Tensor { return tensor.From(tensor.Dims(), []float64{x}) }

// Reference: Section 3, the function z3·(z1·z2 + 1)·s, for which backprop gives δ(z1·z2 + 1)s at z3. Not levelled, the error
// reaches z3 at two times. By hand, with p = z1·z2 and the displacements u = −(feedback of the tick before), since γ = 1:
// at tick 1 u_long = u_fork = −δ, so ε_out = δ − 2δ = −δ and ε_long = −pδ + δ; at tick 2, when z3 learns,
// ε_fork = ε_out + p·ε_long of tick 1 = (−1 + p − p²)δ. One identity vertex repairs it.
func TestCounterexample(t *testing.T) {
	z, in, target := [3]float64{0.5, -1.5, 2}, 0.75, 0.25
	c := counterexample(t, z)
	p := z[0] * z[1]
	delta := z[2]*(p+1)*in - target
	s := engine.Sample{Inputs: []tensor.Tensor{scalar(in)}, Target: scalar(target)}

	right := []float64{delta * z[2] * z[1] * in, delta * z[2] * z[0] * in, delta * (p + 1) * in}
	for i, g := range backprop(t, c, s) {
		assert.InDelta(t, right[i], g.Value.Float(0), 1e-15, g.Name)
	}
	naive, _ := gradientOf(t, c, Config{Rule: DenseZIL(), Unlevel: true}, s)
	assert.InDelta(t, delta*(-1+p-p*p)*in, naive[2].Value.Float(0), 1e-15)

	assert.Equal(t, 1, graph.Level(c.Graph, graph.Identities, true).Identities)
	levelled, _ := gradientOf(t, c, Config{Rule: DenseZIL()}, s)
	for i, g := range levelled {
		assert.InDelta(t, right[i], g.Value.Float(0), 1e-15, g.Name)
	}
}

// Reference: Section 2, F = E + ½ Σ ε². The residual is the length of its gradient with respect to the free values:
// here against central differences of the energy that the textbook computes, after some relaxations.
func TestResidualIsTheGradientOfTheEnergy(t *testing.T) {
	for k, c := range networks(5) {
		if c.Graph.Depth() < 2 {
			continue
		}
		s := sampleOf(c, uint64(k))
		b := newTextbook(t, c.Graph, c)
		b.gamma = 0.05
		b.run(s, 5, never) // x after 4 relaxations, the gradient there is that of relaxation 5
		sum := 0.0
		for v := range graph.VertexID(c.Graph.Len()) {
			if !b.errs(v) || v == c.Graph.Output() {
				continue
			}
			x := b.values[v]
			for i := range x.Len() {
				const h = 1e-6
				x0 := x.Float(i)
				x.SetFloat(i, x0+h)
				b.compare(s)
				up := b.energy
				x.SetFloat(i, x0-h)
				b.compare(s)
				x.SetFloat(i, x0)
				d := (up - b.energy) / (2 * h)
				sum += d * d
			}
		}
		_, r := gradientOf(t, c, Config{Rule: IL(5, 0.05, 0)}, s)
		assert.InEpsilon(t, math.Sqrt(sum), r.Residual, 1e-5, c.Name)
	}
}

// Reference: Section 2 (Whittington and Bogacz 2017). At equilibrium, and for one output, inference learning's update
// approaches the direction of backprop's as the output's error goes to zero.
func TestInferenceLearningApproachesBackprop(t *testing.T) {
	c := scalarChain(t)
	s := sampleOf(c, 1)
	s.Target = scalarPrediction(t, c, s)
	mu := s.Target.Float(0)
	last := math.Inf(1)
	for _, size := range []float64{1, 0.1, 0.01, 0.001} {
		s.Target = tensor.New(tensor.Float64, tensor.Dims(1, 1))
		s.Target.SetFloat(0, mu-size)
		g, r := gradientOf(t, c, Config{Rule: IL(4000, 0.1, 1e-12*size)}, s)
		require.Equal(t, engine.Converged, r.Status)
		away := 1 - engine.Diff(g, backprop(t, c, s)).Cosine
		assert.Less(t, away, last/10, "error %v", size)
		last = away
	}
	assert.Less(t, last, 1e-6)
}

// scalarChain is a tanh network of one row and one output.
func scalarChain(t *testing.T) enginetest.Case {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(1, 4))
	w1, w2, w3 := b.Parameter("w1", tensor.Dims(4, 6)), b.Parameter("w2", tensor.Dims(6, 5)), b.Parameter("w3", tensor.Dims(5, 1))
	h := b.Apply("h", op.Tanh(), b.Apply("", op.MatMul(), x, w1))
	h = b.Apply("k", op.Tanh(), b.Apply("", op.MatMul(), h, w2))
	b.Output(b.Apply("out", op.MatMul(), h, w3))
	g, err := b.Build()
	require.NoError(t, err)
	c := enginetest.Case{Name: "scalar chain", Graph: g}
	for i := range g.Parameters() {
		w := tensor.New(tensor.Float64, g.Parameter(i).Shape)
		for k := range w.Len() {
			w.SetFloat(k, 0.5*math.Sin(float64(7*i+3*k+1)))
		}
		c.Initial = append(c.Initial, w)
	}
	return c
}

func scalarPrediction(t *testing.T, c enginetest.Case, s engine.Sample) tensor.Tensor {
	e, err := New(Config{Config: c.Config(tensor.Float64)})
	require.NoError(t, err)
	defer e.Close()
	out, err := e.Predict(context.Background(), s.Inputs)
	require.NoError(t, err)
	return out[0].Clone()
}

// Reference: Algorithm 1, "until convergence". The residual is held against the tolerance between ticks.
func TestToleranceGivesAStatus(t *testing.T) {
	c := scalarChain(t)
	s := sampleOf(c, 2)
	_, free := gradientOf(t, c, Config{Rule: IL(50, 0.1, 0)}, s)
	assert.Equal(t, engine.Done, free.Status)
	assert.Equal(t, 51, free.Ticks)
	_, ok := gradientOf(t, c, Config{Rule: IL(50, 0.1, 10*free.Residual)}, s)
	assert.Equal(t, engine.Converged, ok.Status)
	assert.Less(t, ok.Ticks, 51)
	assert.LessOrEqual(t, ok.Residual, 10*free.Residual)
	_, short := gradientOf(t, c, Config{Rule: IL(50, 0.1, free.Residual/10)}, s)
	assert.Equal(t, engine.NotConverged, short.Status)
	assert.Equal(t, 51, short.Ticks)
	assert.Greater(t, short.Residual, free.Residual/10)
}

// Reference: Section 2. An error crosses one level at a relaxation: with fewer relaxations than levels − 1 the lowest
// parameters get nothing, of which the user is warned.
func TestTooFewRelaxations(t *testing.T) {
	c := scalarChain(t)
	depth := c.Graph.Depth() // 5: the consumers of w1, w2, w3 have levels 4, 2, 0
	s := sampleOf(c, 3)
	for ticks := 1; ticks <= depth; ticks++ {
		e, err := New(Config{Config: c.Config(tensor.Float64), Rule: IL(ticks, 0.1, 0)})
		require.NoError(t, err)
		g, _, err := e.Gradient(context.Background(), s)
		require.NoError(t, err)
		assert.Equal(t, ticks < depth-1, len(e.Warnings()) > 0, "%d relaxations", ticks)
		for i, level := range []int{4, 2, 0} {
			nonzero := 0.0
			for k := range g[i].Value.Len() {
				nonzero += math.Abs(g[i].Value.Float(k))
			}
			assert.Equal(t, ticks >= level, nonzero > 0, "%d relaxations, %s", ticks, g[i].Name)
		}
		require.NoError(t, e.Close())
	}
}

// Reference: Theorem 3. Promised says where it holds; whatever it promises is exact on every graph of the suite, and on
// graphs with paths of unequal length dense Z-IL without levelling, which it does not promise, is not.
func TestPromised(t *testing.T) {
	rules := []neuron.Rule{ZIL(), DenseZIL(), DefaultIL()}
	for _, a := range Ablations(3) {
		rules = append(rules, a.Rule)
	}
	for k, c := range networks(5) {
		if c.Graph.Depth() < 3 {
			continue
		}
		s := sampleOf(c, uint64(k))
		want := backprop(t, c, s)
		for _, r := range rules {
			for _, form := range []graph.Form{graph.Identities, graph.Delays, graph.Unlevelled} {
				g, _ := gradientOf(t, c, Config{Rule: r, Form: form, Unlevel: form == graph.Unlevelled}, s)
				equal := engine.Diff(g, want).Equal()
				if Promised(r, form) {
					assert.True(t, equal, "%s, %s, %v", c.Name, r.Name, form)
				} else if r.Sparse || form != graph.Unlevelled || c.Unequal {
					assert.False(t, equal, "%s, %s, %v", c.Name, r.Name, form)
				}
			}
		}
	}
}

func TestParseSchedule(t *testing.T) {
	for _, name := range []string{"zil", "zil-dense", "il"} {
		r, err := ParseSchedule(name)
		require.NoError(t, err)
		assert.Equal(t, name, r.Name)
		assert.NoError(t, r.Check())
	}
	_, err := ParseSchedule("z-il")
	assert.ErrorContains(t, err, `unknown schedule "z-il"`)
}

package network_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// gradient returns backprop's gradients and the output for features x and the half squared error to target.
func gradient(t *testing.T, n *network.Network, initial []tensor.Tensor, x, target tensor.Tensor) ([]tensor.Tensor, tensor.Tensor) {
	t.Helper()
	e, err := bp.New(engine.Config{Graph: n.Graph, Initial: initial, Loss: op.HalfSquared{}, Compute: tensor.Config{Workers: 1}})
	require.NoError(t, err)
	defer e.Close()
	in := n.NewInputs(tensor.Float64)
	require.NoError(t, n.Inputs(x, in))
	p, _, err := e.Gradient(context.Background(), engine.Sample{Inputs: in, Target: target})
	require.NoError(t, err)
	var grads []tensor.Tensor
	for _, g := range p {
		grads = append(grads, g.Value.Clone())
	}
	out, err := e.Predict(context.Background(), in)
	require.NoError(t, err)
	return grads, out[0].Clone()
}

func randomTensor(r *rand.Rand, s tensor.Shape) tensor.Tensor {
	t := tensor.New(tensor.Float64, s)
	for i := range t.Len() {
		t.SetFloat(i, r.NormFloat64())
	}
	return t
}

// maxDiff returns the largest difference between two lists of tensors, relative to the largest element of b's tensor.
func maxDiff(t *testing.T, a, b []tensor.Tensor) float64 {
	t.Helper()
	require.Len(t, a, len(b))
	worst := 0.0
	for k := range a {
		require.Equal(t, b[k].Shape(), a[k].Shape())
		top := 1e-300
		for i := range b[k].Len() {
			top = max(top, math.Abs(b[k].Float(i)))
		}
		for i := range b[k].Len() {
			d := math.Abs(a[k].Float(i)-b[k].Float(i)) / top
			if math.IsNaN(d) {
				d = math.Inf(1)
			}
			worst = max(worst, d)
		}
	}
	return worst
}

// Every grain computes the same function and the same gradients up to rounding, from the same seed.
func TestGrainsAgree(t *testing.T) {
	for _, layers := range [][]int{{3, 2}, {5, 1, 4}, {6, 7, 5, 3}, {1, 1, 1}} {
		for _, act := range op.ActivationNames() {
			r := rand.New(rand.NewPCG(1, uint64(len(layers))))
			c := network.MLP{Layers: layers, Activation: act, OutputActivation: "tanh", Batch: 4, Init: network.Init{Seed: 7}}
			ref, err := c.Build()
			require.NoError(t, err)
			x, y := randomTensor(r, ref.X), randomTensor(r, ref.Output())
			want, out := gradient(t, ref, ref.Initial, x, y)
			for _, g := range network.Grains()[1:] {
				c.Grain = g
				n, err := c.Build()
				require.NoError(t, err)
				require.Equal(t, ref.Parameters(), n.Parameters())
				got, o := gradient(t, n, n.Initial, x, y)
				assert.Less(t, maxDiff(t, []tensor.Tensor{o}, []tensor.Tensor{out}), 1e-13)
				back, err := c.Regrain(got, network.Layer)
				require.NoError(t, err)
				assert.Less(t, maxDiff(t, back, want), 1e-12, "%v %s %s", layers, act, g)
				same, err := c.Regrain(n.Initial, network.Layer)
				require.NoError(t, err)
				assert.Zero(t, maxDiff(t, same, ref.Initial), "the same seed gives the same weights")
			}
		}
	}
}

// Regrain is a bijection between any two grains.
func TestRegrainRoundTrip(t *testing.T) {
	for _, from := range network.Grains() {
		for _, to := range network.Grains() {
			c := network.MLP{Layers: []int{4, 3, 2}, Grain: from}
			n, err := c.Build()
			require.NoError(t, err)
			there, err := c.Regrain(n.Initial, to)
			require.NoError(t, err)
			m, err := network.MLP{Layers: c.Layers, Grain: to}.Build()
			require.NoError(t, err)
			assert.Zero(t, maxDiff(t, there, m.Initial))
			c.Grain = to
			back, err := c.Regrain(there, from)
			require.NoError(t, err)
			assert.Zero(t, maxDiff(t, back, n.Initial))
			_, err = c.Regrain(there[:len(there)-1], from)
			assert.Error(t, err)
			_, err = c.Regrain(append(there, there[0]), from)
			assert.Error(t, err)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		net  network.MLP
		want []string
	}{
		{network.MLP{Layers: []int{3, 2, 2}}, []string{"input", "hidden/w", "hidden/b", "hidden/pre", "hidden", "output/w", "output/b", "output"}},
		{network.MLP{Layers: []int{2, 2, 1, 2}, Grain: network.Neuron}, []string{"input/0", "input/1", "hidden1/w/0", "hidden1/w/1", "hidden1/0", "hidden1/1",
			"hidden2/w/0", "hidden2/0", "output/w/0", "output/w/1", "output/0", "output/1", "readout"}},
		{network.MLP{Layers: []int{2, 1}, OutputActivation: "tanh", Grain: network.Synapse}, []string{"input/0", "input/1", "output/w/0", "output/w/1", "output/w/2",
			"output/product/0", "output/product/1", "output/sum/0", "output/pre/0", "output/0", "readout"}},
		{network.MLP{Layers: []int{1, 1}, Grain: network.Synapse}, []string{"input/0", "output/w/0", "output/w/1", "output/product/0", "output/sum/0", "output/0", "readout"}},
	} {
		n, err := c.net.Build()
		require.NoError(t, err)
		var names []string
		for v := range graph.VertexID(n.Graph.Len()) {
			names = append(names, n.Graph.Name(v))
		}
		assert.Equal(t, c.want, names)
		assert.Empty(t, n.Graph.Warnings())
	}
}

// Inputs cuts features into leaves, converts their type and allocates nothing.
func TestInputs(t *testing.T) {
	c := network.MLP{Layers: []int{3, 2}, Batch: 5}
	for _, g := range network.Grains() {
		c.Grain = g
		n, err := c.Build()
		require.NoError(t, err)
		for _, from := range []tensor.Type{tensor.Float64, tensor.Float32} {
			for _, to := range []tensor.Type{tensor.Float64, tensor.Float32} {
				x := n.RandomFeatures(rand.New(rand.NewPCG(1, 1)), from)
				dst := n.NewInputs(to)
				require.NoError(t, n.Inputs(x, dst))
				for k, d := range dst {
					for i := range d.Len() {
						b, f := i, k
						if g == network.Layer {
							b, f = i/3, i%3
						}
						assert.Equal(t, float32(x.Float(b*3+f)), float32(d.Float(i)))
					}
				}
				assert.Zero(t, testing.AllocsPerRun(10, func() { _ = n.Inputs(x, dst) }))
			}
		}
		assert.Error(t, n.Inputs(tensor.New(tensor.Float64, tensor.Dims(5, 4)), n.NewInputs(tensor.Float64)))
		assert.Error(t, n.Inputs(tensor.New(tensor.Float64, n.X), nil))
		assert.Error(t, n.Inputs(tensor.Tensor{}, n.NewInputs(tensor.Float64)))
	}
}

// A layer's draws depend on the seed and its own name: a layer more or less changes no other.
func TestDrawsAreIndependent(t *testing.T) {
	build := func(seed uint64, layers ...int) *network.Network {
		n, err := network.MLP{Layers: layers, Init: network.Init{Seed: seed}}.Build()
		require.NoError(t, err)
		return n
	}
	a, b, c := build(3, 8, 6, 6, 4), build(3, 8, 6, 6, 6, 4), build(4, 8, 6, 6, 4)
	assert.Zero(t, tensor.Differing(a.Initial[0], b.Initial[0]))
	assert.Zero(t, tensor.Differing(a.Initial[2], b.Initial[2]))
	assert.Zero(t, tensor.Differing(a.Initial[4], b.Initial[6]), "output")
	assert.Equal(t, a.Initial[0].Len(), tensor.Differing(a.Initial[0], c.Initial[0]))
	assert.NotZero(t, tensor.Differing(b.Initial[2], b.Initial[4]))
}

// The draws have the spread that the rule names.
func TestInitSpread(t *testing.T) {
	const in, out = 400, 300
	for rule, want := range map[string]float64{
		"": math.Sqrt(2.0 / (in + out)), "glorot": math.Sqrt(2.0 / (in + out)), "glorot-normal": math.Sqrt(2.0 / (in + out)),
		"he": math.Sqrt(2.0 / in), "lecun": math.Sqrt(1.0 / in), "normal": 0.02, "zeros": 0,
	} {
		for _, gain := range []float64{0, 2} {
			n, err := network.MLP{Layers: []int{in, out}, Init: network.Init{Rule: rule, Gain: gain, Seed: 5}}.Build()
			require.NoError(t, err)
			var sum, squares float64
			for _, x := range n.Initial[0].Float64s() {
				sum, squares = sum+x, squares+x*x
			}
			expect := want
			if gain == 2 && rule == "normal" {
				expect = 2
			} else if gain == 2 {
				expect *= 2
			}
			sigma := math.Sqrt(squares / (in * out))
			assert.InDelta(t, expect, sigma, 0.02*expect+1e-300, rule)
			assert.InDelta(t, 0, sum/(in*out), 0.01*expect+1e-300, rule)
			assert.Zero(t, maxAbs(n.Initial[1]), "biases start at 0")
		}
	}
}

func maxAbs(t tensor.Tensor) float64 {
	m := 0.0
	for i := range t.Len() {
		m = max(m, math.Abs(t.Float(i)))
	}
	return m
}

func TestMistakesAreNamed(t *testing.T) {
	for _, c := range []struct {
		net interface {
			Build() (*network.Network, error)
		}
		want string
	}{
		{network.MLP{}, "at least 2 sizes"},
		{network.MLP{Layers: []int{3, 0}}, "size 1 is 0"},
		{network.MLP{Layers: []int{1 << 28, 1 << 28}}, "too many weights"},
		{network.MLP{Layers: []int{3, 2}, Grain: "atom"}, `unknown grain "atom"`},
		{network.MLP{Layers: []int{3, 2}, Activation: "tan"}, `unknown activation "tan"`},
		{network.MLP{Layers: []int{3, 2}, Batch: -1}, "batch has -1 rows"},
		{network.MLP{Layers: []int{3, 2}, Init: network.Init{Rule: "x"}}, `unknown initialisation "x"`},
		{network.MLP{Layers: []int{3, 2}, Init: network.Init{Gain: math.NaN()}}, "gain of the initialisation is NaN"},
		{network.Residual{Layers: []int{3, 4, 5, 2}}, "one width"},
		{network.Residual{Layers: []int{3, 4, 2}}, "at least 4 sizes"},
		{network.Residual{Layers: []int{3, 4, 4, 2}, Batch: -1}, "batch has -1 rows"},
		{network.Diamond{Layers: []int{3, 4, 4, 2}}, "want three sizes"},
		{network.Diamond{Layers: []int{3, 4, 2}, Batch: -1}, "batch has -1 rows"},
		{network.Skip{Batch: -1}, "batch has -1 rows"},
		{network.Random{Size: -1}, "random graph of -1 vertices"},
		{network.Random{Batch: -1}, "batch has -1 rows"},
		{network.Config{Arch: "mpl"}, `unknown architecture "mpl": use one of mlp`},
		{network.Config{Arch: "residual", Grain: network.Neuron}, `architecture "residual" has no grain`},
		{network.Config{Long: 2}, `architecture "mlp" has no long`},
	} {
		_, err := c.net.Build()
		assert.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, "network: ")
	}
}

// Every architecture builds, the same from the same seed, without a warning and with a gradient of every parameter that
// is not zero.
func TestArchitectures(t *testing.T) {
	for _, a := range network.Architectures() {
		t.Run(a.Name, func(t *testing.T) {
			c := network.Small(a.Name)
			c.Batch, c.Init = 3, network.Init{Rule: "he", Seed: 12}
			n, err := c.Build()
			require.NoError(t, err)
			assert.Equal(t, 3, n.X.Dim(0))
			assert.Less(t, n.Parameters(), 100_000)
			assert.Empty(t, n.Graph.Warnings())
			assert.NotEmpty(t, a.About)
			r := rand.New(rand.NewPCG(2, 2))
			grads, out := gradient(t, n, n.Initial, n.RandomFeatures(r, tensor.Float64), randomTensor(r, n.Output()))
			assert.False(t, math.IsNaN(maxAbs(out)))
			for i, g := range grads {
				assert.NotZero(t, maxAbs(g), n.Graph.Parameter(i).Name)
			}
			again, err := c.Build()
			require.NoError(t, err)
			assert.Zero(t, maxDiff(t, again.Initial, n.Initial))
		})
	}
}

// The paper's counter-example: the gradients of z3(z1·z2 + 1)s in closed form, and the two levels of the fork's consumers.
func TestSkip(t *testing.T) {
	n, err := network.Skip{}.Build()
	require.NoError(t, err)
	z1, z2, z3, s, y := 0.5, -1.5, 2.0, 0.75, 0.1
	one := func(x float64) tensor.Tensor { return tensor.From(tensor.Dims(1, 1), []float64{x}) }
	grads, out := gradient(t, n, n.Initial, one(s), one(y))
	mu := z3 * (z1*z2 + 1) * s
	delta := mu - y
	assert.InDelta(t, mu, out.Float(0), 1e-15)
	for i, want := range []float64{delta * z3 * z2 * s, delta * z3 * z1 * s, delta * (z1*z2 + 1) * s} {
		assert.InDelta(t, want, grads[i].Float(0), 1e-15)
	}
	fork, ok := n.Graph.Find("fork")
	require.True(t, ok)
	assert.Equal(t, 3, n.Graph.Level(fork))
	assert.Equal(t, 2, graph.Level(n.Graph, graph.Identities, false).Identities)
}

func TestLevelling(t *testing.T) {
	n, err := network.Residual{Layers: []int{4, 5, 5, 5, 3}, Batch: 2}.Build()
	require.NoError(t, err)
	assert.Equal(t, 2*2, graph.Level(n.Graph, graph.Identities, false).Identities, "two on each skip connection, past pre and act")
	d, err := network.Diamond{Layers: []int{4, 5, 3}, Long: 3, Short: 1}.Build()
	require.NoError(t, err)
	assert.Equal(t, 4, graph.Level(d.Graph, graph.Identities, false).Identities)
}

// Random graphs: the seed determines all, features that were not asked for are absent, those asked for are there.
func TestRandom(t *testing.T) {
	dead, infinite, nan, multi, shared := 0, 0, 0, 0, 0
	for seed := range uint64(60) {
		build := func(c network.Random) *network.Network {
			c.Seed, c.Batch = seed, 2
			n, err := c.Build()
			require.NoError(t, err, "seed %d", seed)
			return n
		}
		plain := build(network.Random{})
		r := rand.New(rand.NewPCG(seed, 9))
		x, y := plain.RandomFeatures(r, tensor.Float64), randomTensor(r, plain.Output())
		assert.Empty(t, plain.Graph.Warnings(), "seed %d", seed)
		assert.Equal(t, describe(plain), describe(build(network.Random{})))
		grads, _ := gradient(t, plain, plain.Initial, x, y)
		assert.False(t, notFinite(grads), "seed %d", seed)
		for v := range graph.VertexID(plain.Graph.Len()) {
			outs := plain.Graph.Out(v)
			if plain.Graph.Role(v) == graph.Parameter && len(outs) > 1 {
				shared++
			}
			for k := 1; k < len(outs); k++ {
				if plain.Graph.To(outs[k]) == plain.Graph.To(outs[k-1]) {
					multi++
				}
			}
		}
		masked := build(network.Random{Masks: true})
		grads, _ = gradient(t, masked, masked.Initial, x, y)
		assert.False(t, notFinite(grads), "seed %d", seed)
		for v := range graph.VertexID(masked.Graph.Len()) {
			if masked.Graph.Role(v) == graph.Constant && math.IsInf(minOf(masked.Graph.Constant(v)), -1) {
				infinite++
			}
		}
		singular := build(network.Random{Singular: true})
		grads, _ = gradient(t, singular, singular.Initial, x, y)
		if notFinite(grads) {
			nan++
		}
		dead += len(build(network.Random{Dead: true}).Graph.Warnings())
	}
	assert.Equal(t, 60, dead)
	assert.GreaterOrEqual(t, infinite, 50)
	assert.GreaterOrEqual(t, nan, 40)
	assert.Greater(t, multi, 60)
	assert.Greater(t, shared, 60)
}

func describe(n *network.Network) string {
	s := ""
	for v := range graph.VertexID(n.Graph.Len()) {
		s += fmt.Sprintln(n.Graph.Name(v), n.Graph.Args(v), n.Graph.Shape(v))
	}
	return s + fmt.Sprint(n.Initial)
}

func notFinite(list []tensor.Tensor) bool {
	for _, t := range list {
		for i := range t.Len() {
			if x := t.Float(i); math.IsNaN(x) || math.IsInf(x, 0) {
				return true
			}
		}
	}
	return false
}

func minOf(t tensor.Tensor) float64 {
	m := math.Inf(1)
	for i := range t.Len() {
		m = min(m, t.Float(i))
	}
	return m
}

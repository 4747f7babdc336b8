package network_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/tensor"
)

func open(c engine.Config) (engine.Engine, error) { return bp.New(c) }

// against checks that n, given the parameters of a fixture under other names, computes what PyTorch computes.
func against(t *testing.T, n *network.Network, fixture string, x func(f *enginetest.Fixture) tensor.Tensor, names *strings.Replacer) {
	t.Helper()
	for _, f := range enginetest.Fixtures(t) {
		if f.Name != fixture {
			continue
		}
		index := map[string]int{}
		for i, p := range f.Gradient {
			index[p.Name] = i
		}
		mine := *f
		mine.Graph, mine.Initial, mine.Gradient, mine.After = n.Graph, nil, nil, nil
		for i := range n.Graph.Parameters() {
			p := n.Graph.Parameter(i)
			k, ok := index[names.Replace(p.Name)]
			require.True(t, ok, "%s is %s", p.Name, names.Replace(p.Name))
			require.Equal(t, p.Shape, f.Initial[k].Shape(), p.Name)
			mine.Initial = append(mine.Initial, f.Initial[k])
			mine.Gradient = append(mine.Gradient, f.Gradient[k])
			mine.After = append(mine.After, f.After[k])
		}
		require.Len(t, mine.Initial, len(f.Initial))
		mine.Sample.Inputs = n.NewInputs(tensor.Float64)
		require.NoError(t, n.Inputs(x(f), mine.Sample.Inputs))
		if s := n.Output(); mine.Sample.Target.Type() == tensor.Int64 && s.Rank() == 3 {
			mine.Sample.Target = mine.Sample.Target.Reshape(tensor.Dims(s.Dim(0), s.Dim(1)))
		}
		mine.Test(t, open)
		return
	}
	t.Fatalf("no fixture %s", fixture)
}

// transposed returns x [a, b, …] as [b, a, …].
func transposed(x tensor.Tensor) tensor.Tensor {
	s := x.Shape()
	a, b, inner := s.Dim(0), s.Dim(1), s.Len()/(s.Dim(0)*s.Dim(1))
	y := tensor.New(tensor.Float64, s.With(0, b).With(1, a))
	for i := range a {
		for k := range b {
			copy(y.Float64s()[(k*a+i)*inner:][:inner], x.Float64s()[(i*b+k)*inner:])
		}
	}
	return y
}

func TestRecurrentAgreesWithPyTorch(t *testing.T) {
	names := strings.NewReplacer("cell/w", "Wx", "cell/u", "Wh", "cell/b", "bh", "output/w", "Wo", "output/b", "bo")
	x := func(f *enginetest.Fixture) tensor.Tensor { return transposed(f.Sample.Inputs[0]) }
	for _, c := range []struct {
		fixture              string
		hidden, steps, batch int
	}{{"rnn_reber_mse", 10, 6, 5}, {"rnn_reber_ce", 12, 9, 4}} {
		n, err := network.Recurrent{Inputs: 7, Hidden: c.hidden, Outputs: 7, Steps: c.steps, Batch: c.batch}.Build()
		require.NoError(t, err)
		against(t, n, c.fixture, x, names)
	}
}

func TestTransformerAgreesWithPyTorch(t *testing.T) {
	post := network.Transformer{Positions: 5, Features: 8, Heads: 2, FeedForward: 12, Blocks: 1, Classes: 3, Mean: true, Batch: 3}
	names := strings.NewReplacer("block1/q/w", "Wq", "block1/q/b", "bq", "block1/k/w", "Wk", "block1/k/b", "bk", "block1/v/w", "Wv", "block1/v/b", "bv",
		"block1/attention/w", "Wo", "block1/attention/b", "bo", "block1/hidden/w", "W1", "block1/hidden/b", "b1", "block1/mlp/w", "W2", "block1/mlp/b", "b2",
		"block1/norm1/gain", "ln1_g", "block1/norm1/bias", "ln1_b", "block1/norm2/gain", "ln2_g", "block1/norm2/bias", "ln2_b", "output/w", "Wh", "output/b", "bh")
	x := func(f *enginetest.Fixture) tensor.Tensor { return f.Sample.Inputs[0] }
	for _, fixture := range []string{"transformer_post_mse", "transformer_post_ce"} {
		n, err := post.Build()
		require.NoError(t, err)
		against(t, n, fixture, x, names)
	}

	pre := network.LanguageModel(9, 5, 8, 2, 2)
	pre.Causal, pre.FeedForward, pre.Batch = false, 12, 3
	n, err := pre.Build()
	require.NoError(t, err)
	names = strings.NewReplacer("block1/", "A_", "block2/", "B_", "q/w", "Wq", "q/b", "bq", "k/w", "Wk", "k/b", "bk", "v/w", "Wv", "v/b", "bv",
		"attention/w", "Wo", "attention/b", "bo", "hidden/w", "W1", "hidden/b", "b1", "mlp/w", "W2", "mlp/b", "b2",
		"norm1/gain", "ln1_g", "norm1/bias", "ln1_b", "norm2/gain", "ln2_g", "norm2/bias", "ln2_b", "norm/gain", "lnf_g", "norm/bias", "lnf_b",
		"embedding/w", "emb", "positions", "pos")
	f := func(f *enginetest.Fixture) tensor.Tensor {
		f.Output = f.Output.Reshape(n.Output())
		return f.Sample.Inputs[0]
	}
	against(t, n, "transformer_pre_tied_ce", f, names)
}

// Position t of a causal model depends on tokens up to t only, and on those it does depend.
func TestCausal(t *testing.T) {
	c := network.Small("lm")
	c.Batch = 1
	n, err := c.Build()
	require.NoError(t, err)
	x := n.RandomFeatures(rand.New(rand.NewPCG(1, 2)), tensor.Float64)
	zero := tensor.New(tensor.Float64, n.Output())
	_, before := gradient(t, n, n.Initial, x, zero)
	const at = 3
	x.Int64s()[at] = (x.Int64s()[at] + 1) % int64(n.Tokens)
	_, after := gradient(t, n, n.Initial, x, zero)
	for p := range c.Steps {
		rows := func(out tensor.Tensor) tensor.Tensor { return out.Reshape(tensor.Dims(c.Steps, n.Tokens)).Rows(p, p+1) }
		assert.Equal(t, p >= at, tensor.Differing(rows(before), rows(after)) > 0, "position %d", p)
	}
}

// gates computes a recurrent network's last output for one sequence from its formulas, in scalars.
func gates(n *network.Network, cell string, x [][]float64) []float64 {
	p := map[string]tensor.Tensor{}
	for i, t := range n.Initial {
		p[n.Graph.Parameter(i).Name] = t
	}
	sigma := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	dot := func(v []float64, w string, k int) float64 {
		s, cols := 0.0, p[w].Shape().Dim(1)
		for j := range v {
			s += v[j] * p[w].Float(j*cols+k)
		}
		return s
	}
	units := p["output/w"].Shape().Dim(0)
	h, c := make([]float64, units), make([]float64, units)
	for _, xt := range x {
		pre := func(g string, k int) float64 {
			return dot(xt, "cell/"+g+"/w", k) + p["cell/"+g+"/b"].Float(k) + dot(h, "cell/"+g+"/u", k)
		}
		next := make([]float64, units)
		for k := range next {
			if cell == "lstm" {
				c[k] = sigma(pre("f", k))*c[k] + sigma(pre("i", k))*math.Tanh(pre("g", k))
				next[k] = sigma(pre("o", k)) * math.Tanh(c[k])
				continue
			}
			back := dot(h, "cell/g/u", k)
			g := math.Tanh(pre("g", k) - back + sigma(pre("r", k))*(back+p["cell/g/c"].Float(k)))
			z := sigma(pre("z", k))
			next[k] = (1-z)*g + z*h[k]
		}
		h = next
	}
	out := make([]float64, p["output/b"].Len())
	for k := range out {
		out[k] = dot(h, "output/w", k) + p["output/b"].Float(k)
	}
	return out
}

func TestGatedCells(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, cell := range []string{"lstm", "gru"} {
		c := network.Recurrent{Cell: cell, Inputs: 3, Hidden: 5, Outputs: 2, Steps: 4, Init: network.Init{Rule: "lecun", Gain: 2, Seed: 3}}
		n, err := c.Build()
		require.NoError(t, err)
		for _, p := range n.Initial { // biases too
			for i := range p.Len() {
				p.SetFloat(i, p.Float(i)+0.1*r.NormFloat64())
			}
		}
		x := n.RandomFeatures(r, tensor.Float64)
		_, out := gradient(t, n, n.Initial, x, tensor.New(tensor.Float64, n.Output()))
		var rows [][]float64
		for s := range c.Steps {
			rows = append(rows, x.Float64s()[3*s:3*s+3])
		}
		assert.InDeltaSlice(t, gates(n, cell, rows), out.Float64s(), 1e-13, cell)

		c.EveryStep = true
		m, err := c.Build()
		require.NoError(t, err)
		require.Equal(t, tensor.Dims(1, 4, 2), m.Output())
		_, all := gradient(t, m, n.Initial, x, tensor.New(tensor.Float64, m.Output()))
		assert.Equal(t, out.Float64s(), all.Float64s()[6:], "the last of all outputs")
	}
}

// The presets have as many parameters as the same models in PyTorch.
func TestPresets(t *testing.T) {
	want := map[string]int{"mlp20": 269322, "mlp128": 269322, "rnn": 21898, "lenet": 62006, "cnn3": 654666, "resnet18": 11181642, "transformer": 404800}
	require.Len(t, network.Presets(), len(want))
	for _, p := range network.Presets() {
		if testing.Short() && p.Name == "resnet18" {
			continue
		}
		n, err := p.Config.Build()
		require.NoError(t, err, p.Name)
		assert.Equal(t, want[p.Name], n.Parameters(), p.Name)
		assert.Empty(t, n.Graph.Warnings())
		found, err := network.FindPreset(p.Name)
		require.NoError(t, err)
		assert.Equal(t, p.Config, found.Config)
	}
	_, err := network.FindPreset("mlp21")
	assert.ErrorContains(t, err, `unknown preset "mlp21"`)
}

// All options build.
func TestOptions(t *testing.T) {
	for _, c := range []network.Config{
		{Arch: "resnet18", Width: 4, Norm: "group", Stem: "small", Image: []int{1, 8, 8}, Batch: 2},
		{Arch: "resnet18", Width: 9, Norm: "group", Image: []int{3, 32, 32}},
		{Arch: "transformer", Steps: 4, Width: 8, Heads: 4, PreNorm: true, Mean: true, Vocabulary: 5, FeedForward: 6, Blocks: 3, Activation: "silu"},
		{Arch: "lm", Steps: 3, Width: 4, Heads: 1, Vocabulary: 5, FeedForward: 6, Blocks: 1, Activation: "relu"},
		{Arch: "rnn", Layers: []int{2, 3, 2}, Steps: 3, EveryStep: true, Activation: "relu"},
		{Arch: "mlp", Layers: []int{4, 3}, OutputActivation: "sigmoid", Activation: "elu", Grain: network.Neuron},
	} {
		n, err := c.Build()
		require.NoError(t, err)
		r := rand.New(rand.NewPCG(3, 3))
		grads, _ := gradient(t, n, n.Initial, n.RandomFeatures(r, tensor.Float64), randomTensor(r, n.Output()))
		assert.False(t, notFinite(grads), c.Arch)
	}
}

func TestDeepMistakesAreNamed(t *testing.T) {
	for _, c := range []struct {
		net interface {
			Build() (*network.Network, error)
		}
		want string
	}{
		{network.Config{Arch: "lenet", Image: []int{3, 8}}, "want channels, height and width"},
		{network.Config{Arch: "lenet", Image: []int{3, 8, 8}}, "conv2"},
		{network.Config{Arch: "lenet", Classes: -1}, "a size is -1"},
		{network.CNN{Image: []int{1, 8, 8}, Classes: 2}, "want a stage or more"},
		{network.CNN{Image: []int{1, 8, 8}, Classes: 2, Stages: []network.Stage{{Channels: 1, Kernel: 1, Pad: -1}}}, "stage 1 has a negative size"},
		{network.ResNet{Norm: "layer"}, `unknown norm "layer"`},
		{network.ResNet{Stem: "big"}, `unknown stem "big"`},
		{network.ResNet{Width: -1}, "a size is -1"},
		{network.ResNet{Image: []int{1}}, "image [1]"},
		{network.ResNet{Batch: -1}, "batch has -1 rows"},
		{network.Recurrent{}, "rnn: 0 inputs"},
		{network.Recurrent{Cell: "tru", Inputs: 1, Hidden: 1, Outputs: 1, Steps: 1}, `unknown cell "tru"`},
		{network.Recurrent{Cell: "gru", Activation: "tanh", Inputs: 1, Hidden: 1, Outputs: 1, Steps: 1}, "leave activation out"},
		{network.Recurrent{Inputs: 1, Hidden: 1, Outputs: 1, Steps: 1, Activation: "no"}, `unknown activation "no"`},
		{network.Config{Arch: "lstm", Layers: []int{1, 2}}, "want three sizes"},
		{network.Transformer{}, "positions is 0"},
		{network.Config{Arch: "transformer", Heads: 3}, "not a multiple of 3 heads"},
		{network.Config{Arch: "transformer", Vocabulary: -1}, "vocabulary is -1"},
		{network.Config{Arch: "transformer", Steps: 1 << 15}, "too many"},
		{network.Transformer{Positions: 1, Features: 1, Heads: 1, FeedForward: 1, Blocks: 1, Classes: 1, Tied: true}, "tied read-out needs a vocabulary"},
		{network.Config{Arch: "lm", Mean: true}, `"lm" has no mean`},
	} {
		_, err := c.net.Build()
		assert.ErrorContains(t, err, c.want)
	}
}

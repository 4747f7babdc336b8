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

// A value that is held at its prediction changes nothing between it and the output, and stops the errors: what lies below
// gets the update of a graph in which the vertex is a constant, which is none.
func TestFixAtThePrediction(t *testing.T) {
	for _, rule := range []neuron.Rule{DenseZIL(), FaZIL(), DefaultIL()} {
		c := scalarChain(t)
		s := sampleOf(c, 4)
		plain, _ := gradientOf(t, c, Config{Rule: rule}, s)
		e, err := New(Config{Config: c.Config(tensor.Float64), Rule: rule})
		require.NoError(t, err)
		_, err = e.Predict(context.Background(), s.Inputs)
		require.NoError(t, err)
		v, _ := e.Graph().Find("h")
		e.Population().Fix(v, e.Population().Value(v).Clone())
		got, r, err := e.Gradient(context.Background(), s)
		require.NoError(t, err)
		if rule.Gate != neuron.AtEnd {
			assert.True(t, engine.Diff(got[1:], plain[1:]).Equal(), "%s: above", rule.Name)
		}
		for k := range got[0].Value.Len() {
			assert.Zero(t, got[0].Value.Float(k), "%s: below", rule.Name)
		}
		want, err := New(Config{Config: c.Config(tensor.Float64), Rule: rule})
		require.NoError(t, err)
		_, w, err := want.Gradient(context.Background(), s)
		require.NoError(t, err)
		assert.Equal(t, w.Loss, r.Loss)

		e.Population().Free(v)
		got, _, err = e.Gradient(context.Background(), s)
		require.NoError(t, err)
		assert.True(t, engine.Diff(got, plain).Equal(), "%s: let go", rule.Name)
	}
}

// A value that is held elsewhere stays there at every tick, and its error is sent: the weights below learn to predict it.
func TestFixElsewhere(t *testing.T) {
	c := scalarChain(t)
	s := sampleOf(c, 4)
	e, err := New(Config{Config: c.Config(tensor.Float64), Rule: IL(30, 0.1, 0)})
	require.NoError(t, err)
	v, _ := e.Graph().Find("h")
	x := tensor.New(tensor.Float64, e.Graph().Shape(v))
	for i := range x.Len() {
		x.SetFloat(i, 0.5*math.Cos(float64(i)))
	}
	e.Population().Fix(v, x)
	x.Fill(99) // a copy was taken
	away := func() float64 {
		sum := 0.0
		for i := range x.Len() {
			sum += math.Pow(e.Population().Value(v).Float(i)-0.5*math.Cos(float64(i)), 2)
		}
		return sum
	}
	ticks := 0
	e.Observe(func(p *neuron.Population) {
		ticks++
		for i := range x.Len() {
			assert.Equal(t, 0.5*math.Cos(float64(i)), p.X(v).Float(i), "tick %d", p.Now())
		}
		assert.False(t, p.AtRest(v))
	})
	first, last := 0.0, 0.0
	for n := range 400 {
		_, err := e.Learn(context.Background(), s)
		require.NoError(t, err)
		if last = away(); n == 0 {
			first = last
		}
	}
	assert.Equal(t, 400*31, ticks)
	assert.Less(t, last, first/5, "μ approaches the value that is held")
}

// The wave is what the output sends, not what moves: where values are held, or start displaced, Fa-Z-IL by wave learns what
// Z-IL with a clock learns, to the bit.
func TestTheWaveIsNotDisplacement(t *testing.T) {
	for k, c := range networks(20) {
		s := sampleOf(c, uint64(k))
		var got [2]engine.Params
		for i, rule := range []neuron.Rule{DenseZIL(), FaZIL()} {
			rule.Noise, rule.Seed = 0.1*float64(k%2), 5
			e, err := New(Config{Config: c.Config(tensor.Float64), Rule: rule})
			require.NoError(t, err)
			if v := e.Graph().Output(); k%2 == 0 {
				if v = e.Graph().Args(v)[0]; e.Graph().Role(v) == graph.Computed {
					e.Population().Fix(v, tensor.New(tensor.Float64, e.Graph().Shape(v)))
				}
			}
			g, _, err := e.Gradient(context.Background(), s)
			require.NoError(t, err)
			got[i] = g.Clone()
		}
		assert.True(t, engine.Diff(got[1], got[0]).Equal(), c.Name)
	}
}

// linearChain is out = (x·W1)·W2 with weights that are well conditioned, so that it can be inverted.
func linearChain(t *testing.T) enginetest.Case {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(2, 3))
	h := b.Apply("h", op.MatMul(), x, b.Parameter("w1", tensor.Dims(3, 3)))
	b.Output(b.Apply("out", op.MatMul(), h, b.Parameter("w2", tensor.Dims(3, 3))))
	g, err := b.Build()
	require.NoError(t, err)
	c := enginetest.Case{Name: "linear chain", Graph: g}
	for i := range 2 {
		w := tensor.New(tensor.Float64, tensor.Dims(3, 3))
		for k := range 9 {
			w.SetFloat(k, 0.2*math.Sin(float64(5*i+3*k+1)))
		}
		for k := range 3 {
			w.SetFloat(4*k, w.Float(4*k)+1)
		}
		c.Initial = append(c.Initial, w)
	}
	return c
}

// Reference: [Salvatori et al. 2021, associative memories], the generative direction: with the output held at y and the
// input free, inference finds the input that generates y. The energy decreases to 0 where the network can be inverted.
func TestGenerativeDirection(t *testing.T) {
	c := linearChain(t)
	s := sampleOf(c, 1)
	truth := s.Inputs[0].Clone()
	e, err := New(Config{Config: c.Config(tensor.Float64)})
	require.NoError(t, err)
	y, err := e.Predict(context.Background(), s.Inputs)
	require.NoError(t, err)
	s.Target = y[0].Clone()
	s.Inputs[0].Zero() // where it starts
	for _, gamma := range []float64{0.05, 0.2} {
		free, err := New(Config{Config: c.Config(tensor.Float64), Rule: IL(20000, gamma, 1e-12), FreeInputs: []int{0}})
		require.NoError(t, err)
		last := math.Inf(1)
		free.Observe(func(p *neuron.Population) {
			if gamma < 0.1 {
				assert.LessOrEqual(t, p.Energy(), last*(1+1e-12)+1e-28, "tick %d", p.Now())
			}
			last = p.Energy()
		})
		_, r, err := free.Gradient(context.Background(), s)
		require.NoError(t, err)
		assert.Equal(t, engine.Converged, r.Status)
		assert.Less(t, r.Energy, 1e-20)
		x := free.Population().X(free.Graph().InputVertex(0))
		for i := range truth.Len() {
			assert.InDelta(t, truth.Float(i), x.Float(i), 1e-9)
			assert.Zero(t, s.Inputs[0].Float(i), "the sample stays as it is")
		}
	}
	_, err = New(Config{Config: c.Config(tensor.Float64), FreeInputs: []int{3}})
	assert.Error(t, err)
}

// A free input leaves nothing to exactness, but lowers the energy of any network.
func TestFreeInputsLowerTheEnergy(t *testing.T) {
	for k, c := range networks(10) {
		if c.Graph.Depth() < 2 || c.Graph.InputVertex(0) < 0 {
			continue
		}
		s := sampleOf(c, uint64(k))
		_, fixed := gradientOf(t, c, Config{Rule: IL(60, 0.02, 0)}, s)
		_, free := gradientOf(t, c, Config{Rule: IL(60, 0.02, 0), FreeInputs: []int{0}}, s)
		assert.LessOrEqual(t, free.Energy, fixed.Energy*(1+1e-9), c.Name)
		assert.Less(t, free.Energy, free.Loss, c.Name)
	}
}

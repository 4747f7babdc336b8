package bp_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

var ctx = context.Background()

func cases() []enginetest.Case {
	list := enginetest.Architectures()
	for seed := range uint64(12) {
		list = append(list, enginetest.Random(seed))
	}
	return list
}

func sample(c enginetest.Case, typ tensor.Type) engine.Sample {
	return c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 1)), typ)
}

func newEngine(t *testing.T, cfg engine.Config) *bp.Engine {
	e, err := bp.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

// The gradient is the derivative of the loss: against central differences along random directions of every parameter. A
// kink of ReLU between the two points is told by a second, shorter step.
func TestGradientIsTheDerivative(t *testing.T) {
	for _, c := range cases() {
		if c.Singular {
			continue
		}
		s := sample(c, tensor.Float64)
		s.Scale = 0
		e := newEngine(t, c.Config(tensor.Float64))
		g, res, err := e.Gradient(ctx, s)
		require.NoError(t, err)
		g = g.Clone()
		r := rand.New(rand.NewPCG(enginetest.Seed, 2))
		for i := range g {
			w := e.Params()[i].Value
			origin, along := w.Clone(), w.Clone()
			want := 0.0
			for k := range along.Len() {
				along.SetFloat(k, r.NormFloat64())
				want += along.Float(k) * g[i].Value.Float(k)
			}
			slope := func(h float64) float64 {
				var loss [2]float64
				for side, sign := range []float64{1, -1} {
					for k := range w.Len() {
						w.SetFloat(k, origin.Float(k)+sign*h*along.Float(k))
					}
					_, res, err := e.Gradient(ctx, s)
					require.NoError(t, err)
					loss[side] = res.Loss
				}
				w.CopyFrom(origin)
				return (loss[0] - loss[1]) / (2 * h)
			}
			got := slope(1e-5)
			if again := slope(1e-6); math.Abs(again-want) < math.Abs(got-want) {
				got = again
			}
			assert.InDelta(t, want, got, 1e-5*(1+math.Abs(want)+res.Loss), "%s, %s", c.Name, g[i].Name)
		}
	}
}

// Learn is Gradient followed by the plasticity of every parameter; Gradient changes no parameter.
func TestLearnAppliesTheGradient(t *testing.T) {
	for _, c := range cases() {
		for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
			cfg := c.Config(typ)
			cfg.Plasticity = synapse.Rule{Name: "adam", Rate: 0.1}
			e, s := newEngine(t, cfg), sample(c, typ)
			before := e.Params().Clone()
			g, r, err := e.Gradient(ctx, s)
			require.NoError(t, err)
			require.True(t, engine.Diff(e.Params(), before).Equal())
			tc := tensor.NewCtx(tensor.Config{Workers: 1})
			for i := range before {
				if c.Graph.Parameter(i).Vertex >= 0 {
					cfg.Plasticity.New().Learn(tc, before[i].Value, g[i].Value.Clone())
				}
			}
			tc.Close()
			res, err := e.Learn(ctx, s)
			require.NoError(t, err)
			require.True(t, engine.Diff(e.Params(), before).Equal(), c.Name)
			require.Equal(t, math.Float64bits(r.Loss), math.Float64bits(res.Loss))
			require.Equal(t, math.Float64bits(res.Loss), math.Float64bits(res.Energy))
			require.Zero(t, res.Ticks)
		}
	}
}

// Scale multiplies the folded feedback, and nothing else.
func TestScale(t *testing.T) {
	for _, c := range cases() {
		if c.Singular {
			continue
		}
		e, s := newEngine(t, c.Config(tensor.Float64)), sample(c, tensor.Float64)
		s.Scale = 0
		g, r, err := e.Gradient(ctx, s)
		require.NoError(t, err)
		g = g.Clone()
		s.Scale = 0.25
		scaled, q, err := e.Gradient(ctx, s)
		require.NoError(t, err)
		require.Equal(t, r, q)
		for i := range g {
			tensor.Scale(g[i].Value, 0.25)
		}
		require.True(t, engine.Diff(scaled, g).Equal(), c.Name)
	}
}

// A parameter that was pruned keeps its value, and its gradient is zero.
func TestPrunedParameters(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(2))
	b.Apply("dead", op.Mul(), x, b.Parameter("unused", tensor.Dims(2)))
	b.Output(b.Apply("out", op.Mul(), x, b.Parameter("used", tensor.Dims(2))))
	g, err := b.Build()
	require.NoError(t, err)
	one := tensor.New(tensor.Float64, tensor.Dims(2))
	one.Fill(1)
	e := newEngine(t, engine.Config{Graph: g, Initial: []tensor.Tensor{one, one}})
	s := engine.Sample{Inputs: []tensor.Tensor{one}, Target: tensor.New(tensor.Float64, tensor.Dims(2))}
	_, err = e.Learn(ctx, s)
	require.NoError(t, err)
	grads, _, err := e.Gradient(ctx, s)
	require.NoError(t, err)
	assert.Equal(t, "unused", grads[0].Name)
	assert.Equal(t, []float64{0, 0}, grads[0].Value.Float64s())
	assert.Equal(t, []float64{1, 1}, e.Params()[0].Value.Float64s())
	assert.Equal(t, []float64{0.99, 0.99}, e.Params()[1].Value.Float64s())
	assert.Equal(t, []float64{1, 1}, one.Float64s(), "the initial values are copied")
}

func TestErrors(t *testing.T) {
	_, err := bp.New(engine.Config{})
	assert.Error(t, err)
	c := cases()[1]
	e, s := newEngine(t, c.Config(tensor.Float64)), sample(c, tensor.Float64)
	before := e.Params().Hash()
	_, err = e.Learn(ctx, engine.Sample{Target: s.Target})
	assert.Error(t, err)
	_, err = e.Predict(ctx, nil)
	assert.Error(t, err)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = e.Learn(ended, s)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = e.Predict(ended, s.Inputs)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, before, e.Params().Hash())
	assert.NoError(t, e.Close())
	assert.NoError(t, e.Close())
}

func TestUpdatesDoNotAllocate(t *testing.T) {
	for _, c := range enginetest.Architectures() {
		cfg := c.Config(tensor.Float32)
		cfg.Compute.Workers = 1
		e, s := newEngine(t, cfg), sample(c, tensor.Float32)
		update := func() {
			if _, err := e.Learn(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
		update()
		assert.Zero(t, testing.AllocsPerRun(5, update), c.Name)
	}
}

package neuron

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

func floats(typ tensor.Type, x ...float64) tensor.Tensor {
	t := tensor.New(typ, tensor.Dims(len(x)))
	for i, v := range x {
		t.SetFloat(i, v)
	}
	return t
}

func values(t tensor.Tensor) []float64 {
	list := make([]float64, t.Len())
	for i := range list {
		list[i] = t.Float(i)
	}
	return list
}

// ε = (μ − anchor) − u, in which infinities and NaN that are equal cancel: a mask of −Inf has no error.
func TestCompareKernel(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
		eps := floats(typ, 9, 9, 9, 9, 9)
		mu, anchor := floats(typ, 1, -inf, inf, nan, 2), floats(typ, 1, -inf, inf, nan, 0.5)
		compareKernel(c, eps, mu, anchor, tensor.Tensor{})
		assert.Equal(t, []float64{0, 0, 0, 0, 1.5}, values(eps))
		compareKernel(c, eps, mu, anchor, floats(typ, 0, 1, 2, 3, 4))
		assert.Equal(t, []float64{0, -1, -2, -3, -2.5}, values(eps))
		compareKernel(c, eps, tensor.Tensor{}, tensor.Tensor{}, floats(typ, 1, 2, 3, 4, 5))
		assert.Equal(t, []float64{-1, -2, -3, -4, -5}, values(eps))
		compareKernel(c, eps, floats(typ, inf, 1, 1, 1, 1), floats(typ, -inf, inf, nan, 1, 1), tensor.Tensor{})
		assert.Equal(t, []float64{inf, -inf}, values(eps)[:2])
		assert.True(t, math.IsNaN(eps.Float(2)))
	}
}

// u += γ(ε − fold), x = anchor + u, and the sum of squares of ε − fold.
func TestRelaxKernel(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
		x, u := floats(typ, 0, 0), floats(typ, 1, -1)
		r := relaxKernel(c, x, u, floats(typ, 10, 20), floats(typ, 3, 5), floats(typ, 1, 9), 0.5)
		assert.Equal(t, []float64{2, -3}, values(u))
		assert.Equal(t, []float64{12, 17}, values(x))
		assert.Equal(t, 20.0, r)
		relaxKernel(c, x, x, tensor.Tensor{}, floats(typ, 1, 1), floats(typ, 0, 0), 1)
		assert.Equal(t, []float64{13, 18}, values(x), "absolute")
		assert.Equal(t, 6.5, halfSquare(floats(typ, 2, -3)))
	}
}

// An argument of a delay line of k places is what was pushed k ticks before; before that, the anchor.
func TestRing(t *testing.T) {
	c := enginetest.Architectures()
	for _, a := range c {
		if a.Name != "diamond" {
			continue
		}
		d := newDriver(t, a, Rule{Gamma: 1}, graph.Delays, nil)
		p := d.p
		require.NotEmpty(t, p.rings)
		for e, r := range p.rings {
			delay := p.g.Delay(e)
			require.Len(t, r.values, delay+1)
			r.clear()
			x := p.Value(p.g.From(e)).Clone()
			for tick := range 4 * delay {
				p.now = tick
				got, moved := r.argument(p, e)
				require.Equal(t, tick > delay, moved, "tick %d", tick)
				if moved {
					require.Equal(t, float64(tick-delay), got.Float(0))
				}
				x.Fill(float64(tick + 1))
				r.pushValue(p, e, x)
				p.noteValue(Message{Edge: e, Tick: int32(tick + 1)})
			}
		}
	}
}

// The initial error is a function of seed, sample and vertex.
func TestNoiseIsDetermined(t *testing.T) {
	c := enginetest.Architectures()[1]
	s := c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 1)), tensor.Float64)
	learn := func(seed uint64, updates int) engine.Params {
		d := newDriver(t, c, Rule{Gamma: 1, Noise: 0.1, Seed: seed}, graph.Identities, nil)
		for range updates {
			d.update(t, Learning, s)
		}
		return d.params()
	}
	assert.True(t, engine.Diff(learn(1, 2), learn(1, 2)).Equal())
	assert.False(t, engine.Diff(learn(1, 2), learn(2, 2)).Equal())

	d := newDriver(t, c, Rule{Gamma: 1, Noise: 0.1, Seed: 1}, graph.Identities, nil)
	x := func() []float64 {
		d.p.Begin(Gradients, s.Inputs, s.Target, 1)
		d.stage(t)
		var list []float64
		for v := range graph.VertexID(d.p.Graph().Len()) {
			if d.p.active(v) && v != d.p.Graph().Output() {
				require.False(t, d.p.AtRest(v))
				list = append(list, values(d.p.view(d.p.disp[v], v))...)
			}
		}
		d.todo = nil
		return list
	}
	first := x()
	sum := 0.0
	for _, u := range first {
		sum += u * u
	}
	assert.InDelta(t, 0.1, math.Sqrt(sum/float64(len(first))), 0.03, "standard deviation")
}

// counted is a Plasticity that counts.
type counted struct {
	synapse.Plasticity
	calls *int
}

func (c counted) Learn(ctx *tensor.Ctx, w, f tensor.Tensor) {
	*c.calls++
	c.Plasticity.Learn(ctx, w, f)
}

// Every parameter that gets feedback learns exactly once per update; one that gets none, never; nobody learns when only
// the gradient or a prediction was asked for.
func TestEveryLeafLearnsOnce(t *testing.T) {
	for _, f := range forms() {
		if f.rule.Gate == Incremental {
			continue
		}
		for _, c := range enginetest.Architectures() {
			d := newDriver(t, c, f.rule, f.form, nil)
			calls := make([]int, d.p.Graph().Parameters())
			own := make([]synapse.Plasticity, len(calls))
			for i := range calls {
				own[i] = counted{d.p.plasticityOf(i), &calls[i]}
			}
			d.p.plasticity, d.p.shared = own, false
			s := c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 3)), tensor.Float64)
			d.update(t, Gradients, s)
			for _, n := range calls {
				require.Zero(t, n)
			}
			d.update(t, Learning, s)
			for i, n := range calls {
				want := 0
				if d.p.Gradient(i).Wanted() {
					want = 1
				}
				require.Equal(t, want, n, "%s, %s, %s", f.name, c.Name, d.p.Graph().Parameter(i).Name)
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	c := enginetest.Architectures()[1]
	d := newDriver(t, c, Rule{Gamma: 1}, graph.Identities, nil)
	d.p.Begin(Learning, nil, tensor.Tensor{}, 1)
	v, ok := d.p.Graph().Find("h1")
	require.True(t, ok)
	assert.Equal(t, "vertex h1 (predict) in the forward sweep", d.p.Describe(v, Predict))
	d.p.Open(3, false)
	assert.Equal(t, "vertex h1 (compare) at tick 3", d.p.Describe(v, Compare))
	assert.Greater(t, d.p.Bytes(), int64(len(d.p.buf)))
}

package engine

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

func f64(x ...float64) tensor.Tensor { return tensor.From(tensor.Dims(len(x)), x) }
func f32(x ...float32) tensor.Tensor { return tensor.From(tensor.Dims(len(x)), x) }

func one(t tensor.Tensor) Params { return Params{{"w", t}} }

func linear(t *testing.T) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(3, 2))
	b.Output(b.Apply("out", op.MatMul(), x, b.Parameter("w", tensor.Dims(2, 4))))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestConfigCheck(t *testing.T) {
	g := linear(t)
	w := tensor.New(tensor.Float32, tensor.Dims(2, 4))
	good := Config{Graph: g, Initial: []tensor.Tensor{w}}
	c, err := good.Check()
	require.NoError(t, err)
	assert.Equal(t, tensor.Float64, c.Type)
	assert.Equal(t, op.HalfSquared{}, c.Loss)
	for want, change := range map[string]func(*Config){
		"engine: no graph":                                           func(c *Config) { c.Graph = nil },
		"type i64 cannot learn":                                      func(c *Config) { c.Type = tensor.Int64 },
		"initial values for 0 parameters, the graph has 1":           func(c *Config) { c.Initial = nil },
		`initial value of "w" is f64[2], want floats of shape [2 4]`: func(c *Config) { c.Initial = []tensor.Tensor{f64(1, 2)} },
		`initial value of "w" is i64`:                                func(c *Config) { c.Initial = []tensor.Tensor{tensor.New(tensor.Int64, w.Shape())} },
		`unknown rule "sdg"`:                                         func(c *Config) { c.Plasticity = synapse.Rule{Name: "sdg"} },
	} {
		bad := good
		change(&bad)
		_, err := bad.Check()
		assert.ErrorContains(t, err, want)
	}
}

func TestCheckSample(t *testing.T) {
	c, err := Config{Graph: linear(t), Initial: []tensor.Tensor{tensor.New(tensor.Float64, tensor.Dims(2, 4))}}.Check()
	require.NoError(t, err)
	x, y := tensor.New(tensor.Float64, tensor.Dims(3, 2)), tensor.New(tensor.Float64, tensor.Dims(3, 4))
	good := Sample{Inputs: []tensor.Tensor{x}, Target: y}
	require.NoError(t, c.CheckSample(good))
	for want, s := range map[string]Sample{
		"got 0 inputs, the graph has 1":                   {Target: y},
		`input "x" is f64[3 4], want f64[3 2]`:            {Inputs: []tensor.Tensor{y}, Target: y},
		`input "x" is f32[3 2], want f64[3 2]`:            {Inputs: []tensor.Tensor{x.Convert(tensor.Float32)}, Target: y},
		"target has type f32, the engine computes in f64": {Inputs: good.Inputs, Target: y.Convert(tensor.Float32)},
		"target: half-squared-error":                      {Inputs: good.Inputs, Target: x},
	} {
		assert.ErrorContains(t, c.CheckSample(s), want)
	}
	c.Loss = op.CrossEntropy{}
	labels := tensor.From(tensor.Dims(3), []int64{0, 3, 2})
	require.NoError(t, c.CheckSample(Sample{Inputs: good.Inputs, Target: labels}))
	labels.Int64s()[1] = 4
	assert.ErrorContains(t, c.CheckSample(Sample{Inputs: good.Inputs, Target: labels}), "row 1 has label 4")
}

func TestDiff(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	zero := math.Copysign(0, -1)
	for _, c := range []struct {
		a, b      tensor.Tensor
		differing int
		maxAbs    float64
		ulp       uint64
	}{
		{f64(1, 2, nan, inf), f64(1, 2, -nan, inf), 0, 0, 0},
		{f64(1), f64(math.Nextafter(1, 2)), 1, 0x1p-52, 1},
		{f64(0), f64(zero), 1, 0, 1},
		{f64(5e-324), f64(-5e-324), 1, 1e-323, 3},
		{f64(1, 1), f64(2, 1), 1, 1, 1 << 52},
		{f64(nan), f64(1), 1, inf, math.MaxUint64},
		{f64(inf), f64(math.MaxFloat64), 1, inf, 1},
		{f64(inf), f64(-inf), 1, inf, 2*0x7ff0000000000000 + 1},
		{f32(1), f32(math.Nextafter32(1, 2)), 1, 0x1p-23, 1},
		{f32(-1), f32(math.Nextafter32(-1, -2)), 1, 0x1p-23, 1},
		{f32(1), f32(-1), 1, 2, 2*0x3f800000 + 1},
	} {
		d := Diff(one(c.a), one(c.b))
		assert.Equal(t, c.differing, d.Differing, "%v %v", c.a, c.b)
		assert.Equal(t, c.maxAbs, d.MaxAbs, "%v %v", c.a, c.b)
		assert.Equal(t, c.ulp, d.MaxULP, "%v %v", c.a, c.b)
		assert.Equal(t, c.differing == 0, d.Equal())
		assert.Equal(t, c.a.Len(), d.Params)
	}
	d := Diff(one(f64(3, 4)), one(f64(0, 4)))
	assert.Equal(t, 0.75, d.RelativeL2)
	assert.Equal(t, 0.8, d.Cosine)
	d = Diff(one(f64(0, 0)), one(f64(0, 0)))
	assert.Equal(t, 1.0, d.Cosine)
	assert.Zero(t, d.RelativeL2)
	assert.True(t, math.IsNaN(Diff(one(f64(0, 0)), one(f64(0, 1))).Cosine))
	assert.Equal(t, inf, Diff(one(f64(0, 1)), one(f64(0, 0))).RelativeL2)
	for _, x := range []float64{nan, inf, -inf} { // equal in their bits, or not: at no distance
		for _, y := range []float64{nan, inf, 2} {
			for _, d := range []Difference{Diff(one(f64(1, x)), one(f64(1, y))), Diff(one(f64(1, y)), one(f64(1, x)))} {
				assert.True(t, math.IsNaN(d.RelativeL2), "%v %v", x, y)
				assert.True(t, math.IsNaN(d.Cosine), "%v %v", x, y)
			}
		}
	}
	assert.Zero(t, Diff(one(f64(1e200)), one(f64(1e200))).RelativeL2)
	assert.True(t, math.IsNaN(Diff(one(f64(1)), one(f64(1e200))).RelativeL2), "too large for its square")
	assert.Panics(t, func() { Diff(one(f64(1)), nil) })
	assert.Panics(t, func() { Diff(one(f64(1)), one(f32(1))) })
	assert.Panics(t, func() { Diff(one(f64(1)), one(f64(1, 2))) })
}

// The distance in units in the last place is a metric on the line of floats, with neighbours at 1.
func TestULPs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.Float64().Draw(t, "a"), rapid.Float64().Draw(t, "b"), rapid.Float64().Draw(t, "c")
		list := []float64{a, b, c}
		d := func(i, k int) uint64 { return Diff(one(f64(list[i])), one(f64(list[k]))).MaxULP }
		require.Equal(t, d(0, 1), d(1, 0))
		require.Equal(t, math.Float64bits(a) == math.Float64bits(b), d(0, 1) == 0)
		if a < b && b < c {
			require.Equal(t, d(0, 2), d(0, 1)+d(1, 2))
		}
		if next := math.Nextafter(a, math.Inf(1)); a != 0 && next != 0 && !math.IsInf(a, 0) {
			list[1] = next
			require.Equal(t, uint64(1), d(0, 1))
		}
	})
}

// The hash is that of names, types, shapes and bits, and of nothing else.
func TestHash(t *testing.T) {
	p := Params{{"a", f64(1, 2)}, {"b", f32(3)}}
	h := p.Hash()
	assert.Len(t, h, 64)
	assert.Equal(t, h, p.Clone().Hash())
	for what, q := range map[string]Params{
		"a name":      {{"c", f64(1, 2)}, {"b", f32(3)}},
		"an element":  {{"a", f64(1, math.Nextafter(2, 3))}, {"b", f32(3)}},
		"a type":      {{"a", f64(1, 2)}, {"b", f64(3)}},
		"a shape":     {{"a", f64(1, 2).Reshape(tensor.Dims(2, 1))}, {"b", f32(3)}},
		"the order":   {{"b", f32(3)}, {"a", f64(1, 2)}},
		"one is gone": {{"a", f64(1, 2)}},
	} {
		assert.NotEqual(t, h, q.Hash(), what)
	}
	assert.NotEqual(t, one(f64(0)).Hash(), one(f64(math.Copysign(0, -1))).Hash())
	assert.Equal(t, one(f64(math.NaN())).Hash(), one(f64(math.Float64frombits(0xfff8000000000123))).Hash())
	large := tensor.New(tensor.Float32, tensor.Dims(5000))
	h = one(large).Hash()
	large.Float32s()[4999] = 1
	assert.NotEqual(t, h, one(large).Hash())
	assert.Equal(t, 3, p.Len())
}

func TestCloneHasStorageOfItsOwn(t *testing.T) {
	p := one(f64(1, 2))
	q := p.Clone()
	q[0].Value.Float64s()[0] = 7
	assert.Equal(t, []float64{1, 2}, p[0].Value.Float64s())
}

func TestStatusWords(t *testing.T) {
	assert.Equal(t, "done", Done.String())
	assert.Equal(t, "converged", Converged.String())
	assert.Equal(t, "not converged", NotConverged.String())
}

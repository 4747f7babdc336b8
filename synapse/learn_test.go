package synapse

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/tensor"
)

const seed = 20240917

// rules are the rules that learn, with and without decay.
var rules = []Rule{
	{Rate: 0.3}, {Rate: 0.3, Decay: 0.02},
	{Name: "momentum", Rate: 0.1}, {Name: "momentum", Rate: 0.1, Decay: 0.02}, {Name: "momentum", Rate: 0.1, Momentum: 0.5, Nesterov: true},
	{Name: "adam"}, {Name: "adam", Decay: 0.02}, {Name: "adamw", Decay: 0.02, Beta1: 0.8, Beta2: 0.99},
}

var types = []tensor.Type{tensor.Float64, tensor.Float32}

func random(r *rand.Rand, typ tensor.Type, s tensor.Shape) tensor.Tensor {
	t := tensor.New(typ, s)
	for i := range t.Len() {
		t.SetFloat(i, r.NormFloat64())
	}
	return t
}

func newCtx(t testing.TB, workers int) *tensor.Ctx {
	c := tensor.NewCtx(tensor.Config{Workers: workers})
	t.Cleanup(c.Close)
	return c
}

// reference makes steps of r on one scalar in float64, written from the formulas of Rule, without state of ours.
func reference(r Rule, w float64, feedback []float64) float64 {
	r = r.defaults()
	var v, p, q float64
	for k, f := range feedback {
		g := f + r.Decay*w
		switch r.Name {
		case "sgd":
			w -= r.Rate * g
		case "momentum":
			v = r.Momentum*v + g
			if r.Nesterov {
				w -= r.Rate * (g + r.Momentum*v)
			} else {
				w -= r.Rate * v
			}
		case "adamw":
			w *= 1 - r.Rate*r.Decay
			g = f
			fallthrough
		case "adam":
			n := float64(k + 1)
			p = r.Beta1*p + (1-r.Beta1)*g
			q = r.Beta2*q + (1-r.Beta2)*g*g
			w -= r.Rate * (p / (1 - math.Pow(r.Beta1, n))) / (math.Sqrt(q/(1-math.Pow(r.Beta2, n))) + r.Epsilon)
		}
	}
	return w
}

func TestLearnAgreesWithTheScalarReference(t *testing.T) {
	c := newCtx(t, 2)
	r := rand.New(rand.NewPCG(seed, 1))
	for _, rule := range rules {
		for k, typ := range types {
			tolerance := [...]float64{1e-14, 2e-6}[k]
			w := random(r, typ, tensor.Dims(3, 5))
			before := w.Clone()
			p := rule.New()
			history := make([][]float64, w.Len())
			for range 7 {
				f := random(r, typ, w.Shape())
				for i := range history {
					history[i] = append(history[i], f.Float(i))
				}
				p.Learn(c, w, f)
			}
			for i := range w.Len() {
				assert.InDelta(t, reference(rule, before.Float(i), history[i]), w.Float(i), tolerance, "%v %v, seed %d", rule, typ, seed)
			}
		}
	}
}

func TestDescentIsBitwise(t *testing.T) {
	c := newCtx(t, 1)
	r := rand.New(rand.NewPCG(seed, 2))
	w, f := random(r, tensor.Float64, tensor.Dims(100)), random(r, tensor.Float64, tensor.Dims(100))
	want := w.Clone()
	for i, x := range f.Float64s() {
		want.Float64s()[i] -= float64(0.3 * x)
	}
	Rule{Rate: 0.3}.New().Learn(c, w, f)
	assert.Zero(t, tensor.Differing(want, w))

	w32, f32 := w.Convert(tensor.Float32), f.Convert(tensor.Float32)
	want = w32.Clone()
	rate := float32(0.3)
	for i, x := range f32.Float32s() {
		want.Float32s()[i] -= float32(rate * x)
	}
	Rule{Rate: 0.3}.New().Learn(c, w32, f32)
	assert.Zero(t, tensor.Differing(want, w32))
}

// A constant feedback f moves a weight under momentum by −α f Σ_{k<n} (1 − m^{k+1})/(1 − m), and under adam by −α sign f
// at every step as ε → 0.
func TestClosedForms(t *testing.T) {
	c := newCtx(t, 1)
	const n, m, rate, f = 40, 0.8, 0.05, -1.75
	run := func(r Rule) float64 {
		w, p := tensor.New(tensor.Float64, tensor.Dims()), r.New()
		for range n {
			p.Learn(c, w, tensor.From(tensor.Dims(), []float64{f}))
		}
		return w.Float(0)
	}
	var sum float64
	for k := 1.0; k <= n; k++ {
		sum += (1 - math.Pow(m, k)) / (1 - m)
	}
	assert.InEpsilon(t, -rate*f*sum, run(Rule{Name: "momentum", Rate: rate, Momentum: m}), 1e-13)
	assert.InEpsilon(t, rate*n, run(Rule{Name: "adam", Rate: rate, Epsilon: 1e-300}), 1e-12)
}

func TestLearnNothing(t *testing.T) {
	c := newCtx(t, 1)
	r := rand.New(rand.NewPCG(seed, 3))
	for _, typ := range types {
		w := random(r, typ, tensor.Dims(50))
		before, f := w.Clone(), random(r, typ, tensor.Dims(50))
		for _, p := range []Plasticity{Rule{Name: "none"}.New(), sgd{}, sgd{decay: 1}, &momentum{keep: 0.9, decay: 1}, &adam{rule: Rule{Beta1: 0.9, Beta2: 0.9, Epsilon: 1e-8}}} {
			p.Learn(c, w, f)
			assert.Zero(t, tensor.Differing(before, w), "%T", p)
		}
		for _, rule := range rules { // and zero feedback without decay neither
			if rule.Decay == 0 {
				rule.New().Learn(c, w, tensor.New(typ, w.Shape()))
				assert.Zero(t, tensor.Differing(before, w), "%v", rule)
			}
		}
	}
}

// Any number of workers and any cut of a parameter into leaves give the same bits.
func TestWorkersAndPieces(t *testing.T) {
	one, two := newCtx(t, 1), newCtx(t, 2)
	r := rand.New(rand.NewPCG(seed, 4))
	const n = 2*grain + 17
	for _, rule := range rules {
		for _, typ := range types {
			w := random(r, typ, tensor.Dims(n))
			v := w.Clone()
			u := w.Clone()
			p, q, head, tail := rule.New(), rule.New(), rule.New(), rule.New()
			for range 3 {
				f := random(r, typ, w.Shape())
				head.Learn(one, u.Rows(0, 9), f.Rows(0, 9).Clone())
				tail.Learn(one, u.Rows(9, n), f.Rows(9, n).Clone())
				q.Learn(two, v, f.Clone())
				p.Learn(one, w, f)
			}
			require.Zero(t, tensor.Differing(w, v), "%v %v", rule, typ)
			require.Zero(t, tensor.Differing(w, u), "%v %v", rule, typ)
		}
	}
}

// A run that is interrupted after k updates and resumed from snapshots equals one that was not, bit for bit. Negative
// control: a fresh state does not, for rules that have state.
func TestResume(t *testing.T) {
	c := newCtx(t, 1)
	for _, rule := range rules {
		for _, typ := range types {
			for k := range 4 {
				r := rand.New(rand.NewPCG(seed, 5))
				w := random(r, typ, tensor.Dims(4, 3))
				p := rule.New()
				for range k {
					p.Learn(c, w, random(r, typ, w.Shape()))
				}
				v, u, q, fresh := w.Clone(), w.Clone(), rule.New(), rule.New()
				state := p.Snapshot()
				require.NoError(t, q.Restore(state))
				for range 3 {
					f := random(r, typ, w.Shape())
					p.Learn(c, w, f.Clone())
					q.Learn(c, v, f.Clone())
					fresh.Learn(c, u, f.Clone())
				}
				assert.Zero(t, tensor.Differing(w, v), "%v %v after %d", rule, typ, k)
				if len(state) > 0 {
					assert.NotZero(t, tensor.Differing(w, u), "%v %v after %d", rule, typ, k)
				}
				require.NoError(t, p.Restore(nil))
				assert.Empty(t, p.Snapshot())
			}
		}
	}
}

func TestRestoreRefusesForeignState(t *testing.T) {
	ints := tensor.New(tensor.Int64, tensor.Dims(2))
	floats := tensor.New(tensor.Float64, tensor.Dims(2))
	for _, rule := range rules {
		for _, state := range [][]tensor.Tensor{{ints}, {floats, floats}, {floats, floats, floats, floats}, {floats, floats, ints}} {
			assert.ErrorContains(t, rule.New().Restore(state), "synapse: ", "%v", rule)
		}
	}
	assert.Error(t, Rule{Name: "none"}.New().Restore([]tensor.Tensor{floats}))

	c := newCtx(t, 1)
	p := Rule{Name: "momentum"}.New()
	require.NoError(t, p.Restore([]tensor.Tensor{floats}))
	w := tensor.New(tensor.Float64, tensor.Dims(3))
	assert.Panics(t, func() { p.Learn(c, w, w.Clone()) })
	assert.Panics(t, func() { Rule{}.New().Learn(c, w, floats) })
}

func TestNoAllocations(t *testing.T) {
	for _, workers := range []int{1, 2} {
		c := newCtx(t, workers)
		for _, rule := range rules {
			for _, n := range []int{5, 3 * grain} {
				w, f, p := tensor.New(tensor.Float32, tensor.Dims(n)), tensor.New(tensor.Float32, tensor.Dims(n)), rule.New()
				f.Fill(1)
				p.Learn(c, w, f)
				assert.Zero(t, testing.AllocsPerRun(20, func() { p.Learn(c, w, f) }), "%v, %d elements, %d workers", rule, n, workers)
			}
		}
	}
}

func BenchmarkLearn(b *testing.B) {
	c := newCtx(b, 2)
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			const n = 784 * 256
			w, f, p := tensor.New(tensor.Float32, tensor.Dims(n)), tensor.New(tensor.Float32, tensor.Dims(n)), Rule{Name: name}.New()
			f.Fill(1e-9)
			b.SetBytes(4 * n)
			for b.Loop() {
				p.Learn(c, w, f)
			}
		})
	}
}

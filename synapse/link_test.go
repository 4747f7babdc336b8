package synapse

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/retrodict/retrodict/tensor"
)

func TestLinkString(t *testing.T) {
	l := Link{Delay: Distribution{Family: LogNormal, Mean: 50, SD: 10}, Jitter: Distribution{Family: Normal, SD: 3}, Loss: Loss{Model: Bernoulli, Rate: 0.1},
		Duplicate: 0.01, Reorder: true, Noise: Noise{0.5, 0.25}, Quantum: 0.125}
	assert.Equal(t, "delay=lognormal(mean=50 sd=10) jitter=normal(mean=0 sd=3) loss=bernoulli(0.1) duplicate=0.01 reorder additive-noise=0.5 multiplicative-noise=0.25 quantum=0.125", l.String())
	l = Link{Delay: Distribution{Family: Distance, Velocity: 2, Offset: 1}, Loss: Loss{GilbertElliott, 0, 0.1, 0.2, 0, 1}}
	assert.Equal(t, "delay=distance(velocity=2 offset=1) loss=gilbert-elliott(good-bad=0.1 bad-good=0.2 loss-good=0 loss-bad=1)", l.String())
	assert.Equal(t, "uniform(low=1 high=2)", Distribution{Family: Uniform, Low: 1, High: 2}.String())
	assert.Equal(t, "exponential(mean=1)", Distribution{Family: Exponential, Mean: 1}.String())
	for f := range Family(families) {
		g, err := ParseFamily(f.String())
		require.NoError(t, err)
		assert.Equal(t, f, g)
	}
	_, err := ParseFamily("log-normal")
	assert.Error(t, err)
}

func TestLinkCheckNamesWhatIsWrong(t *testing.T) {
	delay := func(d Distribution) Link { return Link{Delay: d} }
	for _, c := range []struct {
		link Link
		want string
	}{
		{delay(Distribution{Mean: -1}), "delay: constant: mean is -1"},
		{delay(Distribution{Mean: math.NaN()}), "mean is NaN"},
		{delay(Distribution{Mean: 1e300}), "at most 2⁵²"},
		{delay(Distribution{SD: 1}), "constant has no sd"},
		{delay(Distribution{Family: Exponential, Mean: 1, High: 1}), "exponential has no high"},
		{delay(Distribution{Family: Normal, Mean: 1, SD: -1}), "sd is -1"},
		{delay(Distribution{Family: LogNormal, SD: 1}), "mean is 0, want a positive"},
		{delay(Distribution{Family: Gamma, Mean: 1e-9, SD: 1}), "a million times"},
		{delay(Distribution{Family: Uniform, Low: 2, High: 1}), "low is 2, more than high"},
		{delay(Distribution{Family: Distance}), "velocity is 0"},
		{delay(Distribution{Family: 99}), "unknown distribution family 99"},
		{Link{Jitter: Distribution{Family: Gamma, Mean: -1, SD: 1}}, "jitter: gamma: mean is -1"},
		{Link{Jitter: Distribution{Family: Exponential, Mean: -1}}, "jitter: exponential: mean is -1"},
		{Link{Loss: Loss{Rate: 0.1}}, "none has no rate"},
		{Link{Loss: Loss{Model: Bernoulli, Rate: 1.1}}, "rate is 1.1"},
		{Link{Loss: Loss{Model: Bernoulli, LossBad: 0.1}}, "bernoulli has no loss in the bad state"},
		{Link{Loss: Loss{Model: GilbertElliott, LossBad: 1}}, "never changes"},
		{Link{Loss: Loss{Model: 77}}, "unknown loss model 77"},
		{Link{Duplicate: -0.1}, "duplicate is -0.1"},
		{Link{Noise: Noise{Additive: math.Inf(1)}}, "additive noise is +Inf"},
		{Link{Quantum: -1}, "quantum is -1"},
	} {
		assert.ErrorContains(t, c.link.Check(), "synapse: link: ")
		assert.ErrorContains(t, c.link.Check(), c.want)
	}
	assert.NoError(t, Link{Jitter: Distribution{Family: Uniform, Low: -3, High: 3}}.Check())
	assert.ErrorContains(t, Distribution{Mean: -1}.Check(), "synapse: constant: ")
	assert.ErrorContains(t, Loss{Rate: 1}.Check(), "synapse: none has no rate")
}

func TestNoise(t *testing.T) {
	const n = 100_000
	for _, typ := range types {
		l := &Link{Noise: Noise{Additive: 0.5, Multiplicative: 0.25}}
		c := NewChannel(l, seed, 1, 0, 0)
		c.Send(0)
		x := tensor.New(typ, tensor.Dims(n))
		x.Fill(4)
		y := x.Clone()
		c.Distort(x)
		c.Distort(y) // the copy of a duplicate
		assert.Zero(t, tensor.Differing(x, y))
		v := x.Convert(tensor.Float64).Float64s()
		mean, sd := stat.MeanStdDev(v, nil)
		want := math.Sqrt(0.25 + 1)
		assert.InDelta(t, 4, mean, 5*want/math.Sqrt(n))
		assert.InDelta(t, want, sd, 5*want/math.Sqrt(2*n))

		c.Send(0) // another message, other noise
		y.Fill(4)
		c.Distort(y)
		assert.Less(t, math.Abs(stat.Correlation(v, y.Convert(tensor.Float64).Float64s(), nil)), 5/math.Sqrt(n))
	}
}

func TestQuantisation(t *testing.T) {
	c := NewChannel(&Link{Quantum: 0.25}, seed, 1, 0, 0)
	inf := math.Inf(1)
	x := tensor.From(tensor.Dims(8), []float64{0, 0.1, 0.125, 0.375, -0.13, 1e300, -inf, 7.3})
	c.Distort(x)
	assert.Equal(t, []float64{0, 0, 0, 0.5, -0.25, 1e300, -inf, 7.25}, x.Float64s())
	y := x.Clone()
	c.Distort(y)
	assert.Zero(t, tensor.Differing(x, y), "a projection")
	c.Distort(tensor.Tensor{}) // an empty message
	n := tensor.From(tensor.Dims(1), []float64{math.NaN()})
	c.Distort(n)
	assert.True(t, math.IsNaN(n.Float(0)))
}

// A link that passes Check never makes a delay negative, nor panics.
func FuzzLinkCheck(f *testing.F) {
	f.Add(uint8(2), 50.0, 10.0, 0.0, 0.0, 0.0, 0.0, uint8(1), 0.1, 0.0, 0.0, 0.0, 0.5, 0.1, 0.1)
	f.Add(uint8(5), 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, uint8(2), 0.0, 0.1, 0.1, 0.5, 0.5, 1e-300, 0.1)
	f.Add(uint8(6), 0.0, 0.0, 0.0, 0.0, 1e-300, 2.0, uint8(0), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e-300)
	f.Add(uint8(4), 1e-5, 1.0, 0.0, 0.0, 0.0, 0.0, uint8(0), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e300)
	f.Add(uint8(3), 4e15, 0.0, 0.0, 0.0, 0.0, 0.0, uint8(0), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
	f.Fuzz(func(t *testing.T, family uint8, mean, sd, low, high, velocity, offset float64, model uint8, rate, gb, bg, lossBad, duplicate, noise, quantum float64) {
		d := Distribution{Family(family), mean, sd, low, high, velocity, offset}
		l := Link{Delay: d, Loss: Loss{LossModel(model), rate, gb, bg, 0, lossBad}, Duplicate: duplicate, Noise: Noise{noise, noise}, Quantum: quantum}
		if l.String() == "" {
			t.Fatal("no description")
		}
		if l.Check() != nil {
			return
		}
		l.Jitter = Distribution{Family: Normal, Mean: -mean, SD: sd}
		if d.Family != Normal || l.Check() != nil {
			l.Jitter = d
		}
		c := NewChannel(&l, 1, 2, 0, mean)
		x := tensor.From(tensor.Dims(3), []float64{1, math.Inf(1), -1e-300})
		for range 20 {
			n, at := c.Send(100)
			for _, a := range at[:n] {
				if a < 100 || a > 100+maxDelay {
					t.Fatalf("%v: sent at 100, arrives at %d", l, a)
				}
			}
			c.Distort(x)
		}
		if mean, sd := d.Moments(10); mean < 0 || sd < 0 {
			t.Fatalf("%v: mean %v, sd %v", d, mean, sd)
		}
	})
}

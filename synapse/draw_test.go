package synapse

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// cases are distributions of every family, wide against the unit, with their distribution functions.
func cases() []struct {
	d   Distribution
	cdf func(float64) float64
} {
	logNormal := func(m, s float64) distuv.LogNormal {
		v := math.Log1p(s * s / m / m)
		return distuv.LogNormal{Mu: math.Log(m) - v/2, Sigma: math.Sqrt(v)}
	}
	truncated := func(m, s float64) func(float64) float64 {
		n := distuv.Normal{Mu: m, Sigma: s}
		return func(x float64) float64 { return max(0, (n.CDF(x)-n.CDF(0))/(1-n.CDF(0))) }
	}
	return []struct {
		d   Distribution
		cdf func(float64) float64
	}{
		{Distribution{Family: Normal, Mean: 5e6, SD: 1e6}, truncated(5e6, 1e6)},
		{Distribution{Family: Normal, Mean: 1e6, SD: 1e6}, truncated(1e6, 1e6)},
		{Distribution{Family: Normal, Mean: 0, SD: 1e6}, truncated(0, 1e6)},
		{Distribution{Family: LogNormal, Mean: 1e6, SD: 3e5}, logNormal(1e6, 3e5).CDF},
		{Distribution{Family: LogNormal, Mean: 1e6, SD: 1e6}, logNormal(1e6, 1e6).CDF},
		{Distribution{Family: Exponential, Mean: 1e6}, distuv.Exponential{Rate: 1e-6}.CDF},
		{Distribution{Family: Gamma, Mean: 1e6, SD: 1e6}, distuv.Exponential{Rate: 1e-6}.CDF},
		{Distribution{Family: Gamma, Mean: 1e6, SD: 2e5}, distuv.Gamma{Alpha: 25, Beta: 25e-6}.CDF},
		{Distribution{Family: Gamma, Mean: 1e6, SD: 2e6}, distuv.Gamma{Alpha: 0.25, Beta: 0.25e-6}.CDF},
		{Distribution{Family: Uniform, Low: 1e6, High: 3e6}, distuv.Uniform{Min: 1e6, Max: 3e6}.CDF},
	}
}

// delays returns n delays of a channel, in their order.
func delays(t testing.TB, l Link, edge int64, n int) []float64 {
	assert.NoError(t, l.Check())
	l.Reorder = true
	c := NewChannel(&l, seed, edge, 0, 0)
	x := make([]float64, 0, n)
	for range n {
		k, at := c.Send(1000)
		if k > 0 {
			x = append(x, float64(at[0]-1000))
		}
	}
	return x
}

// Mean and standard deviation within five of their standard errors, and the whole distribution by Kolmogorov and
// Smirnov's distance, which exceeds 2.2/√n once in 8000.
func TestDrawsFollowTheirDistributions(t *testing.T) {
	const n = 100_000
	for i, c := range cases() {
		x := delays(t, Link{Delay: c.d}, int64(i), n)
		mean, sd := stat.MeanStdDev(x, nil)
		wantMean, wantSD := c.d.Moments(0)
		kurtosis := stat.ExKurtosis(x, nil) + 3
		assert.InDelta(t, wantMean, mean, 5*wantSD/math.Sqrt(n), "mean of %v, seed %d", c.d, seed)
		assert.InDelta(t, wantSD, sd, 5*wantSD*math.Sqrt((kurtosis-1)/4/n), "sd of %v, seed %d", c.d, seed)
		assert.Less(t, distance(x, c.cdf), 2.2/math.Sqrt(n), "%v, seed %d", c.d, seed)
		lag := stat.Correlation(x[1:], x[:n-1], nil)
		assert.Less(t, math.Abs(lag), 5/math.Sqrt(n), "%v: successive messages, seed %d", c.d, seed)
	}
}

// The negative control of the test above: times that are 10 % too long are seen.
func TestAWrongDistributionIsSeen(t *testing.T) {
	for i, c := range cases() {
		x := delays(t, Link{Delay: c.d}, int64(i), 100_000)
		for k := range x {
			x[k] = math.Round(1.1 * x[k])
		}
		assert.Greater(t, distance(x, c.cdf), 2.2/math.Sqrt(100_000), "%v", c.d)
	}
}

// distance is the largest difference between the distribution of x, which are whole units, and cdf, that of the variable
// that was rounded.
func distance(x []float64, cdf func(float64) float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := float64(len(x))
	var d float64
	for i, v := range x {
		if i == 0 || x[i-1] != v {
			below := 0.0
			if v > 0 {
				below = cdf(v - 0.5)
			}
			d = max(d, math.Abs(below-float64(i)/n))
		}
		if i+1 == len(x) || x[i+1] != v {
			d = max(d, math.Abs(cdf(v+0.5)-float64(i+1)/n))
		}
	}
	return d
}

func TestUniformNumbersStayInside(t *testing.T) {
	b := bits(seed)
	for range 100_000 {
		u := b.uniform()
		assert.True(t, u > 0 && u < 1 && 1-(1-u) == u)
	}
}

// Without a spread all families are one constant, to the bit, rounded to whole units.
func TestNoSpreadIsConstant(t *testing.T) {
	for mean, want := range map[float64]float64{0: 0, 0.4: 0, 0.5: 1, 7: 7, 7.49: 7, 1e9: 1e9} {
		for _, d := range []Distribution{{Mean: mean}, {Family: Normal, Mean: mean}, {Family: LogNormal, Mean: mean},
			{Family: Gamma, Mean: mean}, {Family: Uniform, Low: mean, High: mean}, {Family: Distance, Velocity: 3, Offset: mean}} {
			for _, x := range delays(t, Link{Delay: d}, 1, 100) {
				assert.Equal(t, want, x, "%v", d)
			}
			units, exact := d.Rounded(0)
			assert.Equal(t, int64(want), units)
			assert.Equal(t, mean == want, exact)
		}
	}
}

func TestDistanceTakesTime(t *testing.T) {
	l := &Link{Delay: Distribution{Family: Distance, Velocity: 0.25, Offset: 10}}
	c := NewChannel(l, seed, 0, 0, 25)
	_, at := c.Send(5)
	assert.Equal(t, int64(5+110), at[0])
	mean, sd := l.Delay.Moments(25)
	assert.Equal(t, []float64{110, 0}, []float64{mean, sd})
}

// A jitter of mean 0 goes both ways: it leaves the mean delay as it is, and makes no delay negative.
func TestJitterGoesBothWays(t *testing.T) {
	const n = 100_000
	x := delays(t, Link{Delay: Distribution{Mean: 1000}, Jitter: Distribution{Family: Normal, SD: 100}}, 1, n)
	mean, sd := stat.MeanStdDev(x, nil)
	assert.InDelta(t, 1000, mean, 5*100/math.Sqrt(n))
	assert.InDelta(t, 100, sd, 5*100/math.Sqrt(2*n))
	x = delays(t, Link{Delay: Distribution{Mean: 10}, Jitter: Distribution{Family: Uniform, Low: -100, High: 0}}, 1, n)
	assert.Zero(t, slices.Min(x))
	assert.LessOrEqual(t, slices.Max(x), 10.0)
}

// With common random numbers a delay grows with the mean, message by message.
func TestDrawsAreMonotoneInTheMean(t *testing.T) {
	for _, f := range []Family{Normal, LogNormal, Exponential} {
		d := Distribution{Family: f, Mean: 1e6, SD: 1e5}
		if f == Exponential {
			d.SD = 0
		}
		more := d
		more.Mean *= 1.1
		a, b := delays(t, Link{Delay: d}, 1, 1000), delays(t, Link{Delay: more}, 1, 1000)
		for i := range a {
			assert.GreaterOrEqual(t, b[i], a[i], "%v", f)
		}
	}
}

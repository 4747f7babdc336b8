package plot

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func TestIntervals(t *testing.T) {
	// t(0.975, 9) = 2.26215716; the deviation of 1 … 10 is 3.02765035.
	x := []float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5, math.NaN()}
	m, lo, hi := Mean.Of(x)
	assert.Equal(t, 5.5, m)
	assert.InDelta(t, 5.5-2.26215716*3.02765035/math.Sqrt(10), lo, 1e-7)
	assert.InDelta(t, 11, lo+hi, 1e-12)
	m, lo, hi = Median.Of(x)
	assert.Equal(t, [3]float64{5.5, 2, 9}, [3]float64{m, lo, hi}, "order statistics 2 and 9 of 10 cover 97.9 %")
	m, lo, hi = Median.Of([]float64{3, 1, 2})
	assert.Equal(t, [3]float64{2, 1, 3}, [3]float64{m, lo, hi})
	for _, c := range []Center{Mean, Median} {
		m, lo, hi = c.Of([]float64{7})
		assert.Equal(t, [3]float64{7, 7, 7}, [3]float64{m, lo, hi})
		m, _, _ = c.Of([]float64{math.Inf(1)})
		assert.True(t, math.IsNaN(m))
	}
}

// The intervals hold the truth about as often as they say.
func TestCoverage(t *testing.T) {
	const trials, n = 4000, 10
	for c, least := range map[Center]float64{Mean: 0.94, Median: 0.965} {
		r := rand.New(rand.NewPCG(5, 1))
		in := 0
		for range trials {
			x := make([]float64, n)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			if _, lo, hi := c.Of(x); lo <= 0 && 0 <= hi {
				in++
			}
		}
		assert.InDelta(t, least+0.01, float64(in)/trials, 0.015, c.String())
	}
}

func labels(list []gonum.Tick) (s []string) {
	for _, t := range list {
		if t.Label != "" {
			s = append(s, t.Label)
		}
	}
	return s
}

func TestTicks(t *testing.T) {
	assert.Equal(t, []string{"−1.0", "−0.5", "0", "0.5", "1.0"}, labels(ticks(-1, 1, 5)))
	assert.Equal(t, []string{"5·10^−5"}, labels(ticks(2e-5, 9e-5, 2)))
	assert.Equal(t, []string{"0", "0.5·10^−4", "1.0·10^−4"}, labels(ticks(0, 1e-4, 2)))
	assert.Equal(t, []string{"0", "20", "40"}, labels(ticks(0, 50, 3)))
	assert.Equal(t, []string{"0.01", "0.1", "1", "10"}, labels(logTicks(0.005, 20, 6)))
	assert.Equal(t, []string{"10^−6", "10^−4", "0.01", "1"}, labels(logTicks(1e-7, 1, 4)))
	assert.Equal(t, []string{"0.1", "0.2", "0.5"}, labels(logTicks(0.09, 0.6, 6)))
	assert.Nil(t, ticks(1, 1, 5))
}

func TestThinKeepsPeaks(t *testing.T) {
	var list []vg.Point
	for i := range 100000 {
		list = append(list, vg.Point{X: vg.Length(i) / 300, Y: vg.Length(math.Sin(float64(i)))})
	}
	list[54321].Y = 50
	out := thin(list)
	assert.Less(t, len(out), 5000)
	assert.Contains(t, out, list[54321])
	assert.Equal(t, [2]vg.Point{list[0], list[99999]}, [2]vg.Point{out[0], out[len(out)-1]})
}

// Neighbours come to stand beside each other: the layout of a ladder has no crossings.
func TestPlaceHasFewCrossings(t *testing.T) {
	l := Levels{}
	for level := range 4 {
		for range 6 {
			l.Vertices = append(l.Vertices, Vertex{Level: level})
		}
	}
	for level := 1; level < 4; level++ {
		for k := range 6 {
			l.Edges = append(l.Edges, [2]int{6*level + k, 6*(level-1) + (k*5+level)%6})
		}
	}
	y, most := l.place()
	assert.Equal(t, 6, most)
	crossings := 0
	for i, a := range l.Edges {
		for _, b := range l.Edges[:i] {
			if l.Vertices[a[0]].Level == l.Vertices[b[0]].Level && (y[a[0]]-y[b[0]])*(y[a[1]]-y[b[1]]) < 0 {
				crossings++
			}
		}
	}
	assert.Zero(t, crossings)
}

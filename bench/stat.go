package bench

import (
	"math/rand/v2"
	"slices"
)

// Median returns the median of x, which is not empty.
func Median(x []float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	n := len(s)
	if n%2 == 1 {
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}

// An Interval is a median and its 95 % interval.
type Interval struct{ Median, Low, High float64 }

// resamples is the number of bootstrap resamples of an interval.
const resamples = 2000

// Bootstrap returns the median of x with the 2.5 and 97.5 percentiles of the medians of resamples drawn with a fixed
// seed (Efron's percentile bootstrap).
func Bootstrap(x []float64) Interval {
	r := rand.New(rand.NewPCG(1, uint64(len(x))))
	medians := make([]float64, resamples)
	draw := make([]float64, len(x))
	for i := range medians {
		for j := range draw {
			draw[j] = x[r.IntN(len(x))]
		}
		medians[i] = Median(draw)
	}
	slices.Sort(medians)
	return Interval{Median(x), medians[resamples*25/1000], medians[resamples*975/1000-1]}
}

// Ratios returns a[i]/b[i].
func Ratios(a, b []float64) []float64 {
	r := make([]float64, len(a))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}

package plot

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Center says what a line of Curves shows, and its band with it.
type Center uint8

const (
	// Mean is the mean, with the 95 % interval of the mean by Student's t.
	Mean Center = iota
	// Median is the median, with the narrowest symmetric interval of order statistics that covers it with 95 % or more
	// (with five values or fewer, from the least to the largest, which covers less).
	Median
)

// String returns "mean" or "median".
func (c Center) String() string { return [...]string{"mean", "median"}[c] }

// Of returns the center of the finite numbers in x and the interval around it. Without any, all three are NaN; with one,
// the interval has no width.
func (c Center) Of(x []float64) (center, lo, hi float64) {
	s := slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return !finite(v) })
	switch {
	case len(s) == 0:
		return math.NaN(), math.NaN(), math.NaN()
	case len(s) == 1:
		return s[0], s[0], s[0]
	case c == Median:
		return median(s)
	}
	n := float64(len(s))
	for _, v := range s {
		center += v
	}
	center /= n
	ss := 0.0
	for _, v := range s {
		ss += float64((v - center) * (v - center))
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
	d := t * math.Sqrt(ss/(n-1)/n)
	return center, center - d, center + d
}

// median sorts s.
func median(s []float64) (center, lo, hi float64) {
	slices.Sort(s)
	n := len(s)
	center = s[n/2]
	if n%2 == 0 {
		center = s[n/2-1]/2 + s[n/2]/2
	}
	// The median lies between s[k] and s[n−1−k] unless k or fewer of n fair coins show heads, or tails.
	k, tail := 0, 0.0
	for i := range n / 2 {
		lg, _ := math.Lgamma(float64(n + 1))
		la, _ := math.Lgamma(float64(i + 1))
		lb, _ := math.Lgamma(float64(n - i + 1))
		if tail += math.Exp(lg - la - lb - float64(n)*math.Ln2); 2*tail > 0.05 {
			break
		}
		k = i
	}
	return center, s[k], s[n-1-k]
}

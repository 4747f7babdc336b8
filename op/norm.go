package op

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// The norms share their arithmetic. A set of n elements is normalised as x̂ = (x − m)·r with the mean m, the biased
// variance v = Σ(x − m)²/n and r = 1/√(v + eps). Means, and sums of squared differences in a second pass, are taken of
// runs of neighbouring elements: four interleaved sums in a run, runs in ascending order. Where only the mean of
// squares is used, m is 0. With g = ε·scale the derivative in x, through m and v, is
//
//	r·(g − ⟨g⟩ − x̂·⟨g·x̂⟩)
//
// where ⟨⟩ is the mean over the set, and ⟨g⟩ is absent when m is 0 by definition (Ioffe and Szegedy 2015, §3; Ba, Kiros
// and Hinton 2016). Kernels keep m and r of all sets in scratch memory.

// squares4 returns Σ(x − m)² in four interleaved ascending sums, as sum4 does.
func squares4[T tensor.Float](x []T, m T) T {
	var s0, s1, s2, s3 T
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d := x[0]-m, x[1]-m, x[2]-m, x[3]-m
		s0 += T(a * a)
		s1 += T(b * b)
		s2 += T(c * c)
		s3 += T(d * d)
	}
	for i, v := range x {
		a := v - m
		switch i {
		case 0:
			s0 += T(a * a)
		case 1:
			s1 += T(a * a)
		case 2:
			s2 += T(a * a)
		}
	}
	return (s0 + s1) + (s2 + s3)
}

// dot4 returns Σ e·(x − m)·r in four interleaved ascending sums.
func dot4[T tensor.Float](e, x []T, m, r T) T {
	var s0, s1, s2, s3 T
	for ; len(x) >= 4 && len(e) >= 4; x, e = x[4:], e[4:] {
		s0 += T(e[0] * T((x[0]-m)*r))
		s1 += T(e[1] * T((x[1]-m)*r))
		s2 += T(e[2] * T((x[2]-m)*r))
		s3 += T(e[3] * T((x[3]-m)*r))
	}
	for i, v := range x {
		p := T(e[i] * T((v-m)*r))
		switch i {
		case 0:
			s0 += p
		case 1:
			s1 += p
		case 2:
			s2 += p
		}
	}
	return (s0 + s1) + (s2 + s3)
}

// inverse returns 1/√(v + eps).
func inverse[T tensor.Float](v, eps T) T { return 1 / T(math.Sqrt(float64(v+eps))) }

// affine sets y = (x − m)·r·s + b.
func affine[T tensor.Float](y, x []T, m, r, s, b T) {
	if len(x) < 16 { // calls would cost more
		for i, v := range x {
			y[i] = T(T((v-m)*r)*s) + b
		}
		return
	}
	tensor.OffsetOf(y, x, -m)
	tensor.ScaleOf(y, y, r)
	tensor.ScaleOf(y, y, s)
	tensor.OffsetOf(y, y, b)
}

// through sets d = (e·s − mean − (x − m)·r·dot)·r.
func through[T tensor.Float](d, e, x []T, m, r, s, mean, dot T) {
	for i, v := range x {
		d[i] = (T(e[i]*s) - mean - T(T((v-m)*r)*dot)) * r
	}
}

// orDefault returns the number that a norm adds to the variance: 1e-5 for 0, nothing if eps is negative.
func orDefault(eps float64) float64 {
	if eps == 0 {
		return 1e-5
	}
	return max(eps, 0)
}

// epsText returns "eps=1e-05".
func epsText(x float64) string { return "eps=" + decimal(x) }

// axisText returns "axis=-1".
func axisText(axis int) string { return "axis=" + strconv.Itoa(axis) }

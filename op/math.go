package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// The transcendental functions of slices are here and nowhere else, so that faster ones can take their place at once.
// An element's bits depend on that element alone. A float32 is computed in float64 and rounded once.

func expSlice[T tensor.Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		dst[i] = T(math.Exp(float64(x)))
	}
}

func logSlice[T tensor.Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		dst[i] = T(math.Log(float64(x)))
	}
}

func tanhSlice[T tensor.Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		dst[i] = T(math.Tanh(float64(x)))
	}
}

func sigmoidSlice[T tensor.Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		dst[i] = T(logistic(float64(x)))
	}
}

func erfSlice[T tensor.Float](dst, src []T) {
	for i, x := range src[:len(dst)] {
		dst[i] = T(math.Erf(float64(x)))
	}
}

// logistic returns 1/(1+e^−x); e^−|x| never overflows.
func logistic(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// softplus returns log(1+e^x) without overflow.
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

const (
	invSqrt2   = 1 / math.Sqrt2
	invSqrt2Pi = 1 / (math.Sqrt2 * math.SqrtPi)
)

// phi returns the density of the standard normal distribution, Phi its distribution function.
func phi(x float64) float64     { return invSqrt2Pi * math.Exp(-0.5*x*x) }
func normCDF(x float64) float64 { return 0.5 * (1 + math.Erf(x*invSqrt2)) }

package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// The transcendental functions of package tensor, under short names: their bits are the same on every architecture,
// which those of package math are not. An element's bits depend on that element alone. A float32 is computed in float64
// and rounded once.

func expSlice[T tensor.Float](dst, src []T)     { tensor.ExpOf(dst, src[:len(dst)]) }
func logSlice[T tensor.Float](dst, src []T)     { tensor.LogOf(dst, src[:len(dst)]) }
func tanhSlice[T tensor.Float](dst, src []T)    { tensor.TanhOf(dst, src[:len(dst)]) }
func sigmoidSlice[T tensor.Float](dst, src []T) { tensor.SigmoidOf(dst, src[:len(dst)]) }
func erfSlice[T tensor.Float](dst, src []T)     { tensor.ErfOf(dst, src[:len(dst)]) }

// logistic returns 1/(1+e^−x).
func logistic(x float64) float64 { return tensor.Sigmoid(x) }

// softplus returns log(1+e^x) without overflow.
func softplus(x float64) float64 {
	e := tensor.Exp(-math.Abs(x))
	u := 1 + e
	return max(x, 0) + (tensor.Log(u) + (e-(u-1))/u) // the last term is what rounding u lost of log(1+e)
}

const (
	invSqrt2   = 1 / math.Sqrt2
	invSqrt2Pi = 1 / (math.Sqrt2 * math.SqrtPi)
)

// phi returns the density of the standard normal distribution, Phi its distribution function.
func phi(x float64) float64     { return invSqrt2Pi * tensor.Exp(-0.5*x*x) }
func normCDF(x float64) float64 { return 0.5 * (1 + tensor.Erf(x*invSqrt2)) }

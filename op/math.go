package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// The transcendental functions of package tensor, under short names: their bits are the same on every architecture,
// which those of package math are not. An element's bits depend on that element alone.

func expSlice[T tensor.Float](dst, src []T)     { tensor.ExpOf(dst, src[:len(dst)]) }
func logSlice[T tensor.Float](dst, src []T)     { tensor.LogOf(dst, src[:len(dst)]) }
func tanhSlice[T tensor.Float](dst, src []T)    { tensor.TanhOf(dst, src[:len(dst)]) }
func sigmoidSlice[T tensor.Float](dst, src []T) { tensor.SigmoidOf(dst, src[:len(dst)]) }
func erfSlice[T tensor.Float](dst, src []T)     { tensor.ErfOf(dst, src[:len(dst)]) }

// softplus returns log(1+e^x) without overflow.
func softplus(x float64) float64 { return max(x, 0) + tensor.Log1p(tensor.Exp(-math.Abs(x))) }

const (
	invSqrt2   = 1 / math.Sqrt2
	invSqrt2Pi = 1 / (math.Sqrt2 * math.SqrtPi)
)

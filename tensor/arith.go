package tensor

import (
	"unsafe"

	"github.com/retrodict/retrodict/tensor/internal/kernel"
)

// Arithmetic on slices by vector instructions. dst and the others have the same length; each of them may be dst itself,
// and must not overlap it otherwise. Every operation is rounded on its own, as in the loop that the comment describes.

// AddOf sets dst[i] = a[i] + b[i].
func AddOf[T Float](dst, a, b []T) { arith(kernel.Add, dst, a, b, 0) }

// SubOf sets dst[i] = a[i] − b[i].
func SubOf[T Float](dst, a, b []T) { arith(kernel.Sub, dst, a, b, 0) }

// MulOf sets dst[i] = a[i]·b[i].
func MulOf[T Float](dst, a, b []T) { arith(kernel.Mul, dst, a, b, 0) }

// ScaleOf sets dst[i] = a[i]·s.
func ScaleOf[T Float](dst, a []T, s T) { arith(kernel.Scale, dst, a, nil, s) }

// AddScaledOf sets dst[i] = a[i] + b[i]·s, rounding the product and the sum. With dst = a and s = −α it is the step
// w ← w − α·f of gradient descent, to the bit.
func AddScaledOf[T Float](dst, a, b []T, s T) { arith(kernel.AddScaled, dst, a, b, s) }

// TanhSlopeOf sets dst[i] = e[i]·(1 − y[i]²): the derivative of y = tanh x times e.
func TanhSlopeOf[T Float](dst, y, e []T) { arith(kernel.TanhSlope, dst, y, e, 0) }

// SigmoidSlopeOf sets dst[i] = e[i]·(y[i]·(1 − y[i])): the derivative of the logistic function y times e.
func SigmoidSlopeOf[T Float](dst, y, e []T) { arith(kernel.SigmoidSlope, dst, y, e, 0) }

// ReluOf sets dst[i] to x[i], or to +0 where x[i] ≤ 0. A NaN stays one.
func ReluOf[T Float](dst, x []T) { arith(kernel.Relu, dst, x, nil, 0) }

// ReluSlopeOf sets dst[i] to e[i], or to +0 where y[i] ≤ 0.
func ReluSlopeOf[T Float](dst, y, e []T) { arith(kernel.ReluSlope, dst, y, e, 0) }

// OffsetOf sets dst[i] = a[i] + s.
func OffsetOf[T Float](dst, a []T, s T) { arith(kernel.Offset, dst, a, nil, s) }

// GapOf sets dst[i] = a[i] − b[i], or +0 where both are equal, infinities too, or both are NaN.
func GapOf[T Float](dst, a, b []T) { arith(kernel.Gap, dst, a, b, 0) }

// SquaresOf returns Σ a[i]² in float64: sixteen ascending sums of the elements with the same index modulo 16, which are
// then added pairwise.
func SquaresOf[T Float](a []T) float64 {
	var z T
	if unsafe.Sizeof(z) == 8 {
		return kernel.Squares64(kernel.Best(), cast[float64](a))
	}
	return kernel.Squares32(kernel.Best(), cast[float32](a))
}

func arith[T Float](f kernel.Arith, dst, a, b []T, s T) {
	a = a[:len(dst)]
	if f.Binary() {
		b = b[:len(dst)]
	}
	if unsafe.Sizeof(s) == 8 {
		f.Apply64(kernel.Best(), cast[float64](dst), cast[float64](a), cast[float64](b), float64(s))
	} else {
		f.Apply32(kernel.Best(), cast[float32](dst), cast[float32](a), cast[float32](b), float32(s))
	}
}

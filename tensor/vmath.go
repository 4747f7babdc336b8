package tensor

import (
	"unsafe"

	"github.com/retrodict/retrodict/tensor/internal/kernel"
)

// The functions below set dst[i] = f(src[i]). dst must be at least as long as src; they may be the same slice but not
// overlap otherwise. The bits of an element depend on its argument alone and are the same on every architecture: the
// functions are exact sequences of IEEE 754 operations, computed by vector instructions where there are any. Errors are
// below 1 ULP in float64 (below 2 for erf) and below 0.52 ULP in float32, which has shorter sequences of its own. Special
// values are those of package math.

// ExpOf sets dst to e^src.
func ExpOf[T Float](dst, src []T) { apply(kernel.ExpFunction, dst, src) }

// LogOf sets dst to the natural logarithm of src: −Inf at ±0, NaN below.
func LogOf[T Float](dst, src []T) { apply(kernel.LogFunction, dst, src) }

// TanhOf sets dst to the hyperbolic tangent of src.
func TanhOf[T Float](dst, src []T) { apply(kernel.TanhFunction, dst, src) }

// SigmoidOf sets dst to 1/(1 + e^−src), without overflow.
func SigmoidOf[T Float](dst, src []T) { apply(kernel.SigmoidFunction, dst, src) }

// ErfOf sets dst to the error function of src.
func ErfOf[T Float](dst, src []T) { apply(kernel.ErfFunction, dst, src) }

func apply[T Float](f kernel.Function, dst, src []T) {
	dst = dst[:len(src)]
	var z T
	if unsafe.Sizeof(z) == 8 {
		f.Apply64(kernel.Best(), cast[float64](dst), cast[float64](src))
	} else {
		f.Apply32(kernel.Best(), cast[float32](dst), cast[float32](src))
	}
}

// cast is the conversion of a slice to its own type, which the compiler cannot see.
func cast[U, T Float](x []T) []U {
	return unsafe.Slice((*U)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// Exp returns e^x, with the bits of ExpOf in float64.
func Exp(x float64) float64 { return kernel.Exp(x) }

// Log returns the natural logarithm of x, with the bits of LogOf in float64.
func Log(x float64) float64 { return kernel.Log(x) }

// Tanh returns the hyperbolic tangent of x, with the bits of TanhOf in float64.
func Tanh(x float64) float64 { return kernel.Tanh(x) }

// Sigmoid returns 1/(1 + e^−x), with the bits of SigmoidOf in float64.
func Sigmoid(x float64) float64 { return kernel.Sigmoid(x) }

// Erf returns the error function of x, with the bits of ErfOf in float64.
func Erf(x float64) float64 { return kernel.Erf(x) }

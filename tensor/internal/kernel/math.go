package kernel

import "unsafe"

// A Function is an elementary function over slices.
type Function uint8

const (
	ExpFunction Function = iota
	LogFunction
	TanhFunction
	SigmoidFunction
	ErfFunction
)

// Scalar returns the function of one number, whose bits define those of slices of float64.
func (f Function) Scalar() func(float64) float64 {
	return [...]func(float64) float64{Exp, Log, Tanh, Sigmoid, Erf}[f]
}

// Scalar32 returns the function of one float32, whose result rounded to float32 defines the bits of slices of float32.
func (f Function) Scalar32() func(float64) float64 {
	return [...]func(float64) float64{exp32, log32, tanh32, sigmoid32, erf32}[f]
}

// Apply64 sets dst[i] = f(src[i]) with instructions of isa. The slices have the same length; they are the same or do not
// overlap.
func (f Function) Apply64(isa ISA, dst, src []float64) {
	lanes := 0
	switch isa {
	case AVX512:
		lanes = 8
	case AVX2:
		lanes = 4
	default:
		scalars(f.Scalar(), dst, src)
		return
	}
	whole := len(src) &^ (lanes - 1)
	if whole > 0 {
		apply64(f, isa, unsafe.SliceData(dst), unsafe.SliceData(src), whole)
	}
	if whole < len(src) {
		var rest [8]float64
		n := copy(rest[:], src[whole:])
		apply64(f, isa, &rest[0], &rest[0], lanes)
		copy(dst[whole:], rest[:n])
	}
}

// Apply32 is Apply64 for float32.
func (f Function) Apply32(isa ISA, dst, src []float32) {
	lanes := 0
	switch isa {
	case AVX512:
		lanes = 8
	case AVX2:
		lanes = 4
	default:
		scalars(f.Scalar32(), dst, src)
		return
	}
	whole := len(src) &^ (lanes - 1)
	if whole > 0 {
		apply32(f, isa, unsafe.SliceData(dst), unsafe.SliceData(src), whole)
	}
	if whole < len(src) {
		var rest [8]float32
		n := copy(rest[:], src[whole:])
		apply32(f, isa, &rest[0], &rest[0], lanes)
		copy(dst[whole:], rest[:n])
	}
}

func scalars[T float32 | float64](f func(float64) float64, dst, src []T) {
	for i, x := range src {
		dst[i] = T(f(float64(x)))
	}
}

package kernel

import "unsafe"

// An Arith is an elementwise operation on slices: dst[i] from a[i], b[i] and a number s.
type Arith uint8

const (
	Settle       Arith = iota // a + 0, which turns −0 into +0
	Settle2                   // (a + 0) + b
	Add                       // a + b
	Sub                       // a − b
	Mul                       // a·b
	Scale                     // a·s
	AddScaled                 // a + b·s, rounded twice
	TanhSlope                 // b·(1 − a²), rounded thrice
	SigmoidSlope              // b·(a·(1 − a)), rounded thrice
	Relu                      // a, or +0 where a ≤ 0
	ReluSlope                 // b, or +0 where a ≤ 0
)

// Apply64 computes dst from a, b and s; b and s count where the operation has them. The slices have the length of dst, and
// are dst or do not overlap it.
func (f Arith) Apply64(isa ISA, dst, a, b []float64, s float64) {
	whole := 0
	if isa >= AVX2 && len(dst) >= 4 {
		whole = len(dst) &^ 3
		arith64(f, unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), s, whole)
	}
	if whole < len(dst) {
		elements(f, dst[whole:], a[whole:], b[min(whole, len(b)):], s)
	}
}

// Apply32 is Apply64 for float32.
func (f Arith) Apply32(isa ISA, dst, a, b []float32, s float32) {
	whole := 0
	if isa >= AVX2 && len(dst) >= 8 {
		whole = len(dst) &^ 7
		arith32(f, unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), s, whole)
	}
	if whole < len(dst) {
		elements(f, dst[whole:], a[whole:], b[min(whole, len(b)):], s)
	}
}

// elements defines the bits.
func elements[T float32 | float64](f Arith, dst, a, b []T, s T) {
	a = a[:len(dst)]
	if f != Settle && f != Scale && f != Relu {
		b = b[:len(dst)]
	}
	switch f {
	case Settle:
		for i, x := range a {
			dst[i] = x + 0
		}
	case Settle2:
		for i, x := range a {
			dst[i] = x + 0 + b[i]
		}
	case Add:
		for i, x := range a {
			dst[i] = x + b[i]
		}
	case Sub:
		for i, x := range a {
			dst[i] = x - b[i]
		}
	case Mul:
		for i, x := range a {
			dst[i] = x * b[i]
		}
	case Scale:
		for i, x := range a {
			dst[i] = x * s
		}
	case AddScaled:
		for i, x := range a {
			dst[i] = x + T(b[i]*s)
		}
	case TanhSlope:
		for i, x := range a {
			dst[i] = b[i] * (1 - T(x*x))
		}
	case SigmoidSlope:
		for i, x := range a {
			dst[i] = b[i] * T(x*(1-x))
		}
	case Relu:
		for i, x := range a {
			if x <= 0 {
				x = 0
			}
			dst[i] = x
		}
	case ReluSlope:
		for i, x := range a {
			y := b[i]
			if x <= 0 {
				y = 0
			}
			dst[i] = y
		}
	}
}

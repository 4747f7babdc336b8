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
	Offset                    // a + s
	Gap                       // a − b, or +0 where both are equal or both are NaN
)

// Binary reports whether the operation has b.
func (f Arith) Binary() bool { return f != Settle && f != Scale && f != Relu && f != Offset }

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
	if !f.Binary() {
		b = a // not read
	}
	a, b = a[:len(dst)], b[:len(dst)]
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
	case Offset:
		for i, x := range a {
			dst[i] = x + s
		}
	case Gap:
		for i, x := range a {
			y := b[i]
			if x == y || x != x && y != y {
				dst[i] = 0
			} else {
				dst[i] = x - y
			}
		}
	}
}

// Squares64 returns Σ x² in float64: sixteen ascending sums of the elements with the same index modulo 16, added pairwise, s[i] +
// s[i+8], s[i] + s[i+4], ….
func Squares64(isa ISA, x []float64) float64 {
	var s [16]float64
	whole := 0
	if isa >= AVX2 && len(x) >= 16 {
		whole = len(x) &^ 15
		squares64(&s, &x[0], whole)
	}
	return pairwise(&s, x[whole:])
}

// Squares32 is Squares64 for float32.
func Squares32(isa ISA, x []float32) float64 {
	var s [16]float64
	whole := 0
	if isa >= AVX2 && len(x) >= 16 {
		whole = len(x) &^ 15
		squares32(&s, &x[0], whole)
	}
	return pairwise(&s, x[whole:])
}

// pairwise adds the squares of x to s and returns the sum of s.
func pairwise[T float32 | float64](s *[16]float64, x []T) float64 {
	for i, v := range x {
		s[i&15] += float64(float64(v) * float64(v))
	}
	for n := 8; n > 0; n /= 2 {
		for i := range n {
			s[i] += s[i+n]
		}
	}
	return s[0]
}

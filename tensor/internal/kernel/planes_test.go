package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// The maxima of blocks, and where they are, are those of the plain loops, to the bit: ties, zeros of both signs, NaN.
func TestMaxQuarters(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 9))
	for _, isa := range ISAs() {
		for n := range 300 {
			ow, rows := 1+r.IntN(40), 1+r.IntN(5)
			testMaxQuarters(t, isa, r, ow, rows, n%4 == 0, MaxQuarters64, MaxQuartersSlope64)
			testMaxQuarters(t, isa, r, ow, rows, n%4 == 0, MaxQuarters32, MaxQuartersSlope32)
		}
	}
}

func testMaxQuarters[T float32 | float64](t *testing.T, isa ISA, r *rand.Rand, ow, rows int, nan bool, forward func(ISA, []T, []T, int), slope func(ISA, []T, []T, []T, int)) {
	few := []T{0, T(math.Copysign(0, -1)), 1, -1, 2, T(math.Inf(1)), T(math.Inf(-1)), 0.5}
	src, eps := make([]T, 4*ow*rows), make([]T, ow*rows)
	for i := range src {
		src[i] = few[r.IntN(len(few))]
	}
	if nan {
		src[r.IntN(len(src))] = T(math.NaN())
	}
	for i := range eps {
		eps[i] = few[r.IntN(len(few))]
	}
	y, wantY, d, wantD := make([]T, len(eps)+1), make([]T, len(eps)), make([]T, len(src)+1), make([]T, len(src))
	y[len(eps)], d[len(src)] = 77, 77 // must stay
	forward(isa, y[:len(eps)], src, ow)
	slope(isa, d[:len(src)], src, eps, ow)
	maxQuarters(wantY, src, ow)
	maxQuartersSlope(wantD, src, eps, ow)
	same := func(a, b T) bool {
		return math.Float64bits(float64(a)) == math.Float64bits(float64(b)) || a != a && b != b
	}
	for i, w := range append(wantY, 77) {
		if !same(y[i], w) {
			t.Fatalf("%v, rows of %d: maximum %d is %g, want %g", isa, ow, i, y[i], w)
		}
	}
	for i, w := range append(wantD, 77) {
		if !same(d[i], w) {
			t.Fatalf("%v, rows of %d: derivative %d is %g, want %g", isa, ow, i, d[i], w)
		}
	}
}

// Rows are copied and what lies between them stays.
func TestCopyRows(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 10))
	for _, isa := range ISAs() {
		for range 300 {
			n, rows := 1+r.IntN(50), 1+r.IntN(6)
			ldd, lds := n+r.IntN(5), n+r.IntN(5)
			src, dst := make([]float32, rows*lds), make([]float32, rows*ldd)
			for i := range src {
				src[i] = float32(i + 1)
			}
			done := CopyRows(isa, unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), 4, ldd, lds, n, rows)
			if done != (isa >= AVX2 && n >= 8) {
				t.Fatalf("%v: rows of %d: done: %v", isa, n, done)
			}
			for i, x := range dst {
				want := float32(0)
				if done && i%ldd < n {
					want = src[i/ldd*lds+i%ldd]
				}
				if x != want {
					t.Fatalf("%v: rows of %d, %d and %d apart: element %d is %g, want %g", isa, n, ldd, lds, i, x, want)
				}
			}
		}
	}
}

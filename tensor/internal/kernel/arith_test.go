package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The assembly gives the bits of the Go loops at every length, in place too, and touches nothing else.
func TestArith(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, isa := range ISAs() {
		for f := Settle; f <= Gap; f++ {
			for n := range 70 {
				testArith(t, isa, f, arguments(r, n), arguments(r, n), -0.3, Arith.Apply64)
				testArith(t, isa, f, narrow(arguments(r, n)), narrow(arguments(r, n)), -0.3, Arith.Apply32)
			}
		}
	}
}

func testArith[T float32 | float64](t *testing.T, isa ISA, f Arith, a, b []T, s T, apply func(Arith, ISA, []T, []T, []T, T)) {
	t.Helper()
	n := len(a)
	want, got := make([]T, n), make([]T, n+1)
	got[n] = 42
	elements(f, want, a, b, s)
	apply(f, isa, got[:n], a, b, s)
	for _, dst := range [][]T{a, b} {
		x, y := append([]T(nil), a...), append([]T(nil), b...)
		if len(dst) > 0 && &dst[0] == &a[0] {
			apply(f, isa, x, x, y, s)
			equalBits(t, isa, f, want, x)
		} else {
			apply(f, isa, y, x, y, s)
			equalBits(t, isa, f, want, y)
		}
	}
	equalBits(t, isa, f, want, got[:n])
	if got[n] != 42 {
		t.Fatalf("%v, operation %d, wrote beyond %d elements", isa, f, n)
	}
}

func equalBits[T float32 | float64](t *testing.T, isa ISA, f Arith, want, got []T) {
	t.Helper()
	for i := range want {
		if math.Float64bits(float64(want[i])) != math.Float64bits(float64(got[i])) && (want[i] == want[i] || got[i] == got[i]) {
			t.Fatalf("%v, operation %d, element %d of %d: %x, want %x", isa, f, i, len(want), got[i], want[i])
		}
	}
}

// The assembly gives the sums of the Go loop.
func TestSquares(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, isa := range ISAs() {
		for n := range 100 {
			x := make([]float64, n)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			equalBits(t, isa, 0, []float64{Squares64(Go, x), Squares32(Go, narrow(x))}, []float64{Squares64(isa, x), Squares32(isa, narrow(x))})
		}
	}
}

package tensor_test

import (
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

// Arithmetic on slices gives the bits of the loops that it stands for.
func TestArithmeticOfSlices(t *testing.T) {
	t.Run("f64", testArithmetic[float64])
	t.Run("f32", testArithmetic[float32])
}

func testArithmetic[T tensor.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 12))
	const s = 0.3
	for _, op := range []struct {
		name string
		of   func(dst, a, b []T)
		one  func(a, b T) T
	}{
		{"add", tensor.AddOf[T], func(a, b T) T { return a + b }},
		{"sub", tensor.SubOf[T], func(a, b T) T { return a - b }},
		{"mul", tensor.MulOf[T], func(a, b T) T { return a * b }},
		{"scale", func(dst, a, _ []T) { tensor.ScaleOf(dst, a, s) }, func(a, _ T) T { return a * s }},
		{"descend", func(dst, a, b []T) { tensor.AddScaledOf(dst, a, b, -s) }, func(a, b T) T { return a - T(s*b) }},
		{"tanh slope", tensor.TanhSlopeOf[T], func(a, b T) T { return b * (1 - T(a*a)) }},
		{"sigmoid slope", tensor.SigmoidSlopeOf[T], func(a, b T) T { return b * T(a*(1-a)) }},
		{"offset", func(dst, a, _ []T) { tensor.OffsetOf(dst, a, s) }, func(a, _ T) T { return a + s }},
		{"gap", tensor.GapOf[T], func(a, b T) T { return a - b }},
		{"relu", func(dst, a, _ []T) { tensor.ReluOf(dst, a) }, func(a, _ T) T { return max(a, 0) }},
		{"relu slope", tensor.ReluSlopeOf[T], func(a, b T) T {
			if a <= 0 {
				return 0
			}
			return b
		}},
	} {
		a, b, dst, want := make([]T, 101), make([]T, 101), make([]T, 101), make([]T, 101)
		for i := range a {
			a[i], b[i] = T(r.NormFloat64()), T(r.NormFloat64())
			want[i] = op.one(a[i], b[i])
		}
		op.of(dst, a, b)
		requireSame(t, want, dst, "%s", op.name)
		require.Zero(t, testing.AllocsPerRun(5, func() { op.of(dst, a, b) }), op.name)
		require.Panics(t, func() { op.of(dst, a[1:], b) }, op.name)
		op.of(a, a, b)
		requireSame(t, want, a, "%s in place", op.name)
	}
}

func BenchmarkAddScaled(b *testing.B) {
	x, y := make([]float32, 784*256), make([]float32, 784*256)
	for b.Loop() {
		tensor.AddScaledOf(x, x, y, -0.1)
	}
	b.SetBytes(int64(12 * len(x)))
}

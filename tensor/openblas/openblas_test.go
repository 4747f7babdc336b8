package openblas

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

// Products agree with those of the built-in backend to rounding, old contents of C, even NaN, do not matter, and the
// number of workers changes no bit.
func TestAgreesWithBuiltin(t *testing.T) {
	b, err := Open()
	if err != nil {
		t.Skip(err)
	}
	require.Equal(t, "openblas", b.Name())
	t.Run("f64", func(t *testing.T) { testAgrees[float64](t, b, 1e-13) })
	t.Run("f32", func(t *testing.T) { testAgrees[float32](t, b, 1e-4) })
}

func testAgrees[T tensor.Float](t *testing.T, b *Backend, tolerance float64) {
	one, two := tensor.NewCtx(tensor.Config{Backend: b, Workers: 1}), tensor.NewCtx(tensor.Config{Backend: b, Workers: 2})
	builtin := tensor.NewCtx(tensor.Config{})
	defer one.Close()
	defer two.Close()
	defer builtin.Close()
	r := rand.New(rand.NewPCG(1, 1))
	numbers := func(rows, cols int, trans bool) ([]T, int) {
		if trans {
			rows, cols = cols, rows
		}
		ld := cols + r.IntN(3)
		x := make([]T, rows*ld)
		for i := range x {
			x[i] = T(r.NormFloat64())
		}
		return x, ld
	}
	for range 60 {
		g := tensor.Gemm{M: 1 + r.IntN(300), N: 1 + r.IntN(300), K: r.IntN(60), TransA: r.IntN(2) == 0, TransB: r.IntN(2) == 0, Accumulate: r.IntN(2) == 0}
		var x, y, z []T
		x, g.LDA = numbers(g.M, g.K, g.TransA)
		y, g.LDB = numbers(g.K, g.N, g.TransB)
		z, g.LDC = numbers(g.M, g.N, false)
		if !g.Accumulate {
			z[0] = T(math.NaN())
		}
		want, got, again := append([]T(nil), z...), append([]T(nil), z...), append([]T(nil), z...)
		tensor.MatMul(builtin, g, x, y, want)
		tensor.MatMul(one, g, x, y, got)
		tensor.MatMul(two, g, x, y, again)
		for i := range want {
			if !(math.Abs(float64(want[i]-got[i])) <= tolerance) {
				t.Fatalf("%+v: element %d is %g, want %g", g, i, got[i], want[i])
			}
		}
		require.Equal(t, got, again, "%+v", g)
	}
	g := tensor.Gemm{M: 20, N: 30, K: 40, LDA: 40, LDB: 30, LDC: 30}
	x, y, z := make([]T, 800), make([]T, 1200), make([]T, 600)
	require.LessOrEqual(t, testing.AllocsPerRun(20, func() { tensor.MatMul(one, g, x, y, z) }), 1.0)
}

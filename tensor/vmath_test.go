package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

// Functions over slices have the bits of the scalar ones, and are those of package math to about an ULP.
func TestFunctionsOfSlices(t *testing.T) {
	for _, f := range []struct {
		name   string
		of     func(dst, src []float64)
		of32   func(dst, src []float32)
		scalar func(float64) float64
		std    func(float64) float64
	}{
		{"exp", tensor.ExpOf[float64], tensor.ExpOf[float32], tensor.Exp, math.Exp},
		{"log", tensor.LogOf[float64], tensor.LogOf[float32], tensor.Log, math.Log},
		{"tanh", tensor.TanhOf[float64], tensor.TanhOf[float32], tensor.Tanh, math.Tanh},
		{"sigmoid", tensor.SigmoidOf[float64], tensor.SigmoidOf[float32], tensor.Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
		{"erf", tensor.ErfOf[float64], tensor.ErfOf[float32], tensor.Erf, math.Erf},
	} {
		r := rand.New(rand.NewPCG(seed, 9))
		x, x32 := make([]float64, 999), make([]float32, 999)
		for i := range x {
			x32[i] = float32(4 * r.NormFloat64())
			x[i] = float64(x32[i])
		}
		y, y32 := make([]float64, 1000), make([]float32, 1000)
		f.of(y, x)
		f.of32(y32, x32)
		for i := range x {
			require.True(t, same(f.scalar(x[i]), y[i]), "%s(%x)", f.name, x[i])
			if want := float32(y[i]); want == want {
				require.InDelta(t, want, y32[i], 1.2e-7*math.Abs(float64(want)), "%s(%x) in float32", f.name, x[i])
			}
			if want := f.std(x[i]); want == want {
				require.InDelta(t, want, y[i], 8e-16*math.Abs(want), "%s(%x)", f.name, x[i])
			}
		}
		require.Zero(t, y[999])
		f.of(x, x)
		requireSame(t, y[:999], x, "%s in place", f.name)
		require.Zero(t, testing.AllocsPerRun(10, func() { f.of(y, x) }))
	}
}

package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

// Fold is the chain ((0 + p[n−1]) + p[n−2]) + … + p[0], to the bit, in which parts without storage do not take part.
func TestFoldIsAChainFromTheLast(t *testing.T) {
	t.Run("f64", testFold[float64])
	t.Run("f32", testFold[float32])
}

func testFold[T tensor.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 3))
	special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e-300}
	for n := range 6 {
		for length := range 40 {
			parts := make([]tensor.Tensor, n)
			for k := range parts {
				if r.IntN(4) == 0 {
					continue
				}
				parts[k] = tensor.New(tensor.TypeOf[T](), tensor.Dims(length))
				for i := range length {
					parts[k].SetFloat(i, r.NormFloat64())
					if r.IntN(3) == 0 {
						parts[k].SetFloat(i, special[r.IntN(len(special))])
					}
				}
			}
			want := make([]T, length)
			for i := range want {
				for k := n - 1; k >= 0; k-- {
					if parts[k].Wanted() {
						want[i] += tensor.Data[T](parts[k])[i]
					}
				}
			}
			dst := tensor.New(tensor.TypeOf[T](), tensor.Dims(length))
			dst.Fill(math.NaN())
			tensor.Fold(dst, parts)
			requireSame(t, want, tensor.Data[T](dst), "%d parts", n)
			for i, x := range tensor.Data[T](dst) {
				require.False(t, x == 0 && math.Signbit(float64(x)), "element %d is −0", i)
			}
			if k := lastWanted(parts); k >= 0 { // the sum may take the place of the last part
				tensor.Fold(parts[k], parts)
				requireSame(t, want, tensor.Data[T](parts[k]), "%d parts, in place", n)
			}
		}
	}
}

func lastWanted(parts []tensor.Tensor) int {
	for k := len(parts) - 1; k >= 0; k-- {
		if parts[k].Wanted() {
			return k
		}
	}
	return -1
}

func TestFoldAndScaleAllocateNothing(t *testing.T) {
	dst := tensor.New(tensor.Float32, tensor.Dims(100))
	parts := []tensor.Tensor{tensor.New(tensor.Float32, tensor.Dims(100)), {}, tensor.New(tensor.Float32, tensor.Dims(100))}
	require.Zero(t, testing.AllocsPerRun(10, func() { tensor.Fold(dst, parts); tensor.Scale(dst, 2) }))
	require.Panics(t, func() { tensor.Fold(tensor.New(tensor.Int64, tensor.Dims(1)), nil) })
	require.Panics(t, func() { tensor.Scale(tensor.New(tensor.Bool, tensor.Dims(1)), 2) })
}

func TestScale(t *testing.T) {
	x := tensor.From(tensor.Dims(3), []float64{1, -2, math.Inf(1)})
	tensor.Scale(x, 0.5)
	require.Equal(t, []float64{0.5, -1, math.Inf(1)}, x.Float64s())
	y := tensor.From(tensor.Dims(2), []float32{3, 7})
	tensor.Scale(y, 0.1)
	require.Equal(t, []float32{3 * float32(0.1), 7 * float32(0.1)}, y.Float32s())
}

// Shared with workers, a fold has the same bits, in place too, and allocates nothing.
func TestFoldOfACtx(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{Workers: 2})
	defer c.Close()
	r := rand.New(rand.NewPCG(seed, 4))
	for n := range 8 {
		parts := make([]tensor.Tensor, n)
		for k := range parts {
			if k%3 == 1 {
				continue
			}
			parts[k] = tensor.New(tensor.Float32, tensor.Dims(50, 1001))
			for i := range parts[k].Float32s() {
				parts[k].Float32s()[i] = float32(r.NormFloat64())
			}
		}
		want, got := tensor.New(tensor.Float32, tensor.Dims(50, 1001)), tensor.New(tensor.Float32, tensor.Dims(50, 1001))
		tensor.Fold(want, parts)
		c.Fold(got, parts)
		requireSame(t, want.Float32s(), got.Float32s(), "%d parts", n)
		require.Zero(t, testing.AllocsPerRun(5, func() { c.Fold(got, parts) }))
		for k := n - 1; k >= 0; k-- {
			if parts[k].Wanted() {
				c.Fold(parts[k], parts)
				requireSame(t, want.Float32s(), parts[k].Float32s(), "%d parts in place", n)
				break
			}
		}
	}
}

package tensor

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every index is computed once, by a Ctx that nobody else uses at the time, and nothing is allocated once it has run.
func TestSplitOwn(t *testing.T) {
	sum := func(c *Ctx, a *Args, lo, hi int) {
		m := c.Mark()
		x := ScratchOf[float64](c, 5)
		y := ScratchOf[float64](c, 1)
		for i := lo; i < hi; i++ {
			for k := range x {
				x[k] = float64(i)
			}
			MatMul(c, Gemm{M: 1, N: 1, K: 5, LDA: 5, LDB: 1, LDC: 1}, x, x, y)
			a.T[0].Float64s()[i] += y[0]
		}
		c.Release(m)
	}
	for _, workers := range []int{1, 2, 3} {
		c := NewCtx(Config{Workers: workers})
		dst := New(Float64, Dims(300))
		for _, n := range []int{0, 1, 7, 300} {
			dst.Zero()
			c.SplitOwn(n, 2, sum, Args{T: [6]Tensor{dst}})
			for i, got := range dst.Float64s() {
				want := 0.0
				if i < n {
					want = 5 * float64(i) * float64(i)
				}
				require.Equal(t, want, got, "%d workers, %d of %d", workers, i, n)
			}
		}
		require.Zero(t, testing.AllocsPerRun(20, func() { c.SplitOwn(300, 2, sum, Args{T: [6]Tensor{dst}}) }))
		c.Close()
	}
}

func TestTransposeOf(t *testing.T) {
	for rows := range 20 {
		for cols := range 20 {
			src, dst := make([]float32, 21*23), make([]float32, 22*23)
			for i := range src {
				src[i] = float32(i)
			}
			TransposeOf(dst, 22, src, 23, rows, cols)
			for i := range rows {
				for j := range cols {
					require.Equal(t, src[i*23+j], dst[j*22+i])
				}
			}
		}
	}
}

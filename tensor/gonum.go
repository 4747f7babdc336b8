package tensor

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Gonum is the backend on gonum's pure-Go BLAS. A transposed B is copied first, since gonum's row-by-row dot products
// depend on alignment; all other forms add a[i,k]·b[k,:] to a row of C for ascending k. Whether products are fused with
// sums is the compiler's choice, so that its bits differ between architectures.
type Gonum struct{}

// Name returns "gonum".
func (Gonum) Name() string { return "gonum" }

// stripe is the edge of gonum's blocks. A product of at most three blocks runs on the calling goroutine and allocates
// nothing, so larger ones are cut here, into row stripes for the pool and column stripes within.
const stripe = 64

// Gemm64 implements Backend.
func (Gonum) Gemm64(c *Ctx, g Gemm, a, b, dst []float64) {
	m := c.Mark()
	g, b = plainB(c, g, b)
	c.Split((g.M+stripe-1)/stripe, 1, gonum64, gemmArgs(g, a, b, dst))
	c.Release(m)
}

// Gemm32 implements Backend.
func (Gonum) Gemm32(c *Ctx, g Gemm, a, b, dst []float32) {
	m := c.Mark()
	g, b = plainB(c, g, b)
	c.Split((g.M+stripe-1)/stripe, 1, gonum32, gemmArgs(g, a, b, dst))
	c.Release(m)
}

// plainB returns the product with B stored untransposed, in scratch memory if need be.
func plainB[T Float](c *Ctx, g Gemm, b []T) (Gemm, []T) {
	if !g.TransB {
		return g, b
	}
	t := ScratchOf[T](c, g.K*g.N)
	for j := range g.N {
		for k, x := range b[j*g.LDB : j*g.LDB+g.K] {
			t[k*g.N+j] = x
		}
	}
	g.TransB, g.LDB = false, g.N
	return g, t
}

func gemmArgs[T Float](g Gemm, a, b, dst []T) Args {
	flags := 0
	if g.TransA {
		flags |= 1
	}
	if g.Accumulate {
		flags |= 2
	}
	return Args{
		T: [6]Tensor{From(Dims(len(a)), a), From(Dims(len(b)), b), From(Dims(len(dst)), dst)},
		N: [12]int{g.M, g.N, g.K, g.LDA, g.LDB, g.LDC, flags},
	}
}

// gemmOf restores the description and operands that gemmArgs packed.
func gemmOf[T Float](x *Args) (g Gemm, a, b, dst []T) {
	g = Gemm{M: x.N[0], N: x.N[1], K: x.N[2], LDA: x.N[3], LDB: x.N[4], LDC: x.N[5], TransA: x.N[6]&1 != 0, Accumulate: x.N[6]&2 != 0}
	return g, Data[T](x.T[0]), Data[T](x.T[1]), Data[T](x.T[2])
}

func gonum64(x *Args, lo, hi int) {
	g, a, b, dst := gemmOf[float64](x)
	stripes(g, lo, hi, func(i, j, m, n, ai int, t blas.Transpose, beta float64) {
		gonum.Implementation{}.Dgemm(t, blas.NoTrans, m, n, g.K, 1, a[ai:], g.LDA, b[j:], g.LDB, beta, dst[i*g.LDC+j:], g.LDC)
	})
}

func gonum32(x *Args, lo, hi int) {
	g, a, b, dst := gemmOf[float32](x)
	stripes(g, lo, hi, func(i, j, m, n, ai int, t blas.Transpose, beta float64) {
		gonum.Implementation{}.Sgemm(t, blas.NoTrans, m, n, g.K, 1, a[ai:], g.LDA, b[j:], g.LDB, float32(beta), dst[i*g.LDC+j:], g.LDC)
	})
}

// stripes calls f for blocks of at most 64×192 elements of C in row stripes lo to hi.
func stripes(g Gemm, lo, hi int, f func(i, j, m, n, ai int, t blas.Transpose, beta float64)) {
	t, beta := blas.NoTrans, 0.0
	if g.TransA {
		t = blas.Trans
	}
	if g.Accumulate {
		beta = 1
	}
	for i := lo * stripe; i < min(hi*stripe, g.M); i += stripe {
		ai := i * g.LDA
		if g.TransA {
			ai = i
		}
		for j := 0; j < g.N; j += 3 * stripe {
			f(i, j, min(stripe, g.M-i), min(3*stripe, g.N-j), ai, t, beta)
		}
	}
}

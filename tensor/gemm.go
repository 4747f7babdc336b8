package tensor

import "fmt"

// A Gemm describes a matrix product C = op(A)·op(B), or C += op(A)·op(B), of row-major matrices: op(A) has M rows and K
// columns, op(B) K rows and N columns, C M rows and N columns. op transposes if the flag is set; the leading
// dimensions LDA, LDB and LDC are the distances in elements between stored rows.
type Gemm struct {
	M, N, K        int
	LDA, LDB, LDC  int
	TransA, TransB bool
	Accumulate     bool // add to C, otherwise C is overwritten and its old contents, even NaN, do not matter
}

// A Backend computes matrix products. Its contract: element (i, j) of C is reduced over ascending k, in an order that
// depends on K alone, not on M, N, strides, alignment, the number of workers or the split of the work; so a product
// of some rows or columns alone has the same bits as the same rows or columns of the whole. M, N and K are at least 1:
// MatMul takes care of empty products. It allocates nothing in the steady state, taking scratch memory and workers
// from c.
type Backend interface {
	Name() string
	Gemm64(c *Ctx, g Gemm, a, b, dst []float64)
	Gemm32(c *Ctx, g Gemm, a, b, dst []float32)
}

// Default returns the backend that a zero Config uses: Builtin.
func Default() Backend { return Builtin{} }

// ParseBackend returns the backend named "builtin" or "gonum". (OpenBLAS is in package tensor/openblas, since it has to be
// loaded.)
func ParseBackend(name string) (Backend, error) {
	switch name {
	case "builtin":
		return Builtin{}, nil
	case "gonum":
		return Gonum{}, nil
	}
	return nil, fmt.Errorf("tensor: unknown backend %q: use builtin or gonum", name)
}

// MatMul computes the product that g describes with the backend of c. M, N or K may be 0: K = 0 gives zeros, or leaves
// C as it is with Accumulate.
func MatMul[T Float](c *Ctx, g Gemm, a, b, dst []T) {
	if g.M == 0 || g.N == 0 {
		return
	}
	if g.K == 0 {
		if !g.Accumulate {
			for i := range g.M {
				clear(dst[i*g.LDC : i*g.LDC+g.N])
			}
		}
		return
	}
	switch d := any(dst).(type) {
	case []float64:
		c.backend.Gemm64(c, g, any(a).([]float64), any(b).([]float64), d)
	case []float32:
		c.backend.Gemm32(c, g, any(a).([]float32), any(b).([]float32), d)
	}
}

//go:build linux && amd64 && !noopenblas

package openblas

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/retrodict/retrodict/tensor"
)

// names of the library, the first that loads is taken.
var names = [...]string{"libopenblas.so.0", "libopenblas.so"}

// A Backend is OpenBLAS with one thread per call.
type Backend struct {
	dgemm, sgemm uintptr // the Fortran symbols, whose parameters are all pointers
}

// Open loads the library. The error says what to install.
func Open() (*Backend, error) {
	var first error
	for _, name := range names {
		lib, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err == nil {
			return bind(lib)
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("openblas: library not found (on Debian: apt-get install libopenblas0): %w", first)
}

func bind(lib uintptr) (*Backend, error) {
	var b Backend
	var threads uintptr
	for _, s := range []struct {
		name string
		to   *uintptr
	}{{"dgemm_", &b.dgemm}, {"sgemm_", &b.sgemm}, {"openblas_set_num_threads", &threads}} {
		p, err := purego.Dlsym(lib, s.name)
		if err != nil {
			return nil, fmt.Errorf("openblas: the library lacks %s: %w", s.name, err)
		}
		*s.to = p
	}
	purego.SyscallN(threads, 1)
	return &b, nil
}

// Name returns "openblas".
func (*Backend) Name() string { return "openblas" }

// Gemm64 implements tensor.Backend.
func (b *Backend) Gemm64(c *tensor.Ctx, g tensor.Gemm, x, y, dst []float64) {
	split(c, b.dgemm, g, x, y, dst)
}

// Gemm32 implements tensor.Backend.
func (b *Backend) Gemm32(c *tensor.Ctx, g tensor.Gemm, x, y, dst []float32) {
	split(c, b.sgemm, g, x, y, dst)
}

// stripe is the number of rows, or of columns where there are more of them, of the blocks that workers compute.
const stripe = 128

// words is the size of params in units of eight bytes.
const words = int(unsafe.Sizeof(params[float64]{})+7) / 8

func split[T tensor.Float](c *tensor.Ctx, symbol uintptr, g tensor.Gemm, a, b, dst []T) {
	flags, n := 0, g.M
	if g.TransA {
		flags |= 1
	}
	if g.TransB {
		flags |= 2
	}
	if g.Accumulate {
		flags |= 4
	}
	if g.N > g.M {
		flags, n = flags|8, g.N
	}
	of := func(x []T) tensor.Tensor { return tensor.From(tensor.Dims(len(x)), x) }
	m := c.Mark()
	blocks := (n + stripe - 1) / stripe
	// A call's parameters lie in scratch memory, a row for each block, since the library wants their addresses.
	params := c.Scratch(tensor.Int64, tensor.Dims(blocks, words))
	c.Split(blocks, 1, block[T], tensor.Args{
		T: [6]tensor.Tensor{of(a), of(b), of(dst), params},
		N: [12]int{g.M, g.N, g.K, g.LDA, g.LDB, g.LDC, flags, int(symbol)},
	})
	c.Release(m)
}

// block computes stripes lo to hi. In Fortran's order the product is Cᵀ = op(B)ᵀ·op(A)ᵀ.
func block[T tensor.Float](x *tensor.Args, lo, hi int) {
	a, b, dst := tensor.Data[T](x.T[0]), tensor.Data[T](x.T[1]), tensor.Data[T](x.T[2])
	m, n, k, lda, ldb, ldc, flags := x.N[0], x.N[1], x.N[2], x.N[3], x.N[4], x.N[5], x.N[6]
	transA, transB, columns := flags&1 != 0, flags&2 != 0, flags&8 != 0
	for i := lo * stripe; i < min(hi*stripe, max(m, n)); i += stripe {
		mm, nn, ai, bi, ci := min(stripe, m-i), n, i*lda, 0, i*ldc
		switch {
		case columns && transB:
			mm, nn, ai, bi, ci = m, min(stripe, n-i), 0, i*ldb, i
		case columns:
			mm, nn, ai, bi, ci = m, min(stripe, n-i), 0, i, i
		case transA:
			ai = i
		}
		p := (*params[T])(unsafe.Pointer(&x.T[3].Int64s()[i/stripe*words]))
		*p = params[T]{m: int32(mm), n: int32(nn), k: int32(k), lda: int32(lda), ldb: int32(ldb), ldc: int32(ldc), one: 1}
		if flags&4 != 0 {
			p.beta = 1
		}
		p.transA, p.transB = letter(transA), letter(transB)
		p.call[0], p.call[1], p.call[2], p.call[3] = at(&p.transB), at(&p.transA), at(&p.n), at(&p.m)
		p.call[4], p.call[5], p.call[6], p.call[7] = at(&p.k), at(&p.one), at(&b[bi]), at(&p.ldb)
		p.call[8], p.call[9], p.call[10], p.call[11], p.call[12] = at(&a[ai]), at(&p.lda), at(&p.beta), at(&dst[ci]), at(&p.ldc)
		purego.SyscallN(uintptr(x.N[7]), p.call[:]...)
	}
}

// at is the address of something on the heap, where it stays.
func at[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// params are the parameters of one call, and their addresses.
type params[T tensor.Float] struct {
	one, beta              T
	m, n, k, lda, ldb, ldc int32
	transA, transB         byte
	call                   [13]uintptr
}

func letter(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}

package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/tensor/internal/kernel"
	"github.com/stretchr/testify/require"
)

// chain is the product as Builtin defines it.
func chain[T tensor.Float](p product[T]) []T {
	dst := append([]T(nil), p.dst...)
	for i := range p.M {
		for j := range p.N {
			s := T(0)
			if p.Accumulate {
				s = dst[i*p.LDC+j]
			}
			for k := range p.K {
				s = fma(at(p.a, p.LDA, p.TransA, i, k), at(p.b, p.LDB, p.TransB, k, j), s)
			}
			dst[i*p.LDC+j] = s
		}
	}
	return dst
}

func fma[T tensor.Float](x, y, z T) T {
	if tensor.TypeOf[T]() == tensor.Float64 {
		return T(math.FMA(float64(x), float64(y), float64(z)))
	}
	return T(kernel.FMA32(float32(x), float32(y), float32(z)))
}

// Builtin gives the bits of the chain of multiply-adds that its contract states, on every instruction set.
func TestBuiltinIsAChainOfMultiplyAdds(t *testing.T) {
	for _, b := range tensor.Builtins() {
		t.Run(tensor.BuiltinISA(b)[1:]+"/f64", func(t *testing.T) { testChain[float64](t, b) })
		t.Run(tensor.BuiltinISA(b)[1:]+"/f32", func(t *testing.T) { testChain[float32](t, b) })
	}
}

func testChain[T tensor.Float](t *testing.T, b tensor.Backend) {
	r := rand.New(rand.NewPCG(seed, 1))
	size := func() int { return edges[r.IntN(len(edges))] }
	for i := range 150 {
		p := randomProduct[T](r, size(), size(), size())
		if i%3 == 0 { // operands of very different sizes, subnormal and overflowing results
			for j := range p.a {
				p.a[j] *= T(math.Exp2(float64(r.IntN(200) - 100)))
			}
			for j := range p.b {
				p.b[j] *= T(math.Exp2(float64(r.IntN(200) - 100)))
			}
		}
		requireSame(t, chain(p), run(b, 2, p), "%+v", p.Gemm)
	}
	p := randomProduct[T](r, 70, 80, 777)
	requireSame(t, chain(p), run(b, 2, p), "%+v", p.Gemm)
	for _, s := range [][4]int{{9, 100, 65, 512}, {33, 97, 512, 1024}, {40, 130, 100, 2048}} { // rows that begin in the same sets of the cache
		for i := range 4 {
			p, ld := randomProduct[T](r, s[0], s[1], s[2]), s[3]
			p.TransA, p.TransB = false, i%2 == 1
			p.a, p.LDA = matrixAt[T](r, p.M, ld), ld
			if p.TransB {
				p.b, p.LDB = matrixAt[T](r, p.N, ld), ld
			} else {
				p.b, p.LDB = randomMatrix[T](r, p.K, p.N, false)
			}
			requireSame(t, chain(p), run(b, 1+i/2, p), "%+v", p.Gemm)
		}
	}
}

// matrixAt returns a matrix with rows of length ld.
func matrixAt[T tensor.Float](r *rand.Rand, rows, ld int) []T {
	x := make([]T, rows*ld)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// Infinities, NaNs, zeros of both signs, subnormal and huge numbers, in either factor and in what is added to, give the bits of
// the chain too, all NaNs counting as one.
func TestBuiltinIsAChainOfSpecialValues(t *testing.T) {
	for _, b := range tensor.Builtins() {
		t.Run(tensor.BuiltinISA(b)[1:]+"/f64", func(t *testing.T) { testSpecial[float64](t, b) })
		t.Run(tensor.BuiltinISA(b)[1:]+"/f32", func(t *testing.T) { testSpecial[float32](t, b) })
	}
}

func testSpecial[T tensor.Float](t *testing.T, b tensor.Backend) {
	r := rand.New(rand.NewPCG(seed, 4))
	size := func() int { return edges[r.IntN(len(edges))] }
	huge, tiny := math.MaxFloat64, math.SmallestNonzeroFloat64
	if tensor.TypeOf[T]() == tensor.Float32 {
		huge, tiny = math.MaxFloat32, math.SmallestNonzeroFloat32
	}
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), huge, -huge, tiny, -tiny}
	strew := func(x []T, n int) {
		for range n {
			x[r.IntN(len(x))] = T(special[r.IntN(len(special))])
		}
	}
	kinds := map[string]int{}
	for i := range 200 {
		p := randomProduct[T](r, size(), size(), size())
		where := i % 4 // A, B, C or all
		p.Accumulate = p.Accumulate || where >= 2
		for k, x := range [][]T{p.a, p.b, p.dst} {
			if where == k || where == 3 {
				strew(x, 1+r.IntN(4))
			}
		}
		want := chain(p)
		requireSame(t, want, run(b, 1+i%2, p), "%+v", p.Gemm)
		for _, x := range want {
			switch {
			case x != x:
				kinds["NaN"]++
			case math.IsInf(float64(x), 0):
				kinds["Inf"]++
			}
		}
	}
	require.Greater(t, min(kinds["NaN"], kinds["Inf"]), 500)
}

// A chain of fused multiply-adds differs from one that rounds the products: the test above can see the difference.
func TestUnfusedChainDiffers(t *testing.T) {
	p := randomProduct[float64](rand.New(rand.NewPCG(seed, 2)), 10, 10, 50)
	want, differ := chain(p), 0
	for i := range p.M {
		for j := range p.N {
			sum := 0.0
			if p.Accumulate {
				sum = p.dst[i*p.LDC+j]
			}
			for k := range p.K {
				sum += float64(at(p.a, p.LDA, p.TransA, i, k) * at(p.b, p.LDB, p.TransB, k, j))
			}
			if sum != want[i*p.LDC+j] {
				differ++
			}
		}
	}
	require.NotZero(t, differ)
}

func TestBuiltinIsDefault(t *testing.T) {
	require.Equal(t, "builtin", tensor.Default().Name())
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	require.Equal(t, tensor.Default(), c.Backend())
}

// Operands that are too short are the caller's bug, found before memory is touched.
func TestShortOperandsPanic(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	g := tensor.Gemm{M: 2, N: 3, K: 4, LDA: 4, LDB: 3, LDC: 3}
	a, b, d := make([]float64, 8), make([]float64, 12), make([]float64, 6)
	require.NotPanics(t, func() { tensor.MatMul(c, g, a, b, d) })
	require.Panics(t, func() { tensor.MatMul(c, g, a[1:], b, d) })
	require.Panics(t, func() { tensor.MatMul(c, g, a, b[1:], d) })
	require.Panics(t, func() { tensor.MatMul(c, g, a, b, d[1:]) })
	g.LDB = 2
	require.Panics(t, func() { tensor.MatMul(c, g, a, b, d) })
}

func TestParseBackend(t *testing.T) {
	for _, b := range []tensor.Backend{tensor.Builtin{}, tensor.Gonum{}} {
		got, err := tensor.ParseBackend(b.Name())
		require.NoError(t, err)
		require.Equal(t, b, got)
	}
	_, err := tensor.ParseBackend("mkl")
	require.ErrorContains(t, err, "builtin or gonum")
}

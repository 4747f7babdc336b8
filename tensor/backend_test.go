package tensor_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

// backends are those that the contract of Backend is tested on.
var backends = append(tensor.Builtins(), tensor.Gonum{})

// seed is fixed, so that every run tests the same products; change it to look further.
const seed = 20260

// edges are the sizes at which blocks of kernels end, and their neighbours.
var edges = []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 15, 16, 17, 20, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 96, 97, 130}

// A product is a Gemm with its operands; dst holds what is to be added to.
type product[T tensor.Float] struct {
	tensor.Gemm
	a, b, dst []T
}

// randomProduct returns one of the given size with random strides, offsets and transposes.
func randomProduct[T tensor.Float](r *rand.Rand, m, n, k int) product[T] {
	p := product[T]{Gemm: tensor.Gemm{M: m, N: n, K: k, TransA: r.IntN(2) == 1, TransB: r.IntN(2) == 1, Accumulate: r.IntN(3) == 0}}
	p.a, p.LDA = randomMatrix[T](r, m, k, p.TransA)
	p.b, p.LDB = randomMatrix[T](r, k, n, p.TransB)
	p.dst, p.LDC = randomMatrix[T](r, m, n, false)
	return p
}

// randomMatrix returns a rows × cols matrix, transposed in storage if trans, and its leading dimension. Its first
// element lies anywhere, and nothing follows the last.
func randomMatrix[T tensor.Float](r *rand.Rand, rows, cols int, trans bool) ([]T, int) {
	if trans {
		rows, cols = cols, rows
	}
	ld := cols + r.IntN(3)*r.IntN(5)
	x := make([]T, r.IntN(9)+max(0, (rows-1)*ld+cols))
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x[len(x)-max(0, (rows-1)*ld+cols):], ld
}

// at returns element (i, j) of a matrix.
func at[T tensor.Float](x []T, ld int, trans bool, i, j int) T {
	if trans {
		i, j = j, i
	}
	return x[i*ld+j]
}

// run computes p on the backend and returns dst; without Accumulate dst holds NaN before.
func run[T tensor.Float](b tensor.Backend, workers int, p product[T]) []T {
	c := tensor.NewCtx(tensor.Config{Backend: b, Workers: workers})
	defer c.Close()
	return runOn(c, p)
}

func runOn[T tensor.Float](c *tensor.Ctx, p product[T]) []T {
	dst := append([]T(nil), p.dst...)
	if !p.Accumulate {
		for i := range p.M {
			for j := range p.N {
				dst[i*p.LDC+j] = T(math.NaN())
			}
		}
	}
	tensor.MatMul(c, p.Gemm, p.a, p.b, dst)
	return dst
}

// same reports whether two numbers have the same bits, all NaNs counting as one.
func same[T tensor.Float](x, y T) bool {
	return x == y && math.Signbit(float64(x)) == math.Signbit(float64(y)) || x != x && y != y
}

func requireSame[T tensor.Float](t *testing.T, want, got []T, format string, args ...any) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if !same(want[i], got[i]) {
			t.Fatalf("element %d is %g (%x), want %g (%x): %s", i, got[i], got[i], want[i], want[i], fmt.Sprintf(format, args...))
		}
	}
}

// near is the naive product in float64 with a bound of the rounding error of any order of summation.
func near[T tensor.Float](t *testing.T, p product[T], got []T) {
	t.Helper()
	eps := 0x1p-52
	if tensor.TypeOf[T]() == tensor.Float32 {
		eps = 0x1p-23
	}
	for i := range p.M {
		for j := range p.LDC {
			at0 := i*p.LDC + j
			if j >= p.N {
				if at0 < len(got) && !same(got[at0], p.dst[at0]) {
					t.Fatalf("%+v: wrote outside of C at row %d, column %d", p.Gemm, i, j)
				}
				continue
			}
			sum, abs := 0.0, 0.0
			if p.Accumulate {
				sum = float64(p.dst[at0])
				abs = math.Abs(sum)
			}
			for k := range p.K {
				x := float64(at(p.a, p.LDA, p.TransA, i, k)) * float64(at(p.b, p.LDB, p.TransB, k, j))
				sum += x
				abs += math.Abs(x)
			}
			if d := math.Abs(float64(got[at0]) - sum); !(d <= float64(p.K+2)*eps*abs) {
				t.Fatalf("%+v: C[%d,%d] is %g, want %g", p.Gemm, i, j, got[at0], sum)
			}
		}
	}
}

// forBackends runs f for every backend, f32 and f64.
func forBackends(t *testing.T, f64 func(*testing.T, tensor.Backend, *rand.Rand), f32 func(*testing.T, tensor.Backend, *rand.Rand)) {
	for _, b := range backends {
		name := fmt.Sprintf("%v%v", b.Name(), tensor.BuiltinISA(b))
		t.Run(name+"/f64", func(t *testing.T) { f64(t, b, rand.New(rand.NewPCG(seed, 64))) })
		t.Run(name+"/f32", func(t *testing.T) { f32(t, b, rand.New(rand.NewPCG(seed, 32))) })
	}
}

func TestBackendAgreesWithNaiveProduct(t *testing.T) {
	forBackends(t, testNaive[float64], testNaive[float32])
}

func testNaive[T tensor.Float](t *testing.T, b tensor.Backend, r *rand.Rand) {
	for range 400 {
		p := randomProduct[T](r, edges[r.IntN(len(edges))], edges[r.IntN(len(edges))], edges[r.IntN(len(edges))])
		near(t, p, run(b, 1+r.IntN(3), p))
	}
	for _, s := range [][3]int{{3, 200, 600}, {200, 3, 600}, {150, 130, 270}, {1, 1, 3000}, {700, 1, 30}, {1, 700, 30}} {
		p := randomProduct[T](r, s[0], s[1], s[2])
		near(t, p, run(b, 2, p))
	}
}

// A product has the same bits for any number of workers, and any part of it computed alone, at any alignment and
// with operands stored either way.
func TestBackendBitsDependOnKAlone(t *testing.T) {
	forBackends(t, testParts[float64], testParts[float32])
}

func testParts[T tensor.Float](t *testing.T, b tensor.Backend, r *rand.Rand) {
	for i := range 150 {
		m, n, k := edges[r.IntN(len(edges))], edges[r.IntN(len(edges))], edges[r.IntN(len(edges))]
		if i%10 == 0 {
			m, n, k = 40+r.IntN(100), 40+r.IntN(100), 100+r.IntN(300)
		}
		p := randomProduct[T](r, m, n, k)
		want := run(b, 1, p)
		for _, workers := range []int{2, 8} {
			requireSame(t, want, run(b, workers, p), "%+v with %d workers", p.Gemm, workers)
		}
		q, i0, j0 := randomPart(r, p)
		got := run(b, 1, q)
		for i := range q.M {
			for j := range q.N {
				if x, y := want[(i0+i)*p.LDC+j0+j], got[i*q.LDC+j]; !same(x, y) {
					t.Fatalf("C[%d,%d] of %+v is %x, and %x when rows from %d, columns from %d are computed as %+v", i0+i, j0+j, p.Gemm, x, y, i0, j0, q.Gemm)
				}
			}
		}
	}
}

// randomPart returns the product of some rows and columns of p, with operands copied to other places, strides and
// orders of storage, and its first row and column.
func randomPart[T tensor.Float](r *rand.Rand, p product[T]) (q product[T], i0, j0 int) {
	i0, j0 = r.IntN(p.M), r.IntN(p.N)
	q = randomProduct[T](r, 1+r.IntN(p.M-i0), 1+r.IntN(p.N-j0), p.K)
	q.Accumulate = p.Accumulate
	for i := range q.M {
		for k := range q.K {
			x := at(p.a, p.LDA, p.TransA, i0+i, k)
			if q.TransA {
				q.a[k*q.LDA+i] = x
			} else {
				q.a[i*q.LDA+k] = x
			}
		}
		for j := range q.N {
			q.dst[i*q.LDC+j] = p.dst[(i0+i)*p.LDC+j0+j]
		}
	}
	for k := range q.K {
		for j := range q.N {
			x := at(p.b, p.LDB, p.TransB, k, j0+j)
			if q.TransB {
				q.b[j*q.LDB+k] = x
			} else {
				q.b[k*q.LDB+j] = x
			}
		}
	}
	return q, i0, j0
}

func TestBackendZeroSizes(t *testing.T) {
	forBackends(t, testZero[float64], testZero[float32])
}

func testZero[T tensor.Float](t *testing.T, b tensor.Backend, r *rand.Rand) {
	for _, s := range [][3]int{{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {0, 0, 0}, {100, 100, 0}} {
		for range 8 {
			p := randomProduct[T](r, s[0], s[1], s[2])
			got := run(b, 2, p)
			for i := range p.M {
				for j := range p.N {
					want := T(0)
					if p.Accumulate {
						want = p.dst[i*p.LDC+j]
					}
					require.True(t, same(want, got[i*p.LDC+j]), "%+v", p.Gemm)
				}
			}
		}
	}
}

// NaN and Inf spread to exactly the elements that depend on them, also where the other factor is 0.
func TestBackendNonFinite(t *testing.T) {
	forBackends(t, testNonFinite[float64], testNonFinite[float32])
}

func testNonFinite[T tensor.Float](t *testing.T, b tensor.Backend, r *rand.Rand) {
	for _, bad := range []T{T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1))} {
		for range 60 {
			p := randomProduct[T](r, edges[r.IntN(20)], edges[r.IntN(20)], edges[r.IntN(20)])
			row, k := r.IntN(p.M), r.IntN(p.K)
			if p.TransA {
				p.a[k*p.LDA+row] = bad
			} else {
				p.a[row*p.LDA+k] = bad
			}
			zero := r.IntN(p.N)
			if p.TransB {
				p.b[zero*p.LDB+k] = 0
			} else {
				p.b[k*p.LDB+zero] = 0
			}
			got := run(b, 2, p)
			for i := range p.M {
				for j := range p.N {
					x := float64(got[i*p.LDC+j])
					finite := !math.IsNaN(x) && !math.IsInf(x, 0)
					if finite != (i != row) {
						t.Fatalf("%+v with %g at A[%d,%d]: C[%d,%d] is %g", p.Gemm, bad, row, k, i, j, x)
					}
				}
			}
			if x := got[row*p.LDC+zero]; x == x {
				t.Fatalf("%+v: %g times 0 gives %g, want NaN", p.Gemm, bad, x)
			}
		}
	}
}

func TestBackendAllocatesNothing(t *testing.T) {
	forBackends(t, testAllocs[float64], testAllocs[float32])
}

func testAllocs[T tensor.Float](t *testing.T, b tensor.Backend, r *rand.Rand) {
	c := tensor.NewCtx(tensor.Config{Backend: b, Workers: 2})
	defer c.Close()
	for _, s := range [][3]int{{2, 3, 4}, {20, 10, 256}, {20, 70, 300}, {130, 100, 80}} {
		for range 4 {
			p := randomProduct[T](r, s[0], s[1], s[2])
			tensor.MatMul(c, p.Gemm, p.a, p.b, p.dst)
			tensor.MatMul(c, p.Gemm, p.a, p.b, p.dst)
			require.Zero(t, testing.AllocsPerRun(5, func() { tensor.MatMul(c, p.Gemm, p.a, p.b, p.dst) }), "%+v", p.Gemm)
		}
	}
}

// Goroutines with forks of one Ctx multiply at the same time.
func TestBackendOnForks(t *testing.T) {
	forBackends(t, testForks[float64], testForks[float32])
}

func testForks[T tensor.Float](t *testing.T, b tensor.Backend, r *rand.Rand) {
	c := tensor.NewCtx(tensor.Config{Backend: b, Workers: 3})
	defer c.Close()
	p := randomProduct[T](r, 70, 60, 50)
	want := runOn(c, p)
	got := make(chan []T)
	for range 4 {
		f := c.Fork()
		go func() {
			var x []T
			for range 10 {
				x = runOn(f, p)
				runtime.Gosched()
			}
			got <- x
		}()
	}
	for range 4 {
		requireSame(t, want, <-got, "in a goroutine of its own")
	}
}

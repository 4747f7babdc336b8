package tensor

import (
	"unsafe"

	"github.com/retrodict/retrodict/tensor/internal/kernel"
)

// Builtin is the backend in Go assembly for AVX2 with FMA and for AVX-512, and in plain Go elsewhere.
//
// Its order of reduction is exact: element (i, j) of C begins as +0, or with Accumulate as it was, and becomes
// fma(A[i,k], B[k,j], C[i,j]) for k = 0, 1, …, K−1, where fma is the multiply-add of IEEE 754 that rounds once. So a
// loop of math.FMA gives the same bits, as do all machines, transposes, strides, splits and numbers of workers.
type Builtin struct {
	force uint8 // for tests: 1 + the kernel.ISA to use; 0: the best one of the machine
}

// Name returns "builtin".
func (Builtin) Name() string { return "builtin" }

// Gemm64 implements Backend.
func (b Builtin) Gemm64(c *Ctx, g Gemm, x, y, dst []float64) {
	gemm(c, &c.gemm64, b.isa(), g, x, y, dst)
}

// Gemm32 implements Backend.
func (b Builtin) Gemm32(c *Ctx, g Gemm, x, y, dst []float32) {
	gemm(c, &c.gemm32, b.isa(), g, x, y, dst)
}

func (b Builtin) isa() kernel.ISA {
	if b.force > 0 {
		return kernel.ISA(b.force - 1)
	}
	return kernel.Best()
}

// A gemmTask is a product R = P·Q in the form that kernels compute: elements of P are broadcast and may lie anywhere,
// rows of Q are vectors. R is C, or the transpose of C if the operands have changed their roles. It is cut into blocks
// of R, and computes each with fused multiply-adds in ascending k: partial sums wait in C itself between blocks of k.
type gemmTask[T Float] struct {
	isa        kernel.ISA
	m, n, k    int
	p, q, r    []T
	rs, cs     int  // element (i, k) of P is p[i·rs + k·cs]
	ldq        int  // element (k, j) of Q is q[k·ldq + j],
	packT      bool // or q[j·ldq + k]: then panels are transposed into a buffer before use
	pack       bool // copy panels of Q into a buffer before use, so that its rows are near one another
	ldr        int  // element (i, j) of R is r[i·ldr + j],
	transposed bool // or r[j·ldr + i]
	load       bool // add to R
	lanes      int
	rows, vecs int // size of a block: rows, vectors
	rowBlocks  int
	buf        []T // for each worker, bufLen elements
	bufLen     int
}

const (
	blockK    = 256   // steps of k before C is put back
	blockM    = 128   // most rows of a block
	small     = 2048  // vector operations up to which a product is computed at once: about 1 µs
	splitFrom = 24000 // vector operations from which on a product is split over workers: about 8 µs
)

func gemm[T Float](c *Ctx, t *gemmTask[T], isa kernel.ISA, g Gemm, a, b, dst []T) {
	checkGemm(g, len(a), len(b), len(dst))
	var z T
	lanes := isa.Lanes(int(unsafe.Sizeof(z)))
	if !g.TransB && g.K <= blockK && g.M*g.K*((g.N+lanes-1)/lanes) <= small && (g.N >= lanes || !g.TransA) {
		direct(isa, lanes, g, a, b, dst)
		return
	}
	*t = gemmTask[T]{isa: isa, lanes: lanes, load: g.Accumulate, ldr: g.LDC, r: dst}
	mark := c.Mark()
	t.orient(g, a, b)
	t.spreadRows(c)
	if t.packT && (t.transposed || t.n <= kernel.Vectors*t.lanes) {
		t.packAll(c)
	}
	pieces := t.cut(c.Workers())
	t.bufLen = (min(t.k, blockK) + t.rows) * kernel.Vectors * t.lanes
	if !t.pack && !t.packT && !t.transposed {
		t.bufLen = 0
	}
	t.buf = ScratchOf[T](c, t.bufLen*min(c.Workers(), pieces))
	if pieces == 1 {
		t.Run(0, 0, 1)
	} else {
		c.pool.Do(pieces, 1, t)
	}
	t.p, t.q, t.r, t.buf = nil, nil, nil, nil
	c.Release(mark)
}

// direct computes a small product with B as it lies.
func direct[T Float](isa kernel.ISA, lanes int, g Gemm, a, b, dst []T) {
	size := int(unsafe.Sizeof(a[0]))
	rs, cs := strides(g.LDA, g.TransA)
	p := kernel.Panel{RSA: rs * size, CSA: cs * size, LDB: g.LDB * size, LDC: g.LDC * size, Load: g.Accumulate, K: g.K}
	width := kernel.Vectors * lanes
	for j := 0; j < g.N; j += width {
		n := min(width, g.N-j)
		p.A, p.B, p.C, p.M = unsafe.Pointer(&a[0]), unsafe.Pointer(&b[j]), unsafe.Pointer(&dst[j]), g.M
		p.V, p.Tail = (n+lanes-1)/lanes, (n-1)%lanes+1
		p.Next = p.B
		compute[T](&p, isa)
	}
}

// checkGemm panics if the operands are too short.
func checkGemm(g Gemm, a, b, dst int) {
	if a < extent(g.M, g.K, g.LDA, g.TransA) || b < extent(g.K, g.N, g.LDB, g.TransB) || dst < extent(g.M, g.N, g.LDC, false) {
		panic("tensor: matrix product: operand too short")
	}
}

// extent returns the number of elements from the first to the last of a matrix.
func extent(rows, cols, ld int, trans bool) int {
	if trans {
		rows, cols = cols, rows
	}
	if ld < cols {
		panic("tensor: matrix product: leading dimension below the row's length")
	}
	return (rows-1)*ld + cols
}

// orient chooses the roles of the operands by an estimate of the cost, in vector operations: the number of
// multiply-adds, and the elements to be transposed, of which an operation takes about 16 bytes.
func (t *gemmTask[T]) orient(g Gemm, a, b []T) {
	size := int(unsafe.Sizeof(a[0]))
	straight := g.M * g.K * ((g.N + t.lanes - 1) / t.lanes)
	if g.TransB {
		straight += g.K * g.N * size / 16
	}
	swapped := g.N*g.K*((g.M+t.lanes-1)/t.lanes) + g.M*g.N*size/16
	if !g.TransA {
		swapped += g.K * g.M * size / 16
	}
	t.k = g.K
	if straight <= swapped {
		t.m, t.n, t.p, t.q, t.ldq, t.packT = g.M, g.N, a, b, g.LDB, g.TransB
		t.rs, t.cs = strides(g.LDA, g.TransA)
		return
	}
	t.m, t.n, t.p, t.q, t.ldq, t.packT, t.transposed = g.N, g.M, b, a, g.LDA, !g.TransA, true
	t.rs, t.cs = strides(g.LDB, !g.TransB)
}

func strides(ld int, trans bool) (rs, cs int) {
	if trans {
		return 1, ld
	}
	return ld, 1
}

// cut chooses the size of blocks and returns their number.
func (t *gemmTask[T]) cut(workers int) int {
	vectors := (t.n + t.lanes - 1) / t.lanes
	t.rows, t.vecs = even(t.m, blockM), min(vectors, kernel.Vectors)
	all := workers
	if t.m*t.k*vectors < splitFrom {
		workers = 1
	}
	blocks := func() int {
		t.rowBlocks = (t.m + t.rows - 1) / t.rows
		return t.rowBlocks * ((vectors + t.vecs - 1) / t.vecs)
	}
	for workers > 1 && blocks() < 2*workers && t.rows > 32 {
		t.rows = even(t.rows, t.rows/2)
	}
	for workers > 1 && blocks() < 2*workers && t.vecs > 1 {
		t.vecs--
	}
	blocks()
	t.level(all, vectors)
	t.pack = !t.packT && t.rows >= 64 && t.k >= 64 && t.n > 2*kernel.Vectors*t.lanes
	return blocks()
}

// level makes blocks a vector narrower if few of them would leave one worker with much more than the others.
func (t *gemmTask[T]) level(workers, vectors int) {
	most := func(vecs int) int { // vectors of columns that a worker computes
		blocks := t.rowBlocks * ((vectors + vecs - 1) / vecs)
		return (blocks + workers - 1) / workers * vecs
	}
	if workers > 1 && t.vecs == kernel.Vectors && 20*most(t.vecs-1) < 19*most(t.vecs) {
		t.vecs--
	}
}

// even returns the size of equal parts of n, each at most about limit and a multiple of 8.
func even(n, limit int) int {
	parts := (n + limit - 1) / limit
	return min(n, ((n+parts-1)/parts+7)&^7)
}

// Run implements par.Task on blocks.
func (t *gemmTask[T]) Run(worker, lo, hi int) {
	buf := t.buf[worker*t.bufLen : (worker+1)*t.bufLen]
	for i := lo; i < hi; i++ {
		row, col := i%t.rowBlocks*t.rows, i/t.rowBlocks*t.vecs*t.lanes
		t.block(buf, row, min(t.rows, t.m-row), col, min(t.vecs*t.lanes, t.n-col))
	}
}

// block computes a block of R, of at most kernel.Vectors vectors of columns.
func (t *gemmTask[T]) block(buf []T, i, m, j, n int) {
	size := int(unsafe.Sizeof(t.p[0]))
	p := kernel.Panel{RSA: t.rs * size, CSA: t.cs * size, Load: t.load}
	c, ldc := unsafe.Pointer(nil), t.ldr
	if t.transposed {
		tile := buf[len(buf)-t.rows*kernel.Vectors*t.lanes:]
		ldc = kernel.Vectors * t.lanes
		c = unsafe.Pointer(unsafe.SliceData(tile))
		if t.load {
			transpose(t.isa, tile, ldc, t.r[j*t.ldr+i:], t.ldr, n, m)
		}
	} else {
		c = unsafe.Pointer(&t.r[i*t.ldr+j])
	}
	for k := 0; k < t.k; k += blockK {
		p.A, p.C, p.M, p.K = unsafe.Pointer(&t.p[i*t.rs+k*t.cs]), c, m, min(blockK, t.k-k)
		p.V, p.Tail = (n+t.lanes-1)/t.lanes, (n-1)%t.lanes+1
		p.LDC = ldc * size
		p.B, p.LDB = t.panel(buf, k, p.K, j, n)
		p.Next, p.LDN = t.next(k, j+n)
		compute[T](&p, t.isa)
		p.Load = true
	}
	if t.transposed {
		transpose(t.isa, t.r[j*t.ldr+i:], t.ldr, buf[len(buf)-t.rows*kernel.Vectors*t.lanes:], ldc, m, n)
	}
}

// panel returns rows k to k+kn of columns j to j+n of Q, copied if need be, and the distance of rows in bytes.
func (t *gemmTask[T]) panel(buf []T, k, kn, j, n int) (unsafe.Pointer, int) {
	size := int(unsafe.Sizeof(t.q[0]))
	width := kernel.Vectors * t.lanes
	switch {
	case t.packT:
		transpose(t.isa, buf, width, t.q[j*t.ldq+k:], t.ldq, n, kn)
	case t.pack:
		for l := range kn {
			copy(buf[l*width:l*width+n], t.q[(k+l)*t.ldq+j:])
		}
	default:
		return unsafe.Pointer(&t.q[k*t.ldq+j]), t.ldq * size
	}
	return unsafe.Pointer(&buf[0]), width * size
}

// next returns where the columns from j on begin in row k of Q, and the distance of rows in bytes.
func (t *gemmTask[T]) next(k, j int) (unsafe.Pointer, int) {
	size := int(unsafe.Sizeof(t.q[0]))
	if t.packT || j >= t.n {
		return unsafe.Pointer(unsafe.SliceData(t.q)), 0
	}
	return unsafe.Pointer(&t.q[k*t.ldq+j]), t.ldq * size
}

// spreadRows replaces a P whose rows all begin in the same sets of the cache by a copy with rows a little further apart, if it is
// read often enough.
func (t *gemmTask[T]) spreadRows(c *Ctx) {
	var z T
	size := int(unsafe.Sizeof(z))
	if t.cs != 1 || t.rs*size%4096 != 0 || t.m < 8 || t.k < 64 || t.n < 2*kernel.Vectors*t.lanes {
		return
	}
	ld := t.k + 64/size
	p := ScratchOf[T](c, t.m*ld)
	c.Split(t.m, max(1, copyGrain/t.k), byType[T](spreadBetween[float64], spreadBetween[float32]), Args{T: [6]Tensor{flat(p), flat(t.p)}, N: [12]int{t.k, ld, t.rs}})
	t.p, t.rs = p, ld
}

// byType returns the function for T. (A generic function as a value would be allocated.)
func byType[T Float](f64, f32 func(a *Args, lo, hi int)) func(a *Args, lo, hi int) {
	var z T
	if unsafe.Sizeof(z) == 8 {
		return f64
	}
	return f32
}

// copyGrain is the least number of elements that are worth a worker when they are copied.
const copyGrain = 16 << 10

// spreadBetween copies rows lo to hi: T: to, from; N: length, distances in to and from.
func spreadBetween[T Float](a *Args, lo, hi int) {
	to, from, k, ld, rs := Data[T](a.T[0]), Data[T](a.T[1]), a.N[0], a.N[1], a.N[2]
	for i := lo; i < hi; i++ {
		copy(to[i*ld:i*ld+k], from[i*rs:])
	}
}

// flat returns x as a tensor of rank 1.
func flat[T Float](x []T) Tensor { return From(Dims(len(x)), x) }

// packAll replaces a transposed Q by a copy in scratch memory.
func (t *gemmTask[T]) packAll(c *Ctx) {
	ld := (t.n + t.lanes - 1) / t.lanes * t.lanes
	q := ScratchOf[T](c, t.k*ld)
	const lines = 8 // columns of a vector transposition at least
	c.Split((t.k+lines-1)/lines, max(1, copyGrain/lines/t.n), byType[T](packBetween[float64], packBetween[float32]), Args{T: [6]Tensor{flat(q), flat(t.q)}, N: [12]int{t.n, t.k, ld, t.ldq, lines, int(t.isa)}})
	t.q, t.ldq, t.packT = q, ld, false
}

// packBetween transposes groups lo to hi of columns: T: to, from; N: rows, columns, distances in to and from, columns of a
// group, instructions.
func packBetween[T Float](a *Args, lo, hi int) {
	rows, ldd, lds, group := a.N[0], a.N[2], a.N[3], a.N[4]
	first, end := lo*group, min(hi*group, a.N[1])
	transpose(kernel.ISA(a.N[5]), Data[T](a.T[0])[first*ldd:], ldd, Data[T](a.T[1])[first:], lds, rows, end-first)
}

func compute[T Float](p *kernel.Panel, isa kernel.ISA) {
	var z T
	if unsafe.Sizeof(z) == 8 {
		p.Compute64(isa)
	} else {
		p.Compute32(isa)
	}
}

// transpose sets dst[j·ldd+i] = src[i·lds+j] for i below rows and j below cols.
func transpose[T Float](isa kernel.ISA, dst []T, ldd int, src []T, lds, rows, cols int) {
	var z T
	if unsafe.Sizeof(z) == 8 {
		kernel.Transpose64(isa, cast[float64](dst), ldd, cast[float64](src), lds, rows, cols)
	} else {
		kernel.Transpose32(isa, cast[float32](dst), ldd, cast[float32](src), lds, rows, cols)
	}
}

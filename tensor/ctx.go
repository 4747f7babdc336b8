package tensor

import (
	"runtime"
	"unsafe"

	"github.com/retrodict/retrodict/tensor/internal/par"
)

// A Config says how a Ctx computes. Its zero value is the default.
type Config struct {
	Backend Backend // matrix products; nil: Default()
	Workers int     // goroutines that share the work of one kernel, at most; 0: GOMAXPROCS
}

// A Ctx is what kernels need beside their operands: a matrix-product backend, scratch memory and a worker pool. It
// belongs to one goroutine at a time; Fork gives another goroutine its own. An engine owns its Ctx and closes it.
type Ctx struct {
	backend Backend
	pool    *par.Pool
	owner   bool
	slabs   [][]byte // scratch: each slab is aligned; used from the first on
	slab    int      // the slab in use
	used    int      // bytes used of it
	job     job
	own     ownJob
	gemm64  gemmTask[float64]
	gemm32  gemmTask[float32]
}

// NewCtx returns a Ctx with a worker pool of its own.
func NewCtx(cfg Config) *Ctx {
	if cfg.Backend == nil {
		cfg.Backend = Default()
	}
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	return &Ctx{backend: cfg.Backend, pool: par.New(cfg.Workers), owner: true}
}

// Fork returns a Ctx for another goroutine: it shares the backend and the pool, and has scratch memory of its own. It
// need not be closed.
func (c *Ctx) Fork() *Ctx { return &Ctx{backend: c.backend, pool: c.pool} }

// Close stops the worker pool. It may be called twice. The Ctx and its forks must not be used afterwards.
func (c *Ctx) Close() {
	if c.owner {
		c.pool.Close()
	}
}

// Backend returns the matrix-product backend.
func (c *Ctx) Backend() Backend { return c.backend }

// Workers returns the size of the worker pool.
func (c *Ctx) Workers() int { return c.pool.Size() }

// A Mark is a position in a Ctx's scratch memory.
type Mark struct{ slab, used int }

// Mark returns the present position in the scratch memory, for Release.
func (c *Ctx) Mark() Mark { return Mark{c.slab, c.used} }

// Release gives back all scratch memory handed out since m.
func (c *Ctx) Release(m Mark) { c.slab, c.used = m.slab, m.used }

// minSlab is the size of the first scratch slab in bytes.
const minSlab = 64 << 10

// Scratch returns a tensor with undefined contents that is valid until Release of an earlier Mark. In the steady state
// it does not allocate.
func (c *Ctx) Scratch(t Type, s Shape) Tensor {
	n := (s.Len()*t.Size() + align - 1) &^ (align - 1)
	for {
		if c.slab == len(c.slabs) {
			c.slabs = append(c.slabs, alignedBytes(max(minSlab<<min(c.slab, 10), n)))
			c.used = 0
		}
		if b := c.slabs[c.slab]; c.used+n <= len(b) {
			p := unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), c.used)
			c.used += n
			return Tensor{data: p, shape: s, typ: t}
		}
		if c.used == 0 { // the slab is too small even when empty: replace it
			c.slabs[c.slab] = alignedBytes(n)
			continue
		}
		c.slab++
		c.used = 0
	}
}

// ScratchOf returns n elements of scratch memory with undefined contents.
func ScratchOf[T Element](c *Ctx, n int) []T { return Data[T](c.Scratch(TypeOf[T](), Dims(n))) }

// Args are the operands of a kernel that Split runs in pieces: tensors, integers and numbers, by position.
type Args struct {
	T [6]Tensor
	N [12]int
	F [4]float64
}

type job struct {
	run  func(a *Args, lo, hi int)
	args Args
}

// Run implements par.Task.
func (j *job) Run(_, lo, hi int) { j.run(&j.args, lo, hi) }

// Split calls run for pieces that cover [0, n), on this goroutine and on idle workers, and returns when all are done.
// A piece has at least grain indices (the last may have fewer). run must be a plain function, so that nothing is
// allocated, and what it computes for an index must not depend on the piece. Inside run Split must not be called.
func (c *Ctx) Split(n, grain int, run func(a *Args, lo, hi int), args Args) {
	if n <= 0 {
		return
	}
	c.job.run, c.job.args = run, args // &args would escape to the heap
	if n <= grain || c.pool.Size() == 1 {
		run(&c.job.args, 0, n)
	} else {
		c.pool.Do(n, grain, &c.job)
	}
	c.job = job{}
}

package par

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// marks counts how often each index was computed, and checks the pieces it is called with.
type marks struct {
	hits   []atomic.Int32
	size   int
	grain  int
	busy   []atomic.Int32 // per worker
	failed atomic.Bool
	hook   func()
}

func (m *marks) Run(worker, lo, hi int) {
	if worker < 0 || worker >= m.size || m.busy[worker].Add(1) != 1 || lo >= hi || hi-lo < m.grain && hi != len(m.hits) {
		m.failed.Store(true)
	}
	for i := lo; i < hi; i++ {
		m.hits[i].Add(1)
	}
	if m.hook != nil {
		m.hook()
	}
	m.busy[worker].Add(-1)
}

func check(t *testing.T, p *Pool, n, grain int) {
	t.Helper()
	m := &marks{hits: make([]atomic.Int32, n), busy: make([]atomic.Int32, p.Size()), size: p.Size(), grain: grain}
	p.Do(n, grain, m)
	require.False(t, m.failed.Load(), "a piece is too small, or a worker runs twice at a time")
	for i := range m.hits {
		require.EqualValues(t, 1, m.hits[i].Load(), "index %d of %d, grain %d", i, n, grain)
	}
}

// Every index is computed once, whatever the sizes, and again and again on the same pool.
func TestDoCoversEveryIndexOnce(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 8} {
		p := New(size)
		for range 20 {
			for _, n := range []int{0, 1, 2, 7, 64, 1000} {
				for _, grain := range []int{0, 1, 3, 64, 2000} {
					check(t, p, n, grain)
				}
			}
		}
		p.Close()
		check(t, p, 100, 1) // on the caller alone
		p.Close()
	}
}

// Goroutines with a pool in common do not disturb one another.
func TestDoFromManyGoroutines(t *testing.T) {
	p := New(4)
	defer p.Close()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for i := range 300 {
				m := &marks{hits: make([]atomic.Int32, 40+i), busy: make([]atomic.Int32, 4), size: 4, grain: 1}
				p.Do(len(m.hits), 1, m)
				for k := range m.hits {
					if m.hits[k].Load() != 1 {
						t.Errorf("index %d computed %d times", k, m.hits[k].Load())
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// Helpers really work: with a task that ends only when two workers are in it, Do returns.
func TestHelpersJoin(t *testing.T) {
	p := New(2)
	defer p.Close()
	for range 50 {
		var in atomic.Int32
		m := &marks{hits: make([]atomic.Int32, 2), busy: make([]atomic.Int32, 2), size: 2, grain: 1}
		m.hook = func() {
			in.Add(1)
			for in.Load() < 2 {
				runtime.Gosched()
			}
		}
		p.Do(2, 1, m)
		require.False(t, m.failed.Load())
	}
}

// A kernel that begins while other goroutines have all other cores is split as soon as one of these ends.
func TestHelperJoinsLate(t *testing.T) {
	p := New(2)
	defer p.Close()
	for range 50 {
		var in atomic.Int32
		for range runtime.GOMAXPROCS(0) - 1 {
			go func() {
				for in.Load() == 0 { // keeps its core
				}
			}()
		}
		m := &marks{hits: make([]atomic.Int32, 64), busy: make([]atomic.Int32, 2), size: 2, grain: 1}
		m.hook = func() {
			in.Add(1)
			for in.Load() < 2 {
				runtime.Gosched()
			}
		}
		p.Do(64, 1, m)
		require.False(t, m.failed.Load())
	}
}

// Close ends every goroutine, also of helpers that have parked, and may be called twice.
func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 20 {
		p := New(5)
		check(t, p, 100, 1)
		if i%2 == 0 {
			for i := range p.helpers { // let them park
				for h := &p.helpers[i]; h.started && !h.state.parked.Load(); {
					runtime.Gosched()
				}
			}
		}
		p.Close()
		p.Close()
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

// An idle helper parks.
func TestIdleHelpersPark(t *testing.T) {
	p := New(3)
	defer p.Close()
	check(t, p, 100, 1)
	for i := range p.helpers {
		for !p.helpers[i].state.parked.Load() {
			runtime.Gosched()
		}
	}
	check(t, p, 100, 1)
}

// A panic in the caller's piece leaves the pool usable and closable.
func TestPanicInTask(t *testing.T) {
	p := New(2)
	caller := true
	m := &marks{hits: make([]atomic.Int32, 1), busy: make([]atomic.Int32, 2), size: 2}
	m.hook = func() {
		if caller {
			panic("x")
		}
	}
	require.Panics(t, func() { p.Do(1, 1, m) })
	check(t, p, 100, 1)
	p.Close()
}

type nothing struct{}

func (nothing) Run(_, _, _ int) {}

func TestDoAllocatesNothing(t *testing.T) {
	p := New(2)
	defer p.Close()
	var task Task = nothing{}
	p.Do(2, 1, task)
	require.Zero(t, testing.AllocsPerRun(100, func() { p.Do(8, 1, task) }))
}

func BenchmarkDo(b *testing.B) {
	p := New(2)
	defer p.Close()
	var task Task = nothing{}
	for b.Loop() {
		p.Do(8, 1, task)
	}
}

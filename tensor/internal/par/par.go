// Package par is the worker pool of kernels: a fixed set of goroutines that take pieces of a kernel's output off the
// hands of the goroutine that runs the kernel. What a piece computes never depends on how many workers there are or on
// who computes it, so neither does any result.
//
// The caller of Do always works itself and never waits for a helper that has not begun: it takes pieces from the front,
// helpers take them from the back, and helpers that come too late are sent home. So a pool may be shared by as many goroutines
// as there are cores, each with work of its own: a helper gets a core only when one of them has nothing to do, and then joins
// whatever kernel is offered, also one that began when all were busy. A helper that has just worked spins
// for a fraction of a millisecond, yielding to other goroutines, before it parks; so the kernels of one update follow one
// another at the price of a few cache misses, and an idle pool costs nothing. Where other processes want the core it parks
// at once.
package par

import (
	"math"
	"sync"
	"sync/atomic"
)

// A Task computes the indices from lo to hi of a kernel's output. Calls run at the same time on disjoint ranges; worker,
// from 0 (the caller of Do) to Size()-1, differs between calls that do.
type Task interface {
	Run(worker, lo, hi int)
}

// A Pool is the caller of Do and Size()-1 helper goroutines, each started when it is first needed.
type Pool struct {
	helpers []helper
	closed  atomic.Bool
	done    sync.WaitGroup
}

// New returns a pool of size workers, the caller of Do included, at least one.
func New(size int) *Pool {
	return &Pool{helpers: make([]helper, max(size, 1)-1)}
}

// Size returns the number of workers.
func (p *Pool) Size() int { return len(p.helpers) + 1 }

// piecesPerWorker is how many pieces a worker gets: more balance better when a core is lost to somebody else, or comes late.
const piecesPerWorker = 8

// Do runs t over [0, n) in pieces of at least grain indices (the last may have fewer), on the caller and on helpers that
// find a core. It allocates nothing once the helpers run. Goroutines may call Do at the same time; a Task may not.
func (p *Pool) Do(n, grain int, t Task) {
	grain = max(grain, 1, (n+math.MaxInt32-1)/math.MaxInt32)
	workers := min((n+grain-1)/grain, p.Size())
	if workers <= 1 || p.closed.Load() {
		if n > 0 {
			t.Run(0, 0, n)
		}
		return
	}
	size := max(grain, (n+workers*piecesPerWorker-1)/(workers*piecesPerWorker))
	var first, last *helper
	for i, count := 0, 1; i < len(p.helpers) && count < workers; i++ {
		h := &p.helpers[i]
		if h.busy.Load() || !h.busy.CompareAndSwap(false, true) {
			continue
		}
		if first == nil {
			first = h
			h.own.begin(n, size, t)
		} else {
			last.next = h
		}
		last = h
		h.post(p, &first.own, count)
		count++
	}
	if first == nil {
		t.Run(0, 0, n)
		return
	}
	first.own.front()
	for h := first; h != nil; h = h.next {
		h.recall()
	}
	first.own.task = nil
	for h := first; h != nil; {
		next := h.next
		h.next = nil
		h.busy.Store(false)
		h = next
	}
}

// Close ends the helpers and waits for them. It may be called twice; no Do may be running. A Do that comes later runs on
// its caller alone.
func (p *Pool) Close() {
	if p.closed.Swap(true) {
		return
	}
	for i := range p.helpers {
		if h := &p.helpers[i]; h.started {
			h.state.set(closed)
		}
	}
	p.done.Wait()
}

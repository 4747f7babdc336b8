package par

import "sync/atomic"

// The states of a helper. The caller of Do moves it from idle to posted, and back if the helper did not come in time;
// the helper moves it from posted to working and back to idle.
const (
	idle int32 = iota
	posted
	working
	closed
)

// A helper is one goroutine of a Pool. Its plain fields belong to whoever holds busy, and to the goroutine itself while
// the state is working.
type helper struct {
	busy    atomic.Bool // taken by a Do
	started bool
	worker  int
	run     *run
	next    *helper // the next helper of the same Do
	own     run     // the run of the Do whose first helper this is
	state   signal
	left    signal // 1 when the helper has ended its part of the run
	_       [64]byte
}

// post hands r to the helper, which the caller has taken.
func (h *helper) post(p *Pool, r *run, worker int) {
	h.run, h.worker = r, worker
	if !h.started {
		h.started = true
		h.state.wake = make(chan struct{}, 1)
		h.left.wake = make(chan struct{}, 1)
		p.done.Add(1)
		go h.loop(p)
	}
	h.left.value.Store(0)
	h.state.set(posted)
}

// recall returns when the helper no longer uses the run it was given: at once if it never began.
func (h *helper) recall() {
	if !h.state.value.CompareAndSwap(posted, idle) {
		h.left.leaves(0)
	}
}

// loop is the goroutine.
func (h *helper) loop(p *Pool) {
	defer p.done.Done()
	for {
		switch h.state.leaves(idle) {
		case posted:
			if !h.state.value.CompareAndSwap(posted, working) {
				continue
			}
			h.run.back(h.worker)
			if !h.state.value.CompareAndSwap(working, idle) {
				return
			}
			h.left.set(1)
		case closed:
			return
		}
	}
}

// A run is one Do: pieces of size indices that cover [0, n).
type run struct {
	task    Task
	n, size int
	open    atomic.Uint64 // pieces that nobody has taken: the first, shifted by 32, and the one after the last
}

func (r *run) begin(n, size int, t Task) {
	r.task, r.n, r.size = t, n, size
	r.open.Store(uint64((n + size - 1) / size))
}

// front takes pieces from the front until none are left.
func (r *run) front() {
	for {
		v := r.open.Load()
		first, end := v>>32, v&(1<<32-1)
		if first >= end {
			return
		}
		if r.open.CompareAndSwap(v, v+1<<32) {
			r.piece(0, int(first))
		}
	}
}

// back takes pieces from the back until none are left.
func (r *run) back(worker int) {
	for {
		v := r.open.Load()
		first, end := v>>32, v&(1<<32-1)
		if first >= end {
			return
		}
		if r.open.CompareAndSwap(v, v-1) {
			r.piece(worker, int(end)-1)
		}
	}
}

func (r *run) piece(worker, i int) {
	r.task.Run(worker, i*r.size, min((i+1)*r.size, r.n))
}

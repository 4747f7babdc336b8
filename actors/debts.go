package actors

import (
	"sync"
	"sync/atomic"

	"github.com/retrodict/retrodict/neuron"
)

// What vertices owe their parameters is off the critical path: workers get to it when nothing else is ready. A vertex arranges
// it for itself, without a message, and its turnstile holds for it as for all it does. Nothing else becomes due for the
// vertex before, since the update waits for its parameters.

// deferFrom is how many multiply-adds a vertex must owe to be postponed.
const deferFrom = 1 << 18

// deferring returns from how many multiply-adds on vertices defer in the next update, 0 if they do not: one worker has nobody
// to leave anything to, shards hand over whole batches, and an observer sees every tick with all that belongs to it done.
func (e *Engine) deferring() int {
	if e.shards != nil || e.observe != nil || len(e.sched.workers) == 1 {
		return 0
	}
	return e.least
}

// A debt is a transition that a vertex still has to make in this update.
type debt struct {
	box *mailbox
	t   neuron.Transition
}

// debts are those of all vertices. The latest is taken first: what it reads is the likeliest to be in the cache.
type debts struct {
	mu   sync.Mutex
	list []debt
	size atomic.Int32
}

// postpone has d done when nothing else is ready.
func (w *worker) postpone(d debt) {
	s := w.sched
	s.debts.mu.Lock()
	s.debts.list = append(s.debts.list, d)
	s.debts.size.Store(int32(len(s.debts.list)))
	s.debts.mu.Unlock()
	if s.idle.Load() > 0 {
		s.wake.Signal()
	}
}

// take takes the latest debt.
func (l *debts) take() (debt, bool) {
	if l.size.Load() == 0 {
		return debt{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.list) - 1
	if n < 0 {
		return debt{}, false
	}
	d := l.list[n]
	l.list = l.list[:n]
	l.size.Store(int32(n))
	return d, true
}

// pay makes the transition on w. If the vertex is still returning from what it did before, on another worker, that one
// makes it.
//
// While there is a critical path, kernels of debts keep to one core, so that the helpers of the pool are there for those of
// the path: one joins as soon as the debt is paid. Afterwards debts are split like anything else.
func (d debt) pay(w *worker) {
	if !d.box.gate.enter(uint32(d.t)) {
		return
	}
	ctx := w.neuron.Ctx
	if w.sched.engine.clock.settling.Load() {
		d.box.run(w)
		return
	}
	w.neuron.Ctx = w.aside
	d.box.run(w)
	w.neuron.Ctx = ctx
}

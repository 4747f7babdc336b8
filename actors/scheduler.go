package actors

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// runnable is an actor that can run: the mailbox of a vertex, or the clock's.
type runnable interface{ run(w *worker) }

// A scheduler runs actors on one worker per core. It implements actor.Dispatcher.
type scheduler struct {
	engine  *Engine
	workers []*worker

	mu      sync.Mutex
	wake    sync.Cond
	waiting int          // workers that wait
	idle    atomic.Int32 // the same, to be read without the lock
	busy    bool         // an update is under way
	stopped bool
	done    sync.WaitGroup
	debts   debts
}

// A worker is a goroutine that runs actors, with a queue of its own.
type worker struct {
	sched   *scheduler
	neuron  neuron.Worker
	aside   *tensor.Ctx // for debts, as long as there is a critical path: its kernels are not split
	letter  delivery    // the message being sent; mailboxes keep nothing of it
	ticket  turn
	receipt ack
	lesson  learnt
	signal  barrier
	bundle  bundle
	report  report
	acks    int64
	turns   int64
	batches int64

	mu    sync.Mutex
	queue []runnable
	head  int
	size  atomic.Int32
	taken []runnable // from another's queue, on the way to this one
}

func newScheduler(e *Engine, ctx *tensor.Ctx) *scheduler {
	s := &scheduler{engine: e}
	s.wake.L = &s.mu
	for range ctx.Workers() {
		w := &worker{sched: s}
		w.neuron, w.aside = neuron.Worker{Ctx: ctx.Fork(), Router: w}, tensor.NewCtx(tensor.Config{Backend: ctx.Backend(), Workers: 1})
		w.letter.w, w.ticket.w, w.receipt.w, w.lesson.w, w.signal.w = w, w, w, w, w
		w.bundle.w, w.report.w = w, w
		s.workers = append(s.workers, w)
	}
	return s
}

func (s *scheduler) start() {
	for _, w := range s.workers {
		s.done.Add(1)
		go w.loop()
	}
}

// begin starts an update by running the clock.
func (s *scheduler) begin(first *clockBox) {
	s.mu.Lock()
	s.busy = true
	first.ready(s.workers[0])
	s.mu.Unlock()
	s.wake.Signal()
}

// end says that the update is over.
func (s *scheduler) end() {
	s.mu.Lock()
	s.busy = false
	s.mu.Unlock()
}

// stop ends the workers and waits for them. What is queued is not run.
func (s *scheduler) stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.wake.Broadcast()
	s.done.Wait()
}

// Schedule implements actor.Dispatcher. Mailboxes schedule themselves; this serves any other actor.
func (s *scheduler) Schedule(fn func()) { go fn() }

// Throughput implements actor.Dispatcher.
func (s *scheduler) Throughput() int { return 1 }

// push puts r at the end of w's queue and wakes a worker that has nothing to do, if there is more than one to run.
func (w *worker) push(r runnable) {
	w.mu.Lock()
	if len(w.queue) == cap(w.queue) && w.head > 0 { // make room at the front before it grows
		n := copy(w.queue, w.queue[w.head:])
		clear(w.queue[n:])
		w.queue, w.head = w.queue[:n], 0
	}
	w.queue = append(w.queue, r)
	n := w.size.Add(1)
	w.mu.Unlock()
	if n > 1 && w.sched.idle.Load() > 0 {
		w.sched.wake.Signal()
	}
}

// pop takes the oldest of w's queue.
func (w *worker) pop() runnable {
	if w.size.Load() == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.head == len(w.queue) {
		return nil
	}
	r := w.queue[w.head]
	w.queue[w.head] = nil
	w.head++
	if w.head == len(w.queue) {
		w.queue, w.head = w.queue[:0], 0
	}
	w.size.Add(-1)
	return r
}

// steal moves half of another worker's queue to w's.
func (w *worker) steal() bool {
	for _, o := range w.sched.workers {
		if o == w || o.size.Load() == 0 {
			continue
		}
		o.mu.Lock()
		n := (len(o.queue) - o.head + 1) / 2
		w.taken = append(w.taken[:0], o.queue[len(o.queue)-n:]...)
		o.queue = o.queue[:len(o.queue)-n]
		if o.head == len(o.queue) {
			o.queue, o.head = o.queue[:0], 0
		}
		o.size.Add(int32(-n))
		o.mu.Unlock()
		if n > 0 {
			w.mu.Lock()
			w.queue = append(w.queue, w.taken...)
			w.size.Add(int32(n))
			w.mu.Unlock()
			return true
		}
	}
	return false
}

// loop runs actors until the scheduler stops.
func (w *worker) loop() {
	s := w.sched
	defer s.done.Done()
	for {
		for r := w.pop(); r != nil; r = w.pop() {
			if s.engine.halted.Load() {
				break
			}
			r.run(w)
		}
		if !s.engine.halted.Load() && w.steal() {
			continue
		}
		if d, ok := s.debts.take(); ok && !s.engine.halted.Load() {
			d.pay(w)
			continue
		}
		if !w.look() && !w.wait() {
			return
		}
	}
}

// A worker that has nothing to do looks rounds × looks times for work, yielding after each round, before it sleeps: some 20 µs,
// since within an update the next vertex is mostly due sooner than a thread wakes up.
const (
	rounds = 100
	looks  = 60
)

// look reports whether there is work soon.
func (w *worker) look() bool {
	s := w.sched
	for range rounds {
		for range looks {
			if s.queued() {
				return !s.engine.halted.Load()
			}
		}
		runtime.Gosched()
	}
	return false
}

// wait blocks until there may be work. It returns false when the scheduler has stopped. If this was the last worker at
// work, and an update is under way, something was lost: that ends the update.
func (w *worker) wait() bool {
	s := w.sched
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting++
	s.idle.Add(1)
	for !s.stopped && (s.engine.halted.Load() || !s.queued()) {
		if s.waiting == len(s.workers) && s.busy && !s.engine.halted.Load() && !s.engine.clock.over.Load() {
			s.engine.stalled()
		}
		s.wake.Wait()
	}
	s.waiting--
	s.idle.Add(-1)
	return !s.stopped
}

func (s *scheduler) queued() bool {
	if s.debts.size.Load() > 0 {
		return true
	}
	for _, w := range s.workers {
		if w.size.Load() > 0 {
			return true
		}
	}
	return false
}

// Send implements neuron.Router: it hands m to the neighbour's process.
func (w *worker) Send(_ *neuron.Worker, m neuron.Message) {
	e := w.sched.engine
	if e.cfg.Trace != nil {
		e.cfg.Trace(m)
	}
	if e.drop != nil && e.drop(m) {
		return
	}
	to := e.graph.To(m.Edge)
	if m.Kind == neuron.Error {
		to = e.graph.From(m.Edge)
	}
	w.letter.m = m
	e.procs[to].SendUserMessage(nil, &w.letter)
}

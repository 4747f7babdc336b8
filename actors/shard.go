package actors

import (
	"fmt"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/retrodict/retrodict/neuron"
)

// A shard is an actor that hosts vertices: it fires them, puts messages between them into their slots, and sends those
// for other shards as one batch for each when it has nothing left to fire. The clock talks to shards alone: a turn is one
// message to each, and a shard acknowledges with one message what its vertices have done. shard is the actor and its
// mailbox, which wakes it when there is anything for it.
type shard struct {
	*neuron.Shard
	engine  *Engine
	invoker actor.MessageInvoker
	proc    actor.Process
	pid     *actor.PID
	gate    turnstile

	mu    sync.Mutex
	inbox []any // *turn and *neuron.Batch, oldest first
	read  []any // the inbox being worked off

	worker *worker // that runs the actor now
	last   bool    // the message being received is the last of those that have come
	turns  int     // not yet acknowledged
}

// bundle is a batch on its way, with the worker that sends it; report is a shard's acknowledgement for count vertices.
type (
	bundle struct {
		batch *neuron.Batch
		w     *worker
	}
	report struct {
		count int
		w     *worker
	}
)

// PostUserMessage implements actor.Mailbox. It takes *turn and *bundle.
func (b *shard) PostUserMessage(message any) {
	var w *worker
	b.mu.Lock()
	switch m := message.(type) {
	case *turn:
		w = m.w
		b.inbox = append(b.inbox, m)
	case *bundle:
		w = m.w
		b.inbox = append(b.inbox, m.batch)
	}
	b.mu.Unlock()
	if w != nil && b.gate.enter(1) {
		w.push(b)
	}
}

// PostSystemMessage implements actor.Mailbox.
func (b *shard) PostSystemMessage(message any) { invokeSystem(b.invoker, message) }

// RegisterHandlers implements actor.Mailbox.
func (b *shard) RegisterHandlers(invoker actor.MessageInvoker, _ actor.Dispatcher) {
	b.invoker = invoker
}

// Start implements actor.Mailbox.
func (b *shard) Start() {}

// UserMessageCount implements actor.Mailbox.
func (b *shard) UserMessageCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.inbox)
}

// run hands the actor what has come, on worker w, which took b from a queue.
func (b *shard) run(w *worker) {
	for {
		b.gate.next.Swap(0)
		b.mu.Lock()
		b.inbox, b.read = b.read[:0], b.inbox
		b.mu.Unlock()
		for i, m := range b.read {
			if b.last = i == len(b.read)-1; !b.invoke(w, m) {
				return // suspended for good
			}
		}
		clear(b.read)
		if !b.gate.leave() {
			return
		}
	}
}

// invoke hands m to the actor. A panic is a fault of the update; it goes up to the supervisor as well.
func (b *shard) invoke(w *worker, m any) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			who := "a shard"
			if v, t := b.Firing(); v >= 0 {
				who = b.engine.pop.Describe(v, t)
			}
			b.engine.fail(fmt.Errorf("actors: %s: panic: %v", who, r))
			b.invoker.EscalateFailure(r, m)
			ok = false
		}
	}()
	b.worker = w
	b.invoker.InvokeUserMessage(m)
	return true
}

// Receive implements actor.Actor.
func (b *shard) Receive(c actor.Context) {
	e := b.engine
	if e.halted.Load() {
		return
	}
	b.Hook = e.hook() // before a batch too: one may come before the first turn
	switch m := c.Message().(type) {
	case *turn:
		b.turns++
		b.Turn()
	case *neuron.Batch:
		b.Shard.Receive(m)
		b.Recycle(m)
	default:
		return // Started, Stopping, Stopped
	}
	if b.last {
		b.Run(&b.worker.neuron, e.halted.Load)
		b.flush()
	}
}

// flush sends the batches, and then the acknowledgement, so that the clock's next turn comes after them.
func (b *shard) flush() {
	e, w := b.engine, b.worker
	for k, to := range e.shards {
		if batch := b.Outgoing(k); batch != nil && (e.lose == nil || !e.lose(batch)) {
			w.batches++
			w.bundle.batch = batch
			to.proc.SendUserMessage(nil, &w.bundle)
		}
	}
	if n := b.Acks() + b.turns; n > 0 && !e.halted.Load() {
		b.turns = 0
		w.acks++
		w.report.count = n
		e.clock.proc.SendUserMessage(nil, &w.report)
	}
}

// spawnShards makes one shard actor per worker and gives all vertices to them.
func (e *Engine) spawnShards() error {
	n := e.cfg.Shards
	if n <= 0 {
		n = e.ctx.Workers()
	}
	guard := &supervisor{engine: e}
	prefix := "retrodict" + e.system.ProcessRegistry.NextId() + "/"
	for k, s := range neuron.NewShards(e.pop, n) {
		b := &shard{Shard: s, engine: e}
		props := actor.PropsFromProducer(func() actor.Actor { return b },
			actor.WithMailbox(func() actor.Mailbox { return b }), actor.WithDispatcher(e.sched), actor.WithGuardian(guard))
		var err error
		if b.pid, b.proc, err = e.spawnNamed(props, fmt.Sprintf("%sshard/%d", prefix, k)); err != nil {
			return err
		}
		e.shards = append(e.shards, b)
	}
	return e.spawnClock(prefix, guard)
}

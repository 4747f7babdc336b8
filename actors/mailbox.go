package actors

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// A mailbox is the slot mailbox of one vertex: it implements actor.Mailbox. A posted message goes into its slot at once,
// on the sender's goroutine; the actor is scheduled when its slots are full, and then receives the neuron.Transition that they
// are full for.
type mailbox struct {
	engine  *Engine
	invoker actor.MessageInvoker
	worker  *worker // that runs the actor now
	vertex  graph.VertexID
	owes    bool  // the transition that ran last leaves a debt
	acked   int32 // the last tick that the vertex acknowledged, plus the engine's updates so far
	gate    turnstile
}

// delivery is a message on its way, with the worker that sends it; turn is the clock's word that a vertex is due.
type delivery struct {
	m neuron.Message
	w *worker
}

type turn struct{ w *worker }

// PostUserMessage implements actor.Mailbox. It takes *delivery and *turn, and keeps neither.
func (b *mailbox) PostUserMessage(message any) {
	p := b.engine.pop
	switch m := message.(type) {
	case *delivery:
		if _, t := p.Deliver(m.m); t != neuron.None {
			b.ready(t, m.w)
		}
	case *turn:
		if t := p.Turn(b.vertex); t != neuron.None {
			b.ready(t, m.w)
		}
	}
}

// ready has transition t fired: the slots for it are full.
func (b *mailbox) ready(t neuron.Transition, w *worker) {
	if t == neuron.Learn && b.engine.pop.Deferring() {
		w.postpone(debt{b, t})
		return
	}
	if b.gate.enter(uint32(t)) {
		w.push(b)
	}
}

// PostSystemMessage implements actor.Mailbox.
func (b *mailbox) PostSystemMessage(message any) { invokeSystem(b.invoker, message) }

// invokeSystem handles a message of the actor system at once, on the calling goroutine: they come when the actor is spawned
// or stopped, or from its own failure, so no worker is running it otherwise.
func invokeSystem(invoker actor.MessageInvoker, message any) {
	switch message.(type) {
	case *actor.SuspendMailbox, *actor.ResumeMailbox: // a failed vertex never leaves its turnstile
	default:
		invoker.InvokeSystemMessage(message)
	}
}

// RegisterHandlers implements actor.Mailbox.
func (b *mailbox) RegisterHandlers(invoker actor.MessageInvoker, _ actor.Dispatcher) {
	b.invoker = invoker
}

// Start implements actor.Mailbox.
func (b *mailbox) Start() {}

// UserMessageCount implements actor.Mailbox.
func (b *mailbox) UserMessageCount() int {
	if b.gate.next.Load() != 0 {
		return 1
	}
	return 0
}

// run fires what the vertex is ready for, on worker w, which took b from a queue.
func (b *mailbox) run(w *worker) {
	for {
		if t := b.gate.next.Swap(0); t != 0 && !b.invoke(w, neuron.Transition(t)) {
			return // suspended for good
		}
		owes := b.owes
		b.owes = false
		again := b.gate.leave()
		if owes { // now that another worker can take it at once
			w.postpone(debt{b, neuron.Contribute})
		}
		if !again {
			return
		}
	}
}

// invoke hands t to the actor. A panic is a fault of the update; it goes up to the supervisor as well.
func (b *mailbox) invoke(w *worker, t neuron.Transition) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			b.engine.fail(fmt.Errorf("actors: %s: panic: %v", b.engine.pop.Describe(b.vertex, t), r))
			b.invoker.EscalateFailure(r, t)
			ok = false
		}
	}()
	b.worker = w
	b.invoker.InvokeUserMessage(t)
	return true
}

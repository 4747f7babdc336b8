package actors

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
)

// The clock actor opens ticks and counts acknowledgements. Like a vertex it is scheduled when what it waits for is
// there: its mailbox counts the acknowledgements down.
type clock struct {
	box      *clockBox
	proc     actor.Process
	pid      *actor.PID
	schedule pc.Clock
	updates  int32
	settling atomic.Bool // the ticks are over, and parameters still learn
	spent    time.Duration
	over     atomic.Bool   // nothing more will be sent in this update
	done     chan struct{} // the update is over
}

// clockBox is the clock's mailbox. It implements actor.Mailbox.
type clockBox struct {
	engine  *Engine
	invoker actor.MessageInvoker
	missing atomic.Int64
	leaves  atomic.Int64 // where parameters learn off the critical path: those that have not, and the end of the last tick
	gate    turnstile
}

// ack is the acknowledgement of a vertex, by the worker that ran it, learnt that of a parameter off the critical path. barrier
// is what the clock receives when all are in; it sets over if the update is.
type (
	ack     struct{ w *worker }
	learnt  struct{ w *worker }
	barrier struct {
		w    *worker
		over bool
	}
)

// PostUserMessage implements actor.Mailbox. It takes *ack, *learnt and *report.
func (b *clockBox) PostUserMessage(message any) {
	switch m := message.(type) {
	case *ack:
		if b.missing.Add(-1) == 0 {
			b.ready(m.w)
		}
	case *learnt:
		if b.leaves.Add(-1) == 0 {
			b.ready(m.w)
		}
	case *report:
		if b.missing.Add(int64(-m.count)) == 0 {
			b.ready(m.w)
		}
	}
}

// ready has the clock run.
func (b *clockBox) ready(w *worker) {
	if b.gate.enter(1) {
		w.push(b)
	}
}

// PostSystemMessage implements actor.Mailbox.
func (b *clockBox) PostSystemMessage(message any) { b.invoker.InvokeSystemMessage(message) }

// RegisterHandlers implements actor.Mailbox.
func (b *clockBox) RegisterHandlers(invoker actor.MessageInvoker, _ actor.Dispatcher) {
	b.invoker = invoker
}

// Start implements actor.Mailbox.
func (b *clockBox) Start() {}

// UserMessageCount implements actor.Mailbox.
func (b *clockBox) UserMessageCount() int { return 0 }

// run lets the clock act on complete barriers. The engine is told that an update is over only when the actor has left the
// turnstile, since the next update may start at once on another worker.
func (b *clockBox) run(w *worker) {
	over := false
	for {
		if b.gate.next.Swap(0) != 0 {
			w.signal.over = false
			if !b.invoke(w) {
				return
			}
			over = over || w.signal.over
		}
		if !b.gate.leave() {
			break
		}
	}
	if over {
		b.engine.clock.done <- struct{}{}
	}
}

func (b *clockBox) invoke(w *worker) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			b.engine.fail(fmt.Errorf("actors: the clock at tick %d: panic: %v", b.engine.pop.Now(), r))
			ok = false
		}
	}()
	b.invoker.InvokeUserMessage(&w.signal)
	return true
}

// spawnClock makes the clock actor.
func (e *Engine) spawnClock(prefix string, guard actor.SupervisorStrategy) error {
	c := &e.clock
	c.box = &clockBox{engine: e}
	c.done = make(chan struct{}, 1)
	c.over.Store(true)
	props := actor.PropsFromProducer(func() actor.Actor { return &clockActor{e} },
		actor.WithMailbox(func() actor.Mailbox { return c.box }), actor.WithDispatcher(e.sched), actor.WithGuardian(guard))
	var err error
	c.pid, c.proc, err = e.spawnNamed(props, prefix+"clock")
	return err
}

type clockActor struct{ engine *Engine }

// Receive implements actor.Actor: every barrier is the start of an update, the end of the forward sweep, or the end of a
// tick; or, where they learn off the critical path, the time when all parameters have learnt, after the last tick.
func (a *clockActor) Receive(ctx actor.Context) {
	b, ok := ctx.Message().(*barrier)
	if !ok {
		return
	}
	e, start := a.engine, time.Now()
	c, p := &e.clock, e.pop
	if c.over.Load() { // a new update
		c.over.Store(false)
		c.updates++
		c.schedule = pc.NewClock(p)
		c.box.leaves.Store(int64(len(p.Learners()) + 1))
		e.turns(b.w)
	} else if e.look(); c.settling.Load() || p.Inference() || !c.schedule.Next() {
		if c.settled(p) {
			c.over.Store(true)
			b.over = true
		}
	} else {
		e.turns(b.w)
	}
	c.spent += time.Since(start)
}

// turns tells the vertices that are due in the present stage, or all shards, which acknowledge the turn too: so none reads
// the present stage when the next one opens.
func (e *Engine) turns(w *worker) {
	if e.shards != nil {
		e.clock.box.missing.Store(int64(e.pop.Acks() + len(e.shards)))
		w.turns += int64(len(e.shards))
		for _, s := range e.shards {
			s.proc.SendUserMessage(nil, &w.ticket)
		}
		return
	}
	list := e.pop.Due()
	e.clock.box.missing.Store(int64(e.pop.Acks()))
	w.turns += int64(len(list))
	for _, v := range list {
		e.procs[v].SendUserMessage(nil, &w.ticket)
	}
}

// settled reports, the ticks being over, whether the update is. If not, parameters still learn, and the last of them has the
// clock run again.
func (c *clock) settled(p *neuron.Population) bool {
	if !c.settling.Load() && !p.Inference() && p.Deferring() {
		c.settling.Store(true) // before the count, so that the last to learn finds it
		return c.box.leaves.Add(-1) == 0 && c.settled(p)
	}
	c.settling.Store(false)
	return true
}

// acknowledge tells the clock that v has done its part by transition t.
func (e *Engine) acknowledge(w *worker, v graph.VertexID, t neuron.Transition) {
	now := e.pop.Moment(v, t)
	if e.mute != nil && e.mute(v, now) {
		return
	}
	w.acks++
	e.boxes[v].acked = stamp(e.clock.updates, now)
	if t == neuron.Learn && e.pop.Deferring() {
		e.clock.proc.SendUserMessage(nil, &w.lesson)
		return
	}
	e.clock.proc.SendUserMessage(nil, &w.receipt)
}

// moment returns the tick at which v acknowledges in the present stage.
func (e *Engine) moment(v graph.VertexID) int {
	if e.graph.Role(v) == graph.Parameter {
		return e.pop.Moment(v, neuron.Learn)
	}
	return e.pop.Now()
}

// stamp identifies a tick of an update.
func stamp(updates int32, tick int) int32 { return updates<<16 ^ int32(tick+1) }

// stalled ends the update because all workers are idle and acknowledgements are missing.
func (e *Engine) stalled() {
	missing := e.clock.box.missing.Load()
	now := e.pop.Now()
	where := fmt.Sprintf("at tick %d", now)
	list := e.pop.Graph().Outputs()
	if now == neuron.Sweep {
		where = "in the forward sweep"
	} else {
		list = e.pop.Due()
	}
	name := "a parameter leaf"
	if missing == 0 {
		missing, where, list = e.clock.box.leaves.Load(), "at the end of the update", e.pop.Learners()
	}
	if e.shards != nil {
		name, list = "vertex "+e.graph.Name(e.pop.Waiting()), nil
	}
	for _, v := range list {
		if e.boxes[v].acked != stamp(e.clock.updates, e.moment(v)) {
			name = "vertex " + e.graph.Name(v)
			break
		}
	}
	e.fail(fmt.Errorf("actors: %d acknowledgements are missing %s, the first from %s: a message was lost", missing, where, name))
}

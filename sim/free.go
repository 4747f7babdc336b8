package sim

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// noPayload is what a message at rest carries.
var noPayload tensor.Tensor

// beginFree starts a free-running sample: a clean forward sweep that takes no time, unless the last sample goes on, and
// then everybody's own clock.
func (e *Engine) beginFree(mode neuron.Mode) {
	if stream := e.cfg.Keep && e.updates+e.frozen > 1 && mode != neuron.Inference; stream {
		e.rehearse()
		e.pop.Continue()
		e.pop.Announce(&e.worker)
	} else {
		e.openStage()
		if mode == neuron.Inference {
			e.active = false
			return
		}
		e.pop.Open(0, false)
		for k := range e.serial {
			for i := range e.serial[k] {
				e.serial[k][i] = -1
			}
		}
		if e.journal != nil {
			return
		}
		if e.accumulates() { // it ends when nothing is under way, or in time
			e.openStage()
			if e.cfg.Settle > 0 {
				e.ends = e.now + e.cfg.Settle
				e.queue.push(finish, event{time: e.ends}, 0)
			}
			return
		}
		for _, v := range e.pop.Due() {
			e.start(v)
		}
	}
	e.ends = e.now + e.cfg.SettleTime(e.pop)
	if e.journal != nil {
		return
	}
	e.queue.push(finish, event{time: e.ends}, 0)
}

// rehearse measures the loss of a sample of a stream, which is not disturbed: nothing of it is counted.
func (e *Engine) rehearse() {
	stats, predictions := e.stats, e.worker.Predictions
	if err := e.pop.Rehearse(e.openStage); err != nil && e.err == nil {
		e.err = err
	}
	e.stats, e.worker.Predictions = stats, predictions
}

// post sends m in free-running mode: the link takes a copy of its payload, delays, distorts, loses or doubles it. What is
// a delay line in lockstep is a longer way here. Where a rule is to be exact, what is lost is sent again a tick later.
func (e *Engine) post(m neuron.Message) {
	n, at, ch := 1, [2]int64{e.now}, (*synapse.Channel)(nil)
	if c := e.channel[m.Kind]; c != nil {
		ch = &c[m.Edge]
	}
	if ch != nil && !e.closing {
		n, at = ch.Send(e.now)
		for t := e.now + e.cfg.Tick; n == 0 && e.cfg.Mode == Lockstep; t += e.cfg.Tick {
			e.stats.Lost++
			e.stats.Resent++
			if e.tally != nil {
				e.count(neuron.CountLost, m.Edge, m.Kind)
			}
			n, at = ch.Send(t)
		}
	}
	ev, fl := event{id: int32(m.Edge), tick: m.Tick}, flags(m)
	detour := int64(e.graph.Delay(m.Edge)) * e.cfg.Tick
	for i := range n {
		ev.time = at[i] + detour
		if !m.Rest {
			ev.load = e.pack(m, ch)
		}
		switch {
		case e.closing:
			ev.rank = fl
			e.receive(&ev)
		case e.journal != nil:
			e.journal.keep(m, ev.load)
		default:
			e.launch(&ev, fl)
			fl |= isCopy
		}
	}
	if n == 0 {
		e.stats.Lost++
		if e.tally != nil {
			e.count(neuron.CountLost, m.Edge, m.Kind)
		}
		if e.journal == nil && e.silence[m.Kind][m.Edge] && !e.accumulates() {
			ev.time = at[0] + detour
			e.queue.push(deliver, ev, fl|isVoid)
		}
	}
}

// launch puts a message on its way.
func (e *Engine) launch(ev *event, flags int64) {
	e.queue.push(deliver, *ev, flags)
	e.stats.UnderWay++
	if flags&isCopy != 0 {
		e.stats.Doubled++
	}
	t := ev.time - e.now
	e.stats.Age += t
	e.stats.MaxAge = max(e.stats.MaxAge, t)
	if e.tally != nil {
		e.away(ev, flags, t)
	}
}

// pack copies the payload of m for the way, as ch distorts it.
func (e *Engine) pack(m neuron.Message, ch *synapse.Channel) int64 {
	from := e.graph.From(m.Edge)
	clean := ch == nil || ch.Link() == nil || ch.Link().Clean()
	if clean && e.box.scalar(from) {
		return e.pop.Word(m)
	}
	load := e.box.pack(from, e.pop.Payload(m))
	if clean {
		return load
	}
	t := e.box.unpack(from, load)
	ch.Distort(t)
	return e.box.again(from, load, t)
}

// receive puts what has arrived into its slot, unless something later of the same edge came before it.
func (e *Engine) receive(ev *event) {
	m := ev.message()
	if e.accumulates() {
		e.absorb(ev, m)
		return
	}
	last := &e.serial[m.Kind][m.Edge]
	switch {
	case ev.tick < *last:
		if !ev.is(isVoid) {
			e.stats.Stale++
			if e.tally != nil {
				e.count(neuron.CountStale, m.Edge, m.Kind)
			}
			e.discard(ev)
		}
		return
	case ev.tick == *last && !ev.is(isVoid):
		e.stats.Duplicated++
		if e.tally != nil {
			e.count(neuron.CountDuplicated, m.Edge, m.Kind)
		}
		e.discard(ev)
		return
	}
	*last = ev.tick
	if ev.is(isVoid) {
		e.stats.Voided++
		e.pop.Void(m)
		return
	}
	e.stats.Delivered++
	if e.tally != nil {
		e.count(neuron.CountDelivered, m.Edge, m.Kind)
	}
	to := e.receiver(m.Edge, m.Kind)
	if Late(e.graph, e.pop, m, to, int(e.clocks[to].relaxed)) {
		e.stats.Late++
		if e.tally != nil {
			e.count(neuron.CountLate, m.Edge, m.Kind)
		}
	}
	e.put(m, ev.load)
	if e.clocks[to].Kind == Arrival && !e.closing {
		e.rouse(to)
	}
}

// put puts what m carries into its slot, and gives its place back.
func (e *Engine) put(m neuron.Message, load int64) {
	from := e.graph.From(m.Edge)
	switch {
	case m.Rest:
		e.pop.Receive(m, noPayload)
	case e.box.scalar(from):
		e.pop.ReceiveWord(m, load)
	default:
		e.pop.Receive(m, e.box.unpack(from, load))
		e.box.release(from, load)
	}
}

// expire takes note that ev is removed from the queue, if it is a message.
func (e *Engine) expire(ev *event) {
	if ev.class() != deliver || ev.is(isVoid) {
		return
	}
	e.stats.Expired++
	e.stats.UnderWay--
	if e.tally != nil {
		m := ev.message()
		e.arrived(ev)
		e.count(neuron.CountExpired, m.Edge, m.Kind)
	}
	if e.free {
		e.discard(ev)
	}
}

// discard gives back the place of what the message ev carries.
func (e *Engine) discard(ev *event) {
	if !ev.is(isRest | isVoid) {
		e.box.release(e.graph.From(graph.EdgeID(ev.id)), ev.load)
	}
}

// accumulates reports whether receivers add up what comes, so that nothing can be stale.
func (e *Engine) accumulates() bool { return e.cfg.Rule.Event == neuron.Delta }

// absorb adds what has arrived to what its receiver has, unless it is a second copy.
func (e *Engine) absorb(ev *event, m neuron.Message) {
	if ev.is(isCopy) {
		e.stats.Duplicated++
		if e.tally != nil {
			e.count(neuron.CountDuplicated, m.Edge, m.Kind)
		}
		e.discard(ev)
		return
	}
	e.stats.Delivered++
	if e.tally != nil {
		e.count(neuron.CountDelivered, m.Edge, m.Kind)
	}
	if v, t := e.add(m, ev.load); t != neuron.None {
		e.ready = append(e.ready, firing{v, t})
	}
}

// add adds what m carries to what its receiver has, and gives its place back. It returns the turn that must be arranged.
func (e *Engine) add(m neuron.Message, load int64) (graph.VertexID, neuron.Transition) {
	from := e.graph.From(m.Edge)
	v, t := e.pop.Absorb(m, e.box.unpack(from, load))
	e.box.release(from, load)
	return v, t
}

// Late reports whether m has come after the turn of its receiver v that it was meant for. relaxed is how often v has relaxed in
// this sample. Nothing is late for parameters, and nothing that an input shows.
func Late(g *graph.Levelled, p *neuron.Population, m neuron.Message, v graph.VertexID, relaxed int) bool {
	due := int(m.Tick) + g.Delay(m.Edge)
	switch {
	case g.Role(v) == graph.Parameter, m.Kind == neuron.Prediction && p.Sensory(m.Edge):
		return false
	case m.Kind == neuron.Prediction:
		return p.Local(v) > due
	}
	return relaxed > due
}

// finish ends a sample: rules that learn at the end hand over their contributions, and parameters learn.
func (e *Engine) finish() {
	if !e.cfg.Keep {
		e.queue.filter(func(ev *event) bool {
			e.expire(ev)
			return ev.class() == intervene
		})
		for _, list := range e.channel {
			for i := range list {
				list[i].Expire()
			}
		}
	}
	e.closing = true
	ticks := int((e.ends - e.started) / e.cfg.Tick)
	e.pop.Open(ticks, true)
	if e.cfg.Rule.Gate == neuron.AtEnd {
		for _, v := range e.pop.Due() {
			e.pop.Fire(&e.worker, v, neuron.Compare)
		}
	}
	e.result.Loss, e.result.Energy, e.result.Residual, e.result.Ticks = e.pop.Loss(), e.pop.Energy(), e.pop.Residual(), ticks+1
	e.pop.OpenLearning()
	for _, v := range e.pop.Due() {
		e.pop.Fire(&e.worker, v, neuron.Learn)
	}
	e.closing, e.active = false, false
}

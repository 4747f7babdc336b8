package sim

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// noPayload is what a message at rest carries.
var noPayload tensor.Tensor

// beginFree starts a free-running sample: a clean forward sweep that takes no time, unless the last sample goes on, and
// then everybody's own clock.
func (e *Engine) beginFree(mode neuron.Mode) {
	if stream := e.cfg.Keep && e.updates > 1 && mode != neuron.Inference; stream {
		e.pop.Continue()
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
		if e.accumulates() { // it ends when nothing is under way
			e.openStage()
			return
		}
		if e.journal != nil {
			return
		}
		for _, v := range e.pop.Due() {
			e.start(v)
		}
	}
	e.ends = e.now + e.cfg.SettleTime(e.pop)
	e.queue.push(finish, event{time: e.ends, place: -1})
}

// post sends m in free-running mode: the link takes a copy of its payload, delays, distorts, loses or doubles it. What is
// a delay line in lockstep is a longer way here.
func (e *Engine) post(m neuron.Message) {
	from := e.graph.From(m.Edge)
	payload := e.pop.Payload(m)
	n, at := 1, [2]int64{e.now}
	ch := e.channel[m.Kind]
	if ch != nil && !e.closing {
		n, at = ch[m.Edge].Send(e.now)
	}
	ev := event{id: int32(m.Edge), tick: m.Tick, what: flags(m)}
	detour := int64(e.graph.Delay(m.Edge)) * e.cfg.Tick
	for i := range n {
		ev.time, ev.place = at[i]+detour, -1
		if payload.Wanted() {
			ev.place = e.box.put(from, payload)
			if ch != nil {
				ch[m.Edge].Distort(e.box.get(from, ev.place))
			}
		}
		if e.closing {
			e.receive(&ev)
			continue
		}
		if e.journal != nil {
			e.journal.keep(m, ev.place)
			continue
		}
		if i > 0 {
			ev.what |= isCopy
		}
		e.queue.push(deliver, ev)
	}
	if n == 0 {
		e.stats.Lost++
		if e.journal == nil && e.silence[m.Kind][m.Edge] {
			ev.time, ev.place, ev.what = e.now, -1, ev.what|isVoid
			e.queue.push(deliver, ev)
		}
	}
	e.stats.MaxPending = max(e.stats.MaxPending, len(e.queue.heap))
}

// receive puts what has arrived into its slot, unless something later of the same edge came before it.
func (e *Engine) receive(ev *event) {
	m := ev.message()
	from, to := e.graph.From(m.Edge), e.graph.To(m.Edge)
	payload := tensor.Tensor{}
	if ev.place >= 0 {
		payload = e.box.get(from, ev.place)
		defer e.box.release(from, ev.place)
	}
	if e.accumulates() {
		e.absorb(ev, payload)
		return
	}
	last := &e.serial[m.Kind][m.Edge]
	switch {
	case ev.tick < *last:
		e.stats.Stale++
		return
	case ev.tick == *last && ev.what&isVoid == 0:
		e.stats.Duplicated++
		return
	}
	*last = ev.tick
	if ev.what&isVoid != 0 {
		e.pop.Void(m)
		return
	}
	e.stats.Delivered++
	if m.Kind == neuron.Error {
		to = from
	}
	if e.late(m, to) {
		e.stats.Late++
	}
	e.pop.Receive(m, payload)
	if e.clocks[to].Kind == Arrival && !e.closing {
		e.rouse(to)
	}
}

// accumulates reports whether receivers add up what comes, so that nothing can be stale.
func (e *Engine) accumulates() bool { return e.cfg.Rule.Event == neuron.Delta }

// quiet reports whether no message is under way.
func (e *Engine) quiet() bool {
	for i := range e.queue.heap {
		if e.queue.heap[i].class() == deliver {
			return false
		}
	}
	return true
}

// absorb adds what has arrived to what its receiver has, unless it is a second copy.
func (e *Engine) absorb(ev *event, payload tensor.Tensor) {
	if ev.what&isCopy != 0 {
		e.stats.Duplicated++
		return
	}
	e.stats.Delivered++
	if v, t := e.pop.Absorb(ev.message(), payload); t != neuron.None {
		e.ready = append(e.ready, firing{v, t})
	}
}

// late reports whether m has come after the turn of its receiver that it was meant for.
func (e *Engine) late(m neuron.Message, to graph.VertexID) bool {
	due := int(m.Tick) + e.graph.Delay(m.Edge)
	switch {
	case e.graph.Role(to) == graph.Parameter:
		return false
	case m.Kind == neuron.Prediction:
		return e.pop.Local(to) > due
	}
	return int(e.clocks[to].relaxed) > due
}

// finish ends a sample: rules that learn at the end hand over their contributions, and parameters learn.
func (e *Engine) finish() {
	if !e.cfg.Keep {
		e.queue.filter(func(ev *event) bool {
			if ev.class() == deliver {
				e.stats.Expired++
				if ev.place >= 0 {
					e.box.release(e.graph.From(graph.EdgeID(ev.id)), ev.place)
				}
			}
			return ev.class() == intervene
		})
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

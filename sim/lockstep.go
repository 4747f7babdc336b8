package sim

import (
	"fmt"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
)

// openStage gives everybody who is due in the population's present stage its turn.
func (e *Engine) openStage() {
	e.opened = e.now
	e.stage++
	e.complete = false
	e.missing = max(e.pop.Acks(), 0)
	for _, v := range e.pop.Due() {
		if t := e.pop.Turn(v); t != neuron.None {
			e.ready = append(e.ready, firing{v, t})
		}
	}
	e.drain()
}

// drain fires what is ready. When the last acknowledgement of a lockstep stage is in, and no message is under way, the
// next stage is due one tick after this one began, or now if that is later.
func (e *Engine) drain() {
	for e.head < len(e.ready) {
		f := e.ready[e.head]
		e.head++
		if e.pop.Fire(&e.worker, f.v, f.t) {
			e.missing--
		}
	}
	e.ready, e.head = e.ready[:0], 0
	if e.missing == 0 && e.flying == 0 && !e.complete && !e.free && e.active {
		e.complete = true
		e.queue.push(stage, event{time: max(e.now, e.opened+e.cfg.Tick)}, 0)
	}
	e.stats.MaxPending = max(e.stats.MaxPending, e.queue.size())
}

// nextStage goes on after a stage that is complete.
func (e *Engine) nextStage() {
	if e.pop.Now() == neuron.Sweep {
		e.clock = pc.NewClock(e.pop)
	}
	if e.pop.Inference() || !e.clock.Next() {
		e.active = false
		if !e.pop.Inference() {
			e.result = e.clock.Result()
		}
		e.queue.filter(func(ev *event) bool { // duplicates under way
			e.expire(ev)
			return ev.class() == intervene
		})
		return
	}
	e.openStage()
}

// mail sends m in lockstep: the link delays it, and what is lost is sent again one tick later. Its payload stays where
// it is until the receiver has answered.
func (e *Engine) mail(m neuron.Message) {
	ch := e.channel[m.Kind]
	if ch == nil || m.Tick == neuron.Sweep && e.free {
		e.hand(m)
		return
	}
	ev := event{id: int32(m.Edge), tick: m.Tick, load: int64(e.stage)}
	for t := e.now; ; t += e.cfg.Tick {
		n, at := ch[m.Edge].Send(t)
		fl := flags(m)
		for i := range n {
			ev.time = at[i]
			e.launch(&ev, fl)
			fl |= isCopy
		}
		if n > 0 {
			e.flying++
			return
		}
		e.stats.Lost++
		e.stats.Resent++
		if e.tally != nil {
			e.count(neuron.CountLost, m.Edge, m.Kind)
		}
	}
}

func flags(m neuron.Message) (f int64) {
	if m.Kind == neuron.Error {
		f |= isError
	}
	if m.Rest {
		f |= isRest
	}
	if m.Wave {
		f |= isWave
	}
	return f
}

// message returns the message that ev delivers.
func (ev *event) message() neuron.Message {
	m := neuron.Message{Edge: graph.EdgeID(ev.id), Tick: ev.tick, Rest: ev.is(isRest), Wave: ev.is(isWave)}
	if ev.is(isError) {
		m.Kind = neuron.Error
	}
	return m
}

// arrive delivers a message in lockstep. Its identity is (edge, kind, stage of the engine's life), so a second copy is
// recognised, also one that comes from another sample.
func (e *Engine) arrive(ev *event) {
	m := ev.message()
	if int64(e.serial[m.Kind][m.Edge]) >= ev.load {
		e.stats.Duplicated++
		if e.tally != nil {
			e.count(neuron.CountDuplicated, m.Edge, m.Kind)
		}
		return
	}
	e.serial[m.Kind][m.Edge] = int32(ev.load)
	e.flying--
	e.hand(m)
}

// hand puts m into its slot.
func (e *Engine) hand(m neuron.Message) {
	e.stats.Delivered++
	if v, t := e.pop.Deliver(m); t != neuron.None {
		e.ready = append(e.ready, firing{v, t})
	}
}

func (e *Engine) stalled() error {
	if e.free {
		return fmt.Errorf("sim: nothing is left to happen at time %d", e.now)
	}
	return fmt.Errorf("sim: %d acknowledgements are missing at tick %d, and no message is under way", e.missing, e.pop.Now())
}

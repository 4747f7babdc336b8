package sim

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// Watch has t, made for the graph that runs, count what happens at every vertex from now on. To be called between updates.
// The sums over all vertices are those of Stats.
func (e *Engine) Watch(t *neuron.Tally) {
	e.tally = t
	e.pop.Watch(t)
}

// count, with a tally, counts what became of the message on edge i of kind k, at its receiver.
func (e *Engine) count(c neuron.Count, i graph.EdgeID, k neuron.Kind) {
	e.tally.Add(c, e.receiver(i, k), k)
}

// receiver returns the vertex that a message is for.
func (e *Engine) receiver(i graph.EdgeID, k neuron.Kind) graph.VertexID {
	if k == neuron.Prediction {
		return e.graph.To(i)
	}
	return e.graph.From(i)
}

// away, with a tally, takes note that the message ev, with the given flags, travels for so many units.
func (e *Engine) away(ev *event, flags, units int64) {
	k := neuron.Prediction
	if flags&isError != 0 {
		k = neuron.Error
	}
	v := e.receiver(graph.EdgeID(ev.id), k)
	e.tally.Away(v)
	e.tally.Travelled(v, units)
}

// arrived, with a tally, takes note that the message ev is no longer under way.
func (e *Engine) arrived(ev *event) {
	e.tally.Arrived(e.receiver(graph.EdgeID(ev.id), ev.message().Kind))
}

// ObserveTimes has f called when time goes on, with the state that there is from one time on, when all its events have
// happened, until another, at which something happens next; and at the end of an update with its end for both. f must not
// modify anything.
func (e *Engine) ObserveTimes(f func(from, until int64)) { e.pass = f }

// passed tells that nothing happens until a time.
func (e *Engine) passed(until int64) {
	if e.pass != nil && (until > e.now || !e.active) {
		e.pass(e.now, until)
	}
}

// ObserveTicks has f called in lockstep after every tick, with everything at rest, as Observe of package pc has it. It takes
// the place of Observe. f must not modify anything. Free-running, ticks of vertices do not coincide, and f is never called.
func (e *Engine) ObserveTicks(f func(*Engine)) {
	if e.accumulates() && e.cfg.Mode == Lockstep { // it has one tick
		e.settled = f
		return
	}
	seen := int32(-1)
	e.Observe(func(e *Engine) {
		if e.complete && e.stage != seen && e.pop.Now() >= 0 && !e.clock.Learning() {
			seen = e.stage
			f(e)
		}
	})
}

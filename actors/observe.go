package actors

import "github.com/retrodict/retrodict/neuron"

// Observe has f called by the clock's actor after every tick, when all vertices have acknowledged it and nobody runs, as
// Observe of package pc has it. f must not modify anything.
func (e *Engine) Observe(f func(*neuron.Population)) { e.observe = f }

// look shows the population to the observer at a barrier, if it is the end of a tick.
func (e *Engine) look() {
	if e.observe != nil && !e.pop.Inference() && e.pop.Now() != neuron.Sweep && !e.clock.schedule.Learning() {
		e.observe(e.pop)
	}
}

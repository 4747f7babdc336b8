package sim

// ObserveTicks has f called in lockstep after every tick, with everything at rest, as Observe of package pc has it. It takes
// the place of Observe. f must not modify anything. Free-running, ticks of vertices do not coincide, and f is never called.
func (e *Engine) ObserveTicks(f func(*Engine)) {
	seen := int32(-1)
	e.Observe(func(e *Engine) {
		if e.complete && e.stage != seen && e.pop.Now() >= 0 && !e.clock.Learning() {
			seen = e.stage
			f(e)
		}
	})
}

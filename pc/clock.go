package pc

import (
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
)

// A Clock is the schedule of one update: which tick comes next, whether it is the last, and how the update ended. Every
// engine that runs in lockstep asks it between ticks. It is used as
//
//	for clock := NewClock(p); clock.Next(); { open tick clock.Tick(), clock.Last() }
type Clock struct {
	p      *neuron.Population
	tick   int
	last   bool
	status engine.Status
}

// NewClock returns the clock of an update of p, before its first tick.
func NewClock(p *neuron.Population) Clock { return Clock{p: p, tick: -1} }

// Next goes on to the next tick. It returns false if the last one is over.
func (c *Clock) Next() bool {
	if c.last {
		return false
	}
	r := c.p.Rule()
	c.tick++
	c.last = c.tick == c.p.Ticks()-1
	if r.Tol > 0 && c.tick > 0 {
		if c.p.Residual() <= r.Tol {
			c.last, c.status = true, engine.Converged
		} else if c.last {
			c.status = engine.NotConverged
		}
	}
	return true
}

// Tick returns the number of the present tick, from 0.
func (c *Clock) Tick() int { return c.tick }

// Last reports whether the present tick is the last.
func (c *Clock) Last() bool { return c.last }

// Result returns what p's update came to, after the last tick.
func (c *Clock) Result() engine.Result {
	return engine.Result{Loss: c.p.Loss(), Energy: c.p.Energy(), Residual: c.p.Residual(), Ticks: c.tick + 1, Status: c.status}
}

package pc

import (
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// A Clock is the schedule of one update: which stage comes next, and how the update ended. The stages are the ticks,
// and after those at which parameters learn, a learning stage. Every engine that runs in lockstep asks it:
//
//	for clock := NewClock(p); clock.Next(); { give p.Due() their turns, wait for p.Acks() acknowledgements }
type Clock struct {
	p      *neuron.Population
	tick   int
	last   bool
	learn  bool
	status engine.Status
}

// NewClock returns the clock of an update of p, before its first tick.
func NewClock(p *neuron.Population) Clock { return Clock{p: p, tick: -1} }

// Next opens the next stage of the population. It returns false if the last one is over. No transition may be running.
func (c *Clock) Next() bool {
	if c.tick >= 0 && !c.learn && c.p.LearnsNow() {
		c.learn = true
		c.p.OpenLearning()
		return true
	}
	if c.last {
		return false
	}
	r := c.p.Rule()
	c.tick++
	c.learn = false
	c.last = c.tick == c.p.Ticks()-1
	if r.Tol > 0 && c.tick > 0 {
		if c.p.Residual() <= r.Tol {
			c.last, c.status = true, engine.Converged
		} else if c.last {
			c.status = engine.NotConverged
		}
	}
	c.p.Open(c.tick, c.last)
	return true
}

// Tick returns the number of the present tick, from 0.
func (c *Clock) Tick() int { return c.tick }

// Learning reports whether the present stage is one at which parameters learn, after the tick.
func (c *Clock) Learning() bool { return c.learn }

// Result returns what p's update came to, after the last tick.
func (c *Clock) Result() engine.Result {
	return engine.Result{Loss: c.p.Loss(), Energy: c.p.Energy(), Residual: c.p.Residual(), Ticks: c.tick + 1, Status: c.status}
}

// AppendState appends the state of c to b.
func (c *Clock) AppendState(b []byte) []byte {
	w := &tensor.Encoder{B: b}
	w.Int(int64(c.tick))
	w.Bools([]bool{c.last, c.learn})
	w.Int(int64(c.status))
	return w.B
}

// RestoreState makes c, the clock of p, what it was when AppendState was called, and returns what follows in b.
func (c *Clock) RestoreState(b []byte, p *neuron.Population) ([]byte, error) {
	r := &tensor.Decoder{B: b}
	flags := make([]bool, 2)
	c.p, c.tick = p, int(r.Int())
	r.Bools(&flags)
	c.status = engine.Status(r.Int())
	if r.Err != nil {
		return nil, r.Err
	}
	c.last, c.learn = flags[0], flags[1]
	return r.B, nil
}

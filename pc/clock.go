package pc

import (
	"encoding/binary"
	"errors"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
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

// append appends the state of c to b.
func (c *Clock) append(b []byte) []byte {
	flags := int64(0)
	if c.last {
		flags |= 1
	}
	if c.learn {
		flags |= 2
	}
	for _, n := range []int64{int64(c.tick), flags, int64(c.status)} {
		b = binary.AppendVarint(b, n)
	}
	return b
}

// restore makes c what it was when append was called, and returns what follows in b.
func (c *Clock) restore(b []byte) ([]byte, error) {
	var n [3]int64
	for i := range n {
		var err error
		if n[i], b, err = varint(b); err != nil {
			return nil, err
		}
	}
	c.tick, c.last, c.learn, c.status = int(n[0]), n[1]&1 != 0, n[1]&2 != 0, engine.Status(n[2])
	return b, nil
}

func varint(b []byte) (int64, []byte, error) {
	x, n := binary.Varint(b)
	if n <= 0 {
		return 0, nil, errors.New("pc: snapshot: it ends too early")
	}
	return x, b[n:], nil
}

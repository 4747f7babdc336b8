package sim

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// A ticker is the clock of a vertex, in free-running mode.
type ticker struct {
	Clock
	rng     rand.PCG // of a Poisson clock
	n       int64    // Periodic: number of the next tick since time 0
	next    int64    // time of the next turn
	last    int64    // time of the last relaxation, or of the start of the sample
	relaxed int32    // relaxations in this sample
	waiting bool     // Arrival: a turn is due
}

// wind makes the clocks.
func (e *Engine) wind() error {
	e.clocks = make([]ticker, e.graph.Len())
	for v := range e.clocks {
		c := &e.clocks[v]
		if e.cfg.Clock != nil {
			c.Clock = e.cfg.Clock(e.graph, graph.VertexID(v))
			err := c.check()
			if err == nil && e.period(c) < 2 {
				err = fmt.Errorf("a drift of %v leaves a period of less than 2 units: use a finer resolution", c.Drift)
			}
			if err != nil {
				return fmt.Errorf("sim: vertex %s: %w", e.graph.Name(graph.VertexID(v)), err)
			}
		}
		c.rng = *rand.NewPCG(e.cfg.Seed, 1<<63|uint64(v))
	}
	return nil
}

// period returns the duration of c's tick in units.
func (e *Engine) period(c *ticker) float64 { return float64(e.cfg.Tick) * (1 + c.Drift) }

// exponential draws an interval with the mean of one tick.
func (e *Engine) exponential(c *ticker) int64 {
	u := (float64(c.rng.Uint64()>>11) + 0.5) / (1 << 53)
	return int64(math.Round(-tensor.Log(u) * float64(e.cfg.Tick)))
}

// start sets the first turn of v in a sample that begins now.
func (e *Engine) start(v graph.VertexID) {
	c := &e.clocks[v]
	c.last, c.relaxed, c.waiting = e.now, 0, false
	switch c.Kind {
	case Periodic:
		c.n = int64(math.Ceil(float64(e.now)/e.period(c) - c.Phase))
		for c.next = e.periodic(c, 0); c.next < e.now; c.next = e.periodic(c, 0) {
			c.n++
		}
		c.last = e.periodic(c, -0.5) // when the tick before this sample would have relaxed
	case Poisson:
		c.next = e.now + e.exponential(c)
	case Arrival:
		c.next = e.now
		if v != e.graph.Output() {
			return
		}
		c.waiting = true
	}
	e.queue.push(compare, event{time: c.next, id: int32(v)}, 0)
}

// periodic returns the time of a periodic clock's next tick, plus part of a period.
func (e *Engine) periodic(c *ticker, part float64) int64 {
	return int64(math.Round((c.Phase + float64(c.n) + part) * e.period(c)))
}

// turn is the first half of a tick of v.
func (e *Engine) turn(v graph.VertexID) {
	c := &e.clocks[v]
	half := e.now + e.cfg.Tick/2
	e.pop.Fire(&e.worker, v, neuron.Compare)
	switch c.Kind {
	case Periodic:
		half = e.periodic(c, 0.5)
		c.n++
		c.next = e.periodic(c, 0)
		e.queue.push(compare, event{time: c.next, id: int32(v)}, 0)
	case Poisson:
		c.next = e.now + e.exponential(c)
		half = e.now + (c.next-e.now)/2
		e.queue.push(compare, event{time: c.next, id: int32(v)}, 0)
	case Arrival:
		c.waiting, c.next = false, e.now+e.cfg.Tick
	}
	if v != e.graph.Output() {
		e.queue.push(relax, event{time: half, id: int32(v)}, 0)
	}
}

// relax is the second half of a tick of v.
func (e *Engine) relax(v graph.VertexID) {
	c := &e.clocks[v]
	if c.Scaled {
		e.pop.SetStep(v, e.cfg.StepAfter(e.graph, v, e.now-c.last))
	}
	e.pop.Fire(&e.worker, v, neuron.Relax)
	c.last = e.now
	c.relaxed++
	if c.Kind == Arrival && !e.pop.AtRest(v) {
		e.rouse(v)
	}
}

// StepAfter returns the integration step of v on a clock whose γ follows time, so many units after it relaxed last.
func (c Config) StepAfter(g *graph.Levelled, v graph.VertexID, units int64) float64 {
	gamma := c.Rule.Gamma
	if o := g.Original(v); c.Step != nil && o >= 0 {
		gamma = c.Step[o]
	}
	return max(gamma*float64(units)/float64(c.Tick), math.SmallestNonzeroFloat64)
}

// rouse gives v a turn because something has arrived, if its clock says so.
func (e *Engine) rouse(v graph.VertexID) {
	c := &e.clocks[v]
	if c.Kind != Arrival || c.waiting || e.graph.Role(v) == graph.Parameter {
		return
	}
	c.waiting = true
	e.queue.push(compare, event{time: max(e.now, c.next), id: int32(v)}, 0)
}

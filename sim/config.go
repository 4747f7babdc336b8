package sim

import (
	"fmt"
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
)

// A Mode says who waits for whom.
type Mode uint8

const (
	Lockstep Mode = iota // the clock waits for everybody
	Free                 // nobody waits
)

// String returns "lockstep" or "free".
func (m Mode) String() string { return [...]string{"lockstep", "free"}[m] }

// OnLoss says what a slot holds when a message for it is lost, in free-running mode.
type OnLoss uint8

const (
	KeepLast OnLoss = iota // what it held before
	Silence                // zero: a prediction of 0, no error
)

// A Path is how messages travel along one direction of one edge.
type Path struct {
	Link     *synapse.Link // nil: ideal
	OnLoss   OnLoss
	Distance float64 // for delays that depend on distance
}

// A ClockKind says what gives a vertex its turns, in free-running mode.
type ClockKind uint8

const (
	Periodic ClockKind = iota // a period of its own, which may drift, and a phase
	Poisson                   // independent intervals with an exponential distribution
	Arrival                   // a turn when something has arrived, but not more than one per tick
)

// A Clock is the clock of one vertex. The zero Clock is the global one.
type Clock struct {
	Kind   ClockKind
	Drift  float64 // relative deviation of the period: 1e-4 runs slow by 0.1 ms a second
	Phase  float64 // offset of the first turn, in periods, in [0, 1)
	Scaled bool    // γ is proportional to the time that has passed; otherwise it is fixed per tick, and drift changes τ
}

// A Config is what an engine in virtual time is made of. Times are in units of the clock resolution.
type Config struct {
	pc.Config
	Mode   Mode
	Tick   int64 // duration of a tick; 0 stands for 100
	Settle int64 // free-running: duration of a sample; 0: as many ticks as the rule makes in lockstep, and two more where levels have clocks
	Keep   bool  // free-running: a sample starts from where the last one ended (a stream), not from a forward sweep
	Seed   uint64

	Path  func(g *graph.Levelled, e graph.EdgeID, k neuron.Kind) Path // edges of the graph that runs; nil: all ideal
	Clock func(g *graph.Levelled, v graph.VertexID) Clock             // nil: all global
}

// DefaultTick is the duration of a tick in units.
const DefaultTick = 100

// check fills in defaults.
func (c Config) check() (Config, error) {
	if c.Tick == 0 {
		c.Tick = DefaultTick
	}
	switch {
	case c.Mode > Free:
		return c, fmt.Errorf("sim: unknown mode %d: use lockstep or free", c.Mode)
	case c.Mode == Lockstep && c.Clock != nil:
		return c, fmt.Errorf("sim: in lockstep one clock gives all turns: clocks of vertices need mode free")
	case c.Tick < 2:
		return c, fmt.Errorf("sim: a tick of %d units cannot be halved: use a finer resolution", c.Tick)
	case c.Settle < 0 || c.Settle > math.MaxInt64/4:
		return c, fmt.Errorf("sim: a sample cannot last %d units", c.Settle)
	case c.Mode == Lockstep && c.Keep:
		return c, fmt.Errorf("sim: a stream of samples without reset needs mode free")
	case c.Mode == Lockstep && c.Settle != 0:
		return c, fmt.Errorf("sim: in lockstep a sample lasts as long as its ticks: settle needs mode free")
	}
	return c, nil
}

// CheckFree returns an error if the rule cannot run where nobody waits, and what a user should know if it can.
func (c Config) CheckFree() (warnings []string, err error) {
	switch r := c.Rule; {
	case r.Sparse:
		return nil, fmt.Errorf("sim: rule %s waits for its messages: where nobody waits, use its dense form, or the one that accumulates", r.Name)
	case r.Gate == neuron.Incremental:
		return nil, fmt.Errorf("sim: rule %s moves values and weights from one snapshot at every tick: it needs one clock, in lockstep", r.Name)
	case c.Keep && r.Event == neuron.Delta:
		return nil, fmt.Errorf("sim: rule %s starts from a forward sweep: it cannot run as a stream", r.Name)
	case r.Tol > 0:
		warnings = append(warnings, "free-running, nobody knows when all have come to rest: a sample lasts as long as settle says, and the tolerance is not used")
	}
	return warnings, nil
}

// CheckPath returns an error if the link of e cannot be used in the mode.
func (c Config) CheckPath(g *graph.Graph, e graph.EdgeID, p Path) error {
	if p.Link == nil {
		return nil
	}
	if err := p.Link.Check(); err != nil {
		return fmt.Errorf("sim: link %s -> %s: %w", g.Name(g.From(e)), g.Name(g.To(e)), err)
	}
	if c.Mode == Lockstep && p.Link.Loss.Hopeless() {
		return fmt.Errorf("sim: link %s -> %s loses everything, and lockstep sends again what is lost: it would never end", g.Name(g.From(e)), g.Name(g.To(e)))
	}
	if c.Mode == Lockstep && (p.Link.Noise != synapse.Noise{} || p.Link.Quantum != 0) {
		return fmt.Errorf("sim: link %s -> %s: noise and quantisation change what is sent, and lockstep promises the opposite: use mode free", g.Name(g.From(e)), g.Name(g.To(e)))
	}
	return nil
}

// check returns an error if the clock makes no sense.
func (c Clock) check() error {
	switch {
	case c.Kind > Arrival:
		return fmt.Errorf("unknown kind %d of a clock", c.Kind)
	case !(c.Drift > -1) || !(c.Drift <= maxDrift):
		return fmt.Errorf("a clock's drift is %v, want a number above -1 and at most %v", c.Drift, float64(maxDrift))
	case !(c.Phase >= 0 && c.Phase < 1):
		return fmt.Errorf("a clock's phase is %v periods, want a number from 0 to below 1", c.Phase)
	}
	return nil
}

// maxDrift is the largest relative deviation of a clock: a period that is a thousand times as long.
const maxDrift = 999

// SettleTime returns the duration of a free-running sample of p.
func (c Config) SettleTime(p *neuron.Population) int64 {
	if c.Settle > 0 {
		return c.Settle
	}
	n := p.Ticks() - 1 // the last tick does not relax
	if c.Clock != nil && c.Rule.Ticks == 0 {
		n += 2 // for levels, with phases and drift
	}
	return int64(n) * c.Tick
}

// Lay returns the channels of all edges of g by kind of message, and whether a loss on them means silence. Both are nil
// if all links are ideal.
func (c Config) Lay(g *graph.Levelled) (channel [2][]synapse.Channel, silence [2][]bool, err error) {
	if c.Path == nil {
		return channel, silence, nil
	}
	for k := range channel {
		channel[k], silence[k] = make([]synapse.Channel, g.Edges()), make([]bool, g.Edges())
		for e := range graph.EdgeID(g.Edges()) {
			p := c.Path(g, e, neuron.Kind(k))
			if err := c.CheckPath(g.Graph, e, p); err != nil {
				return channel, silence, err
			}
			if p.Link == nil {
				p.Link = &synapse.Link{}
			}
			channel[k][e] = synapse.NewChannel(p.Link, c.Seed, int64(e), k, p.Distance)
			silence[k][e] = p.OnLoss == Silence
		}
	}
	return channel, silence, nil
}

// LayIdeal returns ideal channels for all edges of g, as Lay does, for links that are to change.
func (c Config) LayIdeal(g *graph.Levelled) (channel [2][]synapse.Channel, silence [2][]bool, err error) {
	c.Path = func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{} }
	return c.Lay(g)
}

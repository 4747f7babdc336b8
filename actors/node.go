package actors

import (
	"math"
	"math/rand/v2"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/tensor"
)

// A letter is a message with its payload, on the wall's clock.
type letter struct {
	m       neuron.Message
	payload tensor.Tensor
	sent    int64 // when
	void    bool
	copied  bool // the second copy
}

// A beat is a turn that a vertex has arranged for itself.
type beat struct{ t neuron.Transition }

// A node is the actor of a vertex in a free-running engine. It owns the vertex's clock, the receiving ends of its edges,
// and its part of the journal.
type node struct {
	free    *Free
	vertex  graph.VertexID
	pid     *actor.PID
	proc    actor.Process
	gone    func() // called when the actor has stopped
	clock   sim.Clock
	rng     rand.PCG
	n       int64          // ticks of a periodic clock in this sample
	next    int64          // an arrival clock: earliest time of the next turn
	waiting bool           // an arrival clock: a turn is arranged
	last    map[slot]int32 // tick of the message that came last, by slot
	relaxed int            // relaxations in this sample
	since   int64          // when it relaxed last
	behind  int64          // a periodic clock: the most that a turn has come after its time
	entries []neuron.Entry
}

// slot is a place for messages at a vertex.
type slot struct {
	edge graph.EdgeID
	kind neuron.Kind
}

func (f *Free) spawn() error {
	f.nodes = make([]node, f.graph.Len())
	var next *node
	props := actor.PropsFromProducer(func() actor.Actor { return next }, actor.WithGuardian(&freeSupervisor{f}))
	prefix := "retrodict" + f.system.ProcessRegistry.NextId() + "/"
	for v := range graph.VertexID(f.graph.Len()) {
		next = &f.nodes[v]
		*next = node{free: f, vertex: v, last: map[slot]int32{}, rng: *rand.NewPCG(f.cfg.Seed, 1<<63|uint64(v))}
		if f.cfg.Clock != nil {
			next.clock = f.cfg.Clock(f.graph, v)
		}
		if next.clock.Scaled { // now, while no actor looks
			f.pop.SetStep(v, f.cfg.StepAfter(f.graph, v, f.cfg.Tick))
		}
		pid, err := f.system.Root.SpawnNamed(props, prefix+f.graph.Name(v))
		if err != nil {
			return err
		}
		next.pid = pid
		next.proc, _ = f.system.ProcessRegistry.GetLocal(pid.Id)
	}
	return nil
}

// Receive implements actor.Actor.
func (n *node) Receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *letter:
		defer n.free.post.taken()
		defer n.free.owe(-1)
		if !m.void {
			n.free.tally.Arrived(n.vertex)
			n.free.tally.Travelled(n.vertex, n.free.post.now()-m.sent)
		}
		if n.free.accumulates() {
			n.absorb(m)
			return
		}
		n.take(m)
	case *strike:
		defer n.free.post.taken()
		n.struck(m)
	case *beat:
		defer n.free.post.taken()
		defer n.free.owe(-1)
		defer func() { // the sample ends with the fault; the actor lives on, so that nothing in its mailbox is lost sight of
			if r := recover(); r != nil {
				n.free.fault(n.vertex, r)
			}
		}()
		n.turn(m.t)
	case *actor.Stopped:
		if n.gone != nil {
			n.gone()
		}
	}
}

// reset prepares for a sample, unless a stream goes on.
func (n *node) reset(goesOn bool) {
	if n.entries = nil; goesOn {
		return
	}
	clear(n.last)
	n.n, n.next, n.waiting, n.relaxed = 0, 0, false, 0
}

// wind arranges the first turn of a sample.
func (n *node) wind() {
	if n.free.accumulates() {
		n.respond()
		return
	}
	at := int64(0)
	n.since = 0
	switch n.clock.Kind {
	case sim.Periodic:
		at, n.since = n.periodic(0), n.periodic(-0.5)
	case sim.Poisson:
		at = n.interval()
	case sim.Arrival:
		if n.vertex != n.free.graph.Output() {
			return
		}
		n.waiting = true
	}
	n.free.post.deliver(at, n.vertex, &beat{neuron.Compare})
}

func (n *node) periodic(part float64) int64 {
	return int64(math.Round((n.clock.Phase + float64(n.n) + part) * float64(n.free.cfg.Tick) * (1 + n.clock.Drift)))
}

func (n *node) interval() int64 {
	u := (float64(n.rng.Uint64()>>11) + 0.5) / (1 << 53)
	return int64(math.Round(-tensor.Log(u) * float64(n.free.cfg.Tick)))
}

// turn has the vertex compare or relax, and arranges what comes next.
func (n *node) turn(t neuron.Transition) {
	f := n.free
	w := <-f.workers
	defer func() { f.workers <- w }()
	elapsed := int32(0)
	if t == neuron.Relax {
		elapsed = n.elapse()
	}
	f.pop.Fire(w, n.vertex, t)
	if f.watcher != nil {
		f.watcher.board.put(n.vertex)
	}
	if t == neuron.Relax {
		n.relaxed++
		n.note(neuron.Relaxed, neuron.Message{Tick: elapsed})
		if !f.pop.AtRest(n.vertex) {
			n.rouse()
		}
		return
	}
	n.note(neuron.Compared, neuron.Message{})
	if t == neuron.Compare {
		n.goOn()
	}
}

// elapse sets the step of a clock whose γ follows time, and returns the units since the vertex relaxed last; 0 with others.
func (n *node) elapse() int32 {
	if !n.clock.Scaled {
		return 0
	}
	now := n.free.post.now()
	units := min(now-n.since, math.MaxInt32)
	n.since = now
	n.free.pop.SetStep(n.vertex, n.free.cfg.StepAfter(n.free.graph, n.vertex, units))
	return int32(units)
}

// missed takes note of a turn that was due before a sample ended, and has not come.
func (n *node) missed(end int64) {
	if n.clock.Kind == sim.Periodic && n.free.pop.Active(n.vertex) && !n.free.accumulates() {
		n.behind = max(n.behind, end-n.periodic(0))
	}
}

// goOn arranges the second half of a tick, and the next tick.
func (n *node) goOn() {
	f := n.free
	now := f.post.now()
	half, next := now+f.cfg.Tick/2, int64(-1)
	switch n.clock.Kind {
	case sim.Periodic:
		n.behind = max(n.behind, now-n.periodic(0))
		half = n.periodic(0.5)
		n.n++
		next = n.periodic(0)
	case sim.Poisson:
		next = now + n.interval()
		half = now + (next-now)/2
	case sim.Arrival:
		n.waiting, n.next = false, now+f.cfg.Tick
	}
	if n.vertex != f.graph.Output() {
		f.post.deliver(half, n.vertex, &beat{neuron.Relax})
	}
	if next >= 0 {
		f.post.deliver(next, n.vertex, &beat{neuron.Compare})
	}
}

// rouse arranges a turn because something has changed, if the clock says so.
func (n *node) rouse() {
	if n.clock.Kind != sim.Arrival || n.waiting || !n.free.live || n.free.graph.Role(n.vertex) == graph.Parameter {
		return
	}
	n.waiting = true
	n.free.post.deliver(max(n.free.post.now(), n.next), n.vertex, &beat{neuron.Compare})
}

// take puts a letter into its slot, unless something later or equal came before it.
func (n *node) take(l *letter) {
	key := slot{l.m.Edge, l.m.Kind}
	last, ok := n.last[key]
	tally := n.free.tally
	switch {
	case ok && l.m.Tick < last:
		if !l.void {
			tally.Add(neuron.CountStale, n.vertex, l.m.Kind)
		}
		return
	case ok && l.m.Tick == last && !l.void:
		tally.Add(neuron.CountDuplicated, n.vertex, l.m.Kind)
		return
	}
	n.last[key] = l.m.Tick
	if l.void {
		n.free.pop.Void(l.m)
		n.note(neuron.Voided, l.m)
		return
	}
	n.free.pop.Receive(l.m, l.payload)
	tally.Add(neuron.CountDelivered, n.vertex, l.m.Kind)
	if sim.Late(n.free.graph, n.free.pop, l.m, n.vertex, n.relaxed) {
		tally.Add(neuron.CountLate, n.vertex, l.m.Kind)
	}
	if n.free.live {
		n.note(neuron.Received, l.m)
		n.rouse()
	}
}

// note writes an entry of the journal.
func (n *node) note(h neuron.Happening, m neuron.Message) {
	if n.free.cfg.Journal != nil {
		n.entries = append(n.entries, neuron.Entry{Vertex: n.vertex, What: h, Kind: m.Kind, Edge: m.Edge, Tick: m.Tick})
	}
}

// freeSupervisor stops a failed actor and ends the sample.
type freeSupervisor struct{ free *Free }

// HandleFailure implements actor.SupervisorStrategy.
func (s *freeSupervisor) HandleFailure(_ *actor.ActorSystem, _ actor.Supervisor, child *actor.PID, _ *actor.RestartStatistics, reason, _ any) {
	for v := range s.free.nodes {
		if s.free.nodes[v].pid == child || s.free.nodes[v].pid != nil && s.free.nodes[v].pid.Id == child.Id {
			s.free.fault(graph.VertexID(v), reason)
		}
	}
}

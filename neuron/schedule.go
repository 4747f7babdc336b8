package neuron

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// schedule is what the clock must know: who works at a tick, and how many acknowledgements end it.
type schedule struct {
	byLevel  []graph.VertexID // vertices that have an error, by level
	start    []int32          // byLevel[start[l]:start[l+1]] have level l
	leaves   []int32          // number of parameters whose last consumer has level l
	learners []graph.VertexID // parameters that get feedback
	starters []graph.VertexID // vertices without a consumer to wait for
	emit     []graph.VertexID // leaves
	readers  int              // outputs whose prediction ends the forward sweep
}

// plan fills the schedule: one counting sort.
func (p *Population) plan() {
	s := &p.schedule
	depth := p.g.Depth() + 1 // a free input may lie one level below the last computed vertex
	s.start, s.leaves = make([]int32, depth+1), make([]int32, depth)
	for v := range graph.VertexID(p.g.Len()) {
		switch {
		case p.active(v):
			s.start[p.g.Level(v)+1]++
			if p.live[v] == 0 {
				s.starters = append(s.starters, v)
			}
		case p.g.Role(v) == graph.Parameter && p.live[v] > 0:
			s.leaves[p.lastDue(v)]++
			s.learners = append(s.learners, v)
		}
		if p.g.Role(v) != graph.Computed {
			s.emit = append(s.emit, v)
		}
	}
	for l := range depth {
		s.start[l+1] += s.start[l]
	}
	s.byLevel = make([]graph.VertexID, s.start[depth])
	next := append([]int32(nil), s.start...)
	for v := range graph.VertexID(p.g.Len()) {
		if p.active(v) {
			l := p.g.Level(v)
			s.byLevel[next[l]] = v
			next[l]++
		}
	}
	seen := map[graph.VertexID]bool{}
	for _, v := range p.g.Outputs() {
		if !seen[v] && len(p.g.Out(v)) == 0 { // one that is used goes on to another, which answers for it
			seen[v] = true
			s.readers++
		}
	}
}

// lastDue returns the highest level among the consumers of the parameter v.
func (p *Population) lastDue(v graph.VertexID) int {
	due := 0
	for _, e := range p.g.Out(v) {
		if p.carries(e) {
			due = max(due, p.g.Level(p.g.To(e)))
		}
	}
	return due
}

// Leaves returns the vertices that start a forward sweep by Emit.
func (p *Population) Leaves() []graph.VertexID { return p.schedule.emit }

// Readers returns how many acknowledgements end a forward sweep: one from every output that nothing uses, on which all
// else depends.
func (p *Population) Readers() int { return p.schedule.readers }

// Ticks returns the largest number of ticks of one update.
func (p *Population) Ticks() int {
	switch {
	case p.rule.Event != Clocked:
		return 1
	case p.rule.Ticks > 0:
		return p.rule.Ticks + 1
	}
	return p.g.Depth()
}

// Open starts tick t, the last one of the update if last is set. No transition may be running.
func (p *Population) Open(t int, last bool) { p.now, p.last, p.learning = t, last, false }

// OpenLearning starts the stage at which parameters learn, after a tick. No transition may be running. The sparse form
// has none: there a parameter learns as soon as its last consumer has sent, when nobody needs it any more.
func (p *Population) OpenLearning() { p.learning = true }

// LearnsNow reports whether a learning stage follows the present tick.
func (p *Population) LearnsNow() bool {
	return !p.rule.Sparse && (p.last || p.rule.Gate == Incremental)
}

// Now returns the present tick, Sweep before the first.
func (p *Population) Now() int { return p.now }

// Inference reports whether the sample is for the forward sweep alone.
func (p *Population) Inference() bool { return p.mode == Inference }

// Due returns the vertices that are to be given a turn in the present stage.
func (p *Population) Due() []graph.VertexID {
	s := &p.schedule
	switch {
	case p.now == Sweep:
		return s.emit
	case p.learning:
		return s.learners
	case p.rule.Event != Clocked:
		return s.starters
	case p.rule.Sparse:
		return s.byLevel[s.start[p.now]:s.start[p.now+1]]
	}
	return s.byLevel
}

// Acks returns how many acknowledgements end the present stage, -1 if it ends when no message is under way. In the sparse
// form a parameter acknowledges the tick at which its last slot fills, or, where that is deferred, the update.
func (p *Population) Acks() int {
	s := &p.schedule
	switch {
	case p.now == Sweep:
		return s.readers
	case p.learning:
		return len(s.learners)
	case p.rule.Event == Delta:
		return -1
	case p.deferring && p.rule.Event == Gather:
		return len(s.byLevel)
	case p.deferring:
		return len(p.Due())
	case p.rule.Event == Gather:
		return len(s.byLevel) + len(s.learners)
	case p.rule.Sparse:
		return len(p.Due()) + int(s.leaves[p.now])
	}
	return len(p.Due())
}

// tick returns the tick of v: the clock's, or its own where it follows a clock of its own.
func (p *Population) tick(v graph.VertexID) int {
	if p.rule.Free {
		return int(p.local[v])
	}
	return p.now
}

// due reports whether v hands its contribution to its parameters at this tick.
func (p *Population) due(v graph.VertexID, eps tensor.Tensor) bool {
	switch p.rule.Gate {
	case AtLevel:
		return p.g.Level(v) == p.tick(v)
	case AtEnd:
		return p.last
	case OnWave, OnValue:
		if p.latched[v] || p.rule.Gate == OnWave && !p.reached[v] || p.rule.Gate == OnValue && (p.quiet[v] || allZero(eps)) {
			return false
		}
		p.latched[v] = true
	}
	return true
}

// Waiting returns a vertex that has not done its part of the present stage, as far as the counts of missing messages
// tell; otherwise one that is due. It is for the report of a lost message, with no transition running.
func (p *Population) Waiting() graph.VertexID {
	if p.now == Sweep {
		for v := range graph.VertexID(p.g.Len()) {
			if _, n := p.g.In(v); p.rule.Sparse && p.g.Role(v) == graph.Computed && int(p.args[v]) != n {
				return v
			}
		}
		return p.g.Output()
	}
	for _, v := range p.Due() {
		n := p.live[v]
		if p.dynamic(v) && (p.rule.Event != Gather || n == 0) {
			n++
		}
		if p.ports[v] != n {
			return v
		}
	}
	for _, v := range p.schedule.learners {
		if p.ports[v] != p.live[v] && (!p.rule.Sparse || p.lastDue(v) <= p.now) {
			return v
		}
	}
	return p.Due()[0]
}

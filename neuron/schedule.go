package neuron

import "github.com/retrodict/retrodict/graph"

// schedule is what the clock must know: who works at a tick, and how many acknowledgements end it.
type schedule struct {
	byLevel []graph.VertexID // active vertices, by level
	start   []int32          // byLevel[start[l]:start[l+1]] have level l
	leaves  []int32          // number of parameters whose last consumer has level l
	learn   int32            // number of parameters that learn at all
	emit    []graph.VertexID // leaves that something depends on
	readers int              // outputs, whose prediction ends the forward sweep
}

// plan fills the schedule: one counting sort.
func (p *Population) plan() {
	s := &p.schedule
	depth := p.g.Depth()
	s.start, s.leaves = make([]int32, depth+1), make([]int32, depth)
	for v := range graph.VertexID(p.g.Len()) {
		switch {
		case p.active(v):
			s.start[p.g.Level(v)+1]++
		case p.g.Role(v) == graph.Parameter && p.live[v] > 0:
			due := 0
			for _, e := range p.g.Out(v) {
				if p.carries(e) {
					due = max(due, p.g.Level(p.g.To(e)))
				}
			}
			s.leaves[due]++
			s.learn++
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

// Leaves returns the vertices that start a forward sweep by Emit.
func (p *Population) Leaves() []graph.VertexID { return p.schedule.emit }

// Readers returns how many acknowledgements end a forward sweep: one from every
// output that nothing uses, on which all else depends.
func (p *Population) Readers() int { return p.schedule.readers }

// Ticks returns the largest number of ticks of one update.
func (p *Population) Ticks() int {
	if p.rule.Ticks > 0 {
		return p.rule.Ticks + 1
	}
	return p.g.Depth()
}

// Open starts tick t, the last one of the update if last is set. No transition may be running.
func (p *Population) Open(t int, last bool) { p.now, p.last = t, last }

// Now returns the present tick, Sweep before the first.
func (p *Population) Now() int { return p.now }

// Inference reports whether the sample is for the forward sweep alone.
func (p *Population) Inference() bool { return p.mode == Inference }

// Due returns the vertices that are to be given a turn at tick t.
func (p *Population) Due(t int) []graph.VertexID {
	s := &p.schedule
	if p.rule.Sparse {
		return s.byLevel[s.start[t]:s.start[t+1]]
	}
	return s.byLevel
}

// Acks returns how many acknowledgements end tick t: one from every vertex that is due, and one from every parameter
// whose last slot fills at that tick.
func (p *Population) Acks(t int, last bool) int {
	n := len(p.Due(t))
	switch {
	case p.mode == Inference:
	case p.rule.Gate == EveryTick, p.rule.Gate == AtEnd && last:
		n += int(p.schedule.learn)
	case p.rule.Gate == AtLevel:
		n += int(p.schedule.leaves[t])
	}
	return n
}

// due reports whether v hands its contribution to its parameters at this tick.
func (p *Population) due(v graph.VertexID) bool {
	switch p.rule.Gate {
	case AtLevel:
		return p.g.Level(v) == p.now
	case AtEnd:
		return p.last
	}
	return true
}

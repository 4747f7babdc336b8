package neuron

import "github.com/retrodict/retrodict/graph"

// lanes keep receivers of this shard and of others apart, without a branch for each: which it is cannot be predicted, and
// a wrong guess costs more than a message.
type lanes struct {
	here, there [laneSize]graph.VertexID
	nhere       int
	nthere      int
}

const laneSize = 1 << 11

// post sends one message to each of the vertices. missing is the count that it is taken off at its receiver: that of
// predictions in the forward sweep, or of errors. What is posted arrives by deliver at the latest.
func (s *Shard) post(to []graph.VertexID, missing []int32) {
	if s.owner == nil {
		s.arrive(to, missing)
		return
	}
	l := s.lanes
	for len(to) > 0 {
		some := to[:min(len(to), laneSize)]
		to = to[len(some):]
		if max(l.nhere, l.nthere)+len(some) > laneSize {
			s.deliver(missing)
		}
		owner, i, j := s.owner, l.nhere, l.nthere
		for _, v := range some {
			l.here[i&(laneSize-1)], l.there[j&(laneSize-1)] = v, v
			other := int((uint32(owner[v]^s.id) + 0xffff) >> 16) // 1 unless they are equal
			i, j = i+1-other, j+other
		}
		l.nhere, l.nthere = i, j
	}
}

// deliver empties the lanes: into slots of this shard, into batches for the others.
func (s *Shard) deliver(missing []int32) {
	l := s.lanes
	if l == nil {
		return
	}
	s.arrive(l.here[:l.nhere], missing)
	list := l.there[:l.nthere]
	l.nhere, l.nthere = 0, 0
	if len(s.outbox) == 2 && len(list) > 0 {
		b := s.batch(1 - s.id)
		b.receivers = append(b.receivers, list...)
		return
	}
	for _, v := range list {
		b := s.batch(s.owner[v])
		b.receivers = append(b.receivers, v)
	}
}

// arrive takes a message off what is missing at each of the vertices, which are of this shard.
func (s *Shard) arrive(list []graph.VertexID, missing []int32) {
	for _, v := range list {
		left := missing[v] - 1
		if missing[v] = left; left == 0 {
			s.ready[s.full(v, s.p.now)].add(v, s.p.g.Len())
		}
	}
}

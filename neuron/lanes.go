package neuron

import (
	"slices"

	"github.com/retrodict/retrodict/graph"
)

// A lane collects receivers of this shard, to be counted down together, while others go into batches.
type lane struct {
	list [laneSize]graph.VertexID
	n    int
}

const laneSize = 1 << 11

// A bitset has a bit for each of many things.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

// crossing tells of two shards which messages go from one to the other, for predictions by port in the order of vertices, for
// errors by edge.
func (p *Population) crossing(owner []uint8) (out, in bitset) {
	g := p.g
	out, in = newBitset(g.Edges()), newBitset(g.Edges())
	at := 0
	for v := range graph.VertexID(g.Len()) {
		for k, to := range g.Consumers(v) {
			if owner[to] != owner[v] {
				out.set(at)
				in.set(int(g.Out(v)[k]))
			}
			at++
		}
	}
	return out, in
}

// post sends one message to each of the vertices. missing is the count that it is taken off at its receiver: that of
// predictions in the forward sweep, or of errors; crosses has a bit for each, from at on, if there are two shards. What is posted
// arrives by deliver at the latest.
func (s *Shard) post(to []graph.VertexID, missing []int32, crosses bitset, at int) {
	switch {
	case s.owner == nil:
		s.arrive(to, missing)
		return
	case crosses == nil:
		s.postToMany(to, missing)
		return
	}
	b, l := s.batch(1-s.id), s.lane
	for len(to) > 0 {
		if l.n == laneSize {
			s.deliver(missing)
		}
		some := to[:min(len(to), laneSize-l.n)]
		b.receivers = slices.Grow(b.receivers, len(some))
		n := len(b.receivers)
		l.n, n = split(some, crosses, at, l, b.receivers[n:n+len(some)], n)
		b.receivers = b.receivers[:n]
		to, at = to[len(some):], at+len(some)
	}
}

// split puts receivers into the lane, or, where crosses has a bit, into there; it returns how many the lane has then, and n plus the
// number of the others. It does without a branch for each: which it is cannot be predicted, and a wrong guess costs more than a
// message.
func split(to []graph.VertexID, crosses bitset, at int, l *lane, there []graph.VertexID, n int) (here, away int) {
	i, j := l.n, 0
	for k, v := range to {
		k += at
		l.list[i&(laneSize-1)], there[j] = v, v
		other := int(crosses[k>>6] >> (uint(k) & 63) & 1)
		i, j = i+1-other, j+other
	}
	return i, n + j
}

// postToMany is post among more than two shards.
func (s *Shard) postToMany(to []graph.VertexID, missing []int32) {
	l := s.lane
	for _, v := range to {
		if k := s.owner[v]; k != s.id {
			b := s.batch(k)
			b.receivers = append(b.receivers, v)
			continue
		}
		if l.n == laneSize {
			s.deliver(missing)
		}
		l.list[l.n] = v
		l.n++
	}
}

// deliver empties the lane into the slots of this shard.
func (s *Shard) deliver(missing []int32) {
	if l := s.lane; l != nil {
		s.arrive(l.list[:l.n], missing)
		l.n = 0
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

package graph

import "github.com/retrodict/retrodict/op"

// A Form says how Level makes paths equally long.
type Form uint8

const (
	Unlevelled Form = iota // not at all
	Identities             // by identity vertices, as the paper does
	Delays                 // by delays of the edges
)

// String returns "none", "identity" or "delay".
func (f Form) String() string { return [...]string{"none", "identity", "delay"}[f] }

// A Levelled is a graph on which all directed paths between two computed vertices are equally long, and its relation to
// the graph that it was made of.
type Levelled struct {
	*Graph
	Form       Form
	Identities int        // identity vertices that were added
	Delayed    int        // edges that were given a delay
	Origin     []VertexID // for every vertex the original one, -1 for an added identity; nil: the same ids
}

// Original returns the vertex of the original graph that v stands for, -1 for an added identity.
func (l *Levelled) Original(v VertexID) VertexID {
	if l.Origin == nil {
		return v
	}
	return l.Origin[v]
}

// Level levels g in the given form: on the edge from j to i it puts level(j) − level(i) − 1 identity vertices, or as
// many ticks of delay. Argument order and port order stay as they are, so that sums run in the same order. Edges from
// leaves are left alone unless padLeaves is set (only for Identities; it reproduces Fig. 4 of the paper). Time is
// linear in the edges and identities.
func Level(g *Graph, form Form, padLeaves bool) *Levelled {
	if form == Unlevelled || g.slack(padLeaves) == 0 {
		return &Levelled{Graph: g, Form: form}
	}
	if form == Delays {
		return levelByDelays(g)
	}
	return levelByIdentities(g, padLeaves)
}

// gap returns how many ticks the edge e from a to v is short of the way round, 0 if it is exempt.
func (g *Graph) gap(e EdgeID, padLeaves bool) int {
	a, v := g.from[e], g.to[e]
	if g.role[a] != Computed && !padLeaves || g.level[v] < 0 || g.role[a] == Constant || !g.typ[a].IsFloat() {
		return 0
	}
	return int(g.level[a]-g.level[v]) - 1 - g.Delay(e)
}

func (g *Graph) slack(padLeaves bool) int {
	n := 0
	for e := range g.from {
		n += g.gap(EdgeID(e), padLeaves)
	}
	return n
}

func levelByDelays(g *Graph) *Levelled {
	h := *g
	l := &Levelled{Graph: &h, Form: Delays}
	h.delay = make([]int32, len(g.from))
	for e := range h.delay {
		gap := g.gap(EdgeID(e), false)
		h.delay[e] = int32(gap + g.Delay(EdgeID(e)))
		if gap > 0 {
			l.Delayed++
		}
	}
	return l
}

func levelByIdentities(g *Graph, padLeaves bool) *Levelled {
	n := g.Len()
	extra := g.slack(padLeaves)
	h := &Graph{ops: append(append([]op.Op(nil), g.ops...), op.Identity()), shapes: g.shapes, pruned: g.pruned, warnings: g.warnings}
	l := &Levelled{Graph: h, Form: Identities, Identities: extra, Origin: make([]VertexID, 0, n+extra)}
	id := make([]VertexID, n)
	identity := int32(len(h.ops) - 1)
	h.inStart = append(h.inStart, 0)
	from := g.ports()
	var port []int32
	add := func(like, origin VertexID, r Role, o int32) VertexID {
		h.role, h.typ = append(h.role, r), append(h.typ, g.typ[like])
		h.opOf, h.shape = append(h.opOf, o), append(h.shape, g.shape[like])
		l.Origin = append(l.Origin, origin)
		return VertexID(len(h.role) - 1)
	}
	for v := range VertexID(n) {
		first, k := g.In(v)
		heads := make([]VertexID, k) // what v's arguments come from
		ports := make([]int32, k)
		for j := range k {
			e := first + EdgeID(j)
			heads[j], ports[j] = id[g.from[e]], from[e]
			for range g.gap(e, padLeaves) {
				h.from, port = append(h.from, heads[j]), append(port, ports[j])
				heads[j], ports[j] = add(g.from[e], -1, Computed, identity), 0
				h.inStart = append(h.inStart, int32(len(h.from)))
			}
		}
		id[v] = add(v, v, g.role[v], g.opOf[v])
		h.from, port = append(h.from, heads...), append(port, ports...)
		h.inStart = append(h.inStart, int32(len(h.from)))
	}
	h.link(port)
	l.adopt(g, id)
	h.computeLevels()
	return l
}

// ports returns the position of every edge among the out-edges of its input.
func (g *Graph) ports() []int32 {
	port := make([]int32, len(g.from))
	for v := range g.role {
		for k, e := range g.Out(VertexID(v)) {
			port[e] = int32(k)
		}
	}
	return port
}

// adopt copies names, leaves and outputs of g under their new ids.
func (l *Levelled) adopt(g *Graph, id []VertexID) {
	move := func(list []VertexID) []VertexID {
		r := make([]VertexID, len(list))
		for i, v := range list {
			if r[i] = v; v >= 0 {
				r[i] = id[v]
			}
		}
		return r
	}
	l.inputs, l.params, l.outputs = move(g.inputs), move(g.params), move(g.outputs)
	l.observed = g.observed
	for _, c := range g.constants {
		l.constants = append(l.constants, constant{id[c.vertex], c.value})
	}
	for v, o := range l.Origin {
		if o >= 0 {
			prefix, index := splitName(g.names.name(o))
			l.names.add(VertexID(v), prefix, index)
		}
	}
}

package record

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// countsOf returns what of a neuron.Tally adds up to the quantity of that name; nothing for quantities of other kinds.
func countsOf(name string) []neuron.Count {
	switch name {
	case "turns":
		return []neuron.Count{neuron.CountTurns}
	case "activity":
		return []neuron.Count{neuron.CountActive}
	case "sent":
		return []neuron.Count{neuron.CountPredictions, neuron.CountErrors}
	case "predictions":
		return []neuron.Count{neuron.CountPredictions}
	case "errors":
		return []neuron.Count{neuron.CountErrors}
	case "delivered":
		return []neuron.Count{neuron.CountDelivered}
	case "lost":
		return []neuron.Count{neuron.CountLost}
	case "late":
		return []neuron.Count{neuron.CountLate}
	case "stale":
		return []neuron.Count{neuron.CountStale}
	case "duplicated":
		return []neuron.Count{neuron.CountDuplicated}
	case "expired":
		return []neuron.Count{neuron.CountExpired}
	}
	return nil
}

// Counts reports whether q is counted: how often something happened, or how long messages travel and how many do.
func (q Quantity) Counts() bool {
	return countsOf(q.Name) != nil || q.Name == "age" || q.Name == "max_age" || q.Name == "queue"
}

// Happens reports whether q can be recorded event by event.
func (q Quantity) Happens() bool { return countsOf(q.Name) != nil }

// Timed reports whether q needs an engine in which messages take time and can fail to arrive.
func (q Quantity) Timed() bool {
	switch q.Name {
	case "turns", "activity", "sent", "predictions", "errors", "delivered":
		return false
	}
	return q.Counts()
}

// A pile is a count of some vertices.
type pile struct{ n, delivered, travel, longest int64 }

// add adds the count of a quantity at v.
func (p *pile) add(what string, list []neuron.Count, t *neuron.Tally, v graph.VertexID) {
	for _, c := range list {
		p.n += t.Of(c, v)
	}
	switch what {
	case "queue":
		p.n += t.Waiting(v)
	case "age", "max_age":
		sum, longest := t.Travel(v)
		p.delivered += t.Of(neuron.CountDelivered, v)
		p.travel, p.longest = p.travel+sum, max(p.longest, longest)
	}
}

// value returns the quantity of the pile; a unit of time lasts unit milliseconds.
func (p *pile) value(what string, unit float64) float64 {
	switch {
	case what == "age" && p.delivered == 0:
		return 0
	case what == "age":
		return unit * float64(p.travel) / float64(p.delivered)
	case what == "max_age":
		return unit * float64(p.longest)
	}
	return float64(p.n)
}

// fillCounts writes what is counted: of a level for its computed vertices, of the leaves for all others. The whole
// network has everything that happened in a run; the others what happened since it is counted by vertex.
func (t *track) fillCounts(block []float64, what string, list []neuron.Count, m *Moment) {
	total, known := m.Counters.of(what)
	known = known && m.Counters != nil
	if m.Tally == nil {
		if x := &t.targets[0]; known && x.vertex < 0 {
			block[x.offset] = total
		}
		return
	}
	var all, leaves pile
	if t.targets[0].vertex < 0 {
		clear(t.piles)
		g := m.State.Graph()
		for v := range graph.VertexID(g.Len()) {
			all.add(what, list, m.Tally, v)
			if l := g.Level(v); g.Role(v) != graph.Computed {
				leaves.add(what, list, m.Tally, v)
			} else if l >= 0 && l < len(t.piles) {
				t.piles[l].add(what, list, m.Tally, v)
			}
		}
	}
	for i := range t.targets {
		x := &t.targets[i]
		var one pile
		switch p := &one; {
		case x.vertex >= 0:
			p.add(what, list, m.Tally, x.vertex)
			block[x.offset] = p.value(what, m.UnitMS) // the first of its elements; the others have none
		case x.leaves:
			block[x.offset] = leaves.value(what, m.UnitMS)
		case x.level >= 0:
			block[x.offset] = t.piles[x.level].value(what, m.UnitMS)
		case known:
			block[x.offset] = total
		default:
			block[x.offset] = all.value(what, m.UnitMS)
		}
	}
}

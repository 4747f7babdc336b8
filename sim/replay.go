package sim

import (
	"context"
	"errors"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// sentKey identifies a message under way in a replay.
type sentKey struct {
	edge graph.EdgeID
	kind neuron.Kind
	tick int32
}

// parcel is what a message carries: a load, nothing if it is at rest.
type parcel struct {
	load       int64
	rest, wave bool
}

// replay is the state of a replayed sample: what has been sent and not been consumed.
type replay struct {
	sent    map[sentKey][]parcel // two for a doubled message
	under   int64                // messages under way
	opening []neuron.Entry       // interventions at the start of the update
}

// Replay makes one update from the journal of a free-running engine: every vertex meets its events in the recorded order,
// as soon as they are possible. The result has the bits of the recorded run, whatever the interleaving was. Times mean
// nothing here, and clocks are not asked. An error says which vertex waits for a message that nobody sends.
func (e *Engine) Replay(ctx context.Context, s engine.Sample, mode neuron.Mode, journal []neuron.Entry) (engine.Result, error) {
	if e.cfg.Mode != Free {
		return engine.Result{}, fmt.Errorf("sim: a journal is replayed in mode free")
	}
	lists, opening, err := e.divide(journal)
	if err != nil {
		return engine.Result{}, err
	}
	if e.journal = e.halted; e.journal == nil {
		e.journal = &replay{sent: map[sentKey][]parcel{}}
	}
	e.journal.opening = opening
	defer func() { e.journal = nil }()
	if err := e.begin(ctx, s, mode); err != nil {
		return engine.Result{}, err
	}
	if err := errors.Join(e.follow(lists), e.err); err != nil {
		e.err = err
		return engine.Result{}, err
	}
	if e.cfg.Keep {
		e.halted = e.journal
	} else {
		e.stats.Expired += e.journal.under
		e.box = newParcels(e.graph.Graph, e.cfg.Type)
	}
	e.finish()
	return e.Result(), nil
}

// divide returns the entries of every vertex, and on their own the interventions that come before the forward sweep.
func (e *Engine) divide(journal []neuron.Entry) (lists [][]neuron.Entry, opening []neuron.Entry, err error) {
	lists = make([][]neuron.Entry, e.graph.Len())
	for i, ev := range journal {
		switch {
		case ev.Vertex < 0 || int(ev.Vertex) >= len(lists):
		case ev.What != neuron.Struck:
			if ev.Edge >= 0 && int(ev.Edge) < max(e.graph.Edges(), 1) {
				lists[ev.Vertex] = append(lists[ev.Vertex], ev)
				continue
			}
		case ev.Tick < 0 || int(ev.Tick) >= len(e.plan) || ev.Edge < 0 || int(ev.Edge) >= len(e.plan[ev.Tick].Of) || e.plan[ev.Tick].Of[ev.Edge] != ev.Vertex:
			return nil, nil, fmt.Errorf("sim: journal entry %d names part %d of intervention %d at vertex %d, which is not planned", i, ev.Edge, ev.Tick, ev.Vertex)
		case e.plan[ev.Tick].After == 0:
			opening = append(opening, ev)
			continue
		default:
			lists[ev.Vertex] = append(lists[ev.Vertex], ev)
			continue
		}
		return nil, nil, fmt.Errorf("sim: journal entry %d names vertex %d, edge %d, which the graph does not have", i, ev.Vertex, ev.Edge)
	}
	return lists, opening, nil
}

// follow lets every vertex meet its events until all lists are empty.
func (e *Engine) follow(lists [][]neuron.Entry) error {
	for progress := true; progress; {
		progress = false
		for v := range lists {
			for len(lists[v]) > 0 && e.meet(lists[v][0]) {
				lists[v] = lists[v][1:]
				progress = true
			}
		}
	}
	for v, rest := range lists {
		if len(rest) > 0 {
			ev := rest[0]
			return fmt.Errorf("sim: the journal does not fit: vertex %s waits for the %v of tick %d on the edge from %s to %s, which was never sent",
				e.graph.Name(graph.VertexID(v)), ev.Kind, ev.Tick, e.graph.Name(e.graph.From(ev.Edge)), e.graph.Name(e.graph.To(ev.Edge)))
		}
	}
	return nil
}

// meet carries out one entry. It returns false if the message has not been sent yet.
func (e *Engine) meet(ev neuron.Entry) bool {
	switch ev.What {
	case neuron.Struck:
		e.strike(int(ev.Tick), int(ev.Edge))
		return true
	case neuron.Compared:
		t := neuron.Compare
		if e.accumulates() {
			t = neuron.Feedback
		}
		e.pop.Fire(&e.worker, ev.Vertex, t)
		return true
	case neuron.Relaxed:
		if e.clocks[ev.Vertex].Scaled {
			e.pop.SetStep(ev.Vertex, e.cfg.StepAfter(e.graph, ev.Vertex, int64(ev.Tick)))
		}
		e.pop.Fire(&e.worker, ev.Vertex, neuron.Relax)
		return true
	}
	m := neuron.Message{Edge: ev.Edge, Kind: ev.Kind, Tick: ev.Tick}
	if ev.What == neuron.Voided {
		e.pop.Void(m)
		return true
	}
	key := sentKey{ev.Edge, ev.Kind, ev.Tick}
	places := e.journal.sent[key]
	if len(places) == 0 {
		return false
	}
	if len(places) == 1 {
		delete(e.journal.sent, key)
	} else {
		e.journal.sent[key] = places[1:]
	}
	e.journal.under--
	m.Rest, m.Wave = places[0].rest, places[0].wave
	if e.accumulates() {
		e.add(m, places[0].load)
	} else {
		e.put(m, places[0].load)
	}
	return true
}

// keep notes that a message was sent.
func (r *replay) keep(m neuron.Message, load int64) {
	key := sentKey{m.Edge, m.Kind, m.Tick}
	r.sent[key] = append(r.sent[key], parcel{load, m.Rest, m.Wave})
	r.under++
}

package sim

import (
	"errors"
	"fmt"
	"slices"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// A Subject is an engine in which the experimenter intervenes: in virtual time, or free-running actors.
type Subject interface {
	Population() *neuron.Population
	Updates() int // that were begun
	Frozen() int  // samples presented since the last update, at frozen weights
	SetLink(i graph.EdgeID, k neuron.Kind, p Path) error
}

// An Intervention is what the experimenter does at a time: a lesion, a fixed value, a pulse of noise, a change of a link. It
// has parts, each of which concerns one vertex: what it holds, how it takes turns, the links by which it sends. So free-running
// actors can carry out a part between two turns of its vertex, wherever others are.
type Intervention struct {
	Name   string
	Update int                          // number of the update in which it happens, from 1; 0: in every one, and whenever a sample is presented at frozen weights
	After  int64                        // time since the update began, in units
	Of     []graph.VertexID             // by part: the vertex that it concerns
	Do     func(s Subject, k int) error // carries out part k
	Again  bool                         // Do sets what a snapshot does not hold, links: if it was done, it is done again when a run is resumed
}

// Check returns an error if i makes no sense in the mode.
func (i Intervention) Check(m Mode) error {
	if i.Update < 0 || i.After < 0 || i.Do == nil {
		return fmt.Errorf("sim: intervention %q: update %d, time %d: neither may be negative", i.Name, i.Update, i.After)
	}
	if m == Lockstep && i.After != 0 {
		return errors.New("sim: in lockstep an intervention happens at the start of an update: leave its time out, or use mode free")
	}
	return nil
}

// Carry carries out part k in s.
func (i Intervention) Carry(s Subject, k int) error {
	if err := i.Do(s, k); err != nil {
		return fmt.Errorf("sim: intervention %q: %w", i.Name, err)
	}
	return nil
}

// Plan adds interventions. They are carried out in the order of their times, those of the same time in the order in
// which they were planned. A plan is part of the configuration: an engine that is restored is given it again. Where links are
// to change there are channels from the start on, so that the draws of a message do not depend on when.
func (e *Engine) Plan(list ...Intervention) error {
	for _, i := range list {
		if err := i.Check(e.cfg.Mode); err != nil {
			return err
		}
		if i.Again && e.channel[0] == nil {
			if err := e.layIdeal(); err != nil {
				return err
			}
		}
	}
	e.plan = append(e.plan, list...)
	return nil
}

// SetLink changes how messages travel along an edge in one direction from now on; its stream of random numbers goes on.
func (e *Engine) SetLink(i graph.EdgeID, k neuron.Kind, p Path) error {
	if err := e.cfg.CheckPath(e.graph.Graph, i, p); err != nil {
		return err
	}
	if e.channel[k] == nil {
		if err := e.layIdeal(); err != nil {
			return err
		}
	}
	e.channel[k][i].SetLink(p.Link, p.Distance)
	e.silence[k][i] = p.OnLoss == Silence
	return nil
}

// layIdeal lays ideal channels where there are none.
func (e *Engine) layIdeal() (err error) {
	e.channel, e.silence, err = e.cfg.LayIdeal(e.graph)
	return err
}

// scheduleInterventions puts what is planned for the update of that number into the queue, 0 for a sample at frozen weights.
// What happens at its start happens at once. In a replay that is what the journal says.
func (e *Engine) scheduleInterventions(update int) {
	if e.journal != nil {
		for _, ev := range e.journal.opening {
			e.strike(int(ev.Tick), int(ev.Edge))
		}
		return
	}
	for k, i := range e.plan {
		if i.Update != 0 && i.Update != update {
			continue
		}
		if i.After == 0 {
			e.intervene(k)
			continue
		}
		e.queue.push(intervene, event{time: e.now + i.After, id: int32(k)}, 0)
	}
}

func (e *Engine) intervene(n int) {
	if e.plan[n].Again {
		e.lasting = append(slices.DeleteFunc(e.lasting, func(i int32) bool { return int(i) == n }), int32(n))
	}
	for k := range e.plan[n].Of {
		e.strike(n, k)
	}
}

// strike carries out part k of intervention n.
func (e *Engine) strike(n, k int) {
	if err := e.plan[n].Carry(e, k); err != nil && e.err == nil {
		e.err = err
	}
}

package actors

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/sim"
)

// A strike is a part of an intervention, on its way to the vertex that it concerns.
type strike struct{ number, part int }

// Plan adds interventions, between samples: those at the start of an update are carried out before it begins, those at a
// time each by the actors that they concern, when the time has come on the wall. Both are in the journal.
func (f *Free) Plan(list ...sim.Intervention) error {
	for _, i := range list {
		if err := i.Check(sim.Free); err != nil {
			return err
		}
		if i.Again && f.channel[0] == nil { // now, while no actor looks
			var err error
			if f.channel, f.silence, err = f.cfg.LayIdeal(f.graph); err != nil {
				return err
			}
		}
	}
	f.pop.MakeRoom()
	f.plan = append(f.plan, list...)
	return nil
}

// Updates implements sim.Subject.
func (f *Free) Updates() int { return f.updates }

// Frozen implements sim.Subject.
func (f *Free) Frozen() int { return f.frozen }

// SetLink implements sim.Subject: it changes how the sender's messages travel along an edge, in the sender's actor or
// between samples. It is for edges of an engine that has links, or plans to change some.
func (f *Free) SetLink(i graph.EdgeID, k neuron.Kind, p sim.Path) error {
	if err := f.cfg.CheckPath(f.graph.Graph, i, p); err != nil {
		return err
	}
	f.channel[k][i].SetLink(p.Link, p.Distance)
	f.silence[k][i] = p.OnLoss == sim.Silence
	return nil
}

// intervene carries out what is planned for the start of the update of that number, 0 for a sample at frozen weights, and keeps
// what has a time for when the sample runs.
func (f *Free) intervene(update int) {
	for n, i := range f.plan {
		if i.Update != 0 && i.Update != update {
			continue
		}
		for k, v := range i.Of {
			if s := (&strike{n, k}); i.After == 0 {
				f.nodes[v].struck(s)
			} else {
				f.later = append(f.later, parcel{at: i.After, to: v, msg: s})
			}
		}
	}
}

// struck carries out s.
func (n *node) struck(s *strike) {
	n.note(neuron.Struck, neuron.Message{Edge: graph.EdgeID(s.part), Tick: int32(s.number)})
	if err := n.free.plan[s.number].Carry(n.free, s.part); err != nil {
		n.free.fault(n.vertex, err)
	}
}

var _ sim.Subject = (*Free)(nil)

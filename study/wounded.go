package study

import (
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// A patient is an engine that can have lesions: in virtual time, or free-running on actors.
type patient interface {
	Graph() *graph.Levelled
	Population() *neuron.Population
}

// A wounded engine is backprop on the graph that lesions and cuts leave of another engine's.
type wounded struct {
	*bp.Engine
	patient patient
	silent  []bool // by vertex of the network
	cut     []bool // by edge of the network
}

// newWounded returns backprop with the lesions of e, nil if s plans none or e cannot have any.
func newWounded(s *config.Setup, e engine.Engine) (*wounded, error) {
	p, ok := e.(patient)
	if !ok || !s.Config.Lesions() {
		return nil, nil
	}
	b, err := bp.New(s.Base())
	if err != nil {
		return nil, err
	}
	g := s.Network.Graph
	return &wounded{b, p, make([]bool, g.Len()), make([]bool, g.Edges())}, nil
}

// follow gives the engine the lesions and cuts that its patient has now: none that is still to come, none that has healed.
func (w *wounded) follow() {
	l, p := w.patient.Graph(), w.patient.Population()
	for v := range graph.VertexID(l.Len()) {
		if o := l.Original(v); o >= 0 && w.silent[o] != p.Lesioned(v) {
			w.silent[o] = p.Lesioned(v)
			w.Lesion(o, w.silent[o])
		}
	}
	for i := range w.cut { // config lays no identities into edges, so those of the network are those of the patient
		if e := graph.EdgeID(i); w.cut[i] != p.Severed(e) {
			w.cut[i] = p.Severed(e)
			w.Cut(e, w.cut[i])
		}
	}
}

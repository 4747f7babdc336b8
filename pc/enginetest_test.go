package pc

import (
	"testing"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// seen is an Engine that shows its states and messages to the suite.
type seen struct {
	*Engine
	trace func(enginetest.Message)
}

func (s *seen) Observe(f func(enginetest.State)) {
	s.Engine.Observe(func(p *neuron.Population) { f(p) })
}

func (s *seen) Running() *graph.Graph { return s.Graph().Graph }

func (s *seen) Trace(f func(enginetest.Message)) {
	s.trace = f
	s.worker.Router = s
}

// Send implements neuron.Router.
func (s *seen) Send(w *neuron.Worker, m neuron.Message) {
	s.trace(enginetest.Message{Edge: m.Edge, Error: m.Kind == neuron.Error, Tick: int(m.Tick)})
	s.Engine.Send(w, m)
}

// ruleOf returns the rule that a Setup asks for.
func ruleOf(s enginetest.Setup) (neuron.Rule, error) {
	r, err := ParseSchedule(s.Schedule)
	if s.Gamma != 0 {
		r.Gamma = s.Gamma
	}
	if s.Ticks != 0 {
		r.Ticks = s.Ticks
	}
	if s.EveryTick {
		r.Gate = neuron.EveryTick
	}
	r.Tol, r.Noise, r.Seed = s.Tol, s.Noise, s.Seed
	return r, err
}

func factory(s enginetest.Setup) (engine.Engine, error) {
	r, err := ruleOf(s)
	if err != nil {
		return nil, err
	}
	e, err := New(Config{Config: s.Config, Rule: r, Form: s.Form, Unlevel: s.Unlevel, PadLeaves: s.PadLeaves})
	if err != nil {
		return nil, err
	}
	return &seen{Engine: e}, nil
}

func TestEngine(t *testing.T) { enginetest.Test(t, factory) }

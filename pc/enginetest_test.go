package pc

import (
	"testing"

	"github.com/stretchr/testify/require"

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

func TestMatrix(t *testing.T) { enginetest.TestMatrix(t, factory) }

// E8 finds an engine whose vertices say more to each other than they may.
func TestLocalityIsChecked(t *testing.T) {
	spoil := func(bad func(s *seen, f func(enginetest.Message), m enginetest.Message)) enginetest.Factory {
		return func(s enginetest.Setup) (engine.Engine, error) {
			e, err := factory(s)
			if err != nil {
				return nil, err
			}
			return &gossip{e.(*seen), bad}, nil
		}
	}
	for what, f := range map[string]enginetest.Factory{
		"a message without an edge": spoil(func(s *seen, f func(enginetest.Message), m enginetest.Message) {
			m.Edge = graph.EdgeID(s.Running().Edges())
			f(m)
		}),
		"a message twice": spoil(func(_ *seen, f func(enginetest.Message), m enginetest.Message) { f(m); f(m) }),
		"a message withheld": spoil(func(_ *seen, f func(enginetest.Message), m enginetest.Message) {
			if m.Edge != 0 {
				f(m)
			}
		}),
		"errors to leaves that are not free": spoil(func(_ *seen, f func(enginetest.Message), m enginetest.Message) {
			m.Error = true
			f(m)
		}),
		"an error at another tick": spoil(func(_ *seen, f func(enginetest.Message), m enginetest.Message) {
			if m.Error {
				m.Tick++
			}
			f(m)
		}),
	} {
		require.Error(t, enginetest.CheckOne("E8-locality", f), what)
	}
}

// gossip is an Engine whose trace is not what was sent.
type gossip struct {
	*seen
	bad func(*seen, func(enginetest.Message), enginetest.Message)
}

func (g *gossip) Trace(f func(enginetest.Message)) {
	g.seen.Trace(func(m enginetest.Message) { g.bad(g.seen, f, m) })
}

func TestFixtures(t *testing.T) {
	schedules := []string{"zil", "zil-dense", "fazil", "event", "event-delta"}
	if testing.Short() {
		schedules = schedules[:1]
	}
	for _, s := range schedules {
		t.Run(s, func(t *testing.T) {
			enginetest.TestFixtures(t, func(c engine.Config) (engine.Engine, error) {
				return factory(enginetest.Setup{Config: c, Schedule: s})
			})
		})
	}
}

func TestTrajectory(t *testing.T) {
	enginetest.TestTrajectory(t, func(c engine.Config, relaxations int, gamma float64) (engine.Engine, error) {
		return factory(enginetest.Setup{Config: c, Schedule: "il", Ticks: relaxations, Gamma: gamma})
	})
}

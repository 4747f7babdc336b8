package actors

import (
	"sync"
	"testing"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
)

// traced is an Engine that shows its messages to the suite.
type traced struct{ *Engine }

// Running implements enginetest.Traced.
func (t traced) Running() *graph.Graph { return t.Graph().Graph }

// Trace implements enginetest.Traced.
func (t traced) Trace(f func(enginetest.Message)) {
	var mu sync.Mutex
	t.cfg.Trace = func(m neuron.Message) {
		mu.Lock()
		defer mu.Unlock()
		f(enginetest.Message{Edge: m.Edge, Error: m.Kind == neuron.Error, Tick: int(m.Tick)})
	}
}

func factory(s enginetest.Setup) (engine.Engine, error) { return hosted(s, func(*Config) {}) }

// hosted returns an engine for s; change sets what a Setup does not know.
func hosted(s enginetest.Setup, change func(*Config)) (engine.Engine, error) {
	r, err := pc.ParseSchedule(s.Schedule)
	if err != nil {
		return nil, err
	}
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
	if s.Compute.Workers == 0 {
		s.Compute.Workers = 3
	}
	c := Config{Config: pc.Config{Config: s.Config, Rule: r, Form: s.Form, Unlevel: s.Unlevel, PadLeaves: s.PadLeaves}}
	change(&c)
	e, err := New(c)
	if err != nil {
		return nil, err
	}
	return traced{e}, nil
}

func TestEngine(t *testing.T) { enginetest.Test(t, factory) }

func TestMatrix(t *testing.T) {
	system := NewSystem()
	defer system.Shutdown()
	for _, h := range []Hosting{HostActor, HostShard} {
		t.Run(h.String(), func(t *testing.T) {
			enginetest.TestMatrix(t, func(s enginetest.Setup) (engine.Engine, error) {
				return hosted(s, func(c *Config) { c.Hosting, c.System = h, system })
			})
		})
	}
}

func TestFixtures(t *testing.T) {
	for _, s := range []string{"zil", "zil-dense", "fazil", "event"} {
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

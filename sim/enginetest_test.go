package sim

import (
	"testing"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
)

// shown is an Engine that shows its states and messages to the suite.
type shown struct {
	*Engine
	trace func(enginetest.Message)
}

// Observe implements enginetest.Observed: a tick is over when its stage is complete.
func (s *shown) Observe(f func(enginetest.State)) {
	seen := int32(-1)
	s.Engine.Observe(func(e *Engine) {
		if e.complete && e.stage != seen && e.pop.Now() >= 0 && !e.clock.Learning() {
			seen = e.stage
			f(e.pop)
		}
	})
}

// Running implements enginetest.Traced.
func (s *shown) Running() *graph.Graph { return s.Graph().Graph }

// Trace implements enginetest.Traced.
func (s *shown) Trace(f func(enginetest.Message)) {
	s.trace = f
	s.worker.Router = s
}

// Send implements neuron.Router.
func (s *shown) Send(w *neuron.Worker, m neuron.Message) {
	s.trace(enginetest.Message{Edge: m.Edge, Error: m.Kind == neuron.Error, Tick: int(m.Tick)})
	s.Engine.Send(w, m)
}

// ruleOf returns the rule that a Setup asks for.
func ruleOf(s enginetest.Setup) (neuron.Rule, error) {
	r, err := pc.ParseSchedule(s.Schedule)
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

// lockstep runs in lockstep over links that delay, lose, double and reorder messages, every other one of them ideal.
func lockstep(s enginetest.Setup) (engine.Engine, error) {
	r, err := ruleOf(s)
	if err != nil {
		return nil, err
	}
	e, err := New(Config{Config: pc.Config{Config: s.Config, Rule: r, Form: s.Form, Unlevel: s.Unlevel, PadLeaves: s.PadLeaves},
		Seed: s.Seed + 77, Path: func(_ *graph.Levelled, i graph.EdgeID, _ neuron.Kind) Path {
			if i%2 == 0 {
				return Path{}
			}
			return Path{Link: wild}
		}})
	if err != nil {
		return nil, err
	}
	return &shown{Engine: e}, nil
}

// calibrated runs free, with one clock and with delays of half a tick on every third edge.
func calibrated(s enginetest.Setup) (engine.Engine, error) {
	r, err := ruleOf(s)
	if err != nil {
		return nil, err
	}
	if r.Sparse {
		return nil, enginetest.ErrRefused
	}
	half := &synapse.Link{Delay: synapse.Distribution{Mean: 50}}
	e, err := New(Config{Config: pc.Config{Config: s.Config, Rule: r, Form: s.Form, Unlevel: s.Unlevel, PadLeaves: s.PadLeaves},
		Mode: Free, Path: func(g *graph.Levelled, i graph.EdgeID, _ neuron.Kind) Path {
			if i%3 != 0 || g.Role(g.From(i)) == graph.Parameter {
				return Path{}
			}
			return Path{Link: half}
		}})
	if err != nil {
		return nil, err
	}
	return &traced{shown{Engine: e}}, nil
}

// traced hides Observe: free-running, no moment is the end of a tick for all.
type traced struct{ shown }

func (traced) Observe() {}

func TestLockstepEngine(t *testing.T) { enginetest.Test(t, lockstep) }

func TestMatrix(t *testing.T) { enginetest.TestMatrix(t, lockstep) }

func TestCalibratedEngine(t *testing.T) { enginetest.Test(t, calibrated) }

func TestFixtures(t *testing.T) {
	for what, factory := range map[string]struct {
		f         enginetest.Factory
		schedules []string
	}{
		"lockstep":   {lockstep, []string{"zil", "fazil", "event"}},
		"calibrated": {calibrated, []string{"zil-dense", "fazil"}},
	} {
		for _, s := range factory.schedules {
			t.Run(what+"/"+s, func(t *testing.T) {
				enginetest.TestFixtures(t, func(c engine.Config) (engine.Engine, error) {
					return factory.f(enginetest.Setup{Config: c, Schedule: s})
				})
			})
		}
	}
}

func TestTrajectory(t *testing.T) {
	for what, f := range map[string]enginetest.Factory{"lockstep": lockstep, "calibrated": calibrated} {
		t.Run(what, func(t *testing.T) {
			enginetest.TestTrajectory(t, func(c engine.Config, relaxations int, gamma float64) (engine.Engine, error) {
				return f(enginetest.Setup{Config: c, Schedule: "il", Ticks: relaxations, Gamma: gamma})
			})
		})
	}
}

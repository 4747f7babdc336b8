package enginetest_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// mutant is a correct engine with something wrong in it.
type mutant struct {
	*pc.Engine
	setup    enginetest.Setup
	gradient func(engine.Params)
	learn    func(*mutant)
	observe  func(enginetest.State) enginetest.State
	result   func(*engine.Result)
	ignore   bool // the context
	fragile  bool // in Close
	closed   bool
}

func (m *mutant) Gradient(ctx context.Context, s engine.Sample) (engine.Params, engine.Result, error) {
	if m.ignore {
		ctx = context.Background()
	}
	g, r, err := m.Engine.Gradient(ctx, s)
	if m.gradient != nil && err == nil {
		m.gradient(g)
	}
	if m.result != nil {
		m.result(&r)
	}
	return g, r, err
}

func (m *mutant) Learn(ctx context.Context, s engine.Sample) (engine.Result, error) {
	if m.ignore {
		ctx = context.Background()
	}
	r, err := m.Engine.Learn(ctx, s)
	if m.learn != nil && err == nil {
		m.learn(m)
	}
	if m.result != nil {
		m.result(&r)
	}
	return r, err
}

func (m *mutant) Observe(f func(enginetest.State)) {
	m.Engine.Observe(func(p *neuron.Population) {
		if m.observe != nil {
			f(m.observe(p))
		} else {
			f(p)
		}
	})
}

func (m *mutant) Close() error {
	if m.fragile && m.closed {
		panic("closed twice")
	}
	m.closed = true
	return m.Engine.Close()
}

// spoilt returns a Factory of engines that change spoils.
func spoilt(before func(*enginetest.Setup, *neuron.Rule), change func(*mutant)) enginetest.Factory {
	return func(s enginetest.Setup) (engine.Engine, error) {
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
		if before != nil {
			before(&s, &r)
		}
		e, err := pc.New(pc.Config{Config: s.Config, Rule: r, Form: s.Form, Unlevel: s.Unlevel, PadLeaves: s.PadLeaves})
		if err != nil {
			return nil, err
		}
		m := &mutant{Engine: e, setup: s}
		if change != nil {
			change(m)
		}
		return m, nil
	}
}

// oneULP moves the last element of the last parameter that is finite and not zero to its neighbour.
func oneULP(p engine.Params) {
	for i := len(p) - 1; i >= 0; i-- {
		if t := p[i].Value; t.Len() > 0 && t.Float(0) != 0 && !math.IsNaN(t.Float(0)) {
			if t.Type() == tensor.Float64 {
				t.Float64s()[0] = math.Nextafter(t.Float64s()[0], math.Inf(1))
			} else {
				t.Float32s()[0] = math.Nextafter32(t.Float32s()[0], float32(math.Inf(1)))
			}
			return
		}
	}
}

// negativeZero turns every +0 into −0.
func negativeZero(p engine.Params) {
	for i := range p {
		for k := range p[i].Value.Len() {
			if p[i].Value.Float(k) == 0 {
				p[i].Value.SetFloat(k, math.Copysign(0, -1))
			}
		}
	}
}

// moving shows values as if none were at rest.
type moving struct{ enginetest.State }

func (moving) AtRest(graph.VertexID) bool { return false }

// failing shows the value as the error.
type failing struct{ enginetest.State }

func (f failing) Err(v graph.VertexID) tensor.Tensor { return f.Value(v) }

// extra is a loss that is asked for its energy once more than it should.
type extra struct{ op.Loss }

func (e extra) Grad(dst, mu, target tensor.Tensor) {
	e.Loss.Energy(mu, target)
	e.Loss.Grad(dst, mu, target)
}

// The suite must find what is wrong with each of these engines, by the named check.
func TestMutantsAreCaught(t *testing.T) {
	backprop := func(s enginetest.Setup) (engine.Engine, error) { return bp.New(s.Config) }
	leak := make(chan struct{})
	defer close(leak)
	for _, tc := range []struct {
		what, by string
		f        enginetest.Factory
	}{
		{"a gradient that is off by one unit in the last place", "E1-exact", spoilt(nil, func(m *mutant) { m.gradient = oneULP })},
		{"a weight that is off by one unit in the last place", "E1-exact", spoilt(nil, func(m *mutant) {
			m.learn = func(m *mutant) { oneULP(m.Params()) }
		})},
		{"−0 instead of +0", "E1-exact", spoilt(nil, func(m *mutant) { m.gradient = negativeZero })},
		{"learning twice", "E1-training", spoilt(nil, func(m *mutant) {
			first := true
			m.learn = func(m *mutant) {
				if !first {
					oneULP(m.Params())
				}
				first = false
			}
		})},
		{"dense Z-IL that is not levelled", "E1-exact", spoilt(func(s *enginetest.Setup, r *neuron.Rule) {
			if s.Unlevel = !r.Sparse; s.Unlevel {
				s.Form = graph.Unlevelled
			}
		}, nil)},
		{"values as absolute numbers", "E1-exact", spoilt(func(_ *enginetest.Setup, r *neuron.Rule) {
			if !r.Sparse {
				r.State = neuron.Absolute
			}
		}, nil)},
		{"a wrong loss", "E1-exact", spoilt(nil, func(m *mutant) { m.result = func(r *engine.Result) { r.Loss *= 2 } })},
		{"a gradient that depends on the workers", "E2-schedule", spoilt(nil, func(m *mutant) {
			m.learn = func(m *mutant) {
				if m.setup.Compute.Workers == 8 {
					oneULP(m.Params())
				}
			}
		})},
		{"a gradient that depends on the partition", "E2-schedule", spoilt(nil, func(m *mutant) {
			m.learn = func(m *mutant) {
				if m.setup.Partitions == 5 {
					oneULP(m.Params())
				}
			}
		})},
		{"values that move too early", "E3-lemma", spoilt(nil, func(m *mutant) {
			m.observe = func(s enginetest.State) enginetest.State { return moving{s} }
		})},
		{"errors that come too early", "E3-lemma", spoilt(nil, func(m *mutant) {
			m.observe = func(s enginetest.State) enginetest.State { return failing{s} }
		})},
		{"initial error", "E3-lemma", spoilt(func(_ *enginetest.Setup, r *neuron.Rule) {
			if !r.Sparse {
				r.Noise = 1e-9
			}
		}, nil)},
		{"steps that are too long", "E4-energy", spoilt(func(_ *enginetest.Setup, r *neuron.Rule) {
			if r.Gate == neuron.AtEnd {
				r.Gamma *= 30
			}
		}, nil)},
		{"an energy that stands still", "E4-energy", spoilt(nil, func(m *mutant) { m.result = func(r *engine.Result) { r.Energy = r.Loss } })},
		{"backprop under another name", "E5-controls", backprop},
		{"an ablation that is none", "E5-controls", spoilt(func(s *enginetest.Setup, r *neuron.Rule) { r.Noise = 0 }, nil)},
		{"a deaf ear for cancellation", "E7-cancel", spoilt(nil, func(m *mutant) { m.ignore = true })},
		{"a second Close that panics", "E7-close", spoilt(nil, func(m *mutant) { m.fragile = true })},
		{"a goroutine that stays", "E7-goroutines", spoilt(nil, func(m *mutant) { go func() { <-leak }() })},
		{"a call too many", "E9-work", spoilt(func(s *enginetest.Setup, r *neuron.Rule) {
			if r.Sparse && s.Loss != nil {
				s.Loss = extra{s.Loss}
			}
		}, nil)},
		{"dense Z-IL in the place of sparse", "E9-work", spoilt(func(_ *enginetest.Setup, r *neuron.Rule) { r.Sparse = false }, nil)},
		{"sparse Z-IL in the place of dense", "E9-work", spoilt(func(_ *enginetest.Setup, r *neuron.Rule) {
			r.Sparse = r.Gate == neuron.AtLevel && r.Gamma == 1 && r.Noise == 0
		}, nil)},
	} {
		t.Run(tc.what, func(t *testing.T) {
			err := enginetest.CheckOne(tc.by, tc.f)
			require.Error(t, err)
			t.Log(strings.SplitN(err.Error(), "\n", 2)[0])
		})
	}
}

// The engine that the mutants are made of passes.
func TestHonestEnginePasses(t *testing.T) { enginetest.Test(t, spoilt(nil, nil)) }

package sim

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// patient returns an engine on a tanh network, its sample, and a hidden vertex of it.
func patient(t *testing.T, cfg Config) (*Engine, engine.Sample, graph.VertexID) {
	net, err := network.Config{Arch: "mlp", Layers: []int{4, 6, 5, 3}, Activation: "tanh"}.Build()
	require.NoError(t, err)
	c, s := problem(t, net, tensor.Float64)
	cfg.Config.Config = c
	e, err := New(cfg)
	require.NoError(t, err)
	v, ok := e.Graph().Find("hidden1")
	require.True(t, ok)
	return e, s, v
}

// A lesion at an update, healed at a later one: in lockstep, and free-running at the calibration point, learning is that of
// backprop with the same lesion, to the bit.
func TestPlannedLesion(t *testing.T) {
	for _, cfg := range []Config{{Path: wildPath}, {Config: pc.Config{Rule: pc.DenseZIL()}, Path: wildPath}, {Config: pc.Config{Rule: pc.DenseZIL()}, Mode: Free}} {
		e, s, v := patient(t, cfg)
		base := e.cfg.Config.Config
		for _, p := range e.Params() {
			base.Initial = append(base.Initial, p.Value)
		}
		ref, err := bp.New(base)
		require.NoError(t, err)
		o := e.Graph().Original(v)
		require.NoError(t, e.Plan(
			Intervention{Name: "lesion", Update: 2, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error { e.Population().Lesion(v, true); return nil }},
			Intervention{Name: "heal", Update: 4, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error { e.Population().Lesion(v, false); return nil }}))
		for n := 1; n <= 5; n++ {
			ref.Lesion(o, n == 2 || n == 3)
			_, err := ref.Learn(context.Background(), s)
			require.NoError(t, err)
			_, err = e.Learn(context.Background(), s)
			require.NoError(t, err)
			require.True(t, engine.Diff(e.Params(), ref.Params()).Equal(), "update %d", n)
		}
	}
}

// A pulse of noise comes at its time, not before; it is seeded; and inference gets over it.
func TestPulse(t *testing.T) {
	run := func(seed uint64, pulse bool) ([]float64, engine.Params) {
		e, s, v := patient(t, Config{Config: pc.Config{Rule: pc.IL(3000, 0.1, 0)}, Mode: Free})
		if pulse {
			r := rand.New(rand.NewPCG(seed, 1))
			require.NoError(t, e.Plan(Intervention{Name: "pulse", After: 1234, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error {
				e.Population().Disturb(v, r.NormFloat64, 0.5)
				return nil
			}}))
		}
		var x []float64
		require.NoError(t, e.Begin(s, neuron.Learning))
		for more := true; more; {
			var err error
			more, err = e.Step()
			require.NoError(t, err)
			if at := e.Now(); at == 1200 || at == 1234 || at == 1250 {
				x = append(x, e.Population().X(v).Float(0), e.Population().Energy())
			}
		}
		return x, e.Params().Clone()
	}
	plain, calm := run(0, false)
	a, p := run(1, true)
	b, q := run(1, true)
	c, _ := run(2, true)
	require.Equal(t, a, b)
	require.True(t, engine.Diff(p, q).Equal())
	require.NotEqual(t, a, c)
	require.NotEqual(t, plain, a)
	n := 0
	for a[n] == plain[n] {
		n++
	}
	require.Positive(t, n, "nothing happens before its time")
	require.Less(t, engine.Diff(p, calm).RelativeL2, 1e-9, "the same equilibrium")
}

// A pulse adds to the value that a vertex has: at the start of an update to the prediction of the forward sweep, in a stream and in the
// middle of a sample to what inference has come to. What is silenced or held does not move.
func TestPulseAddsToTheValue(t *testing.T) {
	il := func(s neuron.State, gamma float64) neuron.Rule { r := pc.IL(6, gamma, 0); r.State = s; return r }
	hold := map[string]func(p *neuron.Population, v graph.VertexID){"free": func(*neuron.Population, graph.VertexID) {},
		"lesion": func(p *neuron.Population, v graph.VertexID) { p.Lesion(v, true) },
		"fix": func(p *neuron.Population, v graph.VertexID) {
			x := tensor.New(tensor.Float64, p.Graph().Shape(v))
			x.Fill(0.25)
			p.Fix(v, x)
		}}
	for name, cfg := range map[string]Config{
		"lockstep":          {Config: pc.Config{Rule: il(neuron.Displacement, 1e-13)}}, // its first tick is over before anybody can look
		"lockstep absolute": {Config: pc.Config{Rule: il(neuron.Absolute, 1e-13)}},
		"free":              {Config: pc.Config{Rule: il(neuron.Displacement, 0.1)}, Mode: Free},
		"stream":            {Config: pc.Config{Rule: il(neuron.Displacement, 0.1)}, Mode: Free, Keep: true},
		"stream absolute":   {Config: pc.Config{Rule: il(neuron.Absolute, 0.1)}, Mode: Free, Keep: true},
		"free absolute":     {Config: pc.Config{Rule: il(neuron.Absolute, 0.1)}, Mode: Free},
	} {
		for how, held := range hold {
			for _, after := range []int64{0, 230} {
				if after > 0 && cfg.Mode != Free {
					continue
				}
				e, s, v := patient(t, cfg)
				require.NoError(t, e.Plan(
					Intervention{Name: "noise", Update: 2, After: after, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error {
						e.Population().Disturb(v, func() float64 { return 1 }, 0.5)
						return nil
					}},
					Intervention{Name: how, Update: 2, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error { held(e.Population(), v); return nil }}))
				_, err := e.Learn(context.Background(), s)
				require.NoError(t, err)
				before := e.Population().X(v).Clone()
				require.NoError(t, e.Begin(s, neuron.Learning))
				began := e.Now()
				for e.Population().Now() == neuron.Sweep {
					_, err := e.Step()
					require.NoError(t, err)
				}
				if !cfg.Keep {
					before = e.Population().Value(v).Clone()
				}
				if after > 0 {
					_, err = e.RunUntilTime(began + after - 1)
					require.NoError(t, err)
					before = e.Population().X(v).Clone()
					_, err = e.RunUntilTime(began + after)
					require.NoError(t, err)
				}
				for i := range before.Len() {
					want := map[string]float64{"free": before.Float(i) + 0.5, "lesion": 0, "fix": 0.25}[how]
					require.InDelta(t, want, e.Population().X(v).Float(i), 1e-12, "%s, %s, after %d", name, how, after)
				}
			}
		}
	}
}

// A pulse that waits for a forward sweep is in the snapshot.
func TestPulseIsResumed(t *testing.T) {
	open := func(pulse bool) (*Engine, engine.Sample) {
		e, s, v := patient(t, Config{Config: pc.Config{Rule: pc.IL(6, 0.1, 0)}, Path: wildPath})
		require.NoError(t, e.Plan(Intervention{Name: "pulse", Update: 1, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error {
			if pulse {
				e.Population().Disturb(v, func() float64 { return 1 }, 0.5)
			}
			return nil
		}}))
		return e, s
	}
	finish := func(e *Engine) string {
		_, err := e.run(context.Background())
		require.NoError(t, err)
		return e.Params().Hash()
	}
	a, s := open(true)
	require.NoError(t, a.Begin(s, neuron.Learning))
	b, _ := open(true)
	_, err := b.RestoreState(a.AppendState(nil))
	require.NoError(t, err)
	require.Equal(t, neuron.Sweep, b.Population().Now())
	hash := finish(a)
	require.Equal(t, hash, finish(b))
	calm, _ := open(false)
	require.NoError(t, calm.Begin(s, neuron.Learning))
	require.NotEqual(t, hash, finish(calm))
}

// A value that is fixed in the middle of a sample stays from then on, and is let go when told so.
func TestFixMidway(t *testing.T) {
	e, s, v := patient(t, Config{Config: pc.Config{Rule: pc.IL(100, 0.1, 0)}, Mode: Free})
	x := tensor.New(tensor.Float64, e.Graph().Shape(v))
	x.Fill(0.25)
	require.NoError(t, e.Plan(
		Intervention{Name: "fix", After: 1010, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error { e.Population().Fix(v, x); return nil }},
		Intervention{Name: "free", After: 5010, Of: []graph.VertexID{v}, Do: func(e Subject, _ int) error { e.Population().Free(v); return nil }}))
	e.Observe(func(e *Engine) {
		for i := range x.Len() {
			if e.Now() >= 1010 && e.Now() < 5010 {
				require.Equal(t, 0.25, e.Population().X(v).Float(i), "time %d", e.Now())
			}
		}
	})
	_, err := e.Learn(context.Background(), s)
	require.NoError(t, err)
	require.NotEqual(t, 0.25, e.Population().X(v).Float(0))
}

// What is silenced or held stays so from then on: in the middle of a sample, and in a stream, where no forward sweep comes.
func TestHeldInAStream(t *testing.T) {
	lesion := func(silent bool) func(Subject, graph.VertexID) {
		return func(e Subject, v graph.VertexID) { e.Population().Lesion(v, silent) }
	}
	fix := func(e Subject, v graph.VertexID) {
		x := tensor.New(tensor.Float64, e.Population().Graph().Shape(v))
		x.Fill(0.25)
		e.Population().Fix(v, x)
	}
	free := func(e Subject, v graph.VertexID) { e.Population().Free(v) }
	for name, c := range map[string]struct {
		value         float64
		start, finish func(Subject, graph.VertexID)
	}{"lesion": {0, lesion(true), lesion(false)}, "fix": {0.25, fix, free}} {
		for _, after := range []int64{0, 130} {
			for _, stream := range []bool{true, false} {
				e, s, v := patient(t, Config{Config: pc.Config{Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Keep: stream})
				do := func(f func(Subject, graph.VertexID)) func(Subject, int) error {
					return func(e Subject, _ int) error { f(e, v); return nil }
				}
				require.NoError(t, e.Plan(
					Intervention{Name: "start", Update: 2, After: after, Of: []graph.VertexID{v}, Do: do(c.start)},
					Intervention{Name: "finish", Update: 4, After: after, Of: []graph.VertexID{v}, Do: do(c.finish)}))
				held := func() (n int) {
					for i := range e.Population().X(v).Len() {
						if e.Population().X(v).Float(i) == c.value {
							n++
						}
					}
					return n
				}
				all := e.Graph().Shape(v).Len()
				for n := 1; n <= 4; n++ {
					require.NoError(t, e.Begin(s, neuron.Learning))
					began := e.Now()
					for more := true; more; {
						var err error
						more, err = e.Step()
						require.NoError(t, err)
						during := n == 3 || n == 2 && e.Now() > began+after || n == 4 && e.Now() < began+after
						if during {
							require.Equal(t, all, held(), "%s, after %d, stream %v, update %d, time %d", name, after, stream, n, e.Now()-began)
						}
					}
				}
				require.Less(t, held(), all, "%s, after %d, stream %v: it was let go", name, after, stream)
			}
		}
	}
}

// Plans that make no sense are refused; an intervention that fails ends the engine with its name.
func TestPlanErrors(t *testing.T) {
	do := func(Subject, int) error { return nil }
	e, s, _ := patient(t, Config{})
	require.ErrorContains(t, e.Plan(Intervention{Name: "late", After: 5, Do: do}), "mode free")
	require.ErrorContains(t, e.Plan(Intervention{Name: "early", After: -1, Do: do}), "early")
	require.ErrorContains(t, e.Plan(Intervention{Name: "before", Update: -1, Do: do}), "before")
	require.Error(t, e.Plan(Intervention{Name: "nothing"}))
	require.NoError(t, e.Plan(Intervention{Name: "harm", Update: 2, Of: []graph.VertexID{0}, Do: func(Subject, int) error { return errors.New("no anaesthetic") }}))
	_, err := e.Learn(context.Background(), s)
	require.NoError(t, err)
	_, err = e.Learn(context.Background(), s)
	require.ErrorContains(t, err, `intervention "harm": no anaesthetic`)
	_, err = e.Learn(context.Background(), s)
	require.Error(t, err)
}

// Every edge and direction has a stream of random numbers of its own: another link on one of them, from the start or in
// the middle of a run, changes no draw of any other.
func TestLinksDrawOnTheirOwn(t *testing.T) {
	streams := func(change func(e *Engine)) [2][][3]uint64 {
		e, s, _ := patient(t, Config{Path: wildPath, Seed: 8})
		for n := range 6 {
			if n == 3 {
				change(e)
			}
			_, err := e.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		var list [2][][3]uint64
		for k := range list {
			for i := range e.channel[k] {
				st := e.channel[k][i].Snapshot()
				list[k] = append(list[k], [3]uint64{st[0], st[1], st[3]}) // the generator, and the last key
			}
		}
		return list
	}
	plain := streams(func(*Engine) {})
	edge := graph.EdgeID(4)
	other := *wild
	other.Loss.Rate = 0.9
	other.Delay = synapse.Distribution{Family: synapse.Gamma, Mean: 900, SD: 300}
	changed := streams(func(e *Engine) { require.NoError(t, e.SetLink(edge, neuron.Prediction, Path{Link: &other})) })
	require.NotEqual(t, plain[0][edge], changed[0][edge], "more is lost and sent again")
	changed[0][edge] = plain[0][edge]
	require.Equal(t, plain, changed)

	e, _, _ := patient(t, Config{})
	require.Error(t, e.SetLink(edge, neuron.Error, Path{Link: &synapse.Link{Duplicate: 7}}))
	require.NoError(t, e.SetLink(edge, neuron.Error, Path{Link: constant(30)}))
}

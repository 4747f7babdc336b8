package actors

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A journal of a free-running run, replayed in virtual time, gives the same bits, whatever the machine's scheduler did.
func TestJournalReplays(t *testing.T) {
	link := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 60},
		Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 0.1}, Duplicate: 0.1, Reorder: true, Noise: synapse.Noise{Additive: 0.01}}
	rules := []neuron.Rule{pc.DenseZIL(), pc.FaZIL(), pc.IL(10, 0.2, 0), pc.FixedPrediction(6, 1), pc.EventDelta(), pc.IL(10, 0.2, 0)}
	events, struck := 0, 0
	for run := range 20 {
		g := skip(t, op.Tanh())
		if run%2 == 1 {
			g = population(t)
		}
		base, s := config(t, g, tensor.Float64, 2)
		cfg := sim.Config{Config: pc.Config{Config: base, Rule: rules[run%6]}, Mode: sim.Free, Keep: run%6 == 5, Seed: uint64(run),
			Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path {
				return sim.Path{Link: link, OnLoss: sim.OnLoss(run % 2)}
			},
			Clock: func(_ *graph.Levelled, v graph.VertexID) sim.Clock {
				return sim.Clock{Kind: sim.ClockKind((int(v) + run) % 3), Phase: float64(v%5) / 5, Drift: 0.01 * float64(v%3), Scaled: v%4 == 0}
			}}
		var journals [][]neuron.Entry
		free, err := NewFree(FreeConfig{Config: cfg, Unit: time.Microsecond, Journal: func(j []neuron.Entry) { journals = append(journals, j) }})
		require.NoError(t, err)
		require.NoError(t, free.Plan(plan(free.Graph().Graph, cfg.Rule)...))
		var samples []engine.Sample
		r := rand.New(rand.NewPCG(uint64(run), 1))
		for range 5 {
			s.Target = random(r, tensor.Float64, g.Shape(g.Output()))
			samples = append(samples, s)
			_, err := free.Learn(context.Background(), s)
			require.NoError(t, err)
			_, err = free.Predict(context.Background(), s.Inputs) // a stream takes no notice
			require.NoError(t, err)
		}
		again, err := sim.New(cfg)
		require.NoError(t, err)
		require.NoError(t, again.Plan(plan(again.Graph().Graph, cfg.Rule)...))
		for i, s := range samples {
			_, err := again.Replay(context.Background(), s, neuron.Learning, journals[i])
			require.NoError(t, err, "run %d, sample %d", run, i)
			events += len(journals[i])
			for _, e := range journals[i] {
				if e.What == neuron.Struck {
					struck++
				}
			}
		}
		require.Equal(t, free.Params().Hash(), again.Params().Hash(), "run %d", run)
		require.NoError(t, free.Close())
	}
	require.Positive(t, events)
	require.Greater(t, struck, 20*6)
}

// plan returns interventions of every kind, at the start of updates and while a sample runs, that the rule allows.
func plan(g *graph.Graph, r neuron.Rule) []sim.Intervention {
	var inner []graph.VertexID
	for v := range graph.VertexID(g.Len()) {
		if g.Role(v) == graph.Computed && v != g.Output() {
			inner = append(inner, v)
		}
	}
	do := func(f func(p *neuron.Population, v graph.VertexID)) func(sim.Subject, int) error {
		return func(s sim.Subject, k int) error { f(s.Population(), inner[k]); return nil }
	}
	slow := sim.Path{Link: &synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 40},
		Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 0.4}, Noise: synapse.Noise{Additive: 0.1}}, OnLoss: sim.Silence}
	from := g.From(1)
	list := []sim.Intervention{
		{Name: "lesion", Update: 2, Of: inner[:1], Do: do(func(p *neuron.Population, v graph.VertexID) { p.Lesion(v, true) })},
		{Name: "heal", Update: 3, After: 60, Of: inner[:1], Do: do(func(p *neuron.Population, v graph.VertexID) { p.Lesion(v, false) })},
		{Name: "cut", After: 110, Of: []graph.VertexID{g.To(2)}, Do: func(s sim.Subject, _ int) error { s.Population().Cut(2, s.Updates()%2 == 0); return nil }},
		{Name: "freeze", Update: 4, Of: []graph.VertexID{g.ParameterVertex(0)}, Do: func(s sim.Subject, _ int) error { s.Population().Freeze(0, true); return nil }},
		{Name: "link", Update: 2, After: 90, Of: []graph.VertexID{from}, Again: true, Do: func(s sim.Subject, _ int) error { return s.SetLink(1, neuron.Prediction, slow) }},
		{Name: "goal", Update: 3, Of: []graph.VertexID{g.Output()}, Do: func(s sim.Subject, _ int) error {
			x := tensor.New(tensor.Float64, g.Shape(g.Output()))
			x.Fill(0.1)
			s.Population().Fix(g.Output(), x)
			return nil
		}},
		{Name: "no goal", Update: 5, Of: []graph.VertexID{g.Output()}, Do: func(s sim.Subject, _ int) error { s.Population().Free(g.Output()); return nil }},
		{Name: "far", Update: 1, After: 2000, Of: []graph.VertexID{from}, Again: true, Do: func(s sim.Subject, _ int) error { return s.SetLink(1, neuron.Prediction, sim.Path{}) }},
	}
	if r.Event == neuron.Delta {
		return list
	}
	noise := func(s sim.Subject, k int) error {
		r := rand.New(rand.NewPCG(uint64(s.Updates()), uint64(k)))
		s.Population().Disturb(inner[k], r.NormFloat64, 0.1)
		return nil
	}
	return append(list,
		sim.Intervention{Name: "noise", After: 130, Of: inner, Do: noise},
		sim.Intervention{Name: "noise at once", Update: 4, Of: inner, Do: noise},
		sim.Intervention{Name: "fix", Update: 3, After: 150, Of: inner[1:2], Do: func(s sim.Subject, _ int) error {
			x := tensor.New(tensor.Float64, g.Shape(inner[1]))
			x.Fill(0.3)
			s.Population().Fix(inner[1], x)
			return nil
		}},
		sim.Intervention{Name: "fix at once", Update: 4, Of: inner[2:3], Do: func(s sim.Subject, _ int) error {
			x := tensor.New(tensor.Float64, g.Shape(inner[2]))
			x.Fill(0.2)
			s.Population().Fix(inner[2], x)
			return nil
		}},
		sim.Intervention{Name: "free", Update: 5, After: 50, Of: inner[1:2], Do: func(s sim.Subject, _ int) error { s.Population().Free(inner[1]); return nil }})
}

// Without loss, the rule that accumulates comes to backprop to rounding, however its messages overtake each other, and ends
// by itself.
func TestFreeRunningAccumulation(t *testing.T) {
	base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 2)
	link := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 60}, Duplicate: 0.3, Reorder: true}
	f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.EventDelta()},
		Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path { return sim.Path{Link: link} }}})
	require.NoError(t, err)
	defer f.Close()
	ref, err := bp.New(base)
	require.NoError(t, err)
	for range 5 {
		_, err := f.Learn(context.Background(), s)
		require.NoError(t, err)
		_, err = ref.Learn(context.Background(), s)
		require.NoError(t, err)
		require.Less(t, engine.Diff(f.Params(), ref.Params()).RelativeL2, 1e-14)
	}
	st := f.Stats()
	require.Zero(t, st.Expired+st.UnderWay)
	require.Positive(t, st.Duplicated)
	require.Equal(t, st.Sent+st.Doubled, st.Delivered+st.Duplicated)
}

// What free-running actors cannot do is said when they are made.
func TestFreeRunningRefuses(t *testing.T) {
	base, _ := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	for want, c := range map[string]sim.Config{
		"cannot run as":   {Config: pc.Config{Config: base, Rule: pc.EventDelta()}, Keep: true},
		"waits for its":   {Config: pc.Config{Config: base, Rule: pc.ZIL()}},
		"needs one clock": {Config: pc.Config{Config: base, Rule: pc.IPC(5, 0.1)}},
	} {
		_, err := NewFree(FreeConfig{Config: c})
		require.ErrorContains(t, err, want)
	}
}

// What free-running actors do not use is said.
func TestFreeRunningWarns(t *testing.T) {
	base, _ := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.IL(5, 0.1, 1e-3)}}})
	require.NoError(t, err)
	require.Len(t, f.Warnings(), 1)
	require.Contains(t, f.Warnings()[0], "the tolerance is not used")
	require.NoError(t, f.Close())
}

// As many actors work at a time as the configuration has workers.
func TestFreeRunningWorkers(t *testing.T) {
	base, _ := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	base.Compute.Workers = 3
	f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.IL(5, 0.1, 0)}}})
	require.NoError(t, err)
	require.Equal(t, 3, cap(f.workers))
	require.NoError(t, f.Close())
}

// A sample has as many ticks as in lockstep: the last compares, and relaxes no more.
func TestFreeRunningTicks(t *testing.T) {
	base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.IL(5, 0.1, 0)}}})
	require.NoError(t, err)
	defer f.Close()
	r, err := f.Learn(context.Background(), s)
	require.NoError(t, err)
	require.Equal(t, 6, r.Ticks)
}

// The loss of a sample of a stream is that of a forward sweep at the present weights.
func TestLossOfAStreamOfActors(t *testing.T) {
	base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.IL(5, 0.1, 0)}, Keep: true}})
	require.NoError(t, err)
	defer f.Close()
	ref, err := bp.New(base)
	require.NoError(t, err)
	for n := range 4 {
		for i, p := range ref.Params() {
			p.Value.CopyFrom(f.Params()[i].Value)
		}
		_, want, err := ref.Gradient(context.Background(), s)
		require.NoError(t, err)
		r, err := f.Learn(context.Background(), s)
		require.NoError(t, err)
		require.Equal(t, want.Loss, r.Loss, "update %d", n+1)
		st := f.Stats()
		require.Equal(t, st.Sent+st.Doubled, st.Delivered+st.Lost+st.Stale+st.Duplicated+st.Expired+st.UnderWay)
	}
}

// A link keeps the order of messages within a sample. What expired with the last sample does not hold up the next, whose
// time begins at 0 again.
func TestSampleStartsWithEmptyLinks(t *testing.T) {
	base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	link := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Constant, Mean: 40}}
	f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.IL(10, 0.2, 0)},
		Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path { return sim.Path{Link: link} }}})
	require.NoError(t, err)
	defer f.Close()
	fresh := synapse.NewChannel(link, 0, 0, 0, 0)
	for range 2 {
		_, err := f.Learn(context.Background(), s)
		require.NoError(t, err)
		require.Positive(t, f.Stats().Sent)
		for kind := range f.channel {
			for i := range f.channel[kind] {
				require.Equal(t, fresh.Snapshot()[2], f.channel[kind][i].Snapshot()[2], "latest arrival on edge %d, kind %d", i, kind)
			}
		}
	}
}

func TestJournalThatDoesNotFit(t *testing.T) {
	base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
	e, err := sim.New(sim.Config{Config: pc.Config{Config: base, Rule: pc.DenseZIL()}, Mode: sim.Free})
	require.NoError(t, err)
	_, err = e.Replay(context.Background(), s, neuron.Learning, []neuron.Entry{{Vertex: 6, What: neuron.Received, Kind: neuron.Error, Edge: 3, Tick: 4}})
	require.ErrorContains(t, err, "which was never sent")
}

func TestFreeRunningPanicAndCancel(t *testing.T) {
	noGoroutineLeft(t, func() {
		base, s := config(t, skip(t, broken{op.Tanh(), false}), tensor.Float64, 1)
		f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.DenseZIL()}, Settle: 1 << 40}}) // until it fails
		require.NoError(t, err)
		_, err = f.Learn(context.Background(), s)
		require.ErrorContains(t, err, "out of order")
		require.NoError(t, f.Close())
	})
	noGoroutineLeft(t, func() {
		base, s := config(t, skip(t, op.Tanh()), tensor.Float64, 1)
		f, err := NewFree(FreeConfig{Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.DenseZIL()}, Settle: 1 << 40}})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err = f.Learn(ctx, s)
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, f.Close())
	})
}

package actors

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// portrait returns the bits of everything there is to see of a population, and its counts.
func portrait(p *neuron.Population, t *neuron.Tally) (text string) {
	for v := range graph.VertexID(p.Graph().Len()) {
		text += fmt.Sprintf("%d: %x %x %x %x;", v, p.X(v).Bytes(), p.Prediction(v).Bytes(), p.EnergyOf(v), p.ResidualOf(v))
		if e := p.Err(v); e.Wanted() {
			text += fmt.Sprintf(" %x;", e.Bytes())
		}
		for c := range neuron.Counts {
			text += fmt.Sprintf(" %d", t.Of(neuron.Count(c), v))
		}
	}
	return text
}

// After every tick actors, of their own or in shards, show what the loop shows, to the bit, and count what it counts.
// Being watched changes nothing.
func TestActorsShowTheirTicks(t *testing.T) {
	for _, rule := range []neuron.Rule{pc.ZIL(), pc.DenseZIL(), pc.IL(5, 0.1, 0), pc.IPC(4, 0.1), pc.Event()} {
		base, s := config(t, population(t), tensor.Float64, 2)
		var want []string
		p, err := pc.New(pc.Config{Config: base, Rule: rule})
		require.NoError(t, err)
		tally := neuron.NewTally(p.Graph().Graph)
		p.Population().Watch(tally)
		p.Population().KeepFeedback()
		p.Observe(func(x *neuron.Population) { want = append(want, portrait(x, tally)) })
		for range 3 {
			_, err := p.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		require.NotEmpty(t, want)
		for _, h := range []Hosting{HostActor, HostShard} {
			plain, err := New(Config{Config: pc.Config{Config: base, Rule: rule}, Hosting: h})
			require.NoError(t, err)
			e, err := New(Config{Config: pc.Config{Config: base, Rule: rule}, Hosting: h, Shards: 3})
			require.NoError(t, err)
			var got []string
			count := neuron.NewTally(e.Graph().Graph)
			e.Population().Watch(count)
			e.Population().KeepFeedback()
			e.Observe(func(x *neuron.Population) { got = append(got, portrait(x, count)) })
			for range 3 {
				_, err := e.Learn(context.Background(), s)
				require.NoError(t, err)
				_, err = plain.Learn(context.Background(), s)
				require.NoError(t, err)
			}
			assert.Equal(t, want, got, "%s %v", rule.Name, h)
			assert.Equal(t, plain.Params().Hash(), e.Params().Hash())
			for i := range e.Graph().Parameters() {
				assert.Equal(t, p.Population().Feedback(i).Bytes(), e.Population().Feedback(i).Bytes())
			}
			require.NoError(t, e.Close())
			require.NoError(t, plain.Close())
		}
	}
}

// The kept feedback is what Gradient returns of an engine that has come the same way.
func TestKeptFeedbackIsTheGradient(t *testing.T) {
	base, s := config(t, population(t), tensor.Float64, 2)
	for _, rule := range []neuron.Rule{pc.ZIL(), pc.DenseZIL(), pc.IL(5, 0.1, 0)} {
		e, err := New(Config{Config: pc.Config{Config: base, Rule: rule}})
		require.NoError(t, err)
		twin, err := pc.New(pc.Config{Config: base, Rule: rule})
		require.NoError(t, err)
		e.Population().KeepFeedback()
		for range 3 {
			g, _, err := twin.Gradient(context.Background(), s)
			require.NoError(t, err)
			want := g.Clone()
			_, err = twin.Learn(context.Background(), s)
			require.NoError(t, err)
			_, err = e.Learn(context.Background(), s)
			require.NoError(t, err)
			for i := range want {
				require.Equal(t, want[i].Value.Bytes(), e.Population().Feedback(i).Bytes(), "%s %s", rule.Name, want[i].Name)
			}
		}
		require.NoError(t, e.Close())
	}
}

// Nothing gets out of sight of free-running actors either, and what they show while they run are values they had.
func TestFreeActorsAreWatched(t *testing.T) {
	link := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 60},
		Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 0.1}, Duplicate: 0.1, Reorder: true}
	for run, rule := range []neuron.Rule{pc.DenseZIL(), pc.IL(20, 0.2, 0)} {
		base, s := config(t, population(t), tensor.Float64, 2)
		f, err := NewFree(FreeConfig{Unit: time.Microsecond, Config: sim.Config{Config: pc.Config{Config: base, Rule: rule}, Mode: sim.Free, Seed: uint64(run),
			Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path { return sim.Path{Link: link} }}})
		require.NoError(t, err)
		looks, last, energy := 0, int64(-1), 0.0
		f.Observe(50, func(now int64, b *Board) {
			require.GreaterOrEqual(t, now, last)
			looks, last, energy = looks+1, now, b.Energy()
			require.GreaterOrEqual(t, b.Residual(), 0.0)
			for v := range graph.VertexID(b.Graph().Len()) {
				if e := b.Err(v); e.Wanted() && v != b.Graph().Output() {
					sum := 0.0
					for i := range e.Len() {
						sum += e.Float(i) * e.Float(i)
					}
					require.InDelta(t, sum/2, b.EnergyOf(v), 1e-12, "of one moment")
				}
				_, _ = b.X(v), b.Prediction(v)
			}
		})
		var r engine.Result
		for k := 0; k < 5 || k < 1000 && (f.Stats().Lost == 0 || f.Stats().Duplicated == 0); k++ { // until chance has shown everything
			r, err = f.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		require.GreaterOrEqual(t, looks, 5)
		require.Positive(t, energy)
		n := f.Stats()
		require.Equal(t, n.Sent+n.Doubled, n.Delivered+n.Lost+n.Stale+n.Duplicated+n.Expired)
		require.Zero(t, n.UnderWay)
		require.Positive(t, n.Lost)
		require.Positive(t, n.Duplicated)
		require.Positive(t, n.Age)
		require.Positive(t, r.Messages)
		require.NoError(t, f.Close())
	}
}

// A vertex that nothing has reached in a sample does not show what it had in the one before.
func TestTheBoardBeginsAnew(t *testing.T) {
	deaf := &synapse.Link{Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 1}}
	base, s := config(t, population(t), tensor.Float64, 2)
	f, err := NewFree(FreeConfig{Unit: time.Microsecond, Config: sim.Config{Config: pc.Config{Config: base, Rule: pc.EventDelta()}, Mode: sim.Free,
		Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path { return sim.Path{} }}})
	require.NoError(t, err)
	f.Observe(50, func(int64, *Board) {})
	hidden := func() (n int) {
		f.watcher.board.Look()
		for v := range graph.VertexID(f.graph.Len()) {
			if v != f.graph.Output() && f.watcher.board.Err(v).Wanted() {
				n++
			}
		}
		return n
	}
	_, err = f.Learn(context.Background(), s)
	require.NoError(t, err)
	require.Positive(t, hidden())
	for i := range graph.EdgeID(f.graph.Edges()) {
		require.NoError(t, f.SetLink(i, neuron.Error, sim.Path{Link: deaf}))
	}
	_, err = f.Learn(context.Background(), s)
	require.NoError(t, err)
	require.Zero(t, hidden())
	require.NoError(t, f.Close())
}

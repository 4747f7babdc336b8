package sim

import (
	"context"
	"math"
	"slices"
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

// constant returns a link with a constant delay.
func constant(t float64) *synapse.Link {
	return &synapse.Link{Delay: synapse.Distribution{Mean: t}}
}

// everywhere returns a Config.Path that lays the link along all edges, in one direction or both.
func everywhere(link *synapse.Link, onLoss OnLoss, kinds ...neuron.Kind) func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path {
	return func(_ *graph.Levelled, _ graph.EdgeID, k neuron.Kind) Path {
		for _, want := range kinds {
			if k == want {
				return Path{Link: link, OnLoss: onLoss}
			}
		}
		return Path{}
	}
}

// all returns a Config.Clock that gives everybody the same.
func all(c Clock) func(*graph.Levelled, graph.VertexID) Clock {
	return func(*graph.Levelled, graph.VertexID) Clock { return c }
}

// gradient returns the feedback of the parameters after one sample under cfg, on a tanh network.
func gradient(t *testing.T, cfg Config) (engine.Params, *Engine) {
	net, err := network.Config{Arch: "mlp", Layers: []int{4, 6, 5, 3}, Activation: "tanh"}.Build()
	require.NoError(t, err)
	c, s := problem(t, net, tensor.Float64)
	cfg.Config.Config = c
	e, err := New(cfg)
	require.NoError(t, err)
	g, _, err := e.Gradient(context.Background(), s)
	require.NoError(t, err)
	return g.Clone(), e
}

// Lost predictions leave every vertex with what it heard last: the forward sweep. That is fixed prediction, to the bit.
// If silence means zero it is something else.
func TestLostPredictionsFixPredictions(t *testing.T) {
	deaf := &synapse.Link{Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 1}}
	il := pc.Config{Rule: pc.IL(12, 0.2, 0)}
	want, _ := gradient(t, Config{Config: pc.Config{Rule: pc.FixedPrediction(12, 0.2)}, Mode: Free})
	got, e := gradient(t, Config{Config: il, Mode: Free, Path: everywhere(deaf, KeepLast, neuron.Prediction)})
	require.True(t, engine.Diff(got, want).Equal())
	require.Zero(t, e.Stats().Voided)
	require.Positive(t, e.Stats().Lost)
	got, e = gradient(t, Config{Config: il, Mode: Free, Path: everywhere(deaf, Silence, neuron.Prediction)})
	require.False(t, engine.Diff(got, want).Equal())
	require.Equal(t, e.Stats().Lost, e.Stats().Voided)
	whole, _ := gradient(t, Config{Config: il, Mode: Free})
	require.False(t, engine.Diff(whole, want).Equal())
}

// Lost errors teach nobody, whatever silence means.
func TestLostErrorsTeachNobody(t *testing.T) {
	deaf := &synapse.Link{Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 1}}
	for _, onLoss := range []OnLoss{KeepLast, Silence} {
		for _, rule := range []neuron.Rule{pc.IL(12, 0.2, 0), pc.DenseZIL(), pc.FaZIL(), pc.EventDelta()} {
			g, e := gradient(t, Config{Config: pc.Config{Rule: rule}, Mode: Free, Path: func(g *graph.Levelled, e graph.EdgeID, k neuron.Kind) Path {
				if g.Role(g.From(e)) == graph.Parameter || k == neuron.Prediction {
					return Path{}
				}
				return Path{Link: deaf, OnLoss: onLoss}
			}})
			require.Positive(t, e.Stats().Lost)
			for i, p := range g {
				taught := i >= len(g)-2 // the output layer hears the output itself
				nonzero := false
				for k := range p.Value.Len() {
					nonzero = nonzero || p.Value.Float(k) != 0
				}
				require.Equal(t, taught, nonzero, "%s, %v: %s", rule.Name, onLoss, p.Name)
			}
		}
	}
}

// Accumulating, a sample lasts until nothing is under way, but no longer than it may: then what is under way expires, and those
// that it was meant for learn nothing.
func TestAccumulationEndsInTime(t *testing.T) {
	cfg := Config{Config: pc.Config{Rule: pc.EventDelta()}, Mode: Free, Path: everywhere(constant(300), KeepLast, neuron.Error)}
	whole, e := gradient(t, cfg)
	last := e.Now()
	require.Zero(t, e.Stats().Expired)
	for _, c := range []struct{ settle, lasts int64 }{{last + 1, last}, {last, last}, {2 * 300, 2 * 300}, {299, 299}} {
		cfg.Settle = c.settle
		got, e := gradient(t, cfg)
		require.Equal(t, c.lasts, e.Now())
		require.Zero(t, e.Stats().UnderWay)
		require.Equal(t, c.lasts == last, engine.Diff(got, whole).Equal(), c.settle)
		require.Equal(t, c.lasts == last, e.Stats().Expired == 0, c.settle)
	}
}

// Where inference comes to rest does not depend on who moves when: clocks that drift, Poisson clocks, vertices that act when
// something arrives, and delays all lead to the equilibrium of lockstep.
func TestOneEquilibrium(t *testing.T) {
	want, _ := gradient(t, Config{Config: pc.Config{Rule: pc.IL(4000, 0.1, 0)}})
	delayed := everywhere(&synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 70}}, KeepLast, neuron.Prediction, neuron.Error)
	for name, cfg := range map[string]Config{
		"one clock": {},
		"drift": {Clock: func(_ *graph.Levelled, v graph.VertexID) Clock {
			return Clock{Drift: 0.03 * float64(v%7), Phase: float64(v%5) / 5}
		}},
		"scaled drift": {Clock: func(_ *graph.Levelled, v graph.VertexID) Clock {
			return Clock{Drift: 0.03 * float64(v%7), Phase: float64(v%5) / 5, Scaled: true}
		}},
		"Poisson":         {Clock: all(Clock{Kind: Poisson})},
		"arrival":         {Clock: all(Clock{Kind: Arrival})},
		"delays":          {Path: delayed},
		"Poisson, delays": {Clock: all(Clock{Kind: Poisson}), Path: delayed},
		"arrival, delays": {Clock: all(Clock{Kind: Arrival}), Path: delayed},
	} {
		cfg.Config = pc.Config{Rule: pc.IL(4000, 0.1, 0)}
		cfg.Mode, cfg.Seed = Free, 3
		got, e := gradient(t, cfg)
		require.Less(t, engine.Diff(got, want).RelativeL2, 1e-9, name)
		require.Less(t, e.Result().Energy, e.Result().Loss, name)
	}
}

// Drift with a fixed γ is a longer tick, to the bit: τ changes. With γ in proportion to the time that has passed it is a
// longer tick and a larger γ, so that τ stays. Without drift proportion changes nothing: the instrument stays calibrated.
func TestDrift(t *testing.T) {
	il := func(gamma float64) pc.Config { return pc.Config{Rule: pc.IL(30, gamma, 0)} }
	slow, _ := gradient(t, Config{Config: il(0.1), Mode: Free, Tick: 110, Settle: 3000, Clock: all(Clock{})})
	got, _ := gradient(t, Config{Config: il(0.1), Mode: Free, Tick: 100, Settle: 3000, Clock: all(Clock{Drift: 0.1})})
	require.True(t, engine.Diff(got, slow).Equal())

	want, _ := gradient(t, Config{Config: il(0.11), Mode: Free, Tick: 110, Settle: 3000, Clock: all(Clock{})})
	got, _ = gradient(t, Config{Config: il(0.1), Mode: Free, Tick: 100, Settle: 3000, Clock: all(Clock{Drift: 0.1, Scaled: true})})
	require.Less(t, engine.Diff(got, want).RelativeL2, 1e-12)
	require.False(t, engine.Diff(got, slow).Equal())

	for _, rule := range []neuron.Rule{pc.DenseZIL(), pc.FaZIL(), pc.IL(20, 0.1, 0)} {
		settle := int64(100 * 20)
		want, _ := gradient(t, Config{Config: pc.Config{Rule: rule}, Mode: Free, Settle: settle, Clock: all(Clock{})})
		got, _ := gradient(t, Config{Config: pc.Config{Rule: rule}, Mode: Free, Settle: settle, Clock: all(Clock{Scaled: true})})
		require.True(t, engine.Diff(got, want).Equal(), rule.Name)
	}
}

// Delays of more than half a tick make messages late, all of them; of half a tick, none.
func TestLateness(t *testing.T) {
	for delay, late := range map[float64]bool{0: false, 50: false, 51: true, 120: true} {
		_, e := gradient(t, Config{Config: pc.Config{Rule: pc.IL(50, 0.1, 0)}, Mode: Free, Path: func(g *graph.Levelled, i graph.EdgeID, _ neuron.Kind) Path {
			if g.Role(g.From(i)) == graph.Parameter {
				return Path{}
			}
			return Path{Link: constant(delay)}
		}})
		s := e.Stats()
		if !late {
			require.Zero(t, s.Late, delay)
			require.Zero(t, s.LateShare())
		} else {
			require.Greater(t, s.LateShare(), 0.5, delay)
		}
		require.Equal(t, int64(delay), s.MaxAge)
	}
}

// A stream is one long sample: without learning, samples that follow one another leave the state of one that is as long as
// all of them, messages under way included. (The end of a sample is a turn for everybody, at which parameters take their
// contributions; it makes no difference if nothing has arrived since a vertex's own turn.)
func TestStream(t *testing.T) {
	for _, path := range []func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path{nil, everywhere(constant(40), KeepLast, neuron.Prediction, neuron.Error)} {
		state := func(keep bool, samples int) []float64 {
			cfg, s := problem(t, nets(t)[0], tensor.Float64)
			cfg.Plasticity.Rate = math.SmallestNonzeroFloat64
			e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.IL(1, 0.1, 0)}, Mode: Free, Settle: 3050 / int64(samples), Keep: keep, Seed: 4, Path: path})
			require.NoError(t, err)
			for range samples {
				_, err := e.Learn(context.Background(), s)
				require.NoError(t, err)
			}
			var list []float64
			for v := range graph.VertexID(e.graph.Len()) {
				for i := range e.pop.X(v).Len() {
					list = append(list, e.pop.X(v).Float(i))
				}
			}
			return list
		}
		one := state(true, 1)
		require.InDeltaSlice(t, one, state(true, 5), 1e-12)
		require.NotEqual(t, one, state(false, 5))
	}
}

// Configurations that make no sense are refused, with a word on what to do.
func TestErrors(t *testing.T) {
	noisy := &synapse.Link{Noise: synapse.Noise{Additive: 1}}
	for _, tc := range []struct {
		cfg  Config
		says string
	}{
		{Config{Tick: 1}, "cannot be halved"},
		{Config{Tick: -5}, "cannot be halved"},
		{Config{Mode: Free, Settle: -1, Config: pc.Config{Rule: pc.DenseZIL()}}, "cannot last"},
		{Config{Mode: 7}, "mode"},
		{Config{Keep: true}, "mode free"},
		{Config{Settle: 100}, "mode free"},
		{Config{Mode: Free}, "waits for its messages"},
		{Config{Mode: Free, Config: pc.Config{Rule: pc.Event()}}, "waits for its messages"},
		{Config{Mode: Free, Config: pc.Config{Rule: pc.EventDelta()}, Keep: true}, "forward sweep"},
		{Config{Mode: Free, Config: pc.Config{Rule: pc.IPC(5, 0.1)}}, "one clock"},
		{Config{Path: everywhere(noisy, KeepLast, neuron.Error)}, "use mode free"},
		{Config{Path: everywhere(&synapse.Link{Quantum: 1}, KeepLast, neuron.Error)}, "use mode free"},
		{Config{Path: everywhere(&synapse.Link{Duplicate: 2}, KeepLast, neuron.Error)}, "probability"},
		{Config{Path: everywhere(&synapse.Link{Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 1}}, KeepLast, neuron.Error)}, "never"},
		{Config{Mode: Free, Config: pc.Config{Rule: pc.DenseZIL()}, Clock: all(Clock{Drift: -1})}, "drift"},
		{Config{Mode: Free, Config: pc.Config{Rule: pc.DenseZIL()}, Clock: all(Clock{Drift: math.NaN()})}, "drift"},
		{Config{Mode: Free, Config: pc.Config{Rule: pc.DenseZIL()}, Clock: all(Clock{Phase: 1})}, "phase"},
		{Config{Mode: Free, Config: pc.Config{Rule: pc.DenseZIL()}, Clock: all(Clock{Kind: 9})}, "kind"},
		{Config{Clock: all(Clock{})}, "mode free"},
	} {
		cfg, _ := problem(t, nets(t)[1], tensor.Float64)
		tc.cfg.Config.Config = cfg
		_, err := New(tc.cfg)
		require.ErrorContains(t, err, tc.says, "%+v", tc.cfg)
	}
}

// The loss of a sample of a stream is that of a forward sweep at the present weights, which neither disturbs it nor is counted.
func TestLossOfAStream(t *testing.T) {
	e, s, _ := patient(t, Config{Config: pc.Config{Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Keep: true})
	tally := neuron.NewTally(e.Graph().Graph)
	e.Watch(tally)
	ref, err := bp.New(func() engine.Config {
		c := e.cfg.Config.Config
		for _, p := range e.Params() {
			c.Initial = append(c.Initial, p.Value)
		}
		return c
	}())
	require.NoError(t, err)
	edges, last := int64(0), 0.0
	for n := range 4 {
		for i, p := range ref.Params() {
			p.Value.CopyFrom(e.Params()[i].Value)
		}
		_, want, err := ref.Gradient(context.Background(), s)
		require.NoError(t, err)
		hidden := func() []float64 { return e.Population().X(e.Graph().Args(e.Graph().Output())[0]).Float64s() }
		x := slices.Clone(hidden())
		require.NoError(t, e.Begin(s, neuron.Learning))
		if n > 0 {
			require.Equal(t, x, hidden(), "the stream goes on where it was")
		}
		r, err := e.run(context.Background())
		require.NoError(t, err)
		require.Equal(t, want.Loss, r.Loss, "update %d", n+1)
		require.NotEqual(t, last, r.Loss)
		last = r.Loss
		if n == 1 {
			edges = r.Messages
		}
		if n > 1 {
			require.Equal(t, edges, r.Messages)
		}
	}
	sent := int64(0)
	for v := range graph.VertexID(e.Graph().Len()) {
		sent += tally.Of(neuron.CountPredictions, v) + tally.Of(neuron.CountErrors, v)
	}
	require.Equal(t, e.Stats().Sent, sent)
}

// A stream goes on from sample to sample at frozen weights too.
func TestStreamAtFrozenWeights(t *testing.T) {
	e, s, v := patient(t, Config{Config: pc.Config{Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Keep: true})
	for n := range 3 {
		x := slices.Clone(e.Population().X(v).Float64s())
		require.NoError(t, e.Begin(s, neuron.Gradients))
		if n > 0 {
			require.Equal(t, x, e.Population().X(v).Float64s(), "sample %d", n+1)
		}
		_, err := e.run(context.Background())
		require.NoError(t, err)
	}
}

// A stream takes no notice of a prediction that somebody asks for between two samples.
func TestPredictionDoesNotDisturbAStream(t *testing.T) {
	run := func(ask bool) string {
		e, s, _ := patient(t, Config{Config: pc.Config{Rule: pc.IL(6, 0.1, 0)}, Mode: Free, Keep: true, Path: wildPath})
		for range 4 {
			learn(t, e, s)
			if ask {
				out, err := e.Predict(context.Background(), s.Inputs)
				require.NoError(t, err)
				require.NotZero(t, out[0].Float(0))
			}
		}
		return e.Params().Hash()
	}
	require.Equal(t, run(false), run(true))
}

// What is inferred of the inputs stays in a stream, whatever inputs the next sample has, and however values are stored.
func TestInferredInputsInAStream(t *testing.T) {
	run := func(state neuron.State) (x []float64) {
		cfg, s := problem(t, nets(t)[1], tensor.Float64)
		rule := pc.IL(6, 0.1, 0)
		rule.State = state
		e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule, FreeInputs: []int{0}}, Mode: Free, Keep: true})
		require.NoError(t, err)
		for range 3 {
			_, err := e.Learn(context.Background(), s)
			require.NoError(t, err)
			x = append(x, e.pop.X(e.graph.InputVertex(0)).Float(0))
			s.Inputs = []tensor.Tensor{s.Inputs[0].Clone()}
			s.Inputs[0].SetFloat(0, s.Inputs[0].Float(0)+5)
		}
		return x
	}
	x := run(neuron.Absolute)
	require.InDelta(t, x[0], x[1], 0.5)
	require.InDeltaSlice(t, x, run(neuron.Displacement), 1e-9)
}

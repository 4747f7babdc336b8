package sim

import (
	"context"
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

// problem is a small network with a sample.
func problem(t testing.TB, net *network.Network, typ tensor.Type) (engine.Config, engine.Sample) {
	r := rand.New(rand.NewPCG(3, 4))
	cfg := engine.Config{Graph: net.Graph, Initial: net.Initial, Type: typ, Plasticity: synapse.Rule{Rate: 0.1}}
	s := engine.Sample{Inputs: net.NewInputs(typ), Target: tensor.New(typ, net.Output()), Scale: 0.5}
	require.NoError(t, net.Inputs(net.RandomFeatures(r, typ), s.Inputs))
	for i := range s.Target.Len() {
		s.Target.SetFloat(i, r.NormFloat64())
	}
	return cfg, s
}

func nets(t testing.TB) []*network.Network {
	var list []*network.Network
	for _, c := range []network.Config{
		{Arch: "mlp", Layers: []int{5, 7, 6, 3}, Activation: "tanh", Grain: network.Neuron, Batch: 2},
		{Arch: "mlp", Layers: []int{5, 4, 3}, Activation: "relu", Batch: 3},
		{Arch: "diamond", Batch: 2},
		{Arch: "random", Init: network.Init{Seed: 5}, Batch: 2},
	} {
		n, err := c.Build()
		require.NoError(t, err)
		list = append(list, n)
	}
	return list
}

var wild = &synapse.Link{
	Delay:     synapse.Distribution{Family: synapse.Exponential, Mean: 130},
	Loss:      synapse.Loss{Model: synapse.Bernoulli, Rate: 0.3},
	Duplicate: 0.3, Reorder: true,
}

func wildPath(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{Link: wild} }

func TestLockstepIsExactUnderDelayLossAndDuplication(t *testing.T) {
	for _, net := range nets(t) {
		for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
			cfg, s := problem(t, net, typ)
			for _, rule := range []neuron.Rule{pc.ZIL(), pc.DenseZIL(), pc.FaZIL(), pc.Event()} {
				ref, err := bp.New(cfg)
				require.NoError(t, err)
				e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}, Seed: 9, Path: wildPath})
				require.NoError(t, err)
				for range 4 {
					_, err := ref.Learn(context.Background(), s)
					require.NoError(t, err)
					_, err = e.Learn(context.Background(), s)
					require.NoError(t, err)
					require.Zero(t, engine.Diff(e.Params(), ref.Params()).Differing, "%s %s %v", net.Name, rule.Name, typ)
				}
				st := e.Stats()
				require.Positive(t, st.Lost)
				require.Positive(t, st.Duplicated)
				require.Positive(t, e.Now())
			}
		}
	}
}

// What expires at the end of a sample is gone: it does not hold up later messages of its edge, whose order the link keeps.
func TestExpiredMessagesHoldNothingUp(t *testing.T) {
	cfg, s := problem(t, nets(t)[0], tensor.Float64)
	delay := func(units float64) *synapse.Link {
		return &synapse.Link{Delay: synapse.Distribution{Family: synapse.Constant, Mean: units}}
	}
	run := func(first, then float64) (second Stats) {
		e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.FixedPrediction(6, 1)}, Mode: Free,
			Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{Link: delay(first)} }})
		require.NoError(t, err)
		_, _, err = e.Gradient(context.Background(), s)
		require.NoError(t, err)
		before := e.Stats()
		for i := range graph.EdgeID(e.Graph().Edges()) {
			for _, kind := range []neuron.Kind{neuron.Prediction, neuron.Error} {
				require.NoError(t, e.SetLink(i, kind, Path{Link: delay(then)}))
			}
		}
		_, _, err = e.Gradient(context.Background(), s)
		require.NoError(t, err)
		second = e.Stats()
		second.Delivered -= before.Delivered
		second.Expired -= before.Expired
		return second
	}
	slow, quick := run(1e6, 10), run(10, 10)
	require.Positive(t, quick.Delivered)
	require.Equal(t, quick.Delivered, slow.Delivered)
	require.Equal(t, quick.Expired, slow.Expired)
}

// A slot is emptied when what is lost would have come: where nothing overtakes, what was sent before the loss still counts.
func TestLossEmptiesASlotInTurn(t *testing.T) {
	slow := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 350}, Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 0.3}}
	for _, net := range nets(t) {
		cfg, s := problem(t, net, tensor.Float64)
		for _, rule := range []neuron.Rule{pc.IL(30, 0.1, 0), pc.FaZIL()} {
			e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule, Form: graph.Delays}, Mode: Free, Settle: 5000,
				Path: everywhere(slow, Silence, neuron.Prediction, neuron.Error)})
			require.NoError(t, err)
			_, err = e.Learn(context.Background(), s)
			require.NoError(t, err)
			require.Zero(t, e.Stats().Stale)
			require.Positive(t, e.Stats().Voided)
		}
	}
}

// In a stream what inputs show travels over their links: learning with inputs that come a sample late is learning from the samples
// with their inputs shifted by one, and with inputs that are lost learning from the first one's.
func TestInputsOfAStreamTravel(t *testing.T) {
	const settle = 1200
	for _, net := range nets(t) {
		for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
			cfg, s := problem(t, net, typ)
			r := rand.New(rand.NewPCG(5, 6))
			var shown [][]tensor.Tensor
			for range 5 {
				inputs := net.NewInputs(typ)
				require.NoError(t, net.Inputs(net.RandomFeatures(r, typ), inputs))
				shown = append(shown, inputs)
			}
			learn := func(link *synapse.Link, onLoss OnLoss, input func(k int) int) (string, Stats) {
				e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.IL(12, 0.1, 0)}, Mode: Free, Keep: true, Settle: settle, Clock: all(Clock{Phase: 0.5}),
					Path: func(g *graph.Levelled, i graph.EdgeID, k neuron.Kind) Path {
						if g.Role(g.From(i)) == graph.Input && k == neuron.Prediction {
							return Path{Link: link, OnLoss: onLoss}
						}
						return Path{}
					}})
				require.NoError(t, err)
				for k := range shown {
					_, err := e.Learn(context.Background(), engine.Sample{Inputs: shown[input(k)], Target: s.Target, Scale: s.Scale})
					require.NoError(t, err)
				}
				checkConservation(t, e, net.Name)
				return e.Params().Hash(), e.Stats()
			}
			same := func(k int) int { return k }
			prompt, _ := learn(nil, KeepLast, same)
			late, _ := learn(constant(settle+1), KeepLast, same)
			shifted, _ := learn(nil, KeepLast, func(k int) int { return max(k-1, 0) })
			require.Equal(t, shifted, late, net.Name)
			require.NotEqual(t, prompt, late, net.Name)
			lost := &synapse.Link{Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 1}}
			blind, st := learn(lost, KeepLast, same)
			first, _ := learn(nil, KeepLast, func(int) int { return 0 })
			require.Equal(t, first, blind, net.Name)
			require.Positive(t, st.Lost)
			require.Zero(t, st.Late)
			dark, _ := learn(lost, Silence, same)
			require.NotEqual(t, blind, dark, net.Name)
		}
	}
}

// Predictions are no traffic of updates, whatever they cost, and a snapshot remembers.
func TestTrafficIsOfUpdates(t *testing.T) {
	cfg, s := problem(t, nets(t)[0], tensor.Float64)
	for _, c := range []Config{{Config: pc.Config{Rule: pc.ZIL()}, Path: wildPath}, {Config: pc.Config{Rule: pc.IL(9, 0.1, 0)}, Mode: Free, Path: wildPath}} {
		c.Config.Config = cfg
		e, err := New(c)
		require.NoError(t, err)
		_, err = e.Learn(context.Background(), s)
		require.NoError(t, err)
		units, alone := e.Traffic()
		require.Equal(t, [2]any{e.Now(), e.Stats()}, [2]any{units, alone})
		for range 3 {
			_, err = e.Predict(context.Background(), s.Inputs)
			require.NoError(t, err)
		}
		require.Greater(t, e.Stats().Delivered, alone.Delivered)
		again, err := New(c)
		require.NoError(t, err)
		_, err = again.RestoreState(e.AppendState(nil))
		require.NoError(t, err)
		for _, e := range []*Engine{e, again} {
			n, got := e.Traffic()
			require.Equal(t, units, n)
			require.Equal(t, [3]int64{alone.Sent, alone.Delivered, alone.Events}, [3]int64{got.Sent, got.Delivered, got.Events})
		}
	}
}

// Free-running with one clock, or clocks of one period, and delays of half a tick is lockstep.
func TestCalibration(t *testing.T) {
	half := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Constant, Mean: 50}}
	for _, net := range nets(t) {
		cfg, s := problem(t, net, tensor.Float64)
		for _, rule := range []neuron.Rule{pc.DenseZIL(), pc.FaZIL(), pc.IL(10, 0.1, 0), pc.FixedPrediction(8, 0.5)} {
			want, err := pc.New(pc.Config{Config: cfg, Rule: rule})
			require.NoError(t, err)
			for i, link := range []*synapse.Link{nil, half, half, half} {
				clock := []func(*graph.Levelled, graph.VertexID) Clock{nil, nil, all(Clock{}), all(Clock{Scaled: true})}[i]
				e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}, Mode: Free, Tick: 100, Clock: clock, Path: func(g *graph.Levelled, i graph.EdgeID, _ neuron.Kind) Path {
					if g.Role(g.From(i)) == graph.Parameter {
						return Path{}
					}
					return Path{Link: link}
				}})
				require.NoError(t, err)
				for range 3 {
					a, ra, err := e.Gradient(context.Background(), s)
					require.NoError(t, err)
					b, rb, err := want.Gradient(context.Background(), s)
					require.NoError(t, err)
					require.Zero(t, engine.Diff(a, b).Differing, "%s %s %v: %+v %+v", net.Name, rule.Name, link, ra, rb)
					require.Equal(t, rb.Loss, ra.Loss)
				}
				require.Zero(t, e.Stats().Late)
			}
		}
	}
}

func TestSameSeedSameBits(t *testing.T) {
	cfg, s := problem(t, nets(t)[0], tensor.Float64)
	run := func(seed uint64, workers int) (string, Stats) {
		cfg := cfg
		cfg.Compute.Workers = workers
		noisy := *wild
		noisy.Noise = synapse.Noise{Additive: 0.01}
		e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.IL(30, 0.1, 0)}, Mode: Free, Seed: seed,
			Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{Link: &noisy, OnLoss: Silence} },
			Clock: func(_ *graph.Levelled, v graph.VertexID) Clock {
				return Clock{Kind: ClockKind(v % 3), Drift: 0.01 * float64(v%5), Phase: float64(v%7) / 7, Scaled: v%2 == 0}
			}})
		require.NoError(t, err)
		for range 5 {
			_, err := e.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		return e.Params().Hash(), e.Stats()
	}
	h1, s1 := run(1, 1)
	h2, s2 := run(1, 4)
	h3, _ := run(2, 1)
	require.Equal(t, h1, h2)
	require.Equal(t, s1, s2)
	require.NotEqual(t, h1, h3)
	require.Positive(t, s1.Late)
	require.Positive(t, s1.Lost)
}

// The accumulating form is backprop to rounding in any order of delivery, on graphs that are not levelled.
func TestAccumulationInAnyOrder(t *testing.T) {
	late := *wild
	late.Loss = synapse.Loss{}
	for _, net := range nets(t) {
		cfg, s := problem(t, net, tensor.Float64)
		ref, err := bp.New(cfg)
		require.NoError(t, err)
		want, _, err := ref.Gradient(context.Background(), s)
		require.NoError(t, err)
		engines := map[string]engine.Engine{}
		engines["pc"], err = pc.New(pc.Config{Config: cfg, Rule: pc.EventDelta()})
		require.NoError(t, err)
		engines["sim"], err = New(Config{Config: pc.Config{Config: cfg, Rule: pc.EventDelta()}, Mode: Free, Seed: 2,
			Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) Path { return Path{Link: &late} }})
		require.NoError(t, err)
		for name, e := range engines {
			for range 3 {
				got, r, err := e.Gradient(context.Background(), s)
				require.NoError(t, err)
				require.Less(t, engine.Diff(got, want).RelativeL2, 1e-13, "%s %s", name, net.Name)
				require.Positive(t, r.Messages)
			}
		}
	}
}

func TestQueueOrdersEvents(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var q queue
	for i := range 2000 {
		q.push(class(r.IntN(6)), event{time: r.Int64N(50), id: int32(i)}, 0)
	}
	q.filter(func(e *event) bool { return e.id%3 != 0 })
	var last, next event
	q.pop(&last)
	for q.size() > 0 {
		q.pop(&next)
		require.True(t, last.before(&next))
		last = next
	}
}

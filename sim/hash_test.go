package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// hash returns a hash of everything that can be seen of e: values, predictions, errors, parameters, time and counts.
func hash(e *Engine) string {
	h := sha256.New()
	for v := range graph.VertexID(e.graph.Len()) {
		if e.graph.Role(v) != graph.Computed {
			continue
		}
		for _, t := range []tensor.Tensor{e.pop.X(v), e.pop.Prediction(v), e.pop.Err(v)} {
			for i := range t.Len() {
				fmt.Fprintf(h, "%x ", t.Bits(i))
			}
		}
	}
	fmt.Fprintf(h, "%s %s %d %+v %+v", e.Params().Hash(), e.Gradients().Hash(), e.now, e.Stats(), e.Result())
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// shaky is a link with everything that a link can do.
var shaky = &synapse.Link{
	Delay:     synapse.Distribution{Family: synapse.Gamma, Mean: 60, SD: 30},
	Jitter:    synapse.Distribution{Family: synapse.Normal, SD: 15},
	Loss:      synapse.Loss{Model: synapse.GilbertElliott, GoodBad: 0.1, BadGood: 0.3, LossBad: 0.5},
	Duplicate: 0.1, Reorder: true, Noise: synapse.Noise{Additive: 1e-3, Multiplicative: 1e-3}, Quantum: 1e-6,
}

// A setting is a way to run in virtual time.
type setting struct {
	name string
	cfg  Config
}

// settings returns ways to run, of every kind.
func settings() []setting {
	free := func(r neuron.Rule, link *synapse.Link, clock func(v graph.VertexID) Clock, keep bool, onLoss OnLoss) Config {
		c := Config{Config: pc.Config{Rule: r}, Mode: Free, Seed: 5, Keep: keep, Settle: 1500,
			Path: func(_ *graph.Levelled, _ graph.EdgeID, k neuron.Kind) Path { return Path{Link: link, OnLoss: onLoss} }}
		if clock != nil {
			c.Clock = func(_ *graph.Levelled, v graph.VertexID) Clock { return clock(v) }
		}
		return c
	}
	mixed := func(v graph.VertexID) Clock {
		return Clock{Kind: ClockKind(v % 3), Drift: 0.01 * float64(v%5), Phase: float64(v%7) / 7, Scaled: v%2 == 0}
	}
	kind := func(k ClockKind) func(graph.VertexID) Clock {
		return func(graph.VertexID) Clock { return Clock{Kind: k} }
	}
	lossless := *wild
	lossless.Loss = synapse.Loss{}
	il := pc.IL(20, 0.1, 0)
	return []setting{
		{"lockstep zil", Config{Config: pc.Config{Rule: pc.ZIL()}, Path: wildPath, Seed: 5}},
		{"lockstep dense", Config{Config: pc.Config{Rule: pc.DenseZIL()}, Path: wildPath, Seed: 5}},
		{"lockstep event", Config{Config: pc.Config{Rule: pc.Event()}, Path: wildPath, Seed: 5}},
		{"lockstep accumulating", Config{Config: pc.Config{Rule: pc.EventDelta()}, Path: wildPath, Seed: 5}},
		{"lockstep il", Config{Config: pc.Config{Rule: il}, Path: wildPath, Seed: 5}},
		{"free, ideal", free(il, nil, nil, false, KeepLast)},
		{"free, mixed clocks", free(il, shaky, mixed, false, KeepLast)},
		{"free, silence", free(il, shaky, kind(Periodic), false, Silence)},
		{"free, Poisson", free(il, wild, kind(Poisson), false, Silence)},
		{"free, arrival", free(il, shaky, kind(Arrival), false, KeepLast)},
		{"free, stream", free(il, shaky, mixed, true, KeepLast)},
		{"free, dense zil", free(pc.DenseZIL(), shaky, nil, false, KeepLast)},
		{"free, wave", free(pc.FaZIL(), shaky, mixed, false, Silence)},
		{"free, fixed prediction", free(pc.FixedPrediction(10, 0.5), shaky, mixed, false, KeepLast)},
		{"free, accumulating", free(pc.EventDelta(), &lossless, nil, false, KeepLast)},
	}
}

// open returns an engine of that setting for network k of nets.
func (c setting) open(t testing.TB, k int, typ tensor.Type) (*Engine, engine.Sample) {
	cfg, s := problem(t, nets(t)[k], typ)
	c.cfg.Config.Config = cfg
	e, err := New(c.cfg)
	require.NoError(t, err, c.name)
	return e, s
}

// The same configuration gives the same bits: in a second run, at every GOMAXPROCS, with any number of workers.
func TestSameHashOfEverything(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range settings() {
		for k := range nets(t) {
			want := ""
			for _, p := range [][2]int{{1, 1}, {1, 1}, {2, 1}, {2, 2}, {1, 4}} {
				runtime.GOMAXPROCS(p[0])
				c.cfg.Compute.Workers = p[1]
				e, s := c.open(t, k, tensor.Float64)
				for range 3 {
					_, err := e.Learn(context.Background(), s)
					require.NoError(t, err, c.name)
				}
				got := hash(e)
				if want == "" {
					want = got
				}
				require.Equal(t, want, got, "%s, network %d, %v", c.name, k, p)
				require.NoError(t, e.Close())
			}
			if testing.Verbose() {
				t.Log(c.name, k, want)
			}
		}
	}
}

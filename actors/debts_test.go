package actors

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
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

// postponing returns an engine in which every vertex that can defers, however little it owes.
func postponing(s enginetest.Setup) (engine.Engine, error) {
	e, err := factory(s)
	if err == nil {
		e.(traced).least = 1
	}
	return e, err
}

// With everything deferred that can be all laws hold.
func TestDeferringEngine(t *testing.T) { enginetest.Test(t, postponing) }

func TestDeferringFixtures(t *testing.T) {
	for _, s := range []string{"zil", "event"} {
		enginetest.TestFixtures(t, func(c engine.Config) (engine.Engine, error) {
			return postponing(enginetest.Setup{Config: c, Schedule: s})
		})
	}
}

// tied is a net whose middle layers share their weights: a parameter with consumers of three levels.
func tied(t testing.TB, f op.Op) *graph.Graph {
	b := graph.NewBuilder()
	x, w, h := b.Input("x", tensor.Float64, tensor.Dims(3, 4)), b.Parameter("W", tensor.Dims(4, 4)), b.Parameter("b", tensor.Dims(4))
	y := x
	for _, name := range []string{"l1", "l2", "l3"} {
		y = b.Apply("", op.Tanh(), b.Apply(name, f, y, w, h))
	}
	b.Output(y)
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

// least returns an engine that defers from n multiply-adds on.
func least(t *testing.T, cfg engine.Config, n int, rule neuron.Rule) *Engine {
	e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}})
	require.NoError(t, err)
	e.least = n
	return e
}

// What is small is not deferred, nor anything by one worker, by shards, or under an observer or a tally.
func TestWhoDefers(t *testing.T) {
	deferring := func(workers int, n int, change func(*Engine), h Hosting) bool {
		cfg, s := config(t, tied(t, op.Linear()), tensor.Float64, workers)
		e, err := New(Config{Config: pc.Config{Config: cfg}, Hosting: h})
		require.NoError(t, err)
		defer e.Close()
		if n > 0 {
			e.least = n
		}
		change(e)
		_, err = e.Learn(context.Background(), s)
		require.NoError(t, err)
		return e.pop.Deferring()
	}
	nothing := func(*Engine) {}
	assert.True(t, deferring(2, 1, nothing, HostActor))
	assert.False(t, deferring(2, 0, nothing, HostActor))
	assert.False(t, deferring(1, 1, nothing, HostActor))
	assert.False(t, deferring(2, 1, nothing, HostShard))
	assert.False(t, deferring(2, 1, func(e *Engine) { e.Observe(func(*neuron.Population) {}) }, HostActor))
	assert.False(t, deferring(2, 1, func(e *Engine) { e.pop.Watch(neuron.NewTally(e.graph.Graph)) }, HostActor))
}

// Interventions, kept feedback, predictions and gradients in between: the bits of the engine that defers nothing.
func TestDeferringChangesNothing(t *testing.T) {
	for _, rule := range []neuron.Rule{pc.ZIL(), pc.Event(), {Name: "sign", Sparse: true, Gamma: 1, Return: neuron.Sign}} {
		for _, g := range []*graph.Graph{skip(t, op.Tanh()), tied(t, op.Linear())} {
			cfg, s := config(t, g, tensor.Float32, 3)
			e := least(t, cfg, 1, rule)
			twin, err := pc.New(pc.Config{Config: cfg, Rule: rule})
			require.NoError(t, err)
			list := []*neuron.Population{e.pop, twin.Population()}
			for round := range 40 {
				for _, p := range list {
					p.KeepFeedback()
					v := graph.VertexID(g.Len() - 3)
					p.Lesion(v, round%5 == 3)
					first, _ := p.Graph().In(v)
					p.Cut(first, round%7 == 4)
					p.Freeze(0, round%3 == 1)
				}
				want, err := twin.Learn(context.Background(), s)
				require.NoError(t, err)
				got, err := e.Learn(context.Background(), s)
				require.NoError(t, err)
				want.Control = got.Control
				require.Equal(t, want, got)
				require.True(t, e.pop.Deferring())
				require.Zero(t, engine.Diff(e.Params(), twin.Params()).Differing, "%s, round %d", rule.Name, round)
				for i := range e.graph.Parameters() {
					require.Equal(t, list[1].Feedback(i).Bytes(), list[0].Feedback(i).Bytes())
				}
				a, err := e.Predict(context.Background(), s.Inputs)
				require.NoError(t, err)
				b, err := twin.Predict(context.Background(), s.Inputs)
				require.NoError(t, err)
				require.Zero(t, tensor.Differing(a[0], b[0]))
				grads, _, err := e.Gradient(context.Background(), s)
				require.NoError(t, err)
				same, _, err := twin.Gradient(context.Background(), s)
				require.NoError(t, err)
				require.Zero(t, engine.Diff(grads, same).Differing)
			}
			require.NoError(t, e.Close())
		}
	}
}

// hooks is linear, and tells which derivatives it is asked for.
type hooks struct {
	op.Op
	asked func(values, parameters bool, args []tensor.Tensor)
}

func (hooks) Apart() bool { return true }

func (h hooks) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	h.asked(d[0].Wanted(), d[1].Wanted(), args)
	h.Op.VJP(c, d, args, out, eps)
}

// The levels go on while a parameter's feedback is being computed: here that of the first waits for the last.
func TestLevelsDoNotWaitForParameters(t *testing.T) {
	var values int
	var once sync.Once
	last := make(chan struct{})
	var order []string
	var mu sync.Mutex
	f := hooks{op.Linear(), func(v, w bool, _ []tensor.Tensor) {
		mu.Lock()
		if v && !w {
			values++
			order = append(order, "values")
		} else if w {
			order = append(order, "parameters")
		}
		over := values == 2 // the lowest level wants no value
		mu.Unlock()
		if over {
			once.Do(func() { close(last) })
		}
		if w && !v {
			<-last
		}
	}}
	cfg, s := config(t, tied(t, f), tensor.Float64, 2)
	e := least(t, cfg, 1, pc.ZIL())
	defer e.Close()
	ref, err := bp.New(cfg)
	require.NoError(t, err)
	got, _, err := e.Gradient(context.Background(), s)
	require.NoError(t, err)
	require.Equal(t, 3, len(slices.DeleteFunc(order, func(x string) bool { return x == "values" })))
	want, _, err := ref.Gradient(context.Background(), s)
	require.NoError(t, err)
	require.Zero(t, engine.Diff(got, want).Differing)
}

// A fault in deferred work names the vertex, what it did, and the tick to which that belongs.
func TestPanicInDeferredWork(t *testing.T) {
	noGoroutineLeft(t, func() {
		f := hooks{op.Linear(), func(v, w bool, _ []tensor.Tensor) {
			if w && !v {
				panic("out of order")
			}
		}}
		cfg, s := config(t, single(t, f), tensor.Float64, 2)
		e := least(t, cfg, 1, pc.ZIL())
		_, err := e.Learn(context.Background(), s)
		require.ErrorContains(t, err, "vertex k (contribute) at tick 1: panic: out of order")
		_, again := e.Learn(context.Background(), s)
		require.Equal(t, err, again)
		require.NoError(t, e.Close())
	})
}

// single is a net of which only k can defer.
func single(t testing.TB, f op.Op) *graph.Graph {
	b := graph.NewBuilder()
	x, w, h := b.Input("x", tensor.Float64, tensor.Dims(3, 4)), b.Parameter("W", tensor.Dims(4, 4)), b.Parameter("b", tensor.Dims(4))
	u := b.Parameter("u", tensor.Dims(4))
	b.Output(b.Apply("out", op.Tanh(), b.Apply("k", f, b.Apply("h", op.Mul(), x, u), w, h)))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

// A message or an acknowledgement of a parameter that is lost ends the update with its name.
func TestLostContributionEndsTheUpdate(t *testing.T) {
	for _, ack := range []bool{false, true} {
		noGoroutineLeft(t, func() {
			cfg, s := config(t, single(t, op.Linear()), tensor.Float64, 2)
			e := least(t, cfg, 1, pc.ZIL())
			v, ok := e.Graph().Find("W")
			require.True(t, ok)
			if ack {
				e.mute = func(u graph.VertexID, _ int) bool { return u == v }
			} else {
				e.drop = func(m neuron.Message) bool { return m.Kind == neuron.Error && e.graph.From(m.Edge) == v }
			}
			_, err := e.Learn(context.Background(), s)
			require.ErrorContains(t, err, "1 acknowledgements are missing at the end of the update, the first from vertex W")
			require.NoError(t, e.Close())
		})
	}
}

// Cancelling while work is deferred ends the call, and the engine.
func TestCancelDuringDeferredWork(t *testing.T) {
	noGoroutineLeft(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		begun := make(chan struct{})
		var once sync.Once
		f := hooks{op.Linear(), func(v, w bool, _ []tensor.Tensor) {
			if w && !v {
				cancel()
				once.Do(func() { close(begun) })
			}
		}}
		cfg, s := config(t, single(t, f), tensor.Float64, 2)
		e := least(t, cfg, 1, pc.ZIL())
		if _, err := e.Learn(ctx, s); err != nil { // the update may be over before anybody looks
			require.ErrorIs(t, err, context.Canceled)
			_, err = e.Learn(context.Background(), s)
			require.Error(t, err)
		}
		<-begun
		require.NoError(t, e.Close())
	})
}

// Nothing is allocated for what is deferred.
func TestDeferringAllocatesNothing(t *testing.T) {
	cfg, s := config(t, tied(t, op.Linear()), tensor.Float64, 2)
	e := least(t, cfg, 1, pc.ZIL())
	defer e.Close()
	update := func() {
		_, err := e.Learn(context.Background(), s)
		require.NoError(t, err)
	}
	for range 100 {
		update()
	}
	require.Less(t, testing.AllocsPerRun(200, update), 1.0)
}

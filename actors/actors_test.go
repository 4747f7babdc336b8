package actors

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

func random(r *rand.Rand, typ tensor.Type, s tensor.Shape) tensor.Tensor {
	t := tensor.New(typ, s)
	for i := range t.Len() {
		t.SetFloat(i, r.NormFloat64())
	}
	return t
}

// skip is a net with a skip connection; last is the function of its last hidden vertex.
func skip(t testing.TB, last op.Op) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(5, 4))
	w1, b1 := b.Parameter("W1", tensor.Dims(4, 6)), b.Parameter("b1", tensor.Dims(6))
	w2, b2 := b.Parameter("W2", tensor.Dims(6, 6)), b.Parameter("b2", tensor.Dims(6))
	w3 := b.Parameter("W3", tensor.Dims(6, 3))
	h := b.Apply("h", op.Tanh(), b.Apply("", op.Linear(), x, w1, b1))
	k := b.Apply("k", last, b.Apply("", op.Linear(), h, w2, b2))
	b.Output(b.Apply("out", op.MatMul(), b.Apply("sum", op.Add(), k, h), w3))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

// population is a net of one unit per vertex: 12 inputs, 20 hidden, 8 outputs.
func population(t testing.TB) *graph.Graph {
	b := graph.NewBuilder()
	var units []graph.VertexID
	for range 12 {
		units = append(units, b.Input("", tensor.Float64, tensor.Dims(3)))
	}
	unit, err := op.Unit("tanh")
	require.NoError(t, err)
	for _, n := range []int{20, 8} {
		var next []graph.VertexID
		for range n {
			w := b.Parameter("", tensor.Dims(len(units)+1))
			next = append(next, b.Apply("", unit, append(append([]graph.VertexID(nil), units...), w)...))
		}
		units = next
	}
	b.Output(b.Apply("out", op.Stack(), units...))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func config(t testing.TB, g *graph.Graph, typ tensor.Type, workers int) (engine.Config, engine.Sample) {
	r := rand.New(rand.NewPCG(1, 2))
	cfg := engine.Config{Graph: g, Type: typ, Plasticity: synapse.Rule{Rate: 0.1}, Compute: tensor.Config{Workers: workers}}
	for i := range g.Parameters() {
		cfg.Initial = append(cfg.Initial, random(r, tensor.Float64, g.Parameter(i).Shape))
	}
	s := engine.Sample{Target: random(r, typ, g.Shape(g.Output())), Scale: 0.2}
	for i := range g.Inputs() {
		s.Inputs = append(s.Inputs, random(r, typ, g.Input(i).Shape))
	}
	return cfg, s
}

func TestEqualsBackprop(t *testing.T) {
	for _, g := range []*graph.Graph{skip(t, op.Tanh()), population(t)} {
		for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
			for _, workers := range []int{1, 2, 5} {
				cfg, s := config(t, g, typ, workers)
				ref, err := bp.New(cfg)
				require.NoError(t, err)
				for _, rule := range []neuron.Rule{pc.ZIL(), pc.DenseZIL()} {
					e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}})
					require.NoError(t, err)
					want, _, err := ref.Gradient(context.Background(), s)
					require.NoError(t, err)
					for range 50 {
						got, r, err := e.Gradient(context.Background(), s)
						require.NoError(t, err)
						require.Zero(t, engine.Diff(got, want).Differing)
						require.Equal(t, e.Graph().Depth(), r.Ticks)
					}
					require.NoError(t, e.Close())
					require.NoError(t, e.Close())
				}
				require.NoError(t, ref.Close())
			}
		}
	}
}

func TestILEqualsSynchronousEngine(t *testing.T) {
	cfg, s := config(t, population(t), tensor.Float64, 3)
	for _, a := range append(pc.Ablations(5), pc.Ablation{Name: "il", Rule: pc.IL(20, 0.1, 0)}, pc.Ablation{Name: "tolerance", Rule: pc.IL(200, 0.1, 0.05)}) {
		ref, err := pc.New(pc.Config{Config: cfg, Rule: a.Rule})
		require.NoError(t, err)
		e, err := New(Config{Config: pc.Config{Config: cfg, Rule: a.Rule}})
		require.NoError(t, err)
		for range 5 {
			want, err := ref.Learn(context.Background(), s)
			require.NoError(t, err)
			got, err := e.Learn(context.Background(), s)
			require.NoError(t, err)
			want.Control = got.Control
			require.Equal(t, want, got, a.Name)
			require.Zero(t, engine.Diff(e.Params(), ref.Params()).Differing, a.Name)
		}
		require.NoError(t, e.Close())
	}
}

// broken is tanh until it panics.
type broken struct {
	op.Op
	forward bool
}

func (broken) Name() string { return "broken" }

func (b broken) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	if b.forward {
		panic("out of order")
	}
	b.Op.Forward(c, dst, args)
}

func (b broken) VJP(*tensor.Ctx, []tensor.Tensor, []tensor.Tensor, tensor.Tensor, tensor.Tensor) {
	panic("out of order")
}

// noGoroutineLeft checks that f leaves no goroutine behind.
func noGoroutineLeft(t *testing.T, f func()) {
	before := runtime.NumGoroutine()
	f()
	for i := 0; runtime.NumGoroutine() > before && i < 1e6; i++ {
		runtime.Gosched()
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestPanicEndsTheUpdate(t *testing.T) {
	for _, forward := range []bool{true, false} {
		noGoroutineLeft(t, func() {
			cfg, s := config(t, skip(t, broken{op.Tanh(), forward}), tensor.Float64, 2)
			e, err := New(Config{Config: pc.Config{Config: cfg}})
			require.NoError(t, err)
			_, err = e.Learn(context.Background(), s)
			require.ErrorContains(t, err, "vertex k")
			if forward {
				require.ErrorContains(t, err, "in the forward sweep: panic: out of order")
			} else {
				require.ErrorContains(t, err, "at tick 2: panic: out of order")
			}
			_, again := e.Learn(context.Background(), s)
			require.Equal(t, err, again)
			require.NoError(t, e.Close())
		})
	}
}

func TestLostMessageEndsTheUpdate(t *testing.T) {
	noGoroutineLeft(t, func() {
		for _, rule := range []neuron.Rule{pc.ZIL(), pc.DenseZIL()} {
			cfg, s := config(t, skip(t, op.Tanh()), tensor.Float64, 2)
			e, err := New(Config{Config: pc.Config{Config: cfg, Rule: rule}})
			require.NoError(t, err)
			e.drop = func(m neuron.Message) bool { return m.Kind == neuron.Error && m.Tick == 1 }
			_, err = e.Learn(context.Background(), s)
			require.ErrorContains(t, err, "are missing at tick")
			require.NoError(t, e.Close())
		}
	})
}

func TestLostAcknowledgementNamesTheVertex(t *testing.T) {
	noGoroutineLeft(t, func() {
		cfg, s := config(t, skip(t, op.Tanh()), tensor.Float64, 2)
		e, err := New(Config{Config: pc.Config{Config: cfg}})
		require.NoError(t, err)
		k, ok := e.Graph().Find("k")
		require.True(t, ok)
		e.mute = func(v graph.VertexID, tick int) bool { return v == k && tick == 2 }
		_, err = e.Learn(context.Background(), s)
		require.ErrorContains(t, err, "1 acknowledgements are missing at tick 2, the first from vertex k")
		require.NoError(t, e.Close())
	})
}

func TestCancel(t *testing.T) {
	noGoroutineLeft(t, func() {
		cfg, s := config(t, population(t), tensor.Float64, 2)
		ctx, cancel := context.WithCancel(context.Background())
		e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.IL(1000000, 0.01, 0)}, Trace: func(m neuron.Message) {
			if m.Tick == 100 {
				cancel()
			}
		}})
		require.NoError(t, err)
		_, err = e.Learn(ctx, s)
		require.True(t, errors.Is(err, context.Canceled), "%v", err)
		require.NoError(t, e.Close())
		_, err = e.Learn(context.Background(), s)
		require.ErrorIs(t, err, ErrClosed)
	})
}

func TestPredictEqualsBackprop(t *testing.T) {
	cfg, s := config(t, population(t), tensor.Float32, 2)
	ref, err := bp.New(cfg)
	require.NoError(t, err)
	e, err := New(Config{Config: pc.Config{Config: cfg, Rule: pc.DenseZIL()}})
	require.NoError(t, err)
	defer e.Close()
	for range 3 {
		want, err := ref.Predict(context.Background(), s.Inputs)
		require.NoError(t, err)
		got, err := e.Predict(context.Background(), s.Inputs)
		require.NoError(t, err)
		require.Zero(t, tensor.Differing(got[0], want[0]))
		_, err = e.Learn(context.Background(), s)
		require.NoError(t, err)
		_, err = ref.Learn(context.Background(), s)
		require.NoError(t, err)
	}
}

func BenchmarkPopulation(b *testing.B) {
	cfg, s := config(b, population(b), tensor.Float64, 0)
	e, err := New(Config{Config: pc.Config{Config: cfg}})
	require.NoError(b, err)
	defer e.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Learn(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
	st := e.Stats()
	b.ReportMetric(st.Seconds*1e9/float64(st.Messages()), "ns/message")
	b.ReportMetric(st.ClockShare(), "clock-share")
}

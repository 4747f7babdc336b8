package neuron

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// hosted runs a population in shards: batches wait and are delivered in random order.
type hosted struct {
	p       *Population
	shards  []*Shard
	w       *Worker
	r       *rand.Rand
	waiting []*Batch
}

func newHosted(t require.TestingT, c enginetest.Case, cfg Config, form graph.Form, shards int, seed uint64) *hosted {
	if cfg.Loss = c.Loss; cfg.Loss == nil {
		cfg.Loss = op.HalfSquared{}
	}
	cfg.Graph, cfg.Initial = graph.Level(c.Graph, form, false).Graph, c.Initial
	p, err := New(cfg)
	require.NoError(t, err)
	return &hosted{p: p, shards: NewShards(p, shards), r: rand.New(rand.NewPCG(enginetest.Seed, seed)),
		w: &Worker{Ctx: tensor.NewCtx(tensor.Config{Workers: 1})}}
}

// settle runs shard s and takes what it sends.
func (h *hosted) settle(s *Shard) {
	s.Run(h.w, nil)
	for k := range h.shards {
		if b := s.Outgoing(k); b != nil {
			h.waiting = append(h.waiting, b)
		}
	}
}

func (h *hosted) stage(t require.TestingT) {
	for _, k := range h.r.Perm(len(h.shards)) {
		h.shards[k].Turn()
		if h.r.IntN(2) == 0 {
			h.settle(h.shards[k])
		}
	}
	for _, s := range h.shards {
		h.settle(s)
	}
	for len(h.waiting) > 0 {
		k := h.r.IntN(len(h.waiting))
		b := h.waiting[k]
		h.waiting = append(h.waiting[:k], h.waiting[k+1:]...)
		s := h.shards[b.To]
		require.Positive(t, b.Len())
		s.Receive(b)
		s.Recycle(b)
		if h.r.IntN(2) == 0 || len(h.waiting) == 0 {
			for _, s := range h.shards {
				h.settle(s)
			}
		}
	}
	acks := 0
	for _, s := range h.shards {
		acks += s.Acks()
	}
	require.Equal(t, h.p.Acks(), acks)
}

func (h *hosted) update(t require.TestingT, mode Mode, s engine.Sample) {
	p := h.p
	p.Begin(mode, s.Inputs, s.Target, s.Scale)
	h.stage(t)
	for tick := range p.Ticks() {
		p.Open(tick, tick == p.Ticks()-1)
		h.stage(t)
		if p.LearnsNow() {
			p.OpenLearning()
			h.stage(t)
		}
	}
}

// population is four layers of single units with batches of the given size, 0 for plain scalars.
func population(seed uint64, batch int, activation string) enginetest.Case {
	r := rand.New(rand.NewPCG(enginetest.Seed, seed))
	b := graph.NewBuilder()
	s := tensor.Dims()
	if batch > 0 {
		s = tensor.Dims(batch)
	}
	c := enginetest.Case{Name: "population " + activation}
	var units []graph.VertexID
	for range 30 {
		units = append(units, b.Input("", tensor.Float64, s))
	}
	unit, err := op.Unit(activation)
	if err != nil {
		panic(err)
	}
	for range 4 {
		var next []graph.VertexID
		for j := range 30 {
			args := []graph.VertexID{units[j]} // all are used
			for range r.IntN(5) {
				args = append(args, units[r.IntN(len(units))])
			}
			w := tensor.New(tensor.Float64, tensor.Dims(len(args)+1))
			for i := range w.Len() {
				w.SetFloat(i, r.NormFloat64())
			}
			c.Initial = append(c.Initial, w)
			next = append(next, b.Apply("", unit, append(args, b.Parameter("", w.Shape()))...))
		}
		units = next
	}
	b.Output(b.Apply("out", op.Stack(), units...))
	if c.Graph, err = b.Build(); err != nil {
		panic(err)
	}
	return c
}

// statistics is a network with running statistics, which observe instead of learning.
func statistics() enginetest.Case {
	r := rand.New(rand.NewPCG(enginetest.Seed, 12))
	b := graph.NewBuilder()
	c := enginetest.Case{Name: "statistics"}
	var leaves []graph.VertexID
	for k, s := range []tensor.Shape{tensor.Dims(3, 3), tensor.Dims(3), tensor.Dims(3), tensor.Dims(3), tensor.Dims(3)} {
		declare := b.Parameter
		if k > 2 {
			declare = b.Statistic
		}
		leaves = append(leaves, declare("", s))
		t := tensor.New(tensor.Float64, s)
		for i := range t.Len() {
			t.SetFloat(i, 1+r.Float64())
		}
		c.Initial = append(c.Initial, t)
	}
	x := b.Apply("", op.MatMul(), b.Input("x", tensor.Float64, tensor.Dims(5, 3)), leaves[0])
	b.Output(b.Apply("out", op.Tanh(), b.Apply("norm", op.BatchNormObserved(0), x, leaves[1], leaves[2], leaves[3], leaves[4])))
	var err error
	if c.Graph, err = b.Build(); err != nil {
		panic(err)
	}
	return c
}

// Shards give the bits of vertices that are fired one by one, whatever their number and the order of batches: parameters,
// errors and values.
func TestShardsEqualSingleVertices(t *testing.T) {
	cases := append(enginetest.Architectures(), enginetest.Random(1), enginetest.Random(2), population(1, 0, "tanh"),
		population(2, 3, "relu"), population(3, 1, "gelu"), population(4, 0, "identity"), statistics())
	if testing.Short() { // the race detector makes it twenty times slower
		cases = cases[len(cases)-4:]
	}
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			for _, c := range cases {
				r := rand.New(rand.NewPCG(enginetest.Seed, 7))
				list := []engine.Sample{c.Sample(r, tensor.Float64), c.Sample(r, tensor.Float64)}
				for _, rule := range []synapse.Rule{{Rate: 0.1}, {Name: "adam", Rate: 0.01}} {
					cfg := Config{Rule: f.rule, Type: tensor.Float64, Plasticity: rule}
					want := newDriver(t, c, f.rule, f.form, nil)
					want.p.makePlasticity(rule)
					for _, s := range list {
						want.update(t, Learning, s)
					}
					for n := 1; n <= 4; n++ {
						h := newHosted(t, c, cfg, f.form, n, uint64(n))
						for _, s := range list {
							h.update(t, Learning, s)
						}
						same(t, h.p, want.p, c.Name)
					}
				}
			}
		})
	}
}

// same checks that two populations are in the same state.
func same(t *testing.T, got, want *Population, name string) {
	for v := range graph.VertexID(want.Graph().Len()) {
		require.Zero(t, tensor.Differing(got.Value(v), want.Value(v)), "%s: value of %s", name, want.g.Name(v))
		require.Zero(t, tensor.Differing(got.X(v), want.X(v)), "%s: x of %s", name, want.g.Name(v))
		a, b := got.Err(v), want.Err(v)
		require.Equal(t, b.Wanted(), a.Wanted(), "%s: ε of %s", name, want.g.Name(v))
		if b.Wanted() {
			require.Zero(t, tensor.Differing(a, b), "%s: ε of %s", name, want.g.Name(v))
		}
	}
	scalars := func(p *Population) tensor.Tensor {
		return tensor.From(tensor.Dims(3), []float64{p.Loss(), p.Energy(), p.Residual()})
	}
	require.Zero(t, tensor.Differing(scalars(got), scalars(want)), "%s: loss, energy, residual", name)
}

// Every vertex has one host, and hosts have about the same number of edges at every level.
func TestPartition(t *testing.T) {
	c := population(5, 0, "tanh")
	cfg := Config{Rule: Rule{Sparse: true, Gamma: 1}, Type: tensor.Float32, Plasticity: synapse.Rule{}}
	for _, n := range []int{1, 2, 3, 7} {
		h := newHosted(t, c, cfg, graph.Unlevelled, n, 1)
		sum := 0
		for _, s := range h.shards {
			sum += s.Vertices()
			require.InDelta(t, float64(c.Graph.Len())/float64(n), s.Vertices(), 25, "%d shards", n)
		}
		require.Equal(t, c.Graph.Len(), sum)
	}
}

// A hook sees every message once, and can lose one: then the stage does not end, and a vertex that waits is named.
func TestShardsNameWhoWaits(t *testing.T) {
	c := population(6, 0, "tanh")
	cfg := Config{Rule: Rule{Sparse: true, Gamma: 1}, Type: tensor.Float64}
	s := c.Sample(rand.New(rand.NewPCG(1, 1)), tensor.Float64)
	h := newHosted(t, c, cfg, graph.Unlevelled, 2, 1)
	count := int64(0)
	for _, s := range h.shards {
		s.Hook = func(Message) bool { count++; return true }
	}
	h.update(t, Learning, s)
	require.Equal(t, count, h.shards[0].Predictions+h.shards[1].Predictions+h.shards[0].Errors+h.shards[1].Errors)

	var lost graph.VertexID
	for _, s := range h.shards {
		s.Hook = func(m Message) bool {
			if m.Kind == Error && m.Tick == 2 && lost == 0 && h.p.g.Role(h.p.g.From(m.Edge)) == graph.Computed {
				lost = h.p.g.From(m.Edge)
				return false
			}
			return true
		}
	}
	h.p.Begin(Learning, s.Inputs, s.Target, 1)
	h.stage(t)
	for tick := range 3 {
		h.p.Open(tick, false)
		h.stage(t)
	}
	h.p.Open(3, false)
	for _, s := range h.shards {
		s.Turn()
		h.settle(s)
	}
	for _, b := range h.waiting {
		h.shards[b.To].Receive(b)
		h.settle(h.shards[b.To])
	}
	require.Equal(t, lost, h.p.Waiting())
}

package pc

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// none stands for no vertex, or no edge.
const none = -1

// silenced returns c with the value of a vertex, or what goes along an edge, multiplied by 0.
func silenced(t *testing.T, c enginetest.Case, lesion graph.VertexID, cut graph.EdgeID) enginetest.Case {
	g, b := c.Graph, graph.NewBuilder()
	id := make([]graph.VertexID, g.Len())
	for i := range g.Inputs() {
		l := g.Input(i)
		if v := b.Input(l.Name, l.Type, l.Shape); l.Vertex >= 0 {
			id[l.Vertex] = v
		}
	}
	for i := range g.Parameters() {
		l := g.Parameter(i)
		if v := b.Parameter(l.Name, l.Shape); l.Vertex >= 0 {
			id[l.Vertex] = v
		}
	}
	zero := b.Constant("", scalar(0))
	for v := range graph.VertexID(g.Len()) {
		switch g.Role(v) {
		case graph.Constant:
			id[v] = b.Constant("", g.Constant(v))
		case graph.Computed:
			first, n := g.In(v)
			args := make([]graph.VertexID, n)
			for k := range args {
				args[k] = id[g.Args(v)[k]]
				if first+graph.EdgeID(k) == cut {
					args[k] = b.Apply("", op.Mul(), args[k], zero)
				}
			}
			if id[v] = b.Apply("", g.Op(v), args...); v == lesion {
				id[v] = b.Apply("", op.Mul(), id[v], zero)
			}
		}
	}
	for _, v := range g.Outputs() {
		b.Output(id[v])
	}
	h, err := b.Build()
	require.NoError(t, err, c.Name)
	c.Graph = h
	return c
}

// lesions calls f for some vertices and some edges of c, one of each pair being none.
func lesions(c enginetest.Case, r *rand.Rand, f func(v graph.VertexID, e graph.EdgeID)) {
	g := c.Graph
	for range 4 {
		v := graph.VertexID(r.IntN(g.Len()))
		if g.Role(v) == graph.Computed && g.Differentiable(v) {
			f(v, none)
		}
		if e := graph.EdgeID(r.IntN(g.Edges())); g.Type(g.From(e)).IsFloat() {
			f(none, e)
		}
	}
	f(g.Output(), none)
}

// Lesions: a silent vertex, and a cut edge, is one that is multiplied by 0. So says backprop on the other graph; backprop's
// own lesions agree with it in every value, and every exact rule with backprop's lesions in every bit.
func TestLesions(t *testing.T) {
	rules := []Config{{Rule: ZIL()}, {Rule: DenseZIL(), Form: graph.Identities}, {Rule: DenseZIL(), Form: graph.Delays}, {Rule: FaZIL()}, {Rule: Event()}, {Rule: EventDelta()}}
	felt := 0
	for k, c := range networks(15) {
		s := sampleOf(c, uint64(k))
		r := rand.New(rand.NewPCG(enginetest.Seed, uint64(k)))
		intact := backprop(t, c, s)
		ref, err := bp.New(c.Config(tensor.Float64))
		require.NoError(t, err)
		lesions(c, r, func(v graph.VertexID, e graph.EdgeID) {
			harm(ref, c.Graph, v, e, true)
			want, res, err := ref.Gradient(context.Background(), s)
			require.NoError(t, err)
			want = want.Clone()
			d := engine.Diff(want, backprop(t, silenced(t, c, v, e), s))
			require.Zero(t, d.MaxAbs, "%s: vertex %d, edge %d", c.Name, v, e)
			if !engine.Diff(want, intact).Equal() {
				felt++
			}
			for _, cfg := range rules {
				cfg.Config = c.Config(tensor.Float64)
				x, err := New(cfg)
				require.NoError(t, err)
				harm(x.Population(), x.Graph(), v, e, true)
				got, xr, err := x.Gradient(context.Background(), s)
				require.NoError(t, err)
				d := engine.Diff(got, want)
				if Promised(cfg.Rule, graph.Identities) {
					require.True(t, d.Equal(), "%s, %s: vertex %d, edge %d: %+v", cfg.Rule.Name, c.Name, v, e, d)
				} else {
					require.Less(t, d.RelativeL2, 1e-13, "%s, %s: vertex %d, edge %d", cfg.Rule.Name, c.Name, v, e)
				}
				require.Equal(t, res.Loss, xr.Loss)
				harm(x.Population(), x.Graph(), v, e, false)
				got, _, err = x.Gradient(context.Background(), s)
				require.NoError(t, err)
				require.Less(t, engine.Diff(got, intact).RelativeL2, 1e-13, "%s, %s: healed", cfg.Rule.Name, c.Name)
			}
			harm(ref, c.Graph, v, e, false)
			healed, _, err := ref.Gradient(context.Background(), s)
			require.NoError(t, err)
			require.True(t, engine.Diff(healed, intact).Equal(), "healed")
		})
	}
	assert.Greater(t, felt, 50)
}

// harm lesions the original vertex v, or cuts the original edge e, of whoever runs g; or heals it.
func harm(who interface {
	Lesion(graph.VertexID, bool)
	Cut(graph.EdgeID, bool)
}, g any, v graph.VertexID, e graph.EdgeID, on bool) {
	l, ok := g.(*graph.Levelled)
	if !ok {
		l = &graph.Levelled{Graph: g.(*graph.Graph)}
	}
	to, arg := v, 0
	if v == none {
		to, arg = original(l, e)
	}
	for u := range graph.VertexID(l.Len()) {
		if l.Original(u) != to {
			continue
		}
		if v != none {
			who.Lesion(u, on)
			return
		}
		first, _ := l.In(u)
		who.Cut(first+graph.EdgeID(arg), on)
		return
	}
	panic("no such vertex")
}

// original returns consumer and argument of edge e of the graph that l was made of: edges are numbered by consumer, and
// consumers keep their order and their number of arguments.
func original(l *graph.Levelled, e graph.EdgeID) (to graph.VertexID, arg int) {
	n := 0
	for u := range graph.VertexID(l.Len()) {
		if l.Original(u) < 0 {
			continue
		}
		_, k := l.In(u)
		if int(e) < n+k {
			return l.Original(u), int(e) - n
		}
		n += k
	}
	panic("no such edge")
}

// A frozen parameter stays as it is; the others learn as if it were not.
func TestFreeze(t *testing.T) {
	for _, rule := range []neuron.Rule{ZIL(), DenseZIL(), Event(), EventDelta(), DefaultIL()} {
		c := scalarChain(t)
		s := sampleOf(c, 1)
		whole, err := New(Config{Config: c.Config(tensor.Float64), Rule: rule})
		require.NoError(t, err)
		e, err := New(Config{Config: c.Config(tensor.Float64), Rule: rule})
		require.NoError(t, err)
		e.Population().Freeze(1, true)
		for _, x := range []*Engine{whole, e} {
			_, err := x.Learn(context.Background(), s)
			require.NoError(t, err)
		}
		for i, p := range e.Params() {
			want := whole.Params()[i : i+1]
			if i == 1 {
				want = engine.Params{{Name: p.Name, Value: c.Initial[i]}}
			}
			assert.True(t, engine.Diff(engine.Params{p}, want).Equal(), "%s: %s", rule.Name, p.Name)
		}
		before := e.Params().Clone()
		e.Population().Freeze(1, false)
		_, err = e.Learn(context.Background(), s)
		require.NoError(t, err)
		assert.False(t, engine.Diff(e.Params()[1:2], before[1:2]).Equal(), "it learns again")
	}
}

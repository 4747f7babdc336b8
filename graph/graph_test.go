package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// consistent checks that in-edges, out-edges, arguments and ports tell the same story, and that ids are a topological
// order.
func consistent(t require.TestingT, g *Graph) {
	edges := 0
	for v := range VertexID(g.Len()) {
		first, n := g.In(v)
		require.Equal(t, EdgeID(edges), first)
		require.Len(t, g.Args(v), n)
		for k := range n {
			e := first + EdgeID(k)
			require.Equal(t, v, g.To(e))
			require.Equal(t, k, g.Arg(e))
			require.Equal(t, g.Args(v)[k], g.From(e))
			require.Less(t, g.From(e), v)
			require.Equal(t, e, g.Out(g.From(e))[g.Port(e)])
			require.Equal(t, Edge{g.From(e), v, int32(k), int32(g.Port(e)), int32(g.Delay(e))}, g.Edge(e))
		}
		for port, e := range g.Out(v) {
			require.Equal(t, v, g.From(e))
			require.Equal(t, port, g.Port(e))
		}
		require.Equal(t, g.Role(v) == Computed, g.Op(v) != nil)
		require.Equal(t, n > 0, g.Role(v) == Computed)
		edges += n
	}
	require.Equal(t, edges, g.Edges())
}

func TestEdgesAreConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { consistent(t, drawn(t)) })
}

// level(v) is the length of the longest path to the output; the depth counts levels at which something is computed.
func TestLevelIsTheLongestPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		depth := 0
		for v := range VertexID(g.Len()) {
			require.Equal(t, longest(g, v), g.Level(v), g.Name(v))
			if g.Role(v) == Computed {
				depth = max(depth, g.Level(v)+1)
			}
		}
		require.Equal(t, depth, g.Depth())
	})
}

// Every vertex that is kept leads to an output; ports follow the order in which consumers were declared.
func TestEveryVertexReachesAnOutput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		reaches := make([]bool, g.Len())
		for _, v := range g.Outputs() {
			reaches[v] = true
		}
		for v := VertexID(g.Len() - 1); v >= 0; v-- {
			last := EdgeID(-1)
			for _, e := range g.Out(v) {
				require.Greater(t, e, last)
				last = e
				reaches[v] = reaches[v] || reaches[g.To(e)]
			}
			require.True(t, reaches[v], g.Name(v))
		}
	})
}

func TestNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		seen := map[string]bool{}
		for v := range VertexID(g.Len()) {
			name := g.Name(v)
			require.False(t, seen[name], name)
			seen[name] = true
			if g.names.name(v) != "" {
				w, ok := g.Find(name)
				require.True(t, ok)
				require.Equal(t, v, w)
			}
		}
		_, ok := g.Find("nobody")
		require.False(t, ok)
	})
}

func vector() tensor.Shape { return tensor.Dims(2) }

// A population costs one run, however large it is.
func TestPopulations(t *testing.T) {
	b := NewBuilder()
	x := b.Input("x", tensor.Float64, vector())
	var units []VertexID
	for k := range 1000 {
		units = append(units, b.Apply("hidden/"+itoa(k), op.Tanh(), x))
	}
	b.Output(b.Apply("out", op.SumN(), units...))
	g, err := b.Build()
	require.NoError(t, err)
	assert.Len(t, g.names.runs, 3)
	v, ok := g.Find("hidden/777")
	require.True(t, ok)
	assert.Equal(t, "hidden/777", g.Name(v))
	for _, name := range []string{"hidden", "hidden/1000", "hidden/-1", "hidden/007", "x/0"} {
		_, ok := g.Find(name)
		assert.False(t, ok, name)
	}
}

// References stand for vertices that are declared later, as files allow it.
func TestRef(t *testing.T) {
	b := NewBuilder()
	later := b.Ref("later")
	assert.Equal(t, later, b.Ref("later"))
	out := b.Apply("out", op.Neg(), later)
	x := b.Input("x", tensor.Float64, vector())
	v := b.Apply("later", op.Tanh(), x)
	assert.Equal(t, v, b.Ref("later"))
	b.Output(out)
	g, err := b.Build()
	require.NoError(t, err)
	consistent(t, g)
	assert.Equal(t, 3, g.Len())
	assert.Equal(t, "out", g.Name(g.Output()))
	assert.Equal(t, "later", g.Name(g.Args(g.Output())[0]))
}

func TestBuildErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(b *Builder, x VertexID)
		want  []string
	}{
		{"no output", func(b *Builder, x VertexID) { b.Apply("y", op.Neg(), x) }, []string{"graph: no output"}},
		{"unknown names", func(b *Builder, x VertexID) {
			b.Output(b.Apply("y", op.Add(), b.Ref("nobody"), b.Ref("nothing")))
		}, []string{"graph: unknown vertex", `"nobody", "nothing"`}},
		{"a cycle", func(b *Builder, x VertexID) {
			c := b.Ref("c")
			a := b.Apply("a", op.Neg(), c)
			d := b.Apply("b", op.Tanh(), a)
			b.Output(b.Apply("c", op.Add(), x, d))
		}, []string{"graph: cycle:", ` ← "a" (neg)`, ` ← "b" (tanh)`, ` ← "c" (add)`}},
		{"a loop", func(b *Builder, x VertexID) {
			b.Output(b.Apply("a", op.Neg(), b.Ref("a")))
		}, []string{"graph: cycle:", `"a" (neg) ← "a" (neg)`}},
		{"shapes that do not fit", func(b *Builder, x VertexID) {
			b.Output(b.Apply("y", op.MatMul(), x, b.Parameter("w", tensor.Dims(3, 4))))
		}, []string{`graph: vertex "y" (matmul)`, "[2]", "[3 4]"}},
		{"shapes that do not fit, seen late", func(b *Builder, x VertexID) {
			y := b.Apply("y", op.Add(), x, b.Ref("w"))
			b.Parameter("w", tensor.Dims(3, 4))
			b.Output(y)
		}, []string{`graph: vertex "y" (add)`, "[2]", "[3 4]"}},
		{"too many arguments", func(b *Builder, x VertexID) { b.Output(b.Apply("y", op.Neg(), x, x)) },
			[]string{`graph: vertex "y" (neg)`, "got 2 arguments, want 1"}},
		{"a type that does not fit", func(b *Builder, x VertexID) {
			b.Output(b.Apply("y", op.Tanh(), b.Input("k", tensor.Int64, vector())))
		}, []string{`graph: vertex "y" (tanh)`, "i64"}},
		{"an argument of another builder", func(b *Builder, x VertexID) { b.Output(b.Apply("y", op.Neg(), 77)) },
			[]string{`graph: vertex "y": argument 0`}},
		{"two vertices of one name", func(b *Builder, x VertexID) { b.Output(b.Apply("x", op.Neg(), x)) },
			[]string{`graph: two vertices are called "x"`}},
		{"a population out of order", func(b *Builder, x VertexID) {
			b.Apply("h/3", op.Neg(), x)
			b.Output(b.Apply("h/2", op.Neg(), x))
		}, []string{`graph: vertex "h/2"`, "h/3 is there already"}},
		{"an output that is a leaf", func(b *Builder, x VertexID) { b.Output(x) },
			[]string{`graph: output "x" must be a computed vertex`}},
		{"an output that is used", func(b *Builder, x VertexID) {
			y := b.Apply("y", op.Neg(), x)
			b.Output(y)
			b.Output(b.Apply("z", op.Neg(), y))
		}, []string{"graph: output y is used by z"}},
	} {
		b := NewBuilder()
		c.build(b, b.Input("x", tensor.Float64, vector()))
		_, err := b.Build()
		for _, want := range c.want {
			require.ErrorContains(t, err, want, c.name)
		}
	}
}

// What no output depends on is left out, with a warning; leaves keep their place in the order of declaration, and the
// others their relative port order.
func TestPruning(t *testing.T) {
	b := NewBuilder()
	x := b.Input("x", tensor.Float64, vector())
	b.Input("unused", tensor.Float64, tensor.Dims(5))
	p, q := b.Parameter("p", vector()), b.Parameter("q", tensor.Dims())
	b.Apply("dead", op.Mul(), x, q)
	first := b.Apply("first", op.Mul(), x, p)
	b.Apply("dead2", op.Tanh(), x)
	b.Output(b.Apply("out", op.Add(), first, x))
	g, err := b.Build()
	require.NoError(t, err)
	consistent(t, g)
	assert.Equal(t, 4, g.Len())
	require.Len(t, g.Warnings(), 1)
	for _, want := range []string{"4 vertices", "unused", "dead", "dead2", "q"} {
		assert.Contains(t, g.Warnings()[0], want)
	}
	assert.Equal(t, Leaf{"unused", tensor.Dims(5), tensor.Float64, -1}, g.Input(1))
	assert.Equal(t, Leaf{"q", tensor.Dims(), tensor.Float64, -1}, g.Parameter(1))
	assert.Equal(t, "p", g.Name(g.Parameter(0).Vertex))
	var consumers []string
	for _, e := range g.Out(g.Input(0).Vertex) {
		consumers = append(consumers, g.Name(g.To(e)))
	}
	assert.Equal(t, []string{"first", "out"}, consumers)
}

func TestConstants(t *testing.T) {
	b := NewBuilder()
	x := b.Input("x", tensor.Float64, vector())
	var values []tensor.Tensor
	for k := range 5 {
		values = append(values, tensor.From(vector(), []float64{float64(k), 1}))
		x = b.Apply("", op.Add(), b.Constant("c/"+itoa(k), values[k]), x)
	}
	b.Output(x)
	g, err := b.Build()
	require.NoError(t, err)
	for k, want := range values {
		v, ok := g.Find("c/" + itoa(k))
		require.True(t, ok)
		assert.Zero(t, tensor.Differing(want, g.Constant(v)))
	}
	assert.Panics(t, func() { g.Constant(g.Output()) })
}

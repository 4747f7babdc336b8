package graph

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func dot(t require.TestingT, g *Graph) string {
	var b bytes.Buffer
	require.NoError(t, g.WriteDOT(&b))
	return b.String()
}

// The drawing has every vertex and edge once, and two of one graph are the same.
func TestDOTIsComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		for _, form := range []Form{Unlevelled, Identities, Delays} {
			l := Level(g, form, false)
			s := dot(t, l.Graph)
			require.Equal(t, l.Len(), strings.Count(s, "fillcolor="))
			require.Equal(t, l.Edges(), strings.Count(s, " -> "))
			require.Equal(t, s, dot(t, l.Graph))
			if form != Unlevelled {
				require.NotContains(t, s, "dashed")
			}
			require.Equal(t, l.Delayed, strings.Count(s, "delay "))
		}
	})
}

// awkward has names that a careless writer would not survive, and a skip connection.
func awkward(t *testing.T) *Graph {
	b := NewBuilder()
	x := b.Input("in \"put\"\\", tensor.Float64, tensor.Dims(2, 3))
	y := b.Apply("η; } // \n", op.Tanh(), x)
	z := b.Apply("", op.Mul(), y, b.Parameter("<b>&amp;</b>", tensor.Dims(2, 3)))
	b.Output(b.Apply("out", op.Add(), z, y))
	b.Output(b.Apply("side", op.Neg(), y))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestDOT(t *testing.T) {
	s := dot(t, awkward(t))
	for _, want := range []string{`"in \"put\"\\\n2×3"`, "shape=box", "style=dashed", "peripheries=2", "// level 0", "// level 3", "// level -1", "#e6e6e6"} {
		assert.Contains(t, s, want)
	}
	assert.Equal(t, 2, strings.Count(s, "peripheries=2"))
}

// Graphviz accepts it, if it is installed.
func TestGraphvizDrawsIt(t *testing.T) {
	path, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("graphviz is not installed")
	}
	g := awkward(t)
	for _, form := range []Form{Unlevelled, Identities, Delays} {
		cmd := exec.Command(path, "-Tsvg")
		cmd.Stdin = strings.NewReader(dot(t, Level(g, form, false).Graph))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), "<svg")
		assert.NotContains(t, string(out), "Warning")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestDOTReportsAnError(t *testing.T) {
	assert.ErrorContains(t, awkward(t).WriteDOT(broken{}), "disk full")
}

func TestLevelTable(t *testing.T) {
	rows := awkward(t).Levels()
	assert.Equal(t, []LevelRow{
		{Level: 0, Vertices: 1, Edges: 2, Skips: 1, Values: 6},
		{Level: 1, Vertices: 1, Edges: 2, Values: 6},
		{Level: 2, Vertices: 1, Leaves: 1, Edges: 1, Parameters: 6, Values: 6},
		{Level: 3, Leaves: 1},
		{Level: -1, Vertices: 1, Edges: 1, Values: 6},
	}, rows)
}

// The rows add up to the graph, and levelling leaves no skip.
func TestLevelTableAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		l := Level(g, Identities, false)
		for _, h := range []*Graph{g, l.Graph} {
			var sum LevelRow
			for _, r := range h.Levels() {
				sum.Vertices, sum.Leaves, sum.Edges, sum.Skips = sum.Vertices+r.Vertices, sum.Leaves+r.Leaves, sum.Edges+r.Edges, sum.Skips+r.Skips
			}
			require.Equal(t, h.Len(), sum.Vertices+sum.Leaves)
			require.Equal(t, h.Edges(), sum.Edges)
			if h == l.Graph {
				require.Zero(t, sum.Skips)
			}
		}
	})
}

package graph

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// populations returns input/0..2 → hidden/0..11 → out, with parameters w/0..11 and a bare "hidden2".
func populations(t *testing.T) *Graph {
	b := NewBuilder()
	var x, h []VertexID
	for i := range 3 {
		x = append(x, b.Input("input/"+strconv.Itoa(i), tensor.Float64, tensor.Dims(2)))
	}
	for i := range 12 {
		w := b.Parameter("w/"+strconv.Itoa(i), tensor.Dims(2))
		h = append(h, b.Apply("hidden/"+strconv.Itoa(i), op.SumN(), append([]VertexID{w}, x...)...))
	}
	b.Output(b.Apply("out", op.Tanh(), b.Apply("hidden2", op.SumN(), h...)))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func namesOf(g *Graph, list []VertexID) string {
	var s []string
	for _, v := range list {
		s = append(s, g.Name(v))
	}
	return strings.Join(s, " ")
}

func TestMatch(t *testing.T) {
	g := populations(t)
	for pattern, want := range map[string]string{
		"out":                   "out",
		"hidden/3":              "hidden/3",
		"hidden/9..11":          "hidden/9 hidden/10 hidden/11",
		"hidden/4..4":           "hidden/4",
		"hidden/10..99":         "hidden/10 hidden/11",
		"input/*":               "input/0 input/1 input/2",
		" out , input/0..1 ":    "input/0 input/1 out",
		"out, out":              "out",
		"*/2":                   "input/2 w/2 hidden/2",
		"hidden2/*":             "hidden2",
		"h*den2":                "hidden2",
		"*/1..1":                "input/1 w/1 hidden/1",
		"hidden/1*,hidden/*1":   "hidden/1 hidden/10 hidden/11",
		"**2":                   "input/2 w/2 hidden/2 hidden2",
		"**/2":                  "input/2 w/2 hidden/2",
		"*2":                    "hidden2",
		"hidden/0..2,hidden/2*": "hidden/0 hidden/1 hidden/2",
	} {
		got, err := Match(g, pattern)
		require.NoError(t, err, pattern)
		assert.Equal(t, want, namesOf(g, got), pattern)
	}
	all, err := Match(g, "*")
	require.NoError(t, err)
	assert.Len(t, all, g.Len())
	for pattern, message := range map[string]string{
		"":            "an empty name",
		"out,":        "an empty name",
		"hiden/*":     `no vertex is called "hiden/*"`,
		"out, output": `no vertex is called "output"`,
		"hidden/7..3": "want a range of numbers such as 0..7",
		"hidden/a..b": "want a range of numbers",
		"hidden/..":   "want a range of numbers",
		"hidden/-1..": "want a range of numbers",
	} {
		_, err := Match(g, pattern)
		assert.ErrorContains(t, err, message, pattern)
		assert.ErrorContains(t, err, "graph: pattern ")
	}
}

func TestMatchEdges(t *testing.T) {
	g := populations(t)
	for pattern, want := range map[string]int{"* -> *": g.Edges(), "input/* -> hidden/*": 36, "input/0->hidden/0..3": 4, "w/* -> hidden/*": 12,
		"hidden/* -> input/*": 0, "hidden/*, hidden2 -> out, hidden2": 13} {
		list, err := MatchEdges(g, pattern)
		require.NoError(t, err, pattern)
		assert.Len(t, list, want, pattern)
	}
	for _, pattern := range []string{"out", "a -> b -> c", "-> out", "nothing -> out", "out -> nothing"} {
		_, err := MatchEdges(g, pattern)
		assert.ErrorContains(t, err, "graph: pattern ", pattern)
	}
	list, err := MatchEdges(g, "hidden/5 -> hidden2")
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, "hidden/5", g.Name(g.From(list[0])))
}

// A name may be whatever Build allows, a star included: exact names win over what they mean as a pattern.
func TestMatchLiteralStar(t *testing.T) {
	b := NewBuilder()
	b.Output(b.Apply("y", op.Add(), b.Input("a*", tensor.Float64, tensor.Dims(1)), b.Input("ab", tensor.Float64, tensor.Dims(1))))
	g, err := b.Build()
	require.NoError(t, err)
	list, err := Match(g, "a*")
	require.NoError(t, err)
	assert.Equal(t, "a* ab", namesOf(g, list))
}

// fits is what glob means, by trying everything.
func fits(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	if rest, ok := strings.CutPrefix(pattern, "**"); ok {
		for i := range len(name) + 1 {
			if fits(rest, name[i:]) {
				return true
			}
		}
		return false
	}
	if pattern[0] == '*' {
		for i := range len(name) + 1 {
			if fits(pattern[1:], name[i:]) {
				return true
			}
			if i < len(name) && name[i] == '/' {
				return false
			}
		}
		return false
	}
	return name != "" && name[0] == pattern[0] && fits(pattern[1:], name[1:])
}

func TestGlob(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*/.]{0,7}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[ab/.\n]{0,9}`).Draw(t, "name")
		assert.Equal(t, fits(pattern, name), glob(pattern).MatchString(name), "%q %q", pattern, name)
	})
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"*", "a/0..7, b", "a -> b", "/..", "*/1..2", ",", "a/*", "\xff*", "**\x00"} {
		f.Add(s)
	}
	b := NewBuilder()
	b.Output(b.Apply("b", op.Add(), b.Input("a/0", tensor.Float64, tensor.Dims(1)), b.Input("a/1", tensor.Float64, tensor.Dims(1))))
	g, err := b.Build()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, pattern string) {
		list, err := Match(g, pattern)
		assert.Equal(t, err == nil, len(list) > 0)
		_, _ = MatchEdges(g, pattern)
	})
}

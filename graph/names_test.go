package graph

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Any two names that differ can stand side by side, unless they number a population downwards; each is found, and only it.
func FuzzNames(f *testing.F) {
	for _, s := range [][2]string{{"a", "b"}, {"h", "h/0"}, {"h/0", "h"}, {"h/0", "h/1"}, {"h/1", "h/0"}, {"h/2", "h/4"}, {"/5", "5"}, {"h/", "h//1"}, {"h/007", "h/7"},
		{"h/2147483647", "h/2147483648"}, {"h/-1", "h/1"}, {"a", "a"}, {"", "x"}, {"tanh#1", "neg#2"}, {"\xff", "\n"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		b := NewBuilder()
		x := b.Input("", tensor.Float64, tensor.Dims())
		b.Output(b.Apply(second, op.Neg(), b.Apply(first, op.Tanh(), x)))
		g, err := b.Build()
		p, i := splitName(first)
		q, j := splitName(second)
		if first != "" && p == q && i >= j && (j >= 0 || i == j) {
			require.ErrorContains(t, err, "graph: ")
			return
		}
		require.NoError(t, err)
		for v, name := range map[VertexID]string{1: first, 2: second} {
			if name == "" {
				continue
			}
			require.Equal(t, name, g.Name(v))
			w, ok := g.Find(name)
			require.True(t, ok)
			require.Equal(t, v, w)
		}
	})
}

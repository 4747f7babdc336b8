package network

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/graph"
)

func TestLayered(t *testing.T) {
	c := Layered{Depth: 3, Width: 20, FanIn: 4, Init: Init{Seed: 9}}
	n, err := c.Build()
	require.NoError(t, err)
	g := n.Graph
	require.Empty(t, g.Warnings(), "nothing is pruned")
	require.Equal(t, 20+2*c.Units()+1, g.Len())
	require.Equal(t, c.Connections()+c.Units()+c.Width, g.Edges())
	require.Equal(t, 4, g.Depth())
	require.Len(t, n.Initial, c.Units())
	for l := 1; l <= 2; l++ {
		for _, i := range []string{"0", "7", "19"} {
			v, ok := g.Find("layer" + string(rune('0'+l)) + "/" + i)
			require.True(t, ok)
			require.Len(t, g.Out(v), c.FanIn)
			_, k := g.In(v)
			require.Equal(t, c.FanIn+1, k)
			require.Equal(t, graph.Parameter, g.Role(g.Args(v)[c.FanIn]))
		}
	}
	again, err := c.Build()
	require.NoError(t, err)
	other, err := Layered{Depth: 3, Width: 20, FanIn: 4, Init: Init{Seed: 10}}.Build()
	require.NoError(t, err)
	args := func(n *Network) (list []graph.VertexID) {
		for v := range graph.VertexID(n.Graph.Len()) {
			list = append(list, n.Graph.Args(v)...)
		}
		return list
	}
	require.Equal(t, args(n), args(again))
	require.NotEqual(t, args(n), args(other))
	for _, bad := range []Layered{{Width: 1, FanIn: 1}, {Depth: 1, FanIn: 1}, {Depth: 1, Width: 1}, {Depth: 1 << 12, Width: 1 << 12, FanIn: 1 << 12},
		{Depth: 1, Width: 1, FanIn: 1, Activation: "no"}, {Depth: 1, Width: 1, FanIn: 1, Batch: -1}} {
		_, err := bad.Build()
		require.ErrorContains(t, err, "network: ")
	}
}

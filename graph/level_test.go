package graph

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/op"
)

// trace follows an edge of a graph levelled by identities back to the original vertex it comes from.
func trace(l *Levelled, e EdgeID) (from VertexID, port int, identities int) {
	for l.Original(l.From(e)) < 0 {
		e, _ = l.In(l.From(e))
		identities++
	}
	return l.Original(l.From(e)), l.Port(e), identities
}

// After levelling every edge between computed vertices spends as long as the levels of its ends are apart, and every edge
// stands for an original one with the same argument and port.
func TestLevelKeepsArgumentsAndPorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		pad := rapid.Bool().Draw(t, "pad leaves")
		form := rapid.SampledFrom([]Form{Unlevelled, Identities, Delays}).Draw(t, "form")
		l := Level(g, form, pad && form == Identities)
		consistent(t, l.Graph)
		require.Equal(t, g.Depth(), l.Depth())
		require.Equal(t, g.Len()+l.Identities, l.Len())
		originals := 0
		for v := range VertexID(l.Len()) {
			o := l.Original(v)
			if o < 0 {
				require.Equal(t, op.Identity().Name(), l.Op(v).Name())
				continue
			}
			originals++
			require.Equal(t, g.Level(o), l.Level(v))
			require.Equal(t, g.Role(o), l.Role(v))
			require.Equal(t, g.Shape(o), l.Shape(v))
			require.Equal(t, g.names.name(o), l.names.name(v))
			require.Len(t, l.Out(v), len(g.Out(o)))
			first, n := l.In(v)
			for k := range n {
				from, port, _ := trace(l, first+EdgeID(k))
				e, _ := g.In(o)
				require.Equal(t, g.From(e+EdgeID(k)), from)
				require.Equal(t, g.Port(e+EdgeID(k)), port)
			}
		}
		require.Equal(t, g.Len(), originals)
		if form != Unlevelled {
			levelled(t, l, pad && form == Identities)
		}
	})
}

// levelled checks that no edge is short of the way round.
func levelled(t require.TestingT, l *Levelled, pad bool) {
	for e := range EdgeID(l.Edges()) {
		from, to := l.From(e), l.To(e)
		if l.Level(to) < 0 || l.Role(from) == Constant || !pad && l.Role(from) != Computed {
			continue
		}
		require.Equal(t, l.Level(from), l.Level(to)+1+l.Delay(e), "%s → %s", l.Name(from), l.Name(to))
	}
}

// On the edge from j to i there are level(j) − level(i) − 1 identities, or ticks of delay.
func TestIdentityCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		want, delayed := 0, 0
		for e := range EdgeID(g.Edges()) {
			if g.Role(g.From(e)) == Computed && g.Level(g.To(e)) >= 0 {
				n := longest(g, g.From(e)) - longest(g, g.To(e)) - 1
				require.GreaterOrEqual(t, n, 0)
				want += n
				if n > 0 {
					delayed++
				}
			}
		}
		require.Equal(t, want, Level(g, Identities, false).Identities)
		d := Level(g, Delays, false)
		require.Equal(t, delayed, d.Delayed)
		sum := 0
		for e := range EdgeID(d.Edges()) {
			sum += d.Delay(e)
		}
		require.Equal(t, want, sum)
		require.Zero(t, g.Delay(0), "the original is as it was")
	})
}

// Levelling twice changes nothing the second time.
func TestLevelIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		form := rapid.SampledFrom([]Form{Identities, Delays}).Draw(t, "form")
		l := Level(g, form, false)
		for _, again := range []Form{Identities, Delays} {
			m := Level(l.Graph, again, false)
			require.Zero(t, m.Identities)
			require.Zero(t, m.Delayed)
			require.Same(t, l.Graph, m.Graph)
		}
	})
}

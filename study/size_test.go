package study

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
)

func TestSize(t *testing.T) {
	for _, o := range [][]string{{"time.engine=pc"}, {"time.engine=actors", "dtype=f32"}, {"time.engine=bp"}, {"time.engine=pc", "learning.schedule=zil-dense", "network={arch: residual}"}} {
		s := open(t, o...)
		r, err := Size(context.Background(), s)
		require.NoError(t, err, o)
		assert.Equal(t, s.Network.Parameters(), r.Parameters)
		assert.Equal(t, 2*(1438/20), r.Updates)
		assert.Positive(t, float64(r.Seconds))
		assert.Greater(t, r.Bytes, int64(s.Network.Parameters()*s.Type.Size()))
		if o[0] != "time.engine=bp" {
			assert.Positive(t, r.Messages)
			assert.Positive(t, r.Ticks)
		}
		var text bytes.Buffer
		require.NoError(t, r.WriteText(&text))
		assert.Contains(t, text.String(), "of this network on this machine")
	}
}

// The messages of an update are known before it is made.
func TestMessagesAreCountedRight(t *testing.T) {
	for _, a := range network.Names() {
		n, err := network.Small(a).Build()
		require.NoError(t, err)
		p, err := VerifyOptions{Steps: 1}.problem([2]string{a, "layer"}, 1, "f64")
		require.NoError(t, err)
		rule, err := p.rule("zil")
		require.NoError(t, err)
		e, err := config.NewEngine("pc", p.base, rule, actors.HostAuto)
		require.NoError(t, err)
		x, err := p.sample(0)
		require.NoError(t, err)
		r, err := e.Learn(context.Background(), x)
		require.NoError(t, err)
		assert.Equal(t, r.Messages, sparseMessages(p.base.Graph), "%s, %d vertices", a, n.Graph.Len())
		require.NoError(t, e.Close())
	}
}

func TestLargeNetworksAreTimedByNarrowerOnes(t *testing.T) {
	s := open(t, "network.layers=[64, 4000, 4000, 10]", "time.engine=pc", "network.grain=layer")
	r, err := Size(context.Background(), s)
	require.NoError(t, err)
	assert.Equal(t, 5, r.Levels)
	assert.Contains(t, r.Calibrated, "by updates of mlp 64-96-96-10 tanh on this machine, times 987")
	_, err = open(t, "network={arch: residual}").Shrunk(10)
	assert.ErrorContains(t, err, "only mlp can be cut down")
}

func TestGraphReport(t *testing.T) {
	n, err := network.Small("diamond").Build()
	require.NoError(t, err)
	for form, want := range map[string][3]int{"none": {0, 0, 1}, "identity": {6, 0, 0}, "delay": {0, 1, 0}} {
		f, err := Form(form)
		require.NoError(t, err)
		r, g := Graph(n, f)
		skips := 0
		for _, l := range r.Levels {
			skips += l.Skips
		}
		assert.Equal(t, want, [3]int{r.Identities, r.Delayed, skips}, form)
		assert.Equal(t, g.Len(), r.Vertices)
		var text bytes.Buffer
		require.NoError(t, r.WriteText(&text))
		assert.Contains(t, text.String(), "evelled")
	}
	_, err = Form("sideways")
	assert.Error(t, err)
	assert.Equal(t, graph.Identities.String(), "identity")
}

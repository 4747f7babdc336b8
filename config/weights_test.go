package config

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/tensor"
)

// save writes the initial weights of n.
func save(t *testing.T, n *network.Network, extra ...safetensors.Array) string {
	f := safetensors.File{Arrays: extra}
	for i, w := range n.Initial {
		f.Arrays = append(f.Arrays, safetensors.Array{Name: n.Graph.Parameter(i).Name, Tensor: w})
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	require.NoError(t, safetensors.WriteFile(path, f))
	return path
}

// Weights that one grain writes are read at every other: the networks are the same to the bit.
func TestWeightsFromAFileAtAnyGrain(t *testing.T) {
	for _, from := range network.Grains() {
		c := network.Config{Layers: []int{64, 5, 10}, Grain: from, Init: network.Init{Seed: 99, Rule: "he"}}
		n, err := c.Build()
		require.NoError(t, err)
		path := save(t, n)
		for _, to := range network.Grains() {
			l, err := Load("", "network.layers=[64, 5, 10]", "network.grain="+string(to), "network.init={from: "+path+"}")
			require.NoError(t, err)
			got, err := l.OpenNetwork(3)
			require.NoError(t, err)
			want, err := c.MLP().Regrain(n.Initial, to)
			require.NoError(t, err)
			require.Len(t, got.Initial, len(want))
			for i := range want {
				assert.Zero(t, tensor.Differing(got.Initial[i], want[i]), "%s to %s, parameter %d", from, to, i)
			}
		}
	}
}

func TestWeightsThatDoNotFit(t *testing.T) {
	c := network.Config{Layers: []int{64, 5, 10}}
	n, err := c.Build()
	require.NoError(t, err)
	path := save(t, n)
	more := save(t, n, safetensors.Array{Name: "z", Tensor: tensor.New(tensor.Float64, tensor.Dims(1))})
	for _, x := range [][3]string{
		{"[64, 6, 10]", path, `parameter "hidden/w" is f64[64 5], want floats of shape [64 6]`},
		{"[64, 5, 5, 10]", path, `no parameter "hidden1/w"`},
		{"[64, 5, 10]", more, "5 tensors, the network has 4 parameters"},
	} {
		l, err := Load("", "network.layers="+x[0], "network.grain=layer", "network.init={from: "+x[1]+"}")
		require.NoError(t, err)
		_, err = l.OpenNetwork(1)
		assert.ErrorContains(t, err, fmt.Sprintf("--set network.init={from: %s}: network.init.from: %s: %s", x[1], x[1], x[2]))
	}
}

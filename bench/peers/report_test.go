package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bench"
)

// The tables replace what stood between the two lines, and say which rows miss their limits.
func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doc.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"+begin+"\nstale tables\n"+end+"\nafter\n"), 0o600))
	il := ratio{9, 8.5, 10, 8}
	r := report{machine: machine{CPU: "a", Cores: 2, Flops32: [2]float64{1e11, 2e11}, Flops64: [2]float64{5e10, 1e11}, Bytes: [2]float64{1e10, 2e10},
		Software: software{"6.1", "3.11", "OpenBLAS 0.3", "v2.6"}}}
	r.rows = []row{
		{Job: "one", DType: "f32", Own: 1, Flops: 1e8, ToPeer: ratio{0.5, 0.4, 0.6, 0.45}, ToOwn: ratio{1, 0.9, 1.1, 1.05}, PCToOwn: ratio{1, 0.9, 1.1, 1.05}, ILToOwn: &il},
		{Job: "two", DType: "f64", Own: 1, Flops: 1e8, ToPeer: ratio{0.5, 0.46, 0.6, 0.45}, ToOwn: ratio{1, 0.9, 1.1, 1.05}, PCToOwn: ratio{1, 0.9, 1.1, 1.05}},
	}
	r.grains = []grain{{Hosting: "shard", Rate: ratio{90, 80, 110, 100}, Floor: ratio{5, 4.5, 6, 4}, PerUnit: 150, PerEdge: 40, Scale: bench.Scale{Vertices: 10, Edges: 100, Bytes: 5500}},
		{Hosting: "actor", Rate: ratio{1, 0.9, 1.1, 2}}, {Hosting: "loop"}}
	require.NoError(t, r.write(path))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(b)
	assert.NotContains(t, text, "stale tables")
	assert.Contains(t, text, "before\n"+begin)
	assert.Contains(t, text, end+"\nafter\n")
	assert.Contains(t, text, "kernel 6.1, Python 3.11; PyTorch computes with OpenBLAS 0.3 and oneDNN v2.6.")
	assert.Contains(t, text, "0.50 [0.40, 0.60] | 0.45 | holds")
	assert.Contains(t, text, "- two f64: actors / PyTorch 0.50 [0.46, 0.60], limit 0.45")
	assert.Contains(t, text, "- one f32: IL / own bp 9.00 [8.50, 10.00], limit 8.00")
	assert.Contains(t, text, "150 and 40 a connection | holds")
	assert.Contains(t, text, "90 [80, 110] | 100 | holds | 5.00 [4.50, 6.00] | 4 | **missed**")
	assert.Contains(t, text, "- single units, shard: 5.00 [4.50, 6.00] of the floor, limit 4")
	assert.Contains(t, text, "- single units, actor: 1.00 [0.90, 1.10] million edge messages a second, limit 2")
	assert.Contains(t, text, "50 % |") // of float32's peak; the other needs all of it
	assert.Contains(t, text, "100 % |")
	require.NoError(t, os.WriteFile(path, []byte("nothing"), 0o600))
	assert.ErrorContains(t, r.write(path), begin)
}

// Every job has limits of its own.
func TestLimits(t *testing.T) {
	for _, name := range names() {
		assert.Less(t, limitsOf(name).f64, 1.0, name)
	}
}

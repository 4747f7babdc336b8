package experiments

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/train"
)

// Every experiment checks its claim itself; here its quick form must find it true, and write what it promises.
func TestClaims(t *testing.T) {
	for _, e := range All() {
		t.Run(e.Name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "folder")
			require.NoError(t, e.Run(context.Background(), Config{Dir: dir, Quick: true}))
			info, err := os.Stat(filepath.Join(dir, "results.csv"))
			require.NoError(t, err)
			assert.Greater(t, info.Size(), int64(100))
		})
	}
}

func TestPolynomials(t *testing.T) {
	d, z1, z2, s := variable(0), variable(1), variable(2), variable(4)
	p := z1.times(z2).plus(d).times(z1.minus(d))
	assert.Equal(t, "−δ^2 − δ z1 z2 + δ z1 + z1^2 z2", p.String())
	assert.Equal(t, "0", p.minus(p).String())
	assert.Equal(t, "2 s", s.plus(s).String())
	assert.InDelta(t, (2*3+0.5)*(2-0.5), p.at([5]float64{0.5, 2, 3, 0, 0}), 1e-15)
}

// The published formula of the counter-example is what one path alone gives.
func TestSkipFormulas(t *testing.T) {
	backprop, path, unlevelled, levelled := fig3Formulas()
	t.Log("backprop:", backprop, " one path:", path, " unlevelled:", unlevelled, " levelled:", levelled)
	assert.Equal(t, "δ z1 z2 s + δ s", backprop.String())
	assert.Equal(t, backprop.String(), levelled.String())
	assert.NotEqual(t, backprop.String(), unlevelled.String())
}

func TestTail(t *testing.T) {
	for _, p := range []float64{0.02, 0.3, 0.5, 0.9} {
		q := []float64{1, 0, 0, 0, 0, 0, 0, 0} // Pr[Bin(n, p) ≥ k] by recursion in n
		for n := range 300 {
			for k := range q {
				assert.InDelta(t, q[k], tail(n, p, k), 1e-13, "n = %d, p = %g, k = %d", n, p, k)
			}
			for k := len(q) - 1; k > 0; k-- {
				q[k] = (1-p)*q[k] + p*q[k-1]
			}
		}
	}
	assert.Equal(t, 1.0, tail(5, 1, 5))
	assert.Equal(t, 0.0, tail(5, 1, 6))
	assert.InEpsilon(t, math.Pow(0.02, 7), tail(7, 0.02, 7), 1e-13)
}

// What contradicts a claim is found: values that are not finite, a bit that differs, a loss that rises, data that are not there.
func TestContradictions(t *testing.T) {
	assert.True(t, distance{relative: math.NaN()}.far())
	assert.True(t, distance{relative: math.Inf(1)}.far())
	assert.False(t, distance{}.far())
	good := twins{epochs: []train.Epoch{{Compared: true, Loss: 2}, {Compared: true, Loss: 1}}, hash: "a", twinHash: "a"}
	require.NoError(t, good.check())
	for _, spoil := range []func(*twins){
		func(w *twins) { w.epochs[1].Difference.Differing = 1 },
		func(w *twins) { w.epochs[0].Compared = false },
		func(w *twins) { w.epochs[1].Loss = 3 },
		func(w *twins) { w.twinHash = "b" },
	} {
		bad := good
		bad.epochs = slices.Clone(good.epochs)
		spoil(&bad)
		assert.ErrorIs(t, bad.check(), ErrClaim)
	}
	assert.ErrorIs(t, runFashion(context.Background(), Config{Data: t.TempDir(), Dir: t.TempDir()}), ErrData)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, e := range All() {
		if e.Name != "salvatori2022-fig3" && e.Name != "fashion-mlp" {
			assert.ErrorIs(t, e.Run(ctx, Config{Dir: t.TempDir(), Quick: true}), context.Canceled, e.Name)
		}
	}
}

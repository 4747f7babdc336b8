package experiments

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every experiment checks its claim itself; here its quick form must find it true, and write what it promises.
func TestClaims(t *testing.T) {
	for _, e := range All() {
		t.Run(e.Name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "folder")
			err := e.Run(context.Background(), Config{Dir: dir, Quick: true, Data: os.Getenv("FASHION_MNIST")})
			if errors.Is(err, ErrData) {
				t.Skip(err)
			}
			require.NoError(t, err)
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

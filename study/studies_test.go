package study

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/plot"
)

// kept opens the study of that name with the results that are kept of it.
func kept(t *testing.T, name string) *sweep {
	dir := filepath.Join("..", "studies", name)
	s, err := newSweep(SweepOptions{Out: dir, Redraw: true, Load: func(o ...string) (*config.Loaded, error) {
		return config.Load(filepath.Join(dir, sweepConfig), o...)
	}})
	require.NoError(t, err)
	require.NoError(t, s.readTable(), "the table has a row for every point")
	return s
}

// centre returns the mean of a measure over the seeds of the points with these values.
func (s *sweep) centre(t *testing.T, measure string, values ...string) float64 {
	m := -1
	for i, name := range s.measures {
		if name == measure {
			m = i
		}
	}
	require.NotEqual(t, -1, m, measure)
	var list []float64
	for k, p := range s.points {
		if assert.ObjectsAreEqual(values, p.Values) {
			list = append(list, s.value(k, m))
		}
	}
	require.NotEmpty(t, list, values)
	c, _, _ := plot.Mean.Of(list)
	return c
}

// Every study that is kept has its table, its figures and a page that says how it was made.
func TestStudiesAreComplete(t *testing.T) {
	list, err := os.ReadDir(filepath.Join("..", "studies"))
	require.NoError(t, err)
	require.NotEmpty(t, list)
	for _, d := range list {
		if !d.IsDir() {
			continue
		}
		s := kept(t, d.Name())
		assert.Equal(t, d.Name(), s.base.Name)
		assert.GreaterOrEqual(t, s.base.Sweep.Seeds, 10, "bands are over 10 seeds or more")
		for _, f := range []string{"README.md", "results.parquet", d.Name() + ".svg", d.Name() + ".png", d.Name() + ".csv"} {
			assert.FileExists(t, filepath.Join(s.Out, f))
		}
	}
}

// The instrument is calibrated to zero: what is exact by promise is at backprop in every bit of every kept study, and
// what is broken is not.
func TestKeptStudiesAreCalibrated(t *testing.T) {
	jitter, loss, drift, lesion, feedback, absolute := kept(t, "jitter"), kept(t, "loss"), kept(t, "drift"), kept(t, "lesion"), kept(t, "feedback"), kept(t, "absolute")
	for _, x := range []string{"0", "0.1 ms", "0.3 ms", "1 ms", "3 ms", "10 ms"} {
		assert.Equal(t, 0.0, jitter.centre(t, "differing", x, "Z-IL in lockstep"), x)
		assert.Less(t, jitter.centre(t, "relative_l2", x, "event-driven"), 1e-14, x)
	}
	for _, rule := range []string{"Z-IL", "Fa-Z-IL"} {
		assert.Equal(t, 0.0, jitter.centre(t, "differing", "0", rule))
		assert.Less(t, jitter.centre(t, "cosine", "1 ms", rule), 0.9)
	}
	for _, x := range []string{"0", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3"} {
		assert.Equal(t, 0.0, loss.centre(t, "differing", x, "Z-IL in lockstep"), x)
	}
	for _, rule := range []string{"Z-IL", "Fa-Z-IL"} {
		assert.Equal(t, 0.0, loss.centre(t, "differing", "0", rule))
		assert.Equal(t, 0.0, drift.centre(t, "differing", "0", rule))
	}
	for _, x := range []string{"0", "0.0001", "0.001", "0.01", "0.1"} {
		assert.Equal(t, 0.0, drift.centre(t, "differing", x, "Z-IL in lockstep"), x)
	}
	for _, x := range []string{"0", "0.25", "0.5", "0.75"} {
		for _, rule := range []string{"Z-IL in lockstep", "Z-IL", "Fa-Z-IL"} {
			assert.Equal(t, 0.0, lesion.centre(t, "relative_l2_lesioned", x, rule), x)
		}
		assert.Less(t, lesion.centre(t, "relative_l2_lesioned", x, "event-driven"), 1e-14, x)
	}
	assert.Less(t, lesion.centre(t, "cosine", "0.5", "Z-IL"), 0.5)
	assert.Equal(t, 0.0, feedback.centre(t, "differing", "3050", "transpose"))
	for _, typ := range []string{"f32", "f64"} {
		assert.Equal(t, 0.0, absolute.centre(t, "differing", "1000", typ+", displacement"))
		assert.Positive(t, absolute.centre(t, "differing", "1000", typ+", absolute"))
	}
}

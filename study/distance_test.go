package study

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/encoding/table"
)

// setup returns the experiment scattered under overrides.
func setup(t *testing.T, overrides ...string) *config.Setup {
	l, err := config.Parse("x.yaml", []byte(scattered), append([]string{"record.dir='" + t.TempDir() + "'"}, overrides...)...)
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	return s
}

// ran runs s and returns what it printed and the comparisons it kept.
func ran(t *testing.T, s *config.Setup) (text string, rows table.Table) {
	var b strings.Builder
	r, err := Run(context.Background(), s, RunOptions{Text: &b})
	require.NoError(t, err)
	rows, err = table.Read(filepath.Join(r.Run, "distance.csv"))
	require.NoError(t, err)
	return b.String(), rows
}

// What diverged is far from backprop in a run and in a study alike, also when the reference went with it.
func TestDivergedIsNotNear(t *testing.T) {
	diverging := []string{"learning.schedule=il", "learning.il.tau=0.1 ms", "learning.il.settle=400 ms", "learning.updates=4",
		"network.activation=identity", "learning.plasticity.rate=10", "compare={every: 1, measures: [cosine]}"}
	text, rows := ran(t, setup(t, diverging...))
	assert.Contains(t, text, "relative distance –")
	assert.Contains(t, text, "updates were zero or not finite")
	far, err := rows.Column("relative_l2")
	require.NoError(t, err)
	assert.True(t, math.IsNaN(far.Numbers()[3]), "nothing in the table, not 0")
	differing, err := rows.Column("differing")
	require.NoError(t, err)
	assert.Equal(t, 43.0, differing.Numbers()[3], "all of them")
	m, err := measure(context.Background(), setup(t, diverging...), []string{"cosine", "relative_l2", "differing", "no_update"})
	require.NoError(t, err)
	v := m.values
	assert.True(t, math.IsNaN(v[1]))
	assert.Equal(t, []float64{0, 1, 1}, []float64{v[0], v[2], v[3]})
}

// What names single units is nothing that the timing at the grain of layers has to know, and a run does not fail for it.
func TestUnitsInPatterns(t *testing.T) {
	for _, o := range []string{`learning.precision={"hidden/0..3": 2}`, "learning.infer=input/0..2"} {
		text, _ := ran(t, setup(t, "learning.schedule=il", "learning.updates=3", "compare={every: 1, measures: [cosine]}", o))
		assert.Contains(t, text, "× plain backprop, whole layers")
	}
}

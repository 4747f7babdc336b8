package plot

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/record"
)

// What holds until the next moment is drawn in steps, and no line crosses the beginning of an update.
func TestCourse(t *testing.T) {
	x, y := []float64{0, 1, 2, 3}, []float64{5, 6, 7, 8}
	for _, k := range []struct {
		c      Course
		lx, ly []float64
	}{
		{Course{}, x, y},
		{Course{Held: true}, []float64{0, 1, 1, 2, 2, 3, 3}, []float64{5, 5, 6, 6, 7, 7, 8}},
		{Course{Held: true, Starts: []int{2}}, []float64{0, 1, 1, math.NaN(), 2, 3, 3}, []float64{5, 5, 6, math.NaN(), 7, 7, 8}},
	} {
		lx, ly := k.c.of(x, y)
		assert.Equal(t, fmt.Sprint(k.lx, k.ly), fmt.Sprint(lx, ly))
	}
	for _, k := range []struct {
		step   []int64
		held   bool
		starts []int
	}{{[]int64{0, 0, 1, 1}, true, []int{2}}, {[]int64{0, 1, 2}, false, nil}, {[]int64{4, 4}, true, nil}, {[]int64{4}, false, nil}} {
		held, starts := rhythm(&record.Data{Step: k.step})
		assert.Equal(t, k.held, held, k.step)
		assert.Equal(t, k.starts, starts, k.step)
	}
}

// Counts begin at 0, also those that stay there; so does an accuracy, which ends at 1.
func TestCountsBeginAtZero(t *testing.T) {
	f, err := Traces{Panels: []Trace{{Name: "lost", Count: true, Series: []Series{{"a", []float64{0, 1}, []float64{0, 0}}}},
		{Name: "sent", Count: true, Series: []Series{{"a", []float64{0, 1}, []float64{10, 11}}}}}}.Figure()
	require.NoError(t, err)
	assert.Equal(t, [2]float64{0, 1}, [2]float64{f.panels[0].Y.Min, f.panels[0].Y.Max})
	assert.Equal(t, 0.0, f.panels[1].Y.Min)
	f, err = Learning{Epochs: []record.Epoch{{Epoch: 1, Loss: 1, TestLoss: 1, Accuracy: 0.1}}}.Figure()
	require.NoError(t, err)
	assert.Equal(t, 0.0, f.panels[1].Y.Min)
	assert.LessOrEqual(t, f.panels[1].Y.Max, 1.0)
	assert.Len(t, f.panels[0].X.Tick.Marker.Ticks(0, 2), 1, "one epoch, one tick")
}

// The data reach from edge to edge: the name of a logarithmic axis takes no room at its right.
func TestTheWidthIsUsed(t *testing.T) {
	for _, log := range []bool{false, true} {
		f, err := Curves{XName: "a name that is as long as names are, with its unit and more", XLog: log, Series: []Curve{{"a", []float64{0, 0.01, 1}, [][]float64{{1}, {2}, {3}}}}}.Figure()
		require.NoError(t, err)
		assert.Empty(t, f.panels[0].X.Label.Text)
		assert.NotEmpty(t, f.xName)
	}
}

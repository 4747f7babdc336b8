package plot

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/record"
)

// events returns a turn, a prediction and an error of every vertex in two updates; the target number is also the time.
func events(ms bool) *record.EventData {
	d := &record.EventData{Name: "01-activity"}
	d.Kinds = []string{"turns", "prediction", "error"}
	for _, n := range []string{"hidden/0", "hidden/1", "output/0", "readout"} {
		d.Targets = append(d.Targets, record.IndexTarget{Name: n, Elements: 1, Level: 2 - len(d.Targets)/2 - len(d.Targets)/3})
	}
	for step := range int64(2) {
		for v := range d.Targets {
			for k := range d.Kinds {
				t := math.NaN()
				if ms {
					t = 100 + float64(v) + 50*float64(step)
				}
				d.Step, d.Tick, d.Millis = append(d.Step, step+7), append(d.Tick, int64(v)), append(d.Millis, t)
				d.Target, d.Kind = append(d.Target, v), append(d.Kind, k)
			}
		}
	}
	return d
}

// A raster has a row for every vertex, the output at the bottom, and shows the first update.
func TestRasters(t *testing.T) {
	list := Rasters("a run", []*record.EventData{events(true), {}, events(false)})
	require.Equal(t, []string{"raster 01-raster", "raster 01-raster"}, kinds(list))
	assert.Contains(t, Kinds(), "raster")
	r := list[0].Drawing.(Raster)
	assert.Equal(t, []Group{{"readout, level 0", 1}, {"output/0, level 1", 1}, {"hidden, level 2", 2}}, r.Groups)
	assert.Equal(t, "time since 100 ms (ms)", r.XName)
	assert.Equal(t, "01-activity, update 7, the first of those up to 8", r.Subtitle)
	assert.Equal(t, []string{"turn", "prediction", "error"}, r.Kinds)
	require.Len(t, r.Events, 12)
	assert.Equal(t, []Event{{0, 2, 0}, {0, 2, 1}, {0, 2, 2}, {1, 3, 0}}, r.Events[:4])
	assert.Equal(t, Event{3, 0, 2}, r.Events[11])
	ticks := list[1].Drawing.(Raster)
	assert.True(t, ticks.Whole)
	assert.Contains(t, ticks.XName, "tick")
	for _, d := range list {
		f, err := d.Figure()
		require.NoError(t, err)
		files, err := f.Save(t.TempDir() + "/x")
		require.NoError(t, err)
		assert.Len(t, files, 3, "SVG, PNG and CSV")
		b, err := os.ReadFile(files[0])
		require.NoError(t, err)
		assert.Contains(t, string(b), "hidden, level 2")
	}
}

func TestALargeLevelIsCut(t *testing.T) {
	d := events(true)
	for i := range 100 {
		d.Targets = append(d.Targets, record.IndexTarget{Name: fmt.Sprintf("hidden/%d", i+2), Elements: 1, Level: 2})
	}
	d.Step, d.Tick, d.Millis = append(d.Step, 7), append(d.Tick, 0), append(d.Millis, 1)
	d.Target, d.Kind = append(d.Target, 100), append(d.Kind, 0)
	r := Rasters("", []*record.EventData{d})[0].Drawing.(Raster)
	assert.Equal(t, mostOfARow+2, r.Rows)
	assert.True(t, strings.HasSuffix(r.Subtitle, "at most 40 vertices of a level"))
	assert.Len(t, r.Events, 12, "that vertex is not drawn")
}

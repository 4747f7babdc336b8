package plot

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/record"
)

// recording returns four frames of levels: the energies of a wave.
func recording(step, tick []int64, ms []float64) *record.Data {
	nan := math.NaN()
	d := &record.Data{Name: "01-energy", Step: step, Tick: tick, Millis: ms}
	d.What = []string{"energy", "error", "residual"}
	for i, n := range []string{"network", "level 0", "level 1", "level 2"} {
		d.Targets = append(d.Targets, record.IndexTarget{Name: n, Offset: i, Elements: 1, Level: i - 1})
	}
	d.Values = [][]float64{{6, 6, 0, 0, 5, 3, 2, 0, 4, 2, 1, 1, 3, 1, 1, 1}, {nan, 1, 0, 0, nan, 0.5, 0.25, 0, nan, 0.5, 0.25, 0.125, nan, 0, 0, 0.125},
		{9, nan, nan, nan, 8, nan, nan, nan, 7, nan, nan, nan, 6, nan, nan, nan}}
	return d
}

func kinds(list []Named) (s []string) {
	for _, d := range list {
		s = append(s, d.Kind+" "+d.Name)
	}
	return s
}

func TestRun(t *testing.T) {
	nan := math.NaN()
	list := Run("a run", []record.Epoch{{Epoch: 1, Loss: 1}}, []*record.Data{recording([]int64{3, 3, 3, 3}, []int64{0, 1, 2, 3}, []float64{nan, nan, nan, nan})})
	assert.Equal(t, []string{"learning learning", "energy 01-energy", "error-map 01-error-map", "traces 01-traces"}, kinds(list))
	for _, d := range list {
		assert.Contains(t, Kinds(), d.Kind)
		f, err := d.Figure()
		require.NoError(t, err)
		_, err = f.Save(t.TempDir() + "/x")
		require.NoError(t, err)
	}
	e := list[1].Drawing.(Energy)
	assert.Equal(t, []float64{6, 5, 4, 3}, e.Total)
	assert.Equal(t, [][]float64{{6, 3, 2, 1}, {0, 2, 1, 1}, {0, 0, 1, 1}}, e.Levels)
	assert.Equal(t, "01-energy, update 3", e.Subtitle)
	m := list[2].Drawing.(ErrorMap)
	assert.True(t, m.Wave)
	assert.Equal(t, [][]float64{{1, 0.5, 0.5, 0}, {0, 0.25, 0.25, 0}, {0, 0, 0.125, 0.125}}, m.Size)
	tr := list[3].Drawing.(Traces)
	require.Len(t, tr.Panels, 1)
	assert.Equal(t, "residual", tr.Panels[0].Name)
	assert.Empty(t, Run("", nil, []*record.Data{{}}))
}

func TestTheAxisIsWhatRises(t *testing.T) {
	nan := math.NaN()
	none := []float64{nan, nan, nan, nan}
	for want, d := range map[string]*record.Data{
		"time (ms)": recording([]int64{0, 0, 1, 1}, []int64{0, 1, 0, 1}, []float64{0, 0.5, 1, 1.5}),
		"tick":      recording([]int64{2, 2, 2, 2}, []int64{0, 2, 4, 6}, none),
		"update":    recording([]int64{0, 1, 2, 3}, []int64{5, 5, 5, 5}, none),
		"moment":    recording([]int64{0, 0, 1, 1}, []int64{0, 1, 0, 1}, none),
	} {
		_, name := axis(d)
		assert.Equal(t, want, name)
	}
	// Of several updates, the map shows the first.
	m := Run("", nil, []*record.Data{recording([]int64{7, 7, 8, 8}, []int64{0, 1, 0, 1}, none)})[1].Drawing.(ErrorMap)
	assert.Equal(t, "01-energy, update 7, the first of those up to 8", m.Subtitle)
	assert.Equal(t, [][]float64{{1, 0.5}, {0, 0.25}, {0, 0}}, m.Size)
}

func TestTheMapHasTheEnginesTime(t *testing.T) {
	m := Run("", nil, []*record.Data{recording([]int64{2, 2, 2, 2}, []int64{3, 3, 4, 4}, []float64{10, 10.5, 11, 11.5})})[1].Drawing.(ErrorMap)
	assert.Equal(t, []float64{10, 10.5, 11, 11.5}, m.X)
	assert.Equal(t, "time (ms)", m.XName)
	assert.False(t, m.Wave)
}

func TestTracesOfManyElements(t *testing.T) {
	d := &record.Data{Name: "x", Step: []int64{0, 1}, Tick: []int64{0, 0}, Millis: []float64{0, 1}}
	d.What, d.Values = []string{"value", "lost"}, [][]float64{make([]float64, 40), make([]float64, 40)}
	d.Targets = []record.IndexTarget{{Name: "a", Elements: 1}, {Name: "b", Offset: 1, Elements: 19}}
	tr := traces("", "x", "time (ms)", d.Millis, d)
	require.Len(t, tr.Panels, 2)
	assert.Len(t, tr.Panels[0].Series, mostSeries)
	assert.Equal(t, []string{"a", "b[0]"}, []string{tr.Panels[0].Series[0].Name, tr.Panels[0].Series[1].Name})
	assert.Equal(t, "lost, since the start (messages)", tr.Panels[1].Name)
	assert.Equal(t, "x; the first 6 of 20", tr.Subtitle)
}

// Updates that do not follow each other are drawn one by one, each on its own axis.
func TestUpdatesFarApartAreDrawnApart(t *testing.T) {
	d := recording([]int64{0, 0, 2501, 2501}, []int64{0, 1, 0, 1}, []float64{0, 1, 9000, 9001})
	parts := stretches(d)
	require.Len(t, parts, 2)
	assert.Equal(t, []float64{9000, 9001}, parts[1].Millis)
	for k := range d.What {
		for i := range d.Targets {
			whole := d.Column(k, i, 0)
			assert.Equal(t, fmt.Sprint(whole), fmt.Sprint(append(parts[0].Column(k, i, 0), parts[1].Column(k, i, 0)...))) // NaN = NaN
		}
	}
	var names []string
	for _, n := range Run("", nil, []*record.Data{d}) {
		if n.Kind == "energy" {
			names = append(names, n.Name)
		}
	}
	assert.Equal(t, []string{"01-energy", "01-update-2501-energy"}, names)
	assert.Len(t, stretches(recording([]int64{0, 100, 200, 300}, []int64{0, 0, 0, 0}, []float64{0, 1, 2, 3})), 1, "one frame an update")
	assert.Len(t, stretches(recording([]int64{7, 7, 8, 8}, []int64{0, 1, 0, 1}, []float64{0, 1, 2, 3})), 1, "no gap")
}

package plot

import (
	"bytes"
	"encoding/xml"
	"flag"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite testdata")

// drawings returns a small instance of everything that can be drawn.
func drawings() map[string]Drawing {
	nan := math.NaN()
	x := []float64{0, 1, 2, 3}
	levels := Levels{Title: "skip", Vertices: []Vertex{{"out", 0, Output}, {"sum", 1, Hidden}, {"f", 2, Hidden}, {"id", 2, Identity}, {"x", 3, Input},
		{"w", 3, Parameter}, {"c", 1, Constant}, {"other", -1, Hidden}}, Edges: [][2]int{{1, 0}, {2, 1}, {3, 1}, {4, 2}, {4, 3}, {5, 2}, {6, 0}, {4, 7}}}
	return map[string]Drawing{
		"energy": Energy{Title: "energy", X: x, Total: []float64{4, 3, 2, 1.5}, Levels: [][]float64{{4, 2, 1, 0.5}, {0, 1, 0.5, 0.5}, {0, 0, 0.5, 0.5}}},
		"map":    ErrorMap{Title: "wave", Wave: true, Size: [][]float64{{1, 0.5, 0.25}, {0, 0.1, 0.05}, {0, 0, 0.01}}},
		"raster": Raster{Title: "raster", Kinds: []string{"prediction", "error"}, Groups: []Group{{"in", 2}, {"out", 1}}, Events: []Event{{0.5, 0, 0}, {0.75, 1, 0}, {1, 2, 1}}},
		"traces": Traces{Title: "traces", Panels: []Trace{{Name: "value (mV)", Series: []Series{{"hidden/0", x, []float64{1, 2, nan, 4}}, {"hidden/1", x, x}}},
			{Name: "energy", Log: true, Series: []Series{{"hidden/0", x, []float64{0, 1e-7, 1, 10}}}}}, Marks: []Moment{{2, "lesion"}, {9, "never"}}},
		"curves": Curves{Title: "curves", XName: "jitter", YName: "cosine", XLog: true, References: []Reference{{0.5, "chance"}},
			Series: []Curve{{"zil", []float64{0, 0.1, 1}, [][]float64{{1, 1, 1}, {0.9, 0.8, 0.85}, {0.5, 0.25, nan}}}, {"il", []float64{0, 1}, [][]float64{{0.75}, {nan}}}}},
		"medians": Curves{Center: Median, Series: []Curve{{"", []float64{1, 2}, [][]float64{{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, {1, 2}}}}},
		"scatter": Scatter{Title: "scatter", XName: "bp", YName: "il", Diagonal: "equal", Groups: []Cloud{{"w", []float64{1, 2, nan}, []float64{1, 3, 2}}, {"b", nil, nil}}},
		"levels":  levels,
	}
}

func TestFigures(t *testing.T) {
	for name, d := range drawings() {
		t.Run(name, func(t *testing.T) {
			f, err := d.Figure()
			require.NoError(t, err)
			paths, err := f.Save(filepath.Join(t.TempDir(), name))
			require.NoError(t, err)
			require.Len(t, paths, 3)

			svg, err := os.ReadFile(paths[0])
			require.NoError(t, err)
			wellFormed(t, svg)
			assert.NotContains(t, string(svg), "NaN")
			assert.NotContains(t, string(svg), "Inf")
			assert.NotContains(t, string(svg), "font-family:Liberation")
			again, err := d.Figure()
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, again.WriteSVG(&b))
			assert.Equal(t, string(svg), b.String(), "the same data give the same bytes")

			file, err := os.Open(paths[1])
			require.NoError(t, err)
			img, err := png.Decode(file)
			require.NoError(t, err)
			assert.Equal(t, 1344, img.Bounds().Dx())
			require.NoError(t, file.Close())

			csv, err := os.ReadFile(paths[2])
			require.NoError(t, err)
			golden(t, filepath.Join("testdata", name+".csv"), csv)
		})
	}
}

func golden(t *testing.T, path string, got []byte) {
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func wellFormed(t *testing.T, svg []byte) {
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		require.NoError(t, err)
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	nan := math.NaN()
	for name, d := range map[string]Drawing{
		"no epochs":      Learning{},
		"no times":       Energy{},
		"lengths":        Energy{X: []float64{1}, Total: []float64{1}, Levels: [][]float64{{}}},
		"no levels":      ErrorMap{},
		"ragged":         ErrorMap{Size: [][]float64{{1, 2}, {1}}},
		"columns":        ErrorMap{Size: [][]float64{{1, 2}}, X: []float64{1}},
		"no events":      Raster{},
		"row":            Raster{Events: []Event{{1, -1, 0}}},
		"kind":           Raster{Events: []Event{{1, 0, 1}}},
		"when":           Raster{Events: []Event{{nan, 0, 0}}},
		"no panels":      Traces{},
		"trace":          Traces{Panels: []Trace{{Series: []Series{{"", []float64{1}, nil}}}}},
		"no series":      Curves{},
		"places":         Curves{Series: []Curve{{"", []float64{1}, nil}}},
		"no points":      Scatter{Groups: []Cloud{{}}},
		"pairs":          Scatter{Groups: []Cloud{{"", []float64{1}, nil}}},
		"no vertices":    Levels{},
		"level":          Levels{Vertices: []Vertex{{Level: -2}}},
		"edge":           Levels{Vertices: []Vertex{{}}, Edges: [][2]int{{0, 1}}},
		"too many":       Levels{Vertices: make([]Vertex, mostVertices+1)},
		"kind of vertex": Levels{Vertices: []Vertex{{Kind: Output + 1}}},
	} {
		_, err := d.Figure()
		assert.ErrorContains(t, err, "plot: ", name)
	}
}

// Extremes of data must neither hang nor leave the page.
func TestExtremes(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, y := range [][]float64{{nan, nan}, {0, 0}, {5, 5}, {-1, -1}, {1e-300, 1e300}, {inf, 1}, {-3, 0}, {0, 1e-9}, {1e15, 1e15 + 1}} {
		for _, log := range []bool{false, true} {
			f, err := Curves{XLog: log, YLog: log, Series: []Curve{{"a", y, [][]float64{{y[0]}, {y[1]}}}}}.Figure()
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, f.WriteSVG(&b), "%v", y)
			assert.NotContains(t, b.String(), "NaN", "%v %v", y, log)
			assert.NotContains(t, b.String(), "Inf", "%v %v", y, log)
			assert.Less(t, b.Len(), 1<<20)
		}
	}
}

func TestManySeriesAndLevels(t *testing.T) {
	var c Curves
	e := Energy{X: []float64{0, 1}, Total: []float64{1, 1}, Linear: true}
	for i := range 30 {
		c.Series = append(c.Series, Curve{"a rather long name of series " + strconv.Itoa(i), []float64{0, 1}, [][]float64{{1}, {float64(i)}}})
		e.Levels = append(e.Levels, []float64{float64(i), 0})
	}
	for _, d := range []Drawing{c, e} {
		f, err := d.Figure()
		require.NoError(t, err)
		require.NoError(t, f.WriteSVG(io.Discard))
		require.NoError(t, f.WritePNG(io.Discard))
	}
	f, err := c.Figure()
	require.NoError(t, err)
	assert.Greater(t, len(f.rows()), 5, "the key is divided into lines")
	f.note = strings.Repeat("a long remark ", 20)
	assert.Len(t, f.remarks(), 4, "so are remarks")
}

func TestWritersFail(t *testing.T) {
	f, err := drawings()["energy"].Figure()
	require.NoError(t, err)
	assert.ErrorContains(t, f.WriteSVG(full{}), "plot: ")
	assert.ErrorContains(t, f.WritePNG(full{}), "plot: ")
	assert.ErrorContains(t, f.WriteCSV(full{}), "plot: ")
	_, err = f.Save(filepath.Join(t.TempDir(), "no", "such", "folder"))
	assert.ErrorContains(t, err, "plot: ")
}

// What is not finite is no zero: it has a colour of its own, and the key says so. A few columns are labelled at their times.
func TestErrorsThatDiverge(t *testing.T) {
	m := ErrorMap{XName: "time (ms)", X: []float64{1000, 1002.5, 1005}, Size: [][]float64{{1, 2, 3}, {0, math.Inf(1), math.NaN()}}}
	f, err := m.Figure()
	require.NoError(t, err)
	require.Len(t, f.key, 1)
	var b bytes.Buffer
	require.NoError(t, f.WriteSVG(&b))
	for _, want := range []string{"not finite", ">1000<", ">1002.5<", ">1005<", "#56B4E9"} {
		assert.Contains(t, b.String(), want)
	}
	m.Size[1] = []float64{0, 0, 0}
	f, err = m.Figure()
	require.NoError(t, err)
	assert.Empty(t, f.key)
}

// No two of the kinds of events that can be recorded look alike.
func TestHuesDiffer(t *testing.T) {
	seen := map[color.RGBA]bool{}
	for i := range 13 {
		assert.False(t, seen[hue(i)], i)
		seen[hue(i)] = true
	}
}

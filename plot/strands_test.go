package plot

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
)

// constant returns a curve of ten seeds without scatter.
func constant(name string, y ...float64) Curve {
	c := Curve{Name: name}
	for i, v := range y {
		seeds := make([]float64, fewSeeds)
		for k := range seeds {
			seeds[k] = v
		}
		c.X, c.Y = append(c.X, float64(i)), append(c.Y, seeds)
	}
	return c
}

// Lines that coincide hide no other, and the figure says which they are.
func TestLinesThatCoincide(t *testing.T) {
	for want, list := range map[string][]Curve{
		"": {constant("a", 1, 1, 1), constant("b", 0, 0.5, 0.9)},
		"dashes of several colours: lines that coincide":                           {constant("a", 1, 1, 1), constant("b", 1, 1, 0)},
		"dashes of several colours: lines that coincide (all along: a = b = c)":    {constant("a", 1, 1, 1), constant("b", 1, 1, 1), constant("d", 0, 0, 1), constant("c", 1, 0.999, 1)},
		"dashes of several colours: lines that coincide (all along: a = c; b = d)": {constant("a", 1, 1, 0), constant("b", 0, 0, 1), constant("c", 1, 1, 0), constant("d", 0, 0, 1)},
	} {
		f, err := Curves{Series: list}.Figure()
		require.NoError(t, err)
		assert.Equal(t, want, f.note)
	}
}

// Lines that coincide with their bands have one band, in a colour that is one of theirs.
func TestBandsThatCoincide(t *testing.T) {
	bands := func(list ...Curve) int {
		f, err := Curves{Series: list}.Figure()
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, f.WriteSVG(&b))
		return strings.Count(b.String(), "fill-opacity:0.12")
	}
	scattered := func(y ...float64) Curve { return Curve{"", []float64{0, 1}, [][]float64{y, y}} }
	a := scattered(1, 2, 3)
	assert.Equal(t, 1, bands(a))
	assert.Equal(t, 1, bands(a, a, a))
	assert.Equal(t, 2, bands(a, scattered(0, 2, 4), a), "the same mean, another interval")
	assert.Equal(t, 2, bands(a, scattered(2, 3, 4)))
}

// The dashes of lines that coincide fill each other's gaps.
func TestDashesAlternate(t *testing.T) {
	for n := 2; n < 7; n++ {
		for at := range 10 * n {
			drawn := 0
			for k := range n {
				d, offset := alternate(n, k)
				if vg.Length(math.Mod(float64(vg.Points(float64(at)+0.5)+offset), float64(d[0]+d[1]))) < d[0] {
					drawn++
				}
			}
			assert.Equal(t, 1, drawn, "%d of %d", at, n)
		}
	}
}

// Bands and the axis end where the measure does, and few seeds are said to be few.
func TestTheRangeOfTheMeasure(t *testing.T) {
	c := Curves{Series: []Curve{{"a", []float64{0, 1}, [][]float64{{1, 0.2}, {0.9, 1}}}}, Least: -1, Most: 1}
	f, err := c.Figure()
	require.NoError(t, err)
	assert.Equal(t, [2]float64{-1, 1}, [2]float64{f.panels[0].Y.Min, f.panels[0].Y.Max})
	for _, tick := range f.panels[0].Y.Tick.Marker.Ticks(-1, 1) {
		assert.LessOrEqual(t, math.Abs(tick.Value), 1.0)
	}
	assert.Contains(t, f.subtitle, "fewer than 10 seeds")
	c.Least, c.Most = 0, 0
	f, err = c.Figure()
	require.NoError(t, err)
	assert.Less(t, f.panels[0].Y.Min, -1.0)
	f, err = Curves{Series: []Curve{constant("a", 1, 2)}}.Figure()
	require.NoError(t, err)
	assert.Equal(t, "line: mean of 10 seeds; band: 95 % interval of the mean", f.subtitle)
	f, err = Curves{Series: []Curve{constant("a", 1, 2)}, Paired: true}.Figure()
	require.NoError(t, err)
	assert.Equal(t, "line: mean of 10 paired differences, one a seed; band: 95 % interval of the mean", f.subtitle)
}

package plot

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curves show a measure against a quantity that was varied: a line for every series through the centers over seeds, in a
// band that is their 95 % interval.
type Curves struct {
	Title, Subtitle string // with "" for Subtitle, the figure says what lines and bands are
	XName, YName    string
	XLog, YLog      bool // logarithmic; a 0 stands apart
	Series          []Curve
	Center          Center
	Paired          bool // the values are differences between two runs of one seed
	References      []Reference
	Least, Most     float64 // what the measure can be: bands and axis end there; both 0: any number
}

// A Curve is a series of Curves.
type Curve struct {
	Name string
	X    []float64
	Y    [][]float64 // at every X, the value of every seed; not finite ones are left out
}

// A Reference is a horizontal line, such as chance.
type Reference struct {
	Y    float64
	Name string
}

// fewSeeds is the number of seeds below which a figure warns of its bands.
const fewSeeds = 10

// Figure implements Drawing.
func (c Curves) Figure() (*Figure, error) {
	if len(c.Series) == 0 {
		return nil, errors.New("plot: curves: no series")
	}
	var xs, all [][]float64
	stats := make([]centers, len(c.Series))
	for i, s := range c.Series {
		if len(s.X) != len(s.Y) || len(s.X) == 0 {
			return nil, fmt.Errorf("plot: curves: %s: %d places, values at %d", s.Name, len(s.X), len(s.Y))
		}
		stats[i] = s.centers(c.Center)
		c.bound(stats[i].lo, stats[i].hi)
		xs = append(xs, s.X)
		all = append(all, stats[i].mid, stats[i].lo, stats[i].hi)
	}
	for _, r := range c.References {
		all = append(all, []float64{r.Y})
	}
	f := newFigure(c.Title, or(c.Subtitle, c.caption(stats)))
	p := f.add(c.XName, c.YName)
	fit(&p.X, c.XLog, 8, 0.02, xs...)
	fit(&p.Y, c.YLog, 6, 0.05, all...)
	if c.Least < c.Most {
		clamp(&p.Y, c.Least, c.Most)
	}
	p.Add(c.references(f))
	var lines []strand
	for i, s := range c.Series {
		lines = append(lines, strand{name: s.Name, style: stroke(hue(i), 1.9), x: s.X, y: stats[i].mid})
		if i >= len(hues()) {
			lines[i].style.Dashes = dashes()
		}
		f.key = append(f.key, entry{s.Name, hue(i), aLine})
	}
	entwine(p, lines)
	for i, s := range c.Series {
		if !covered(p, lines, stats, i) {
			p.Add(band(faded(hue(i), 0.12), s.X, stats[i].lo, stats[i].hi))
		}
	}
	p.Add(strands(lines), beads(2.8, lines))
	f.note = together(lines)
	if len(c.Series) == 1 && c.Series[0].Name == "" {
		f.key = nil
	}
	f.table = c.rows(stats)
	return f, nil
}

// covered reports whether line k and its band coincide all along with a line before it: two faint bands, one upon the other,
// would have the colour of neither.
func covered(p *plot.Plot, lines []strand, stats []centers, k int) bool {
	alike := func(a, b []float64) bool {
		for i := range a {
			if finite(a[i]) != finite(b[i]) || finite(a[i]) && math.Abs(p.Y.Norm(a[i])-p.Y.Norm(b[i])) > near {
				return false
			}
		}
		return true
	}
	for j := range k {
		if len(lines[j].x) == len(lines[k].x) && lines[k].along(j) && alike(stats[j].lo, stats[k].lo) && alike(stats[j].hi, stats[k].hi) {
			return true
		}
	}
	return false
}

// bound cuts what lies outside of what the measure can be.
func (c Curves) bound(lists ...[]float64) {
	if !(c.Least < c.Most) {
		return
	}
	for _, l := range lists {
		for i, x := range l {
			l[i] = min(max(x, c.Least), c.Most)
		}
	}
}

// centers are the lines of a curve, by place.
type centers struct {
	mid, lo, hi []float64
	seeds       []int
}

func (s Curve) centers(c Center) centers {
	var r centers
	for _, y := range s.Y {
		m, lo, hi := c.Of(y)
		n := 0
		for _, v := range y {
			if finite(v) {
				n++
			}
		}
		r.mid, r.lo, r.hi, r.seeds = append(r.mid, m), append(r.lo, lo), append(r.hi, hi), append(r.seeds, n)
	}
	return r
}

// caption says what lines and bands are.
func (c Curves) caption(stats []centers) string {
	lo, hi := stats[0].seeds[0], 0
	for _, s := range stats {
		for _, n := range s.seeds {
			lo, hi = min(lo, n), max(hi, n)
		}
	}
	seeds, of := fmt.Sprint(hi), "seeds"
	if c.Paired {
		of = "paired differences, one a seed"
	}
	switch {
	case hi <= 1:
		return "one seed"
	case lo < hi:
		seeds = fmt.Sprintf("%d to %d", lo, hi)
	}
	text := fmt.Sprintf("line: %v of %s %s; band: 95 %% interval of the %v", c.Center, seeds, of, c.Center)
	if lo < fewSeeds {
		text += fmt.Sprintf(" (fewer than %d seeds: a rough one)", fewSeeds)
	}
	return text
}

// references draws the horizontal lines with their names.
func (c Curves) references(f *Figure) paint {
	return func(cv *draw.Canvas, at func(x, y float64) vg.Point) {
		sty := f.text.style(8.5, soft(), false)
		sty.XAlign, sty.YAlign = draw.XRight, draw.YBottom
		for _, r := range c.References {
			y := at(0, r.Y).Y
			cv.StrokeLine2(draw.LineStyle{Color: soft(), Width: vg.Points(0.9), Dashes: dashes()}, cv.Min.X, y, cv.Max.X, y)
			cv.FillText(sty, vg.Point{X: cv.Max.X - 2, Y: y + 4}, r.Name)
		}
	}
}

func (c Curves) rows(stats []centers) table {
	columns := []string{"series", or(c.XName, "x"), c.Center.String(), "low", "high", "seeds"}
	return table{columns, func(add func(...any)) {
		for i, s := range c.Series {
			for k := range s.X {
				add(s.Name, s.X[k], stats[i].mid[k], stats[i].lo[k], stats[i].hi[k], stats[i].seeds[k])
			}
		}
	}}
}

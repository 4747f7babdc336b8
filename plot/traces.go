package plot

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Traces are quantities over time, one panel each, above a common axis.
type Traces struct {
	Title, Subtitle string
	XName           string // with its unit; "": "time (ms)"
	Panels          []Trace
	Course          Course
	Marks           []Moment
}

// A Trace is a panel: one quantity of several vertices.
type Trace struct {
	Name   string // of the quantity, with its unit if it has one
	Series []Series
	Log    bool
	Count  bool // from 0 on, and on over the starts of the course
}

// A Series is a line. It has a gap where a number is not finite.
type Series struct {
	Name string // series of the same name in several panels have one colour
	X, Y []float64
}

// A Moment is a vertical line, such as a lesion.
type Moment struct {
	At   float64
	Name string
}

// Figure implements Drawing.
func (t Traces) Figure() (*Figure, error) {
	if len(t.Panels) == 0 {
		return nil, errors.New("plot: traces: no panels")
	}
	names := map[string]int{}
	var xs [][]float64
	f := newFigure(t.Title, t.Subtitle)
	f.height = vg.Points(max(105, 200-22*float64(len(t.Panels))))
	for _, q := range t.Panels {
		for _, s := range q.Series {
			if len(s.X) != len(s.Y) {
				return nil, fmt.Errorf("plot: traces: %s of %s: %d times, %d values", q.Name, s.Name, len(s.X), len(s.Y))
			}
			if _, known := names[s.Name]; !known {
				names[s.Name] = len(names)
				if s.Name != "" {
					f.key = append(f.key, entry{s.Name, hue(names[s.Name]), aLine})
				}
			}
			xs = append(xs, s.X)
		}
	}
	if len(f.key) == 1 && len(names) == 1 && f.key[0].name == "network" {
		f.key = nil
	}
	for i, q := range t.Panels {
		p := f.add(or(t.XName, "time (ms)"), q.Name)
		fit(&p.X, false, 8, 0, xs...)
		p.Add(t.moments(f, i == 0))
		lines := t.lines(&p.Y, q, names)
		entwine(p, lines)
		p.Add(strands(lines))
		f.note = or(f.note, together(lines))
	}
	f.share()
	f.table = table{[]string{"quantity", "of", or(t.XName, "time (ms)"), "value"}, func(add func(...any)) {
		for _, q := range t.Panels {
			for _, s := range q.Series {
				for i := range s.X {
					add(q.Name, s.Name, s.X[i], s.Y[i])
				}
			}
		}
	}}
	return f, nil
}

// lines returns what is drawn of a panel, in the colours of the names, and fits the axis of its values.
func (t Traces) lines(y *plot.Axis, q Trace, names map[string]int) (list []strand) {
	var ys [][]float64
	course := t.Course
	if q.Count { // goes on over updates
		ys, course.Starts = append(ys, []float64{0}), nil
	}
	for _, s := range q.Series {
		l := strand{name: s.Name, style: stroke(hue(names[s.Name]), 1.3)}
		l.x, l.y = course.of(s.X, s.Y)
		list, ys = append(list, l), append(ys, s.Y)
	}
	fit(y, q.Log, 4, 0.06, ys...)
	if q.Count {
		clamp(y, 0, y.Max)
	}
	return list
}

// moments draws the marks, with their names if asked.
func (t Traces) moments(f *Figure, named bool) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		sty := f.text.style(8.5, soft(), false)
		sty.YAlign = draw.YBottom
		for _, m := range t.Marks {
			x := at(m.At, 0).X
			if !c.ContainsX(x) {
				continue
			}
			c.StrokeLine2(draw.LineStyle{Color: soft(), Width: vg.Points(0.9), Dashes: dashes()}, x, c.Min.Y, x, c.Max.Y)
			if named {
				c.FillText(sty, vg.Point{X: x + 3, Y: c.Max.Y - vg.Points(8)}, m.Name)
			}
		}
	}
}

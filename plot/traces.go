package plot

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Traces are quantities over time, one panel each, above a common axis.
type Traces struct {
	Title, Subtitle string
	XName           string // with its unit; "": "time (ms)"
	Panels          []Trace
	Marks           []Moment
}

// A Trace is a panel: one quantity of several vertices.
type Trace struct {
	Name   string // of the quantity, with its unit if it has one
	Series []Series
	Log    bool
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
		var ys [][]float64
		for _, s := range q.Series {
			ys = append(ys, s.Y)
		}
		fit(&p.Y, q.Log, 4, 0.06, ys...)
		p.Add(t.moments(f, i == 0))
		for _, s := range q.Series {
			p.Add(line(stroke(hue(names[s.Name]), 1.3), s.X, s.Y))
		}
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

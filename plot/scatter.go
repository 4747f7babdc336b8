package plot

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Scatter shows one quantity against another.
type Scatter struct {
	Title, Subtitle string
	XName, YName    string
	XLog, YLog      bool
	Groups          []Cloud
	Diagonal        string // name of the line y = x; "": it is not drawn, otherwise both axes have one range
}

// A Cloud is a group of points.
type Cloud struct {
	Name string
	X, Y []float64
}

// Figure implements Drawing.
func (s Scatter) Figure() (*Figure, error) {
	var xs, ys [][]float64
	most := 0
	for _, g := range s.Groups {
		if len(g.X) != len(g.Y) {
			return nil, fmt.Errorf("plot: scatter: %s: %d and %d numbers", g.Name, len(g.X), len(g.Y))
		}
		xs, ys, most = append(xs, g.X), append(ys, g.Y), max(most, len(g.X))
	}
	if most == 0 {
		return nil, errors.New("plot: scatter: no points")
	}
	f := newFigure(s.Title, s.Subtitle)
	f.height = 3.6 * vg.Inch
	p := f.add(s.XName, s.YName)
	if s.Diagonal != "" {
		xs = append(xs, ys...)
		ys = xs
	}
	fit(&p.X, s.XLog, 7, 0.03, xs...)
	fit(&p.Y, s.YLog, 7, 0.03, ys...)
	if s.Diagonal != "" {
		p.Add(diagonal(max(p.X.Min, p.Y.Min), min(p.X.Max, p.Y.Max)))
		f.key = append(f.key, entry{s.Diagonal, soft(), aDash})
	}
	radius := min(3, max(1, 40/math.Sqrt(float64(most))))
	for i, g := range s.Groups {
		p.Add(points(faded(hue(i), min(0.75, max(0.25, 200/float64(most)))), radius, g.X, g.Y))
		if g.Name != "" {
			f.key = append(f.key, entry{g.Name, hue(i), aDot})
		}
	}
	f.table = table{[]string{"group", or(s.XName, "x"), or(s.YName, "y")}, func(add func(...any)) {
		for _, g := range s.Groups {
			for i := range g.X {
				add(g.Name, g.X[i], g.Y[i])
			}
		}
	}}
	return f, nil
}

func diagonal(lo, hi float64) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		a, b := at(lo, lo), at(hi, hi)
		c.StrokeLine2(draw.LineStyle{Color: soft(), Width: vg.Points(0.9), Dashes: dashes()}, a.X, a.Y, b.X, b.Y)
	}
}

package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A paint draws data; at turns them into points of the canvas.
type paint func(c *draw.Canvas, at func(x, y float64) vg.Point)

// Plot implements plot.Plotter.
func (f paint) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	f(&c, func(a, b float64) vg.Point { return vg.Point{X: x(a), Y: y(b)} })
}

// line draws the points in their order, with gaps where a number is not finite. Where there are more points than the eye
// can part, it draws the least and the largest of each piece of the axis.
func line(sty draw.LineStyle, x, y []float64) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		var run []vg.Point
		flush := func() {
			c.StrokeLines(sty, c.ClipLinesXY(thin(run))...)
			run = run[:0]
		}
		for i := range x {
			if finite(x[i]) && finite(y[i]) {
				run = append(run, at(x[i], y[i]))
			} else {
				flush()
			}
		}
		flush()
	}
}

// fine is the width in points of what thin makes one.
const fine = 0.35

// thin returns the points with each run of more than four in one column of fine points replaced by its first, least,
// largest and last.
func thin(list []vg.Point) []vg.Point {
	if len(list) < 2000 {
		return list
	}
	var out []vg.Point
	for i := 0; i < len(list); {
		j, lo, hi := i, i, i
		col := math.Floor(float64(list[i].X) / fine)
		for ; j < len(list) && math.Floor(float64(list[j].X)/fine) == col; j++ {
			if list[j].Y < list[lo].Y {
				lo = j
			}
			if list[j].Y > list[hi].Y {
				hi = j
			}
		}
		last := -1
		for _, k := range [...]int{i, min(lo, hi), max(lo, hi), j - 1} {
			if k > last {
				out = append(out, list[k])
				last = k
			}
		}
		i = j
	}
	return out
}

// stroke returns a solid line style.
func stroke(c color.Color, points float64) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: vg.Points(points)}
}

// band fills what lies between lo and hi; where one is not finite there is a gap.
func band(c color.Color, x, lo, hi []float64) paint {
	return func(cv *draw.Canvas, at func(x, y float64) vg.Point) {
		for i := 0; i < len(x); i++ {
			j := i
			for j < len(x) && finite(x[j]) && finite(lo[j]) && finite(hi[j]) {
				j++
			}
			if j-i > 1 {
				var ring []vg.Point
				for k := i; k < j; k++ {
					ring = append(ring, at(x[k], hi[k]))
				}
				for k := j - 1; k >= i; k-- {
					ring = append(ring, at(x[k], lo[k]))
				}
				cv.FillPolygon(c, cv.ClipPolygonY(ring))
			}
			i = j
		}
	}
}

// points draws discs.
func points(c color.Color, radius float64, x, y []float64) paint {
	return func(cv *draw.Canvas, at func(x, y float64) vg.Point) {
		for i := range x {
			if finite(x[i]) && finite(y[i]) {
				if p := at(x[i], y[i]); cv.Contains(p) {
					disc(cv, c, p, radius)
				}
			}
		}
	}
}

func disc(c *draw.Canvas, col color.Color, p vg.Point, radius float64) {
	c.SetColor(col)
	c.Fill(circle(p, radius))
}

func ring(c *draw.Canvas, col color.Color, p vg.Point, radius float64) {
	disc(c, color.White, p, radius)
	c.SetLineStyle(stroke(col, 1.2))
	c.Stroke(circle(p, radius))
}

func circle(p vg.Point, radius float64) vg.Path {
	var a vg.Path
	a.Move(vg.Point{X: p.X + vg.Points(radius), Y: p.Y})
	a.Arc(p, vg.Points(radius), 0, 2*math.Pi)
	a.Close()
	return a
}

func box(c *draw.Canvas, col color.Color, x0, y0, x1, y1 vg.Length) {
	c.SetColor(col)
	c.Fill(vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}.Path())
}

func outline(c *draw.Canvas, x0, y0, x1, y1 vg.Length) {
	c.SetLineStyle(stroke(color.RGBA{0xc8, 0xc8, 0xc8, 0xff}, 0.6))
	c.Stroke(vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}.Path())
}

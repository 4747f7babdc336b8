package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// An ErrorMap is the size of the error at every level and tick. The wave of Z-IL is a diagonal in it: the error arrives at
// level l at tick l.
type ErrorMap struct {
	Title, Subtitle string
	XName           string      // "": "tick"
	X               []float64   // of the columns, ascending, equal distances; nil: 0, 1, …
	Size            [][]float64 // [level][column], not negative, such as the root mean square of ε
	Name            string      // of Size; "": "RMS error"
	Linear          bool        // colours; otherwise logarithmic
	Wave            bool        // mark where a wave that makes a level a tick would be
}

// decades bounds the range of the colours: errors that are smaller than the largest by more count as that small.
const decades = 12

// Figure implements Drawing.
func (m ErrorMap) Figure() (*Figure, error) {
	if len(m.Size) == 0 || len(m.Size[0]) == 0 {
		return nil, fmt.Errorf("plot: error map: no levels or no ticks")
	}
	n := len(m.Size[0])
	x := m.X
	if x == nil {
		for i := range n {
			x = append(x, float64(i))
		}
	}
	for l, row := range m.Size {
		if len(row) != n || len(x) != n {
			return nil, fmt.Errorf("plot: error map: level %d has %d columns, level 0 has %d, for %d times", l, len(row), n, len(x))
		}
	}
	step := 1.0
	if n > 1 {
		step = (x[n-1] - x[0]) / float64(n-1)
	}
	f := newFigure(m.Title, m.Subtitle)
	p := f.add(or(m.XName, "tick"), "level (0 is the output)")
	p.X.Min, p.X.Max = x[0]-step/2, x[n-1]+step/2
	p.X.Tick.Marker = plot.ConstantTicks(ticks(x[0], x[n-1], 10))
	if n <= 10 && x[n-1] < 1e5 { // at its columns
		p.X.Tick.Marker = plot.ConstantTicks(ticksAt(x))
	}
	if m.X == nil {
		p.X.Tick.Marker = plot.ConstantTicks(wholeTicks(x[0], x[n-1], 12))
	}
	p.X.Tick.Length, p.X.LineStyle.Width = 0, 0
	p.Y.Min, p.Y.Max = -0.5, float64(len(m.Size))-0.5
	p.Y.Tick.Marker = plot.ConstantTicks(wholeTicks(0, float64(len(m.Size)-1), 10))
	f.bar = m.scale()
	p.Add(cells(m.Size, x[0]-step/2, step, func(v float64) color.RGBA {
		if !finite(v) {
			return infinite()
		}
		return f.bar.colour(f.bar.norm(v))
	}))
	if m.Wave {
		p.Add(m.front(x, step))
		f.key = []entry{{"one level a tick", ink(), aDash}}
	}
	if m.diverges() {
		f.key = append(f.key, entry{"not finite", infinite(), aLine})
	}
	f.table = table{[]string{"level", or(m.XName, "tick"), "size"}, func(add func(...any)) {
		for l, row := range m.Size {
			for i, v := range row {
				add(l, x[i], v)
			}
		}
	}}
	return f, nil
}

// ticksAt returns a tick for every number of x.
func ticksAt(x []float64) (list []plot.Tick) {
	for _, v := range x {
		list = append(list, plot.Tick{Value: v, Label: minus(strconv.FormatFloat(v, 'g', 6, 64))})
	}
	return list
}

// infinite is the colour of a size that is not finite.
func infinite() color.RGBA { return hue(5) }

// diverges reports whether a size is not finite.
func (m ErrorMap) diverges() bool {
	for _, row := range m.Size {
		if slices.ContainsFunc(row, func(v float64) bool { return !finite(v) }) {
			return true
		}
	}
	return false
}

// scale returns the colours of the sizes.
func (m ErrorMap) scale() *bar {
	_, hi, lo, ok := span(m.Size...)
	if !ok || hi <= 0 {
		lo, hi = 0.1, 1
	}
	b := &bar{name: or(m.Name, "RMS error"), colour: ramp, zero: true}
	if m.Linear {
		b.ticks, b.norm, b.zero = ticks(0, hi, 5), func(v float64) float64 { return v / hi }, false
		return b
	}
	lo = max(lo, hi*math.Pow(10, -decades))
	if lo > hi/2 {
		lo = hi / 10
	}
	b.norm = func(v float64) float64 { return math.Log(max(v, lo)/lo) / math.Log(hi/lo) }
	b.ticks = logTicks(lo, hi, 6)
	return b
}

// front marks the staircase between what the wave has reached and what it has not.
func (m ErrorMap) front(x []float64, step float64) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		var list []vg.Point
		for l := range m.Size {
			if l < len(x) {
				left := x[l] - step/2
				list = append(list, at(left, float64(l)-0.5), at(left, float64(l)+0.5))
			}
		}
		c.StrokeLines(draw.LineStyle{Color: ink(), Width: vg.Points(1.2), Dashes: dashes()}, list)
	}
}

// cells draws a rectangle for every number; those that are 0 show the background. Neighbours overlap a
// little, lest the background show between them.
func cells(size [][]float64, left, step float64, colour func(float64) color.RGBA) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		paths := map[color.RGBA]vg.Path{}
		var order []color.RGBA
		a, b := at(left, -0.5), at(left+step*float64(len(size[0])), float64(len(size))-0.5)
		box(c, empty(), a.X, a.Y, b.X, b.Y)
		for l, row := range size {
			for i := 0; i < len(row); {
				j := i + 1
				if row[i] <= 0 {
					i = j
					continue
				}
				col := colour(row[i])
				for j < len(row) && !(row[j] <= 0) && colour(row[j]) == col {
					j++
				}
				lo, hi := at(left+step*float64(i), float64(l)-0.5), at(left+step*float64(j), float64(l)+0.5)
				hi.X, hi.Y = min(hi.X+0.3, b.X), min(hi.Y+0.3, b.Y)
				if paths[col] == nil {
					order = append(order, col)
				}
				paths[col] = append(paths[col], vg.Rectangle{Min: lo, Max: hi}.Path()...)
				i = j
			}
		}
		for _, col := range order {
			c.SetColor(col)
			c.Fill(paths[col])
		}
		outline(c, a.X, a.Y, b.X, b.Y)
	}
}

package plot

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"math/bits"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Raster shows when something happened at which vertex.
type Raster struct {
	Title, Subtitle string
	XName           string   // "": "time (ms)"
	Kinds           []string // names of what happens, such as "prediction" and "error"
	Events          []Event
	Groups          []Group // of rows, in the order of the rows; nil: rows are numbered
	Rows            int     // 0: one more than the largest of an event
	Faint           int     // number of a kind, from 1, that stands behind the others over the full height of its row; 0: none
	Whole           bool    // times are whole numbers, such as ticks
}

// An Event is a mark of a Raster.
type Event struct {
	Time float64
	Row  int // from 0, the bottom
	Kind int // index of Raster.Kinds
}

// A Group is a population of consecutive rows.
type Group struct {
	Name  string
	Count int
}

// Figure implements Drawing.
func (r Raster) Figure() (*Figure, error) {
	if len(r.Events) == 0 {
		return nil, errors.New("plot: raster: no events")
	}
	rows := r.Rows
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, e := range r.Events {
		if !finite(e.Time) || e.Row < 0 || e.Kind < 0 || e.Kind >= max(1, len(r.Kinds)) {
			return nil, fmt.Errorf("plot: raster: event at %v in row %d of kind %d", e.Time, e.Row, e.Kind)
		}
		lo, hi, rows = min(lo, e.Time), max(hi, e.Time), max(rows, e.Row+1)
	}
	f := newFigure(r.Title, r.Subtitle)
	p := f.add(or(r.XName, "time (ms)"), "vertex")
	fit(&p.X, false, 8, 0.01, []float64{lo, hi})
	if r.Whole {
		p.X.Min, p.X.Max = lo-0.6, hi+0.6
		p.X.Tick.Marker = plot.ConstantTicks(wholeTicks(lo, hi, 16))
	}
	p.Y.Min, p.Y.Max = -0.5, float64(rows)-0.5
	p.Y.Tick.Marker = plot.ConstantTicks(r.labels(rows))
	f.height = vg.Points(min(460, max(200, float64(rows)*6)))
	p.Add(r.bounds())
	for _, k := range r.order() {
		p.Add(r.strokes(k))
		if len(r.Kinds) > 0 {
			f.key = append(f.key, entry{r.Kinds[k], r.colour(k), aBar})
		}
	}
	f.table = table{[]string{or(r.XName, "time (ms)"), "row", "kind"}, func(add func(...any)) {
		for _, e := range r.Events {
			kind := ""
			if e.Kind < len(r.Kinds) {
				kind = r.Kinds[e.Kind]
			}
			add(e.Time, e.Row, kind)
		}
	}}
	return f, nil
}

func (r Raster) labels(rows int) []plot.Tick {
	if r.Groups == nil {
		return wholeTicks(0, float64(rows-1), 8)
	}
	var list []plot.Tick
	at := 0
	for _, g := range r.Groups {
		list = append(list, plot.Tick{Value: float64(at) + float64(g.Count-1)/2, Label: g.Name})
		at += g.Count
	}
	return list
}

// bounds draws a line between groups.
func (r Raster) bounds() paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		row := 0
		for i, g := range r.Groups {
			if row += g.Count; i < len(r.Groups)-1 {
				y := at(0, float64(row)-0.5).Y
				c.StrokeLine2(stroke(faint(), 0.8), c.Min.X, y, c.Max.X, y)
			}
		}
	}
}

// order returns the kinds in the order in which they are drawn: what stands behind the others first.
func (r Raster) order() (list []int) {
	if r.Faint > 0 {
		list = append(list, r.Faint-1)
	}
	for k := range max(1, len(r.Kinds)) {
		if k != r.Faint-1 {
			list = append(list, k)
		}
	}
	return list
}

// colour returns the colour of a kind.
func (r Raster) colour(kind int) color.Color {
	switch {
	case kind == r.Faint-1:
		return color.RGBA{0xbc, 0xbc, 0xbc, 0xff}
	case r.Faint > 0 && kind > r.Faint-1:
		return hue(kind - 1)
	}
	return hue(kind)
}

// A place is where an event is drawn: those that nobody could tell apart have the same.
type place struct{ x, row int32 }

func placeOf(e Event, at func(x, y float64) vg.Point) place {
	return place{int32(float64(at(e.Time, 0).X) / fine), int32(e.Row)}
}

// crowd returns, for every place, which kinds there are, a bit each. What stands behind the others is left out.
func (r Raster) crowd(at func(x, y float64) vg.Point) map[place]uint64 {
	m := map[place]uint64{}
	for _, e := range r.Events {
		if e.Kind != r.Faint-1 {
			m[placeOf(e, at)] |= 1 << (uint(e.Kind) & 63)
		}
	}
	return m
}

// strokes draws the events of a kind as one path. Events that nobody could tell apart are drawn once. Kinds that meet share
// the height of the row.
func (r Raster) strokes(kind int) paint {
	const high = 0.84
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		crowd, seen := r.crowd(at), map[place]bool{}
		var path vg.Path
		for _, e := range r.Events {
			q := placeOf(e, at)
			if e.Kind != kind || seen[q] {
				continue
			}
			seen[q] = true
			k, n := 0.0, 1.0
			if kind != r.Faint-1 {
				all := crowd[q]
				k, n = float64(bits.OnesCount64(all&(1<<(uint(kind)&63)-1))), float64(bits.OnesCount64(all))
			}
			bottom := float64(e.Row) - high/2 + high*(n-1-k)/n
			path.Move(at(e.Time, bottom))
			path.Line(at(e.Time, bottom+high/n))
		}
		c.SetLineStyle(stroke(r.colour(kind), 1.3))
		c.Stroke(path)
	}
}

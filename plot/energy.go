package plot

import (
	"fmt"
	"image/color"
	"strconv"
)

// Energy is the energy of a network over time: the total, and the share of every level.
type Energy struct {
	Title, Subtitle string
	XName           string      // such as "tick" or "time (ms)"; "": "tick"
	X               []float64   // ascending
	Total           []float64   // by X
	Levels          [][]float64 // of level l, by X; nil: none. Level 0 is the output
	Linear          bool        // vertical axis; otherwise logarithmic, energies of 0 apart
	Course          Course
}

// keyed is the number of levels up to which they are named one by one.
const keyed = 6

// Figure implements Drawing.
func (e Energy) Figure() (*Figure, error) {
	if len(e.X) == 0 || len(e.Total) != len(e.X) {
		return nil, fmt.Errorf("plot: energy: %d times, %d totals", len(e.X), len(e.Total))
	}
	for l, y := range e.Levels {
		if len(y) != len(e.X) {
			return nil, fmt.Errorf("plot: energy: %d times, %d energies of level %d", len(e.X), len(y), l)
		}
	}
	f := newFigure(e.Title, e.Subtitle)
	p := f.add(or(e.XName, "tick"), "energy")
	fit(&p.X, false, 8, 0, e.X)
	fit(&p.Y, !e.Linear, 6, 0.04, append([][]float64{e.Total}, e.Levels...)...)
	if len(e.Levels) > 0 {
		f.key = append(f.key, entry{"total", ink(), aLine})
	}
	var lines []strand
	for l, y := range e.Levels {
		c := levelColour(l, len(e.Levels))
		if len(e.X) <= 40 {
			p.Add(points(c, 1.8, e.X, y))
		}
		s := strand{name: levelName(l), style: stroke(c, 1.6)}
		s.x, s.y = e.Course.of(e.X, y)
		if len(e.Levels) > keyed {
			p.Add(strands([]strand{s}))
			continue
		}
		f.key = append(f.key, entry{s.name, c, aLine})
		lines = append(lines, s)
	}
	total := strand{name: "total", style: stroke(ink(), 2.4)}
	total.x, total.y = e.Course.of(e.X, e.Total)
	lines = append(lines, total)
	entwine(p, lines)
	p.Add(strands(lines))
	f.note = together(lines)
	if n := len(e.Levels); n > keyed {
		last := float64(n - 1)
		f.bar = &bar{name: "level", ticks: wholeTicks(0, last, 6), norm: func(x float64) float64 { return x / last },
			colour: func(t float64) color.RGBA { return levelColour(int(t*last+0.5), n) }}
	}
	f.table = e.rows()
	return f, nil
}

func (e Energy) rows() table {
	columns := []string{or(e.XName, "tick"), "total"}
	for l := range e.Levels {
		columns = append(columns, "level_"+strconv.Itoa(l))
	}
	return table{columns, func(add func(...any)) {
		row := make([]any, len(columns))
		for i := range e.X {
			row[0], row[1] = e.X[i], e.Total[i]
			for l, y := range e.Levels {
				row[2+l] = y[i]
			}
			add(row...)
		}
	}}
}

// levelColour returns the colour of level l of n: dark for the output.
func levelColour(l, n int) color.RGBA {
	if n <= keyed {
		return hue(l)
	}
	return ramp(1 - 0.8*float64(l)/float64(n-1))
}

func levelName(l int) string {
	if l == 0 {
		return "level 0 (output)"
	}
	return "level " + strconv.Itoa(l)
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

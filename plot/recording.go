package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/record"
)

// Named is a drawing with the name of its files.
type Named struct {
	Kind string // learning, energy, error-map, traces or raster
	Name string
	Drawing
}

// Kinds returns the kinds of drawings that Run and Rasters know.
func Kinds() []string { return []string{"learning", "energy", "error-map", "traces", "raster"} }

// Run returns what can be drawn of a run: the learning curve, and of every recording its energies, its map of errors if it
// is of levels, and its traces.
func Run(title string, epochs []record.Epoch, recordings []*record.Data) []Named {
	var list []Named
	if len(epochs) > 0 {
		list = append(list, Named{"learning", "learning", Learning{Title: title, Epochs: epochs}})
	}
	for _, d := range recordings {
		for _, part := range stretches(d) {
			list = append(list, recorded(title, part)...)
		}
	}
	return list
}

// mostStretches bounds how many parts of a recording are drawn.
const mostStretches = 4

// A stretch is a recording, or a part of it, with what the names of its figures begin with.
type stretch struct {
	*record.Data
	file string
	note string // for the subtitle
}

// stretches cuts a recording of updates that do not follow each other, such as the first and the last one, into parts without
// a gap, to be drawn one by one: they would be needles on an axis that is mostly empty. Recordings of one frame an update stay
// whole.
func stretches(d *record.Data) (list []stretch) {
	n, number := len(d.Step), numberOf(d.Name)
	inner, cuts := false, []int{0}
	for i := 1; i < n; i++ {
		switch gap := d.Step[i] - d.Step[i-1]; {
		case gap == 0:
			inner = true
		case gap > 1:
			cuts = append(cuts, i)
		}
	}
	if !inner || len(cuts) == 1 {
		return []stretch{{Data: d, file: number}}
	}
	cuts = append(cuts, n)
	w := d.Width()
	for k := 1; k < len(cuts) && len(list) < mostStretches; k++ {
		a, b := cuts[k-1], cuts[k]
		part := &record.Data{Name: d.Name, Index: d.Index, Step: d.Step[a:b], Tick: d.Tick[a:b], Millis: d.Millis[a:b]}
		for _, values := range d.Values {
			part.Values = append(part.Values, values[a*w:b*w])
		}
		s := stretch{Data: part, file: number}
		if k > 1 {
			s.file = fmt.Sprintf("%s-update-%d", number, d.Step[a])
		}
		if len(cuts)-1 > mostStretches {
			s.note = fmt.Sprintf(" (part %d of %d)", k, len(cuts)-1)
		}
		list = append(list, s)
	}
	return list
}

// numberOf returns the number that the name of a recording begins with, or the name if there is none.
func numberOf(name string) string {
	if number, _, ok := strings.Cut(name, "-"); ok && strings.Trim(number, "0123456789") == "" {
		return number
	}
	return name
}

// rhythm returns how the frames of d follow each other: whether they are moments of an update, between which things stay as
// they are, and the first frame of every update after the first.
func rhythm(d *record.Data) (held bool, starts []int) {
	for i := 1; i < len(d.Step); i++ {
		if d.Step[i] != d.Step[i-1] {
			starts = append(starts, i)
		}
	}
	if held = len(starts) < len(d.Step)-1; !held {
		starts = nil
	}
	return held, starts
}

func recorded(title string, d stretch) []Named {
	if len(d.Step) == 0 {
		return nil
	}
	var list []Named
	x, xName := axis(d.Data)
	subtitle := d.Name
	if n := len(d.Step); d.Step[0] == d.Step[n-1] {
		subtitle += fmt.Sprintf(", update %d", d.Step[0])
	}
	subtitle += d.note
	c := Course{}
	c.Held, c.Starts = rhythm(d.Data)
	levels := levelsOf(d.Data)
	if k := slices.Index(d.What, "energy"); k >= 0 {
		if t := slices.IndexFunc(d.Targets, func(t record.IndexTarget) bool { return t.Name == "network" }); t >= 0 {
			e := Energy{Title: title, Subtitle: subtitle, XName: xName, X: x, Total: d.Column(k, t, 0), Course: c}
			for _, l := range levels {
				e.Levels = append(e.Levels, d.Column(k, l, 0))
			}
			list = append(list, Named{"energy", d.file + "-energy", e})
		}
	}
	if k := slices.Index(d.What, "error"); k >= 0 && len(levels) > 0 {
		list = append(list, Named{"error-map", d.file + "-error-map", errorMap(title, subtitle, d.Data, k, levels)})
	}
	if t := traces(title, subtitle, xName, x, d.Data); len(t.Panels) > 0 {
		t.Course = c
		list = append(list, Named{"traces", d.file + "-traces", t})
	}
	return list
}

// axis returns the times of the frames: those of the engine, ticks if all are of one update, updates if every frame is of
// another, and otherwise the numbers of the frames.
func axis(d *record.Data) (x []float64, name string) {
	x = make([]float64, len(d.Step))
	rising := func(of func(i int) float64) bool {
		for i := range x {
			if x[i] = of(i); !finite(x[i]) || i > 0 && x[i] <= x[i-1] {
				return false
			}
		}
		return true
	}
	switch {
	case rising(func(i int) float64 { return d.Millis[i] }):
		return x, "time (ms)"
	case d.Step[0] == d.Step[len(x)-1] && rising(func(i int) float64 { return float64(d.Tick[i]) }):
		return x, "tick"
	case rising(func(i int) float64 { return float64(d.Step[i]) }):
		return x, "update"
	}
	rising(func(i int) float64 { return float64(i) })
	return x, "moment"
}

// levelsOf returns the positions of the levels among the targets, level 0 first.
func levelsOf(d *record.Data) []int {
	var list []int
	for l := 0; ; l++ {
		i := slices.IndexFunc(d.Targets, func(t record.IndexTarget) bool { return t.Name == fmt.Sprintf("level %d", l) })
		if i < 0 {
			return list
		}
		list = append(list, i)
	}
}

// errorMap draws the first update that was recorded.
func errorMap(title, subtitle string, d *record.Data, k int, levels []int) ErrorMap {
	n := 0
	for n < len(d.Step) && d.Step[n] == d.Step[0] {
		n++
	}
	m := ErrorMap{Title: title, Subtitle: subtitle}
	if n < len(d.Step) {
		m.Subtitle = fmt.Sprintf("%s, update %d, the first of those up to %d", subtitle, d.Step[0], d.Step[len(d.Step)-1])
	}
	if n < 2 { // one frame an update
		n = len(d.Step)
		m.Subtitle, m.XName = subtitle, "moment"
	}
	whole := m.XName == ""
	for i := range n {
		whole = whole && d.Tick[i] == int64(i)
	}
	if lo, hi := d.Millis[0], d.Millis[n-1]; finite(lo) && hi > lo { // at equal distances, or nearly so
		m.XName = "time (ms)"
		for i := range n {
			m.X = append(m.X, lo+(hi-lo)*float64(i)/float64(n-1))
		}
	} else if !whole {
		m.XName = "moment"
	}
	m.Wave = whole && n <= 3*len(levels)
	if m.Wave {
		m.X, m.XName = nil, ""
	}
	for _, l := range levels {
		m.Size = append(m.Size, d.Column(k, l, 0)[:n])
	}
	return m
}

// mostSeries bounds the lines of a panel.
const mostSeries = 6

// traces draws every quantity of the first few elements of the targets.
func traces(title, subtitle, xName string, x []float64, d *record.Data) Traces {
	t := Traces{Title: title, Subtitle: subtitle, XName: xName}
	known := map[string]record.Quantity{}
	for _, q := range record.List() {
		known[q.Name] = q
	}
	for k, what := range d.What {
		if len(levelsOf(d)) > 0 && (what == "energy" || what == "error") {
			continue // they have drawings of their own
		}
		q := known[what]
		p := Trace{Name: what, Count: q.Happens() || q.Unit == "messages"}
		if q.Happens() {
			p.Name += ", since the start"
		}
		if q.Unit != "" {
			p.Name += " (" + q.Unit + ")"
		}
		var more bool
		if p.Series, more = someSeries(d, k, x); more {
			t.Subtitle = fmt.Sprintf("%s; the first %d of %d", subtitle, mostSeries, d.Width())
		}
		if len(p.Series) > 0 {
			t.Panels = append(t.Panels, p)
		}
	}
	return t
}

// someSeries returns the first elements of the targets that have quantity k, and whether there are more.
func someSeries(d *record.Data, k int, x []float64) (list []Series, more bool) {
	for i, g := range d.Targets {
		for e := range g.Elements {
			y := d.Column(k, i, e)
			switch {
			case !slices.ContainsFunc(y, func(v float64) bool { return !math.IsNaN(v) }):
				continue
			case len(list) == mostSeries:
				return list, true
			}
			name := g.Name
			if g.Elements > 1 {
				name = fmt.Sprintf("%s[%d]", g.Name, e)
			}
			list = append(list, Series{name, x, y})
		}
	}
	return list, false
}

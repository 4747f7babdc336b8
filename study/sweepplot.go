package study

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/plot"
)

// A drawing is what a plot's words stand for.
type drawing struct {
	config.Plot
	x, by          int                 // columns; by is −1 for none
	value          func(k int) float64 // of point k
	where, against conditions
}

// drawing returns what p stands for; key is the one that is wrong.
func (s *sweep) drawing(p config.Plot) (d drawing, key string, err error) {
	d.Plot, d.by = p, -1
	w := s.base.Sweep
	if d.x, err = w.Column(p.X); err != nil {
		return d, "x", err
	}
	if p.By != "" {
		if d.by, err = w.Column(p.By); err != nil {
			return d, "by", err
		}
	}
	y := slices.Index(s.measures, p.Y)
	if y < 0 {
		return d, "y", fmt.Errorf("%q is not measured; there are %s", p.Y, strings.Join(s.measures, ", "))
	}
	if d.where, err = s.conditions(p.Where); err != nil {
		return d, "where", err
	}
	if d.against, err = s.conditions(p.Against); err != nil {
		return d, "against", err
	}
	if d.value, err = s.values(d.against, y); err != nil {
		return d, "against", err
	}
	if per, _ := quantity(or(p.XPer, "1")); !(per > 0) {
		return d, "x_per", fmt.Errorf("%q: want a positive number or time", p.XPer)
	}
	for _, q := range s.points {
		if v := q.Values[d.x]; d.has(q) && !isQuantity(v) {
			return d, "x", fmt.Errorf("%q has no place on an axis, which takes numbers and times: lines for words are given by by", v)
		}
	}
	return d, "", nil
}

// checkPlots returns the first mistake in the figures that are asked for.
func (s *sweep) checkPlots() error {
	for i, p := range s.base.Sweep.Plots {
		if _, key, err := s.drawing(p); err != nil {
			return s.base.Mistake(fmt.Sprintf("sweep.plots[%d].%s", i, key), "%v", err)
		}
	}
	return nil
}

// has reports whether a point is in the figure. What others are drawn against is, if it is a line, which keeps its colour.
func (d drawing) has(p config.Point) bool {
	line := slices.ContainsFunc(d.against, func(x condition) bool { return x.column == d.by })
	return d.where.hold(p) && (d.against == nil || line || !d.against.hold(p))
}

// draw makes the figures that the study asks for, and returns their files.
func (s *sweep) draw() ([]string, error) {
	files := []string{}
	for i, p := range s.base.Sweep.Plots {
		list, err := s.drawOne(p)
		if err != nil {
			return files, s.base.Mistake(fmt.Sprintf("sweep.plots[%d]", i), "%v", err)
		}
		files = append(files, list...)
	}
	return files, nil
}

// drawOne draws a plot: once for every combination of what is varied and is neither on an axis nor a line.
func (s *sweep) drawOne(p config.Plot) (files []string, err error) {
	d, _, err := s.drawing(p)
	if err != nil {
		return nil, err
	}
	var rest []string // combinations, in the order of the points
	for _, q := range s.points {
		if name := s.others(q, d.x, d.by); d.has(q) && !slices.Contains(rest, name) {
			rest = append(rest, name)
		}
	}
	for _, other := range rest {
		c := s.curves(d, func(q config.Point) bool { return d.has(q) && s.others(q, d.x, d.by) == other })
		name := p.File()
		if other != "" && len(rest) > 1 {
			c.Title += ", " + other
			name += "-" + strings.NewReplacer(", ", "-", " ", "").Replace(other)
		}
		f, err := c.Figure()
		if err != nil {
			return files, err
		}
		list, err := f.Save(filepath.Join(s.Out, name))
		if err != nil {
			return files, err
		}
		files = append(files, list...)
	}
	return files, nil
}

// others names the values of a point that are neither on the axis x nor the line by.
func (s *sweep) others(p config.Point, x, by int) string {
	var list []string
	for i, c := range s.base.Sweep.Columns() {
		if i != x && i != by {
			list = append(list, last(c)+"="+p.Values[i])
		}
	}
	return strings.Join(list, ", ")
}

func last(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// curves returns the figure of the values of the points that keep accepts.
func (s *sweep) curves(p drawing, keep func(config.Point) bool) plot.Curves {
	what := measureName(p.Y)
	c := plot.Curves{XName: p.XName, XLog: p.XLog, YLog: p.YLog, Paired: p.against != nil}
	if c.Least, c.Most = rangeOf(p.Y); p.against != nil {
		c.Least, c.Most = c.Least-c.Most, c.Most-c.Least
		what = "difference in " + what
	}
	c.Title, c.YName = or(p.Title, s.base.Name+": "+what), or(p.YName, what)
	if p.Band == "median" {
		c.Center = plot.Median
	}
	unit := ""
	for k, q := range s.points {
		if !keep(q) {
			continue
		}
		name := ""
		if p.by >= 0 {
			name = q.Values[p.by]
		}
		i := slices.IndexFunc(c.Series, func(s plot.Curve) bool { return s.Name == name })
		if i < 0 {
			i = len(c.Series)
			c.Series = append(c.Series, plot.Curve{Name: name})
		}
		v, u := quantity(q.Values[p.x])
		if p.XPer != "" {
			per, _ := quantity(p.XPer)
			v, u = v/per, ""
		}
		unit = or(unit, u)
		line := &c.Series[i]
		at := slices.Index(line.X, v)
		if at < 0 {
			at = len(line.X)
			line.X, line.Y = append(line.X, v), append(line.Y, nil)
		}
		line.Y[at] = append(line.Y[at], p.value(k))
	}
	if c.XName == "" {
		c.XName = strings.ReplaceAll(last(p.X), "_", " ")
		if unit != "" {
			c.XName += " (" + unit + ")"
		}
	}
	return c
}

// measureName returns what an axis says of a measure.
func measureName(m string) string {
	of := ""
	for _, k := range [][2]string{{"cosine", "cosine to backprop's update"}, {"relative_l2", "relative L2 distance to backprop's update"}} {
		if m == k[0] {
			return k[1]
		}
		if g, ok := strings.CutPrefix(m, k[0]+"_"); ok {
			of = g
			m = k[1]
		}
	}
	switch {
	case of == "lesioned":
		return m + ", on the lesioned network"
	case of != "":
		return m + ", " + of
	}
	for _, k := range [][2]string{{"late", "share of delivered messages that are late"}, {"lost", "share of messages that are lost"},
		{"stale", "share of messages that are overtaken"}, {"expired", "share of messages under way when the sample ends"},
		{"differing", "share of parameters that differ in a bit"}, {"milliseconds", "virtual time of a sample (ms)"}} {
		if m == k[0] {
			return k[1]
		}
	}
	return strings.ReplaceAll(m, "_", " ")
}

// rangeOf returns what a measure can be, 0 and 0 if that is any number.
func rangeOf(m string) (least, most float64) {
	switch m, _, _ = strings.Cut(m, "_"); m {
	case "cosine":
		return -1, 1
	case "accuracy", "differing", "no", "converged", "late", "lost", "stale", "duplicated", "expired":
		return 0, 1
	case "relative":
		return 0, math.Inf(1)
	}
	return 0, 0
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// quantity returns the number that a value stands for, times in ms, and its unit. Words have none: NaN.
func quantity(text string) (x float64, unit string) {
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return x, ""
	}
	if d, err := config.ParseDuration(text); err == nil {
		return d.Milliseconds(), "ms"
	}
	return math.NaN(), ""
}

func isQuantity(text string) bool {
	x, _ := quantity(text)
	return !math.IsNaN(x) && !math.IsInf(x, 0)
}

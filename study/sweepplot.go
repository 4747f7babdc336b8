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

// A drawing is what a plot's words stand for.
type drawing struct {
	x, by, y int // columns, by −1 for none, and the measure
	keep     func(config.Point) bool
}

// drawing returns what p stands for; key is the one that is wrong.
func (s *sweep) drawing(p config.Plot) (d drawing, key string, err error) {
	w := s.base.Sweep
	if d.x, err = w.Column(p.X); err != nil {
		return d, "x", err
	}
	d.by = -1
	if p.By != "" {
		if d.by, err = w.Column(p.By); err != nil {
			return d, "by", err
		}
	}
	if d.y = slices.Index(s.measures, p.Y); d.y < 0 {
		return d, "y", fmt.Errorf("%q is not measured; there are %s", p.Y, strings.Join(s.measures, ", "))
	}
	if d.keep, err = s.where(p.Where); err != nil {
		return d, "where", err
	}
	if per, _ := quantity(or(p.XPer, "1")); !(per > 0) {
		return d, "x_per", fmt.Errorf("%q: want a positive number or time", p.XPer)
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

// drawOne draws a plot: once for every combination of what is varied and is neither on an axis nor a line.
func (s *sweep) drawOne(p config.Plot) ([]string, error) {
	d, _, err := s.drawing(p)
	if err != nil {
		return nil, err
	}
	x, by, y, keep := d.x, d.by, d.y, d.keep
	var rest []string // combinations, in the order of the points
	for _, q := range s.points {
		if name := s.others(q, x, by); keep(q) && !slices.Contains(rest, name) {
			rest = append(rest, name)
		}
	}
	var files []string
	for _, other := range rest {
		c := s.curves(p, x, by, y, func(q config.Point) bool { return keep(q) && s.others(q, x, by) == other })
		name := p.Name
		if name == "" {
			name = p.Y + "-" + last(p.X)
		}
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

// where returns the filter "key=value, key=value".
func (s *sweep) where(text string) (func(config.Point) bool, error) {
	type condition struct {
		column int
		value  string
	}
	var list []condition
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		key, value, ok := strings.Cut(part, "=")
		c, err := s.base.Sweep.Column(key)
		if !ok || err != nil {
			return nil, fmt.Errorf("%q: want key=value with a key that is swept: %s", part, strings.Join(s.base.Sweep.Columns(), ", "))
		}
		if !slices.ContainsFunc(s.points, func(p config.Point) bool { return p.Values[c] == value }) {
			return nil, fmt.Errorf("%q: %s has no such value", part, key)
		}
		list = append(list, condition{c, value})
	}
	return func(p config.Point) bool {
		return !slices.ContainsFunc(list, func(c condition) bool { return p.Values[c.column] != c.value })
	}, nil
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

// curves returns the figure of the points that keep accepts.
func (s *sweep) curves(p config.Plot, x, by, y int, keep func(config.Point) bool) plot.Curves {
	c := plot.Curves{Title: p.Title, XName: p.XName, YName: p.YName, XLog: p.XLog, YLog: p.YLog}
	if c.YName == "" {
		c.YName = measureName(p.Y)
	}
	if c.Title == "" {
		c.Title = fmt.Sprintf("%s: %s", s.base.Name, measureName(p.Y))
	}
	if p.Band == "median" {
		c.Center = plot.Median
	}
	unit := ""
	for k, q := range s.points {
		if !keep(q) {
			continue
		}
		name := ""
		if by >= 0 {
			name = q.Values[by]
		}
		i := slices.IndexFunc(c.Series, func(s plot.Curve) bool { return s.Name == name })
		if i < 0 {
			i = len(c.Series)
			c.Series = append(c.Series, plot.Curve{Name: name})
		}
		v, u := quantity(q.Values[x])
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
		line.Y[at] = append(line.Y[at], s.value(k, y))
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

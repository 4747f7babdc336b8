package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// A Setting is a name or pattern, and the number or text that it is given.
type Setting struct {
	Name  string
	Value string // a number in its shortest form
}

// Settings are a section whose keys are free. They keep their order.
type Settings []Setting

func (s *Settings) decode(d *decoder, n ast.Node, path string) (bool, error) {
	m, ok := n.(ast.MapNode)
	if !ok {
		return true, d.errorf(n, path, "got %s, want a section of keys", describe(n))
	}
	list := append(Settings(nil), *s...)
	for it := m.MapRange(); it.Next(); {
		t := it.Key().GetToken()
		if t == nil || it.Key().IsMergeKey() {
			return true, d.errorf(n, path, "merge keys are not used here")
		}
		v, err := d.resolve(it.Value(), join(path, t.Value))
		if err != nil {
			return true, err
		}
		if _, scalar := v.(ast.ScalarNode); !scalar {
			return true, d.errorf(v, join(path, t.Value), "got %s, want a number, a time or a word", describe(v))
		}
		d.where[join(path, t.Value)] = d.position(v)
		list = list.with(Setting{t.Value, sourceOf(v)})
	}
	*s = list
	return true, nil
}

// with returns s with x in place of the setting of that name, or at the end.
func (s Settings) with(x Setting) Settings {
	for i := range s {
		if s[i].Name == x.Name {
			s[i] = x
			return s
		}
	}
	return append(s, x)
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (s Settings) MarshalYAML() (any, error) {
	var m yaml.MapSlice
	for _, x := range s {
		m = append(m, yaml.MapItem{Key: x.Name, Value: plainValue(x.Value)})
	}
	return m, nil
}

// plainValue returns a number where text is one.
func plainValue(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil && x-x == 0 {
		return x
	}
	return text
}

// canonical returns a number in its shortest form, other text as it is.
func canonical(text string) string {
	switch x := plainValue(text).(type) {
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return text
}

// A Sweep says what a study varies: every combination of the axes' values, under every seed.
type Sweep struct {
	Axes     []Axis
	Cases    []Case // one more axis, whose values set several keys each
	Seeds    int    // that many, from the experiment's on
	Samples  int    // at frozen weights, at the end of each run
	Pretrain int    // updates by backprop before each run
	Plots    []Plot
}

// An Axis is a key and its values, as they would be given to --set.
type Axis struct {
	Key    string
	Values []string
}

// A Case is a name for several keys with their values.
type Case struct {
	Name string
	Set  []Setting
}

// A Plot is a figure of a study.
type Plot struct {
	Name    string `yaml:"name,omitempty"`  // of the files; default y-x
	Title   string `yaml:"title,omitempty"` // default: what is drawn
	X       string `yaml:"x"`               // a key that is swept, or the last part of it
	Y       string `yaml:"y"`               // a measure
	By      string `yaml:"by,omitempty"`    // a key that is swept: a line for each of its values
	Band    string `yaml:"band,omitempty"`  // ci95 (mean, Student's t), or median (order statistics, 95 %)
	XPer    string `yaml:"x_per,omitempty"` // what x is divided by: a number, or a time where x is one; default: nothing
	XName   string `yaml:"x_name,omitempty"`
	YName   string `yaml:"y_name,omitempty"`
	Where   string `yaml:"where,omitempty"`   // key=value: only these points
	Against string `yaml:"against,omitempty"` // key=value: differences from the point with these values and the same seed
	XLog    bool   `yaml:"x_log,omitempty"`
	YLog    bool   `yaml:"y_log,omitempty"`
}

// decode sets the keys that are given: the others stay as an included file has them. An override is the whole section.
func (s *Sweep) decode(d *decoder, n ast.Node, path string) (bool, error) {
	m, ok := n.(ast.MapNode)
	if !ok {
		return true, d.errorf(n, path, "got %s, want keys and lists of their values", describe(n))
	}
	if d.override {
		*s = Sweep{}
		for key := range d.where { // what was written before counts no more
			if strings.HasPrefix(key, path+".") {
				delete(d.where, key)
			}
		}
	}
	for it := m.MapRange(); it.Next(); {
		t := it.Key().GetToken()
		if t == nil || it.Key().IsMergeKey() {
			return true, d.errorf(n, path, "merge keys are not used here")
		}
		p := join(path, t.Value)
		d.where[p] = d.position(it.Key())
		if err := s.set(d, t.Value, it.Value(), p); err != nil {
			return true, err
		}
	}
	return true, nil
}

// set sets one key of the section, which stands at path.
func (s *Sweep) set(d *decoder, key string, n ast.Node, path string) (err error) {
	switch key {
	case "seeds":
		return d.set(n, path, elem(&s.Seeds))
	case "samples":
		return d.set(n, path, elem(&s.Samples))
	case "pretrain":
		return d.set(n, path, elem(&s.Pretrain))
	case "plots":
		return d.set(n, path, elem(&s.Plots))
	case "cases":
		s.Cases, err = d.cases(n, path)
		return err
	}
	i := slices.IndexFunc(s.Axes, func(a Axis) bool { return a.Key == key })
	if _, empty := n.(*ast.NullNode); empty && i >= 0 { // not varied any more
		s.Axes = slices.Delete(s.Axes, i, i+1)
		return nil
	}
	a, err := d.axis(key, n, path)
	if err != nil {
		return err
	}
	if i >= 0 {
		s.Axes[i] = a
		return nil
	}
	s.Axes = append(s.Axes, a)
	return nil
}

// axis reads the values of a key.
func (d *decoder) axis(key string, n ast.Node, path string) (Axis, error) {
	a := Axis{Key: key}
	list, ok := n.(*ast.SequenceNode)
	switch {
	case !ok:
		return a, d.errorf(n, path, "got %s, want a list of values", describe(n))
	case len(list.Values) == 0:
		return a, d.errorf(n, path, "the list is empty: want one value or more")
	}
	for _, v := range list.Values {
		a.Values = append(a.Values, sourceOf(v))
	}
	return a, nil
}

// sourceOf returns n as the text of a file.
func sourceOf(n ast.Node) string {
	if _, ok := n.(ast.ScalarNode); ok {
		return canonical(n.GetToken().Value)
	}
	return strings.TrimSpace(n.String())
}

// cases reads a section of names, each with a section of keys.
func (d *decoder) cases(n ast.Node, path string) ([]Case, error) {
	m, ok := n.(ast.MapNode)
	if !ok {
		return nil, d.errorf(n, path, "got %s, want names, each with a section of keys", describe(n))
	}
	var list []Case
	for it := m.MapRange(); it.Next(); {
		c := Case{Name: it.Key().GetToken().Value}
		inner, ok := it.Value().(ast.MapNode)
		if !ok {
			return nil, d.errorf(it.Value(), join(path, c.Name), "got %s, want a section of keys", describe(it.Value()))
		}
		for in := inner.MapRange(); in.Next(); {
			c.Set = append(c.Set, Setting{in.Key().GetToken().Value, sourceOf(in.Value())})
		}
		list = append(list, c)
	}
	return list, nil
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (s Sweep) MarshalYAML() (any, error) {
	var m yaml.MapSlice
	add := func(key string, v any) { m = append(m, yaml.MapItem{Key: key, Value: v}) }
	for _, a := range s.Axes {
		list := make([]any, len(a.Values))
		for i, v := range a.Values {
			list[i] = plainValue(v)
		}
		add(a.Key, list)
	}
	if len(s.Cases) > 0 {
		var c yaml.MapSlice
		for _, x := range s.Cases {
			inner, _ := Settings(x.Set).MarshalYAML()
			c = append(c, yaml.MapItem{Key: x.Name, Value: inner})
		}
		add("cases", c)
	}
	for _, k := range []struct {
		key string
		n   int
	}{{"seeds", s.Seeds}, {"samples", s.Samples}, {"pretrain", s.Pretrain}} {
		if k.n != 0 {
			add(k.key, k.n)
		}
	}
	if len(s.Plots) > 0 {
		add("plots", s.Plots)
	}
	return m, nil
}

// IsZero reports whether nothing is varied.
func (s Sweep) IsZero() bool {
	return len(s.Axes)+len(s.Cases)+len(s.Plots) == 0 && s.Seeds == 0 && s.Samples == 0 && s.Pretrain == 0
}

// A Point is a combination of values.
type Point struct {
	Values    []string // of the axes and, if there are cases, the name of the case, in the order of Columns
	Overrides []string // for Load: keys, and the seed last
	Seed      uint64
}

// Columns returns the names of what is varied.
func (s Sweep) Columns() []string {
	var list []string
	for _, a := range s.Axes {
		list = append(list, a.Key)
	}
	if len(s.Cases) > 0 {
		list = append(list, "case")
	}
	return list
}

// Points returns every combination under every seed, the seed changing fastest. first is the first seed.
func (s Sweep) Points(first uint64) []Point {
	points := []Point{{}}
	grow := func(n int, value func(k int) (string, []string)) {
		var next []Point
		for _, p := range points {
			for k := range n {
				v, o := value(k)
				next = append(next, Point{Values: append(p.Values[:len(p.Values):len(p.Values)], v),
					Overrides: append(p.Overrides[:len(p.Overrides):len(p.Overrides)], o...)})
			}
		}
		points = next
	}
	for _, a := range s.Axes {
		grow(len(a.Values), func(k int) (string, []string) { return a.Values[k], []string{a.Key + "=" + a.Values[k]} })
	}
	if len(s.Cases) > 0 {
		grow(len(s.Cases), func(k int) (string, []string) {
			var o []string
			for _, x := range s.Cases[k].Set {
				o = append(o, x.Name+"="+x.Value)
			}
			return s.Cases[k].Name, o
		})
	}
	var all []Point
	for _, p := range points {
		for k := range max(s.Seeds, 1) {
			q := p
			q.Seed = first + uint64(k)
			q.Overrides = append(p.Overrides[:len(p.Overrides):len(p.Overrides)], fmt.Sprintf("seed=%d", q.Seed))
			all = append(all, q)
		}
	}
	return all
}

// Column returns the number of the column of that name, or whose last part it is.
func (s Sweep) Column(name string) (int, error) {
	for i, c := range s.Columns() {
		if c == name || name != "" && strings.HasSuffix(c, "."+name) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%q is not swept; there are %s", clip(name), strings.Join(s.Columns(), ", "))
}

package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

// A Change is a key that has another value than it would have by default.
type Change struct {
	Key, Value string
	Default    string   // "" if the key is not there by default
	Where      Position // where it was written
}

// String returns "key = value (default value)".
func (c Change) String() string {
	s := c.Key + " = " + c.Value
	if c.Default != "" {
		s += " (default " + c.Default + ")"
	}
	return s
}

// Changes returns the keys that files or overrides gave, and whose value is not the default, in the order of the
// configuration. What was filled in because of other keys is not among them.
func (l *Loaded) Changes() ([]Change, error) {
	now, err := flat(l.Config)
	if err != nil {
		return nil, err
	}
	d, err := Parse("", nil)
	if err != nil {
		return nil, err
	}
	before, err := flat(d.Config)
	if err != nil {
		return nil, err
	}
	var list []Change
	for _, x := range now {
		at, given := l.where.nearest(x.Name)
		if !given {
			continue
		}
		i := slices.IndexFunc(before, func(y Setting) bool { return y.Name == x.Name })
		switch {
		case i < 0:
			list = append(list, Change{Key: x.Name, Value: x.Value, Where: at})
		case before[i].Value != x.Value:
			list = append(list, Change{x.Name, x.Value, before[i].Value, at})
		}
	}
	return list, nil
}

// Changes returns what is not default in the configuration that s was opened from.
func (s *Setup) Changes() ([]Change, error) {
	if s.loaded == nil {
		return nil, nil
	}
	return s.loaded.Changes()
}

// nearest returns where a key was written, or the list or value that it is a part of. Sections that were written do not
// count: of their keys, others may be defaults.
func (p positions) nearest(path string) (Position, bool) {
	for {
		if at, ok := p[path]; ok {
			return at, true
		}
		i := len(path) - 1
		for i >= 0 && path[i] != '[' {
			i--
		}
		if i < 0 {
			return Position{}, false
		}
		path = path[:i]
	}
}

// flat returns all keys of c with their values, sections flattened: "learning.plasticity.rate".
func flat(c Config) ([]Setting, error) {
	text, err := c.Marshal()
	if err != nil {
		return nil, err
	}
	var m yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(text, &m, yaml.UseOrderedMap()); err != nil {
		return nil, err
	}
	return flatten(nil, "", m), nil
}

func flatten(list []Setting, path string, v any) []Setting {
	switch v := v.(type) {
	case yaml.MapSlice:
		for _, e := range v {
			list = flatten(list, join(path, fmt.Sprint(e.Key)), e.Value)
		}
		return list
	case []any:
		if slices.ContainsFunc(v, func(e any) bool { _, ok := e.(yaml.MapSlice); return ok }) {
			for i, e := range v {
				list = flatten(list, fmt.Sprintf("%s[%d]", path, i), e)
			}
			return list
		}
	}
	return append(list, Setting{path, fmt.Sprint(v)})
}

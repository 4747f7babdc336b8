package config

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// settle reads the knobs of the files and those that overrides set: everything else may refer to them.
func (l *Loaded) settle(files []document, overrides []string) error {
	for _, f := range files {
		m, ok := f.body.(ast.MapNode)
		if !ok {
			continue
		}
		d := &decoder{source: f.source, where: l.where}
		for it := m.MapRange(); it.Next(); {
			if t := it.Key().GetToken(); t != nil && t.Value == "knobs" {
				if err := d.set(it.Value(), "knobs", elem(&l.Knobs)); err != nil {
					return err
				}
			}
		}
	}
	for _, o := range overrides {
		name, ok := strings.CutPrefix(o, "knobs.")
		if !ok {
			continue
		}
		if err := l.overrideKnob(name, "--set "+o); err != nil {
			return err
		}
	}
	return nil
}

// overrideKnob applies "name=value".
func (l *Loaded) overrideKnob(o, source string) error {
	name, value, ok := strings.Cut(o, "=")
	at := Position{Source: source}
	if !ok {
		return &Error{Position: at, Message: "want knobs.name=value"}
	}
	known := false
	var names []string
	for _, k := range l.Knobs {
		known = known || k.Name == name
		names = append(names, k.Name)
	}
	if !known {
		return &Error{Position: at, Path: "knobs." + name, Message: "unknown knob; " + listed(names)}
	}
	n, err := parse(source, []byte(value))
	if err != nil {
		return err
	}
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return &Error{Position: at, Path: "knobs." + name, Message: "want a number, a time or a word"}
	}
	l.where["knobs."+name] = at
	l.Knobs = l.Knobs.with(Setting{name, sourceOf(n)})
	return nil
}

func listed(names []string) string {
	if len(names) == 0 {
		return "the file has none"
	}
	return "there are " + strings.Join(names, ", ")
}

// reference returns which knob the reference n stands for, and where that was set; "" if n is no reference to a knob.
func (d *decoder) reference(n ast.Node) string {
	s, ok := text(n)
	if !ok || !strings.HasPrefix(s, "$") || d.knobs == nil {
		return ""
	}
	for _, k := range *d.knobs {
		if k.Name == s[1:] {
			return s + ": " + d.where.at("knobs."+k.Name).String()
		}
	}
	return ""
}

// resolve returns what the reference $name stands for; other nodes stand for themselves.
func (d *decoder) resolve(n ast.Node, path string) (ast.Node, error) {
	s, ok := text(n)
	if !ok || !strings.HasPrefix(s, "$") {
		return n, nil
	}
	var names []string
	if d.knobs != nil {
		for _, k := range *d.knobs {
			if k.Name == s[1:] {
				return d.value(k, n)
			}
			names = append(names, k.Name)
		}
	}
	return n, d.errorf(n, path, "unknown knob %q; %s", clip(s), listed(names))
}

// overrideSweep applies a value to a key of the sweep, which may have dots in it.
func (l *Loaded) overrideSweep(d *decoder, key, path, value string) error {
	n, err := parse(d.source, []byte(value))
	if err != nil {
		return err
	}
	if n == nil {
		return &Error{Position: Position{Source: d.source}, Path: path, Message: "no value"}
	}
	l.where[path] = Position{Source: d.source}
	return l.Sweep.set(d, key, n, path)
}

// value returns the value of a knob, as if it stood where the reference stands.
func (d *decoder) value(k Setting, reference ast.Node) (ast.Node, error) {
	n, err := parse(d.source, []byte(k.Value))
	if err != nil || n == nil {
		return nil, d.errorf(reference, "knobs."+k.Name, "%q is no value", clip(k.Value))
	}
	if t, at := n.GetToken(), reference.GetToken(); t != nil && t.Position != nil && at != nil && at.Position != nil {
		t.Position.Line, t.Position.Column = at.Position.Line, at.Position.Column
	}
	return n, nil
}

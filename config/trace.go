package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/retrodict/retrodict/record"
)

// A Trace says what is recorded within a run. See record.Spec.
type Trace struct {
	What    []string `yaml:"what,flow"`              // quantities, see retrodict record --list
	Of      string   `yaml:"of,omitempty"`           // a pattern of vertices, or level; left out: the whole network
	Every   Interval `yaml:"every,omitempty"`        // tick, update, a number of ticks, "10 updates" or a time such as 1 ms
	Updates []int    `yaml:"updates,flow,omitempty"` // numbers of updates, from 0; left out: all
	To      string   `yaml:"to,omitempty"`           // npz, csv, parquet or jsonl
}

// decode reads a section, or a list of what is recorded.
func (r *Record) decode(d *decoder, n ast.Node, path string) (bool, error) {
	if _, list := n.(*ast.SequenceNode); !list {
		return false, nil
	}
	return true, d.set(n, join(path, "traces"), elem(&r.Traces))
}

// An Interval is a number of ticks or of updates, or a time. The zero Interval is one tick.
type Interval struct {
	N    int // 0: Time
	Unit record.Unit
	Time Duration
}

// ParseInterval reads "tick", "update", "10", "10 ticks", "10 updates" or a time such as "1 ms".
func ParseInterval(s string) (Interval, error) {
	number, unit, _ := strings.Cut(strings.TrimSpace(s), " ")
	if number == "tick" || number == "update" {
		number, unit = "1", number
	}
	x := Interval{}
	switch strings.TrimSuffix(strings.TrimSpace(unit), "s") {
	case "tick", "":
		x.Unit = record.Ticks
	case "update":
		x.Unit = record.Updates
	default:
		x.N = -1
	}
	if n, err := strconv.Atoi(number); err == nil && x.N == 0 && n > 0 {
		x.N = n
		return x, nil
	}
	t, err := ParseDuration(s)
	if err != nil || t <= 0 {
		return x, fmt.Errorf("want tick, update, a number of either such as 10 updates, or a time such as 1 ms")
	}
	return Interval{Unit: record.Millis, Time: t}, nil
}

// String returns the interval as ParseInterval reads it.
func (x Interval) String() string {
	switch {
	case x.Unit == record.Millis:
		return x.Time.String()
	case x.N <= 1:
		return strings.TrimSuffix(x.Unit.String(), "s")
	}
	return strconv.Itoa(x.N) + " " + x.Unit.String()
}

// IsZero reports whether no interval is given.
func (x Interval) IsZero() bool { return x == Interval{} }

// MarshalYAML implements yaml.InterfaceMarshaler.
func (x Interval) MarshalYAML() (any, error) { return x.String(), nil }

func (x *Interval) decode(d *decoder, n ast.Node, path string) (bool, error) {
	t := n.GetToken()
	if _, scalar := n.(ast.ScalarNode); !scalar || t == nil {
		return true, d.errorf(n, path, "got %s, want tick, update or a time", describe(n))
	}
	i, err := ParseInterval(t.Value)
	if err != nil {
		return true, d.errorf(n, path, "got %q: %v", clip(t.Value), err)
	}
	*x = i
	return true, nil
}

// Specs returns what a Recorder is to record.
func (r Record) Specs() []record.Spec {
	var list []record.Spec
	for _, t := range r.Traces {
		s := record.Spec{What: t.What, Of: t.Of, Every: float64(t.Every.N), Unit: t.Every.Unit, Updates: t.Updates, To: t.To}
		if t.Every.Unit == record.Millis {
			s.Every = t.Every.Time.Milliseconds()
		}
		list = append(list, s)
	}
	return list
}

// checkTraces finds the mistakes that can be found without a graph.
func (l *Loaded) checkTraces() error {
	for i, s := range l.Record.Specs() {
		path := fmt.Sprintf("record.traces[%d]", i)
		if err := s.Check(); err != nil {
			return l.where.error(path, "%v", err)
		}
		if s.Unit == record.Millis && l.Time.Engine != "sim" {
			return l.where.error(join(path, "every"), "%s has no time of its own: count ticks or updates, or use sim", l.Time.Engine)
		}
		if s.Unit == record.Ticks && l.Time.Engine != "pc" && l.Time.Engine != "sim" {
			return l.where.error(join(path, "every"), "%s shows its vertices between updates only: use every: update, or the engine pc or sim", l.Time.Engine)
		}
		if s.Unit == record.Ticks && l.Time.Mode == "free" {
			return l.where.error(join(path, "every"), "free-running, ticks of vertices do not coincide: give a time such as %v, or update", l.Time.Tick)
		}
		if s.Unit == record.Ticks && l.rule().Sparse {
			return l.where.error(join(path, "every"), "under %s a vertex works at one tick only: use the schedule %s-dense, or every: update", l.Learning.Schedule, l.Learning.Schedule)
		}
		for _, q := range record.List() {
			if !slices.Contains(s.What, q.Name) {
				continue
			}
			switch {
			case q.Counts() && l.Time.Engine != "sim":
				return l.where.error(join(path, "what"), "%s does not count what is %s: use the engine sim", l.Time.Engine, q.Name)
			case q.Name == "feedback" && (l.Time.Engine != "pc" || s.Unit != record.Updates):
				return l.where.error(join(path, "what"), "feedback is kept by the engine pc, at the end of updates: every: update")
			case l.Time.Engine == "bp" && q.Of != "parameter":
				return l.where.error(join(path, "what"), "bp has no %s: of its parameters there are weight and update", q.Name)
			}
		}
		for _, u := range s.Updates {
			if u < 0 {
				return l.where.error(join(path, "updates"), "update %d: they are counted from 0", u)
			}
		}
	}
	return nil
}

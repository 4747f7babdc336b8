package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/tensor"
)

// A Trace says what is recorded within a run. See record.Spec.
type Trace struct {
	What    []string `yaml:"what,flow"`              // quantities, see retrodict record --list
	Of      string   `yaml:"of,omitempty"`           // a pattern of vertices, or level; left out: the whole network
	Every   Interval `yaml:"every,omitempty"`        // tick, update, a number of ticks, "10 updates", a time such as 1 ms, or event
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

// An Interval is a number of ticks or of updates, a time, or every event. The zero Interval is one tick.
type Interval struct {
	N    int // 0: Time
	Unit record.Unit
	Time Duration
}

// ParseInterval reads "tick", "update", "10", "10 ticks", "10 updates", a time such as "1 ms" or "event".
func ParseInterval(s string) (Interval, error) {
	if strings.TrimSpace(s) == "event" {
		return Interval{N: 1, Unit: record.Events}, nil
	}
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
		return x, fmt.Errorf("want tick, update, a number of either such as 10 updates, a time such as 1 ms, or event")
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
		if err := l.checkInterval(s, join(path, "every")); err != nil {
			return err
		}
		for _, q := range record.List() {
			if slices.Contains(s.What, q.Name) {
				if err := l.checkQuantity(q, s, join(path, "what")); err != nil {
					return err
				}
			}
		}
		if s.Updates != nil && len(s.Updates) == 0 {
			return l.where.error(join(path, "updates"), "no update in it: leave it out for all")
		}
		for _, u := range s.Updates {
			if u < 0 {
				return l.where.error(join(path, "updates"), "update %d: they are counted from 0", u)
			}
		}
	}
	return nil
}

// checkInterval returns an error if the engine does not have what an interval counts, and says what it has.
func (l *Loaded) checkInterval(s record.Spec, path string) error {
	engine, timed := l.Time.Engine, l.Time.Engine == "sim" || l.Wall()
	switch {
	case s.Unit != record.Updates && engine == "bp":
		return l.where.error(path, "bp has no ticks, no time and no messages: use every: update, or the engine pc, actors or sim")
	case s.Unit == record.Millis && !timed:
		return l.where.error(path, "%s has no time of its own: use every: tick, update or event, or the engine sim", engine)
	case s.Unit == record.Millis && s.Every < l.Time.Resolution.Milliseconds():
		return l.where.error(path, "nothing happens within the resolution, %v: give a time of at least that", l.Time.Resolution)
	case s.Unit == record.Ticks && l.Free():
		return l.where.error(path, "free-running, ticks of vertices do not coincide: give a time such as %v, or use every: event, which has every turn, or update", l.Time.Tick)
	}
	return nil
}

// checkQuantity returns an error if the engine does not have a quantity, and says which one has.
func (l *Loaded) checkQuantity(q record.Quantity, s record.Spec, path string) error {
	engine := l.Time.Engine
	switch {
	case engine == "bp" && q.Of != "parameter":
		return l.where.error(path, "bp has no %s: of its parameters there are weight, update and feedback", q.Name)
	case q.Timed() && engine != "sim" && !l.Wall():
		return l.where.error(path, "%s has no %s: there a message arrives at once, and always; record turns, activity, sent, predictions, errors or delivered, or use the engine sim, or actors in mode free", engine, q.Name)
	case q.Name == "feedback" && s.Unit != record.Updates:
		return l.where.error(path, "parameters learn at the end of updates: record feedback with every: update")
	}
	return nil
}

// checkTargets returns an error if what is to be recorded of a network, with parameters of these values, is nothing that it has.
func (l *Loaded) checkTargets(g *graph.Graph, values []tensor.Tensor) error {
	var params engine.Params
	for i, v := range values {
		params = append(params, engine.Param{Name: g.Parameter(i).Name, Value: v})
	}
	for i, s := range l.Record.Specs() {
		path := fmt.Sprintf("record.traces[%d]", i)
		if _, err := graph.Match(g, s.Of); s.Of != "" && s.Of != "level" && err != nil {
			return l.where.error(join(path, "of"), "%v", trim(err))
		}
		if err := record.Check(g, params, s); err != nil {
			return l.where.error(path, "%v", after(err, "recording 1: "))
		}
	}
	return nil
}

package record

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// A State shows the vertices of an engine between two ticks. *neuron.Population implements it. A State that has these
// methods too is asked for more: Precision(graph.VertexID) float64, π, otherwise 1; EnergyOf(graph.VertexID) float64, its
// part in F, otherwise ½ε²/π, and for the output what is left of F; ResidualOf(graph.VertexID) float64, its part in the
// square of the residual, otherwise there is none; Rule() neuron.Rule, otherwise it is taken for a dense one.
type State interface {
	Graph() *graph.Graph                       // the graph that runs
	X(v graph.VertexID) tensor.Tensor          // the value
	Prediction(v graph.VertexID) tensor.Tensor // μ
	Err(v graph.VertexID) tensor.Tensor        // π ε; without storage: zero
	Energy() float64                           // F
	Residual() float64                         // ‖∂F/∂x‖₂
}

// A Moment is what a Recorder looks at. It reads it during the call, copies what it records, and modifies nothing.
type Moment struct {
	Update   int     // from 0
	Tick     int     // of the update, from 0
	Millis   float64 // since the beginning of the run, in the engine's time; NaN if it has none
	State    State   // nil: none, as in backprop
	Params   engine.Params
	Feedback engine.Params // nil: the engine does not keep it
	Counters *Counters     // totals of the network; nil: those of Tally
	Tally    *neuron.Tally // counts by vertex; nil: the engine does not count. It needs State
	UnitMS   float64       // how many milliseconds a unit of the times in Tally lasts
}

// A Unit says what an interval counts.
type Unit uint8

const (
	Ticks   Unit = iota // of an update
	Millis              // of the engine's time
	Updates             // at their end
	Events              // nothing: every event of the quantities is recorded, with its time, as a row of its own
)

// String returns "ticks", "ms", "updates" or "events".
func (u Unit) String() string { return [...]string{"ticks", "ms", "updates", "events"}[u] }

// A Spec says what is recorded. The zero values of Of, Every, Unit and To stand for the whole network, 1, ticks and npz.
type Spec struct {
	What    []string // names of quantities
	Of      string   // a pattern of vertices (graph.Match), "level" for every level, "" for the whole network, or the events of all computed vertices
	Every   float64  // interval
	Unit    Unit
	Updates []int  // record in these updates only; nil: in all
	To      string // npz, csv, parquet or jsonl
}

// Formats returns the formats of recordings.
func Formats() []string { return []string{"npz", "csv", "parquet", "jsonl"} }

// Check returns an error if the spec asks for what there cannot be in any graph.
func (s Spec) Check() error {
	_, err := s.check()
	return err
}

// check returns the spec with defaults filled in.
func (s Spec) check() (Spec, error) {
	if s.Every == 0 {
		s.Every = 1
	}
	if s.To == "" {
		s.To = "npz"
	}
	switch {
	case len(s.What) == 0:
		return s, fmt.Errorf("nothing to record: use some of %s", strings.Join(Names(), ", "))
	case !(s.Every > 0) || s.Unit != Millis && s.Every != float64(int(s.Every)):
		return s, fmt.Errorf("every %v %v: want a positive number, whole for ticks and updates", s.Every, s.Unit)
	}
	for i, w := range s.What {
		q, err := quantity(w)
		switch {
		case err != nil:
			return s, err
		case s.Unit == Events && !List()[q].Happens():
			return s, fmt.Errorf("%s is no event: record it at an interval, or use some of %s", w, strings.Join(eventNames(), ", "))
		case s.Unit == Events && s.Of == "level":
			return s, fmt.Errorf("events happen to vertices: give a pattern of vertices instead of level, or leave it out for all")
		}
		for _, before := range s.What[:i] {
			if before == w {
				return s, fmt.Errorf("%s is named twice", w)
			}
		}
	}
	for _, f := range Formats() {
		if s.To == f {
			return s, nil
		}
	}
	return s, fmt.Errorf("unknown format %q: use one of %s", s.To, strings.Join(Formats(), ", "))
}

// due reports whether the spec records m: at the end of an update if ended, otherwise after a tick or an event, or on the
// clock of the wall. next is when it records again, for intervals of time.
func (s *Spec) due(m *Moment, ended, wall bool, next *float64) bool {
	if !s.wants(m.Update) {
		return false
	}
	switch s.Unit {
	case Updates:
		return ended && m.Update%int(s.Every) == 0
	case Ticks:
		return !ended && m.Tick%int(s.Every) == 0
	case Events:
		return false
	}
	if ended || !wall || !(m.Millis >= *next) {
		return false
	}
	k := float64(int64(m.Millis / s.Every))
	*next = (k + 1) * s.Every
	return true
}

// at returns the time of frame n at intervals of time, in units of so many milliseconds. What is next to a whole number is
// that number.
func (s *Spec) at(n, unit float64) float64 {
	x := n * (s.Every / unit)
	if r := math.Round(x); math.Abs(x-r) < 1e-6 {
		return r
	}
	return x
}

// wants reports whether the spec records in the update.
func (s *Spec) wants(update int) bool {
	return s.Updates == nil || slices.Contains(s.Updates, update)
}

// wantsAll reports whether the spec records in all updates from one to another.
func (s *Spec) wantsAll(from, to int) bool {
	for u := from; u <= to; u++ {
		if !s.wants(u) {
			return false
		}
	}
	return true
}

// eventNames returns the names of what can be recorded event by event.
func eventNames() (names []string) {
	for _, q := range List() {
		if q.Happens() {
			names = append(names, q.Name)
		}
	}
	return names
}

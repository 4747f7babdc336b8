package record

import (
	"fmt"
	"strings"
)

// A Quantity is something that can be recorded.
type Quantity struct {
	Name string `json:"name"`
	Of   string `json:"of"`   // "vertex": of vertices and levels; "total": of vertices, levels and the whole network; "parameter"
	Unit string `json:"unit"` // "" for numbers without one
	Text string `json:"text"` // what it is
}

// List returns everything that can be recorded, in a fixed order.
func List() []Quantity {
	return []Quantity{
		{"value", "vertex", "", "x, what an input or a computed vertex holds; of a level: its root mean square"},
		{"prediction", "vertex", "", "μ at the last tick; of a level: its root mean square"},
		{"error", "vertex", "", "ε at the last tick, times the precision; of a level: its root mean square"},
		{"energy", "total", "", "½ε²/π summed over elements; of the output: the loss at its present prediction; of the network: their sum"},
		{"residual", "total", "", "‖∂F/∂x‖ over the free values: 0 at an equilibrium"},
		{"weight", "parameter", "", "value of a parameter"},
		{"update", "parameter", "", "change of a parameter since the last time it was recorded, or since the beginning"},
		{"feedback", "parameter", "", "folded and scaled feedback from which a parameter learnt last"},
		{"turns", "total", "turns", "turns in which a vertex compared; under sparse rules, in which it did its work of an update"},
		{"activity", "total", "", "times that a vertex sent messages that were not empty; predictions and errors count apart"},
		{"sent", "total", "messages", "messages that left a vertex"},
		{"predictions", "total", "messages", "those of them that are predictions"},
		{"errors", "total", "messages", "those of them that are errors"},
		{"delivered", "total", "messages", "messages that arrived, at the vertex that they are for, like all that follows"},
		{"lost", "total", "messages", "messages that links lost"},
		{"late", "total", "messages", "messages that arrived after the turn they were meant for"},
		{"stale", "total", "messages", "messages that arrived after a later one of the same edge"},
		{"duplicated", "total", "messages", "second copies that were recognised"},
		{"expired", "total", "messages", "messages that were still under way at the end of a sample"},
		{"age", "total", "ms", "mean time from sending to arrival, of all messages so far"},
		{"max_age", "total", "ms", "longest time from sending to arrival so far"},
		{"queue", "total", "messages", "messages under way now"},
	}
}

// whose says what q is a quantity of.
func (q Quantity) whose() string {
	switch {
	case q.Of == "parameter":
		return "parameters have one"
	case q.Name == "value":
		return "inputs, computed vertices and levels have one"
	case q.Of == "vertex":
		return "computed vertices and levels have one"
	}
	return "computed vertices, levels and the whole network have one"
}

// Names returns the names of all quantities.
func Names() []string {
	var names []string
	for _, q := range List() {
		names = append(names, q.Name)
	}
	return names
}

// quantity returns the index in List of the quantity of that name.
func quantity(name string) (int, error) {
	for i, q := range List() {
		if q.Name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown quantity %q: use one of %s", name, strings.Join(Names(), ", "))
}

// Counters are the totals of messages since the beginning of a run.
type Counters struct {
	Sent, Predictions, Errors, Delivered, Lost, Late, Stale, Duplicated, Expired int64

	AgeMS, MaxAgeMS float64 // mean and largest time from sending to arrival
	Queue           int64   // what waits now
}

// of returns the counter of that name. Of a nil Counters it is 0.
func (c *Counters) of(name string) (x float64, ok bool) {
	if c == nil {
		c = &Counters{}
	}
	switch name {
	case "age":
		return c.AgeMS, true
	case "max_age":
		return c.MaxAgeMS, true
	}
	var n int64
	switch name {
	case "sent":
		n = c.Sent
	case "predictions":
		n = c.Predictions
	case "errors":
		n = c.Errors
	case "delivered":
		n = c.Delivered
	case "lost":
		n = c.Lost
	case "late":
		n = c.Late
	case "stale":
		n = c.Stale
	case "duplicated":
		n = c.Duplicated
	case "expired":
		n = c.Expired
	case "queue":
		n = c.Queue
	default:
		return 0, false
	}
	return float64(n), true
}

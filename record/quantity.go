package record

import (
	"fmt"
	"strings"
)

// A Quantity is something that can be recorded.
type Quantity struct {
	Name string `json:"name"`
	Of   string `json:"of"`   // "vertex": of vertices and levels; "total": of vertices, levels and the whole network; "parameter"; "network"
	Unit string `json:"unit"` // "" for numbers without one
	Text string `json:"text"` // what it is
}

// List returns everything that can be recorded, in a fixed order.
func List() []Quantity {
	return []Quantity{
		{"value", "vertex", "", "x, what an input or a computed vertex holds; of a level: its root mean square"},
		{"prediction", "vertex", "", "μ at the last tick; of a level: its root mean square"},
		{"error", "vertex", "", "ε at the last tick, times the precision; of a level: its root mean square"},
		{"energy", "total", "", "½ε² summed over elements; of the output: the loss at its present prediction; of the network: their sum"},
		{"residual", "network", "", "‖∂F/∂x‖ over all free values: 0 at an equilibrium"},
		{"weight", "parameter", "", "value of a parameter"},
		{"update", "parameter", "", "change of a parameter since the last time it was recorded, or since the beginning"},
		{"feedback", "parameter", "", "folded and scaled feedback of a parameter; where an engine keeps it"},
		{"sent", "network", "messages", "messages that left a vertex"},
		{"predictions", "network", "messages", "those of them that are predictions"},
		{"errors", "network", "messages", "those of them that are errors"},
		{"delivered", "network", "messages", "messages that arrived"},
		{"lost", "network", "messages", "messages that links lost"},
		{"late", "network", "messages", "messages that arrived after the turn they were meant for"},
		{"stale", "network", "messages", "messages that arrived after a later one of the same edge"},
		{"duplicated", "network", "messages", "second copies that were recognised"},
		{"expired", "network", "messages", "messages that were still under way at the end of a sample"},
		{"age", "network", "ms", "mean time from sending to arrival, of all messages so far"},
		{"max_age", "network", "ms", "longest time from sending to arrival so far"},
		{"queue", "network", "messages", "messages and turns that wait"},
	}
}

// Counts reports whether q is one of Counters.
func (q Quantity) Counts() bool { return q.Of == "network" && q.Name != "residual" }

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

// Counters count messages since the beginning of a run.
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

package study

import (
	"fmt"
	"io"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
)

// A GraphReport describes a graph, level by level.
type GraphReport struct {
	Network    string        `json:"network"`
	Level      string        `json:"level"` // none, identity or delay: how it was levelled
	Vertices   int           `json:"vertices"`
	Edges      int           `json:"edges"`
	Depth      int           `json:"depth"`      // levels at which something is computed: ticks of an update under zil
	Parameters int           `json:"parameters"` // scalar parameters, pruned ones included
	Identities int           `json:"identities"` // vertices that levelling added
	Delayed    int           `json:"delayed"`    // edges that it delayed
	Levels     []LevelReport `json:"levels"`
	Warnings   []string      `json:"warnings"`
}

// A LevelReport is a level of a graph. See graph.LevelRow.
type LevelReport struct {
	Level      int `json:"level"`
	Vertices   int `json:"vertices"`
	Leaves     int `json:"leaves"`
	Edges      int `json:"edges"`
	Skips      int `json:"skips"`
	Parameters int `json:"parameters"`
	Values     int `json:"values"`
}

// Form returns the form of levelling with the given name.
func Form(name string) (graph.Form, error) {
	for _, f := range []graph.Form{graph.Unlevelled, graph.Identities, graph.Delays} {
		if f.String() == name {
			return f, nil
		}
	}
	return graph.Unlevelled, fmt.Errorf("unknown form %q: use identity or delay", name)
}

// Graph describes the graph of n, levelled in the given form. The graph is returned too.
func Graph(n *network.Network, f graph.Form) (GraphReport, *graph.Levelled) {
	l := graph.Level(n.Graph, f, false)
	r := GraphReport{Network: n.Name, Level: f.String(), Vertices: l.Len(), Edges: l.Edges(), Depth: l.Depth(), Parameters: n.Parameters(),
		Identities: l.Identities, Delayed: l.Delayed, Levels: []LevelReport{}, Warnings: append([]string{}, n.Graph.Warnings()...)}
	for _, row := range l.Levels() {
		r.Levels = append(r.Levels, LevelReport(row))
	}
	return r, l
}

// WriteText writes the report for people.
func (r GraphReport) WriteText(w io.Writer) error {
	p := page{w: w}
	p.line(r.Network)
	p.line()
	cells := []cell{{name: "level"}, {name: "vertices"}, {name: "leaves"}, {name: "edges in"}, {name: "skips"}, {name: "parameters"}, {name: "values"}}
	var rows [][]string
	var sum LevelReport
	for _, v := range r.Levels {
		name := strconv.Itoa(v.Level)
		if v.Level < 0 {
			name = "–"
		}
		rows = append(rows, []string{name, whole(v.Vertices), whole(v.Leaves), whole(v.Edges), whole(v.Skips), whole(v.Parameters), whole(v.Values)})
		sum.Vertices, sum.Leaves, sum.Edges, sum.Skips = sum.Vertices+v.Vertices, sum.Leaves+v.Leaves, sum.Edges+v.Edges, sum.Skips+v.Skips
		sum.Parameters, sum.Values = sum.Parameters+v.Parameters, sum.Values+v.Values
	}
	rows = append(rows, []string{"all", whole(sum.Vertices), whole(sum.Leaves), whole(sum.Edges), whole(sum.Skips), whole(sum.Parameters), whole(sum.Values)})
	fit(cells, rows)
	p.head(cells)
	for _, row := range rows {
		p.row(cells, row...)
	}
	p.line()
	switch {
	case r.Level == "identity":
		p.line("Levelled by ", whole(r.Identities), " identity vertices.")
	case r.Level == "delay":
		p.line("Levelled by delays on ", whole(r.Delayed), " edges.")
	case sum.Skips > 0:
		p.line("Not levelled: ", whole(sum.Skips), " edges skip levels. See --level identity and --level delay.")
	default:
		p.line("Levelled as it is: no edge skips a level.")
	}
	for _, s := range r.Warnings {
		p.line("Warning: ", s)
	}
	return p.err
}

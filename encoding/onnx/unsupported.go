package onnx

import (
	"fmt"
	"strings"
)

// Unsupported is the error for a model that uses what Import does not know: it names the first node and lists all.
type Unsupported struct {
	Opset    int64
	Problems []Problem // by operator and reason, in the order of first use
}

// A Problem is an operator that cannot be imported, or cannot with the attributes it has.
type Problem struct {
	Op    string
	Why   string // "" if the operator is unknown
	Node  string // the first such node
	Count int    // how many nodes have it
}

// Error implements error.
func (u *Unsupported) Error() string {
	var b strings.Builder
	p := u.Problems[0]
	fmt.Fprintf(&b, "node %s (opset %d) is not supported", p.Node, u.Opset)
	if p.Why != "" {
		fmt.Fprintf(&b, ": %s", p.Why)
	}
	b.WriteString("; not supported in this file: ")
	for i, p := range u.Problems {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Op)
		if p.Why != "" {
			fmt.Fprintf(&b, " (%s)", p.Why)
		}
		if p.Count > 1 {
			fmt.Fprintf(&b, " ×%d", p.Count)
		}
	}
	return b.String()
}

// add counts node n among the problems.
func (u *Unsupported) add(n *Node, why string) {
	name := n.Op
	if d := defaultDomain(n.Domain); d != "" {
		name = d + "." + n.Op
	}
	for i := range u.Problems {
		if p := &u.Problems[i]; p.Op == name && p.Why == why {
			p.Count++
			return
		}
	}
	u.Problems = append(u.Problems, Problem{Op: name, Why: why, Node: n.String(), Count: 1})
}

// scan returns an error that lists every operator of the model, subgraphs included, that the table does not have.
func scan(m *Model, table map[string]*Entry) error {
	u := &Unsupported{Opset: m.Opset("")}
	u.scan(m.Graph, table)
	if len(u.Problems) > 0 {
		return u
	}
	return nil
}

func (u *Unsupported) scan(g *Graph, table map[string]*Entry) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if defaultDomain(n.Domain) != "" || table[n.Op] == nil {
			u.add(n, "")
		}
		for _, a := range n.Attributes {
			if a.Graph != nil {
				u.scan(a.Graph, table)
			}
			for _, g := range a.Graphs {
				u.scan(g, table)
			}
		}
	}
}

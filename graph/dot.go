package graph

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
)

// WriteDOT writes g in the DOT language of Graphviz: vertices coloured and ranked by level, the output at the right;
// parameters are boxes, inputs and constants are plain, outputs have a double border. An edge is labelled with its
// argument where its consumer has several, and with its delay; edges that skip levels are dashed. Two calls give the same
// bytes. Draw it with "dot -Tsvg".
func (g *Graph) WriteDOT(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph {\n\trankdir=LR\n\tnode [style=filled fontname=\"Helvetica\" fontsize=10]\n\tedge [fontname=\"Helvetica\" fontsize=8]\n")
	byLevel := map[int][]VertexID{}
	top := 0
	for v := range VertexID(g.Len()) {
		byLevel[g.Level(v)] = append(byLevel[g.Level(v)], v)
		top = max(top, g.Level(v))
	}
	for l := top; l >= -1; l-- {
		if len(byLevel[l]) == 0 {
			continue
		}
		rank := ""
		if l >= 0 {
			rank = "rank=same; "
		}
		fmt.Fprintf(b, "\t{ %s// level %d\n", rank, l)
		for _, v := range byLevel[l] {
			g.dotVertex(b, v, top)
		}
		fmt.Fprintf(b, "\t}\n")
	}
	for e := range EdgeID(g.Edges()) {
		g.dotEdge(b, e)
	}
	fmt.Fprintf(b, "}\n")
	return b.Flush()
}

func (g *Graph) dotVertex(w io.Writer, v VertexID, top int) {
	shape, label := "ellipse", g.Name(v)
	switch g.role[v] {
	case Parameter:
		shape = "box"
	case Input, Constant:
		shape = "plain"
	case Computed:
		if name := g.Op(v).Name(); !strings.HasPrefix(label, name+"#") {
			label += "\n" + name
		}
	}
	extra := ""
	for _, o := range g.outputs {
		if o == v {
			extra = " peripheries=2"
		}
	}
	fmt.Fprintf(w, "\t\tv%d [label=%s shape=%s fillcolor=%q%s]\n", v, quote(label+"\n"+shapeText(g.Shape(v))), shape, colour(g.Level(v), top), extra)
}

func (g *Graph) dotEdge(w io.Writer, e EdgeID) {
	var label, attributes []string
	if _, n := g.In(g.to[e]); n > 1 {
		label = append(label, itoa(g.Arg(e)))
	}
	if d := g.Delay(e); d > 0 {
		label = append(label, "delay "+itoa(d))
	}
	if len(label) > 0 {
		attributes = append(attributes, "label="+quote(strings.Join(label, ", ")))
	}
	if g.gap(e, false) > 0 {
		attributes = append(attributes, "style=dashed")
	}
	list := ""
	if len(attributes) > 0 {
		list = " [" + strings.Join(attributes, " ") + "]"
	}
	fmt.Fprintf(w, "\tv%d -> v%d%s\n", g.from[e], g.to[e], list)
}

// quote writes s as a DOT string, in which only the quotation mark and the backslash are special.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// colour returns a light colour for a level of top: from red at the output over green to blue at the deepest; grey for
// what v_out does not depend on.
func colour(level, top int) string {
	if level < 0 {
		return "#e6e6e6"
	}
	hue := 240 * float64(level) / float64(max(top, 1))
	part := func(shift float64) int {
		k := math.Mod(shift+hue/60, 6) // HSV with saturation 0.3 and value 1
		return int(math.Round(255 * (1 - float64(0.3*max(0, min(k, 4-k, 1))))))
	}
	return fmt.Sprintf("#%02x%02x%02x", part(5), part(3), part(1))
}

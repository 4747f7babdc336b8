package graph

import "github.com/retrodict/retrodict/tensor"

// A LevelRow counts what is at one level of a graph.
type LevelRow struct {
	Level      int // 0 is that of v_out; −1 gathers what only other outputs depend on
	Vertices   int // computed vertices
	Leaves     int // inputs, parameters and constants whose longest path to v_out has this length
	Edges      int // edges that lead to a computed vertex of this level
	Skips      int // of these, how many come from a computed vertex that is not of the next level: what Level repairs
	Parameters int // scalar parameters among the leaves
	Values     int // elements of the computed vertices
}

// Levels returns a row for every level, from the output on; the row of level −1 comes last, if there is one.
func (g *Graph) Levels() []LevelRow {
	top, other := 0, false
	for _, l := range g.level {
		top = max(top, int(l))
		other = other || l < 0
	}
	rows := make([]LevelRow, top+1, top+2)
	if other {
		rows = append(rows, LevelRow{})
	}
	for l := range rows {
		rows[l].Level = l
		if l > top {
			rows[l].Level = -1
		}
	}
	for v := range VertexID(g.Len()) {
		l := g.Level(v)
		if l < 0 {
			l = top + 1
		}
		g.count(&rows[l], v)
	}
	return rows
}

// count enters v into the row of its level.
func (g *Graph) count(r *LevelRow, v VertexID) {
	if g.role[v] != Computed {
		r.Leaves++
		if g.role[v] == Parameter {
			r.Parameters += g.Shape(v).Len()
		}
		return
	}
	r.Vertices++
	r.Values += g.Shape(v).Len()
	first, n := g.In(v)
	r.Edges += n
	for e := first; e < first+EdgeID(n); e++ {
		if g.gap(e, false) > 0 {
			r.Skips++
		}
	}
}

// shapeText writes a shape for people: "5×3", "scalar".
func shapeText(s tensor.Shape) string {
	if s.Rank() == 0 {
		return "scalar"
	}
	text := ""
	for i := range s.Rank() {
		if i > 0 {
			text += "×"
		}
		text += itoa(s.Dim(i))
	}
	return text
}

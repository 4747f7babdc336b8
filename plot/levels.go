package plot

import (
	"errors"
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Levels is a graph, drawn level by level: the output at the right, what feeds it to the left.
type Levels struct {
	Title, Subtitle string
	Vertices        []Vertex
	Edges           [][2]int // from and to: indices of Vertices
}

// A Vertex of a drawing.
type Vertex struct {
	Name  string // written beside it where there is room; "": never
	Level int    // at least −1, which stands for vertices that do not lead to the output
	Kind  Kind
}

// A Kind of vertex has a colour of its own.
type Kind uint8

const (
	Hidden Kind = iota // computes
	Input
	Parameter
	Constant
	Identity // put in by levelling
	Output
)

// String returns the name that stands in the key.
func (k Kind) String() string {
	return [...]string{"computed", "input", "parameter", "constant", "identity", "output"}[k]
}

func (k Kind) color() color.RGBA {
	return [...]color.RGBA{{0x55, 0x55, 0x55, 0xff}, hue(0), hue(2), {0xaa, 0xaa, 0xaa, 0xff}, hue(4), hue(1)}[k]
}

// Most that is drawn: of a larger graph one edge in so many, which its subtitle says.
const (
	mostEdges    = 6000
	mostVertices = 20000
)

// Figure implements Drawing.
func (l Levels) Figure() (*Figure, error) {
	if len(l.Vertices) == 0 {
		return nil, errors.New("plot: graph: no vertices")
	}
	if len(l.Vertices) > mostVertices {
		return nil, fmt.Errorf("plot: graph: %d vertices: no more than %d can be drawn", len(l.Vertices), mostVertices)
	}
	low, high, used := 0, 0, [Output + 1]bool{}
	for i, v := range l.Vertices {
		if v.Level < -1 || v.Kind > Output {
			return nil, fmt.Errorf("plot: graph: vertex %d has level %d and kind %d", i, v.Level, v.Kind)
		}
		low, high, used[v.Kind] = min(low, v.Level), max(high, v.Level), true
	}
	for i, e := range l.Edges {
		if min(e[0], e[1]) < 0 || max(e[0], e[1]) >= len(l.Vertices) {
			return nil, fmt.Errorf("plot: graph: edge %d leads from %d to %d of %d vertices", i, e[0], e[1], len(l.Vertices))
		}
	}
	every := (len(l.Edges) + mostEdges - 1) / mostEdges
	f := newFigure(l.Title, l.Subtitle)
	if every > 1 {
		f.subtitle = strings.TrimSpace(l.Subtitle + fmt.Sprintf(" (one edge in %d is drawn)", every))
	}
	for k, u := range used {
		if u {
			m := aDot
			if Kind(k) == Identity {
				m = aRing
			}
			f.key = append(f.key, entry{Kind(k).String(), Kind(k).color(), m})
		}
	}
	y, most := l.place()
	f.height = vg.Points(min(420, max(200, float64(most)*16)))
	p := f.add("level", "")
	p.Y.Tick.Marker = plot.ConstantTicks(nil)
	p.X.LineStyle.Width, p.X.Tick.Length = 0, 0
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -float64(high)-0.35, -float64(low)+0.35, -0.5, 0.5
	var marks []plot.Tick
	for _, t := range wholeTicks(float64(low), float64(high), 14) {
		marks = append(marks, plot.Tick{Value: -t.Value, Label: t.Label})
	}
	slices.Reverse(marks)
	p.X.Tick.Marker = plot.ConstantTicks(marks)
	p.Add(l.edges(y, every), l.dots(f, y, most))
	f.table = l.rows(y)
	return f, nil
}

func (l Levels) rows(y []float64) table {
	return table{[]string{"row", "name", "level", "kind", "y", "from", "to"}, func(add func(...any)) {
		for i, v := range l.Vertices {
			add("vertex "+strconv.Itoa(i), v.Name, v.Level, v.Kind.String(), y[i], "", "")
		}
		for i, e := range l.Edges {
			add("edge "+strconv.Itoa(i), "", "", "", "", e[0], e[1])
		}
	}}
}

// place returns the height of every vertex, from −0.5 to 0.5, and how many share the fullest level. Within a level,
// vertices stand in the order of the mean height of their neighbours, from the output to the inputs and back, some times
// over: the barycentre method of Sugiyama, Tagawa and Toda [IEEE Trans. SMC 11, 1981].
func (l Levels) place() (y []float64, most int) {
	low, high := 0, 0
	for _, v := range l.Vertices {
		low, high = min(low, v.Level), max(high, v.Level)
	}
	levels := make([][]int, high-low+1)
	for i, v := range l.Vertices {
		levels[v.Level-low] = append(levels[v.Level-low], i)
	}
	y = make([]float64, len(l.Vertices))
	spread := func(list []int) {
		for k, v := range list {
			y[v] = 0.5 - (float64(k)+0.5)/float64(len(list))
		}
	}
	near := make([][]int32, len(l.Vertices))
	for _, e := range l.Edges {
		near[e[0]], near[e[1]] = append(near[e[0]], int32(e[1])), append(near[e[1]], int32(e[0]))
	}
	for _, list := range levels {
		spread(list)
		most = max(most, len(list))
	}
	pull := make([]float64, len(l.Vertices))
	for sweep := range 8 {
		for k := range levels {
			at, side := k, -1
			if sweep%2 == 1 {
				at, side = len(levels)-1-k, 1
			}
			for _, v := range levels[at] {
				pull[v] = l.pull(v, side, near[v], y)
			}
			slices.SortStableFunc(levels[at], func(a, b int) int { return compare(pull[b], pull[a]) })
			spread(levels[at])
		}
	}
	return y, most
}

func compare(a, b float64) int {
	switch {
	case a < b-1e-12:
		return -1
	case a > b+1e-12:
		return 1
	}
	return 0
}

// pull returns the mean height of the neighbours of v on one side, its own if it has none.
func (l Levels) pull(v, side int, near []int32, y []float64) float64 {
	s, n := 0.0, 0
	for _, u := range near {
		if (l.Vertices[u].Level-l.Vertices[v].Level)*side > 0 {
			s += y[u]
			n++
		}
	}
	if n == 0 {
		return y[v]
	}
	return s / float64(n)
}

// edges draws one edge in so many, scattered over all, as curves that leave and arrive level.
func (l Levels) edges(y []float64, every int) paint {
	opacity := min(0.6, max(0.06, 80/float64(len(l.Edges)/max(1, every)+100)))
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		c.SetLineStyle(stroke(faded(color.RGBA{0x44, 0x44, 0x44, 0xff}, opacity), 0.7))
		for i := range l.Edges {
			if every > 1 && int(uint32(i)*2654435769>>8)%every != 0 { // a multiplicative hash [Knuth, TAOCP 3, 6.4]
				continue
			}
			u, v := l.Edges[i][0], l.Edges[i][1]
			a, b := at(-float64(l.Vertices[u].Level), y[u]), at(-float64(l.Vertices[v].Level), y[v])
			bend := (b.X - a.X) * 0.45
			var path vg.Path
			path.Move(a)
			path.CubeTo(vg.Point{X: a.X + bend, Y: a.Y}, vg.Point{X: b.X - bend, Y: b.Y}, b)
			c.Stroke(path)
		}
	}
}

// dots draws the vertices, and their names if there are few.
func (l Levels) dots(f *Figure, y []float64, most int) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		room := float64(c.Max.Y-c.Min.Y) / float64(most)
		radius := min(5, max(0.7, room*0.36))
		sty := f.text.style(8, ink(), false)
		sty.XAlign = draw.XCenter
		column := float64(at(1, 0).X - at(0, 0).X)
		for i, v := range l.Vertices {
			p := at(-float64(v.Level), y[i])
			if v.Kind == Identity && radius > 1.5 {
				ring(c, v.Kind.color(), p, radius)
			} else {
				disc(c, v.Kind.color(), p, radius)
			}
			if w := float64(sty.Width(v.Name)); room >= 20 && v.Name != "" && w < 1.9*column {
				below := p.Y - vg.Points(radius+2)
				if w > 0.9*column && v.Level%2 != 0 { // neighbours would touch
					below = p.Y + vg.Points(radius+2) + sty.Height(v.Name)
				}
				c.FillText(sty, vg.Point{X: p.X, Y: below}, v.Name)
			}
		}
	}
}

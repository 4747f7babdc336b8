package plot

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A strand is a line among others. Where several coincide, each is drawn in dashes that fill the gaps of the others, and
// their points are discs with a sector for each, so that none hides another.
type strand struct {
	name   string
	style  draw.LineStyle
	x, y   []float64
	shared [][]int // by place, the strands that pass here and at the place before, this one among them; nil: it is alone
}

// near is the share of an axis within which lines cannot be told apart.
const near = 0.006

// entwine finds out where strands coincide on the axes of p, whose ranges are known.
func entwine(p *plot.Plot, list []strand) {
	same := func(a, b *strand, i int) bool {
		return i < len(a.x) && i < len(b.x) && a.x[i] == b.x[i] && finite(a.y[i]) && finite(b.y[i]) &&
			math.Abs(p.Y.Norm(a.y[i])-p.Y.Norm(b.y[i])) <= near
	}
	for k := range list {
		s := &list[k]
		s.shared = make([][]int, len(s.x))
		for i := 1; i < len(s.x); i++ {
			for j := range list {
				if same(s, &list[j], i-1) && same(s, &list[j], i) {
					s.shared[i] = append(s.shared[i], j)
				}
			}
		}
	}
}

// at returns the strands that pass between place i and the one before.
func (s strand) at(i int) []int {
	if s.shared == nil {
		return nil
	}
	return s.shared[i]
}

// along reports whether s coincides with strand j wherever it is drawn.
func (s strand) along(j int) bool {
	some := false
	for i := 1; i < len(s.x); i++ {
		if finite(s.y[i-1]) && finite(s.y[i]) {
			if !slices.Contains(s.shared[i], j) {
				return false
			}
			some = true
		}
	}
	return some
}

// together says which strands coincide, "" if none do.
func together(list []strand) string {
	var whole []string
	some, told := false, make([]bool, len(list))
	for k, s := range list {
		names := []string{s.name}
		for j := range list {
			if j > k && !told[k] && !told[j] && s.along(j) {
				names, told[j] = append(names, list[j].name), true
			}
		}
		if len(names) > 1 {
			whole = append(whole, strings.Join(names, " = "))
		}
		for _, at := range s.shared {
			some = some || len(at) > 1
		}
	}
	switch {
	case len(whole) > 0:
		return "dashes of several colours: lines that coincide (all along: " + strings.Join(whole, "; ") + ")"
	case some:
		return "dashes of several colours: lines that coincide"
	}
	return ""
}

// strands draws the lines piece by piece: a piece is as long as they coincide with the same others.
func strands(list []strand) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		for k, s := range list {
			for i := 1; i < len(s.x); {
				j := i + 1
				for j < len(s.x) && slices.Equal(s.at(i), s.at(j)) {
					j++
				}
				sty := s.style
				if n := len(s.at(i)); n > 1 {
					sty.Dashes, sty.DashOffs = alternate(n, slices.Index(s.at(i), k))
				}
				line(sty, s.x[i-1:j], s.y[i-1:j])(c, at)
				i = j
			}
		}
	}
}

// alternate returns the dashes of line k of n that coincide.
func alternate(n, k int) (dashes []vg.Length, offset vg.Length) {
	const dash = 5.0
	return []vg.Length{vg.Points(dash), vg.Points(dash * float64(n-1))}, vg.Points(dash * float64((n-k)%n))
}

// beads draws a disc for every number of the strands, and one with a sector for each where several are in one place.
func beads(radius float64, list []strand) paint {
	return func(c *draw.Canvas, at func(x, y float64) vg.Point) {
		for k, s := range list {
			for i := range s.x {
				if !finite(s.x[i]) || !finite(s.y[i]) || !c.Contains(at(s.x[i], s.y[i])) {
					continue
				}
				here, n, of := at(s.x[i], s.y[i]), 0, 0
				for j, o := range list {
					if i < len(o.x) && o.x[i] == s.x[i] && finite(o.y[i]) && math.Abs(float64(at(o.x[i], o.y[i]).Y-here.Y)) < radius/2 {
						if j < k {
							of++
						}
						n++
					}
				}
				sector(c, s.style.Color, here, radius, of, n)
			}
		}
	}
}

// sector fills part k of n of a disc, from the top.
func sector(c *draw.Canvas, col color.Color, p vg.Point, radius float64, k, n int) {
	if n == 1 {
		disc(c, col, p, radius)
		return
	}
	angle := 2 * math.Pi / float64(n)
	start := math.Pi/2 + float64(k)*angle
	sin, cos := math.Sincos(start)
	var a vg.Path
	a.Move(p)
	a.Line(vg.Point{X: p.X + vg.Points(radius*cos), Y: p.Y + vg.Points(radius*sin)})
	a.Arc(p, vg.Points(radius), start, angle)
	a.Close()
	c.SetColor(col)
	c.Fill(a)
}

package plot

import (
	"image/color"
	"math"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// script is a text.Handler that knows one mark: in "10^−3" what follows the caret is raised. Text without a caret, or with
// more than one line, is plain.
type script struct{ plain text.Plain }

// raise and shrink are the place and the size of raised text, by the size of the font.
const (
	raise  = 0.38
	shrink = 0.72
)

func newScript() script { return script{text.Plain{Fonts: font.NewCache(liberation.Collection())}} }

// Cache implements text.Handler.
func (s script) Cache() *font.Cache { return s.plain.Cache() }

// Extents implements text.Handler.
func (s script) Extents(f font.Font) font.Extents { return s.plain.Extents(f) }

// Lines implements text.Handler.
func (s script) Lines(txt string) []string { return s.plain.Lines(txt) }

// Box implements text.Handler.
func (s script) Box(txt string, f font.Font) (width, height, depth vg.Length) {
	base, up, _ := strings.Cut(txt, "^")
	width, height, depth = s.plain.Box(base, f)
	if up != "" {
		w, _, _ := s.plain.Box(up, small(f))
		width += w
	}
	return width, height, depth
}

// Draw implements text.Handler.
func (s script) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	base, up, ok := strings.Cut(txt, "^")
	if !ok {
		s.plain.Draw(c, txt, sty, pt)
		return
	}
	width, _, _ := s.Box(txt, sty.Font)
	first, _, _ := s.plain.Box(base, sty.Font)
	face := s.plain.Fonts.Lookup(sty.Font, sty.Font.Size)
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
	}
	sin, cos := math.Sincos(sty.Rotation)
	x := pt.Y*vg.Length(sin) + pt.X*vg.Length(cos)
	y := pt.Y*vg.Length(cos) - pt.X*vg.Length(sin)
	x += vg.Length(sty.XAlign) * width
	y += sty.Height(txt)*vg.Length(sty.YAlign) - face.Extents().Ascent + sty.Font.Size
	c.FillString(face, vg.Point{X: x, Y: y}, base)
	f := small(sty.Font)
	c.FillString(s.plain.Fonts.Lookup(f, f.Size), vg.Point{X: x + first, Y: y + raise*sty.Font.Size}, up)
}

func small(f font.Font) font.Font {
	f.Size *= shrink
	return f
}

// style returns a text style of the sans serif font.
func (s script) style(size float64, c color.Color, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, Handler: s, XAlign: text.XLeft, YAlign: text.YTop}
}

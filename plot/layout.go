package plot

import (
	"image/color"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// An entry of a key names a series.
type entry struct {
	name  string
	color color.Color
	mark  mark
}

// A mark is what stands for a series in the key.
type mark uint8

const (
	aLine mark = iota
	aDash
	aDot
	aRing
	aBox
	aBar
)

// A bar is the scale of a colour, at the right of the panels.
type bar struct {
	name   string
	ticks  []plot.Tick
	norm   func(float64) float64 // value to 0 … 1
	colour func(float64) color.RGBA
	zero   bool // exact zeros have a colour of their own
}

const (
	titleSize, subtitleSize, keySize = 12.5, 9.5, 9.5
	barRoom                          = 62.0 // points
	xNameRoom                        = 13.0 // points
)

// header returns the height of title, subtitle and key in points.
func (f *Figure) header() float64 {
	h := 0.0
	if f.title != "" {
		h += titleSize * 1.45
	}
	h += float64(len(f.remarks())) * subtitleSize * 1.45
	if n := len(f.rows()); n > 0 {
		h += 4 + float64(n)*keySize*1.55
	}
	if h > 0 {
		h += 6
	}
	return h
}

// remarks divides subtitle and note into lines that fit.
func (f *Figure) remarks() (lines []string) {
	sty := f.text.style(subtitleSize, soft(), false)
	for _, text := range []string{f.subtitle, f.note} {
		line := ""
		for word := range strings.FieldsSeq(text) {
			longer := strings.TrimSpace(line + " " + word)
			if line != "" && sty.Width(longer) > width-vg.Points(2*margin) {
				lines = append(lines, line)
				longer = word
			}
			line = longer
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// total returns the height of the figure.
func (f *Figure) total() vg.Length {
	return vg.Points(2*margin+f.header()) + vg.Length(len(f.panels))*f.height
}

// rows divides the key into lines that fit.
func (f *Figure) rows() [][]entry {
	var rows [][]entry
	x, room := 0.0, float64(width)-2*margin
	for _, e := range f.key {
		w := f.entryWidth(e)
		if len(rows) == 0 || x+w > room {
			rows = append(rows, nil)
			x = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		x += w
	}
	return rows
}

// swatch returns the width of a mark in points.
func (m mark) swatch() float64 {
	if m <= aDash {
		return 16
	}
	return 8
}

func (f *Figure) entryWidth(e entry) float64 {
	return e.mark.swatch() + 5 + float64(f.text.style(keySize, ink(), false).Width(e.name)) + 16
}

// draw draws everything.
func (f *Figure) draw(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, vg.Points(margin), -vg.Points(margin), vg.Points(margin), -vg.Points(margin))
	y := c.Max.Y
	if f.title != "" {
		c.FillText(f.text.style(titleSize, ink(), true), vg.Point{X: c.Min.X, Y: y}, f.title)
		y -= vg.Points(titleSize * 1.45)
	}
	for _, text := range f.remarks() {
		c.FillText(f.text.style(subtitleSize, soft(), false), vg.Point{X: c.Min.X, Y: y}, text)
		y -= vg.Points(subtitleSize * 1.45)
	}
	f.drawKey(&c, y)
	area := draw.Crop(c, 0, -vg.Points(6), 0, -vg.Points(f.header()))
	if f.bar != nil {
		area = draw.Crop(area, 0, -vg.Points(barRoom), 0, 0)
	}
	f.drawPanels(&c, area)
}

func (f *Figure) drawKey(c *draw.Canvas, y vg.Length) {
	sty := f.text.style(keySize, ink(), false)
	sty.YAlign = draw.YCenter
	y -= 4
	for _, row := range f.rows() {
		x := c.Min.X
		mid := y - vg.Points(keySize*0.75)
		for _, e := range row {
			drawMark(c, e, x, mid)
			c.FillText(sty, vg.Point{X: x + vg.Points(e.mark.swatch()+5), Y: mid + vg.Points(1)}, e.name)
			x += vg.Points(f.entryWidth(e))
		}
		y -= vg.Points(keySize * 1.55)
	}
}

func drawMark(c *draw.Canvas, e entry, x, y vg.Length) {
	w := vg.Points(e.mark.swatch())
	to, mid := x+w, x+w/2
	switch e.mark {
	case aLine:
		c.StrokeLine2(draw.LineStyle{Color: e.color, Width: vg.Points(2)}, x, y, to, y)
	case aDash:
		c.StrokeLine2(draw.LineStyle{Color: e.color, Width: vg.Points(1.2), Dashes: dashes()}, x, y, to, y)
	case aDot:
		disc(c, e.color, vg.Point{X: mid, Y: y}, 3)
	case aRing:
		ring(c, e.color, vg.Point{X: mid, Y: y}, 3)
	case aBox:
		box(c, e.color, x, y-4, to, y+4)
	case aBar:
		c.StrokeLine2(draw.LineStyle{Color: e.color, Width: vg.Points(1.6)}, mid, y-4, mid, y+4)
	}
}

func dashes() []vg.Length { return []vg.Length{vg.Points(4), vg.Points(2.5)} }

// drawPanels draws the panels below each other, their data aligned.
func (f *Figure) drawPanels(page *draw.Canvas, area draw.Canvas) {
	rows := make([][]*plot.Plot, len(f.panels))
	for i, p := range f.panels {
		rows[i] = []*plot.Plot{p.Plot}
	}
	name := f.text.style(9.5, ink(), false)
	name.YAlign = draw.YBottom
	if f.xName != "" {
		area = draw.Crop(area, 0, 0, vg.Points(xNameRoom), 0)
	}
	tiles := draw.Tiles{Rows: len(rows), Cols: 1, PadTop: vg.Points(18), PadY: vg.Points(22), PadRight: vg.Points(8)}
	for i, cs := range plot.Align(rows, tiles, area) {
		p := f.panels[i]
		data := p.DataCanvas(cs[0])
		grid(&data, p.Plot)
		p.Draw(cs[0])
		if s, ok := p.X.Scale.(logScale); ok && s.zero {
			cut(&data)
		}
		page.FillText(name, vg.Point{X: page.Min.X, Y: data.Max.Y + vg.Points(7)}, p.name)
		if f.bar != nil {
			f.drawBar(page, data)
		}
		if i == len(f.panels)-1 { // in the middle below the data, if it fits there
			w := name.Width(f.xName)
			x := max(page.Min.X, min(data.Center().X-w/2, page.Max.X-w))
			page.FillText(name, vg.Point{X: x, Y: page.Min.Y}, f.xName)
		}
	}
}

// cut breaks the horizontal axis between 0 and the least positive number.
func cut(c *draw.Canvas) {
	x, y := c.Min.X+(c.Max.X-c.Min.X)*gap/2, c.Min.Y
	box(c, color.White, x-2, y-3, x+2, y+1)
	for _, d := range [...]vg.Length{-2, 2} {
		c.StrokeLine2(stroke(soft(), 0.8), x+d-1.5, y-3.5, x+d+1.5, y+3.5)
	}
}

// grid draws light lines at the numbered ticks of the vertical axis.
func grid(c *draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: faint(), Width: vg.Points(0.7)}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if t.Label != "" && !strings.ContainsFunc(t.Label, unicode.IsLetter) {
			y := c.Y(p.Y.Norm(t.Value))
			c.StrokeLine2(sty, c.Min.X, y, c.Max.X, y)
		}
	}
}

// drawBar draws the scale of colours beside the data of a panel.
func (f *Figure) drawBar(page *draw.Canvas, data draw.Canvas) {
	const steps = 64
	b := f.bar
	x0 := data.Max.X + vg.Points(16)
	x1 := x0 + vg.Points(10)
	lo, hi := data.Min.Y, data.Max.Y
	label := f.text.style(8.5, soft(), false)
	label.YAlign = -0.32
	if b.zero {
		h := (hi - lo) * gap
		box(page, empty(), x0, lo, x1, lo+h*0.7)
		outline(page, x0, lo, x1, lo+h*0.7)
		page.FillText(label, vg.Point{X: x1 + 4, Y: lo + h*0.35}, "0")
		lo += h
	}
	for i := range steps {
		t := float64(i) / steps
		a := lo + (hi-lo)*vg.Length(t)
		box(page, b.colour(float64(i)/(steps-1)), x0, a, x1, min(hi, a+(hi-lo)/steps+0.3))
	}
	for _, t := range b.ticks {
		y := lo + (hi-lo)*vg.Length(b.norm(t.Value))
		if t.Label != "" {
			page.StrokeLine2(draw.LineStyle{Color: soft(), Width: vg.Points(0.6)}, x1, y, x1+2, y)
			page.FillText(label, vg.Point{X: x1 + 4, Y: y}, t.Label)
		}
	}
	name := f.text.style(9.5, ink(), false)
	name.YAlign = draw.YBottom
	page.FillText(name, vg.Point{X: min(x0, page.Max.X-name.Width(b.name)), Y: data.Max.Y + vg.Points(7)}, b.name)
}

package experiments

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A series is a line, or points, of a figure. One without a name is not in the legend.
type series struct {
	name   string
	x, y   []float64
	points bool
	dashed bool
	color  int // which of the palette
}

// A figure is what figure.svg and figure.png show.
type figure struct {
	title, x, y string
	logY        bool
	low, high   float64 // range of y, if low < high
	legendLow   bool    // the legend is at the bottom
	legendLeft  bool
	series      []series
}

// palette are colours of Okabe and Ito, which colour-blind readers can tell apart.
func palette(i int) color.Color {
	list := [...]color.RGBA{{0x00, 0x72, 0xB2, 0xff}, {0xD5, 0x5E, 0x00, 0xff}, {0x00, 0x9E, 0x73, 0xff}, {0xCC, 0x79, 0xA7, 0xff},
		{0xE6, 0x9F, 0x00, 0xff}, {0x56, 0xB4, 0xE9, 0xff}, {0x33, 0x33, 0x33, 0xff}}
	return list[i%len(list)]
}

const (
	figureWidth  = 6.4 * vg.Inch
	figureHeight = 4 * vg.Inch
)

// write draws figure.svg and figure.png into dir.
func (f figure) write(dir string) error {
	p, err := f.plot()
	if err != nil {
		return fmt.Errorf("experiments: figure: %w", err)
	}
	svg := vgsvg.New(figureWidth, figureHeight)
	f.draw(p, svg)
	if err := create(dir, "figure.svg", func(w io.Writer) error { _, err := svg.WriteTo(w); return err }); err != nil {
		return err
	}
	img := vgimg.NewWith(vgimg.UseWH(figureWidth, figureHeight), vgimg.UseDPI(150))
	f.draw(p, img)
	return create(dir, "figure.png", func(w io.Writer) error { _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(w); return err })
}

func (f figure) draw(p *plot.Plot, c vg.CanvasSizer) {
	area := draw.New(c)
	area.SetColor(color.White)
	area.Fill(area.Rectangle.Path())
	p.Draw(draw.Crop(area, vg.Points(6), -vg.Points(12), vg.Points(6), -vg.Points(6)))
}

func (f figure) plot() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.title, f.x, f.y
	p.Title.Padding = vg.Points(8)
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = !f.legendLow, f.legendLeft, vg.Points(2)
	p.Legend.XOffs = -vg.Points(4)
	if f.legendLeft {
		p.Legend.XOffs = vg.Points(4)
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, color.Gray{0xd8}
	p.Add(grid)
	for _, s := range f.series {
		if err := f.add(p, s); err != nil {
			return nil, err
		}
	}
	if f.logY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	if f.low < f.high {
		p.Y.Min, p.Y.Max = f.low, f.high
	}
	return p, nil
}

func (f figure) add(p *plot.Plot, s series) error {
	var xy plotter.XYs
	for i, y := range s.y {
		if y-y != 0 || f.logY && (y <= 0 || f.low < f.high && y < f.low) {
			continue
		}
		xy = append(xy, plotter.XY{X: s.x[i], Y: y})
	}
	if len(xy) == 0 {
		return fmt.Errorf("series %q has nothing to show", s.name)
	}
	line, points, err := plotter.NewLinePoints(xy)
	if err != nil {
		return err
	}
	line.Color, line.Width = palette(s.color), vg.Points(1.5)
	points.Color, points.Shape, points.Radius = palette(s.color), draw.CircleGlyph{}, vg.Points(2.2)
	if s.dashed {
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	if s.points {
		p.Add(points)
		p.Legend.Add(s.name, points)
		return nil
	}
	p.Add(line)
	if s.name != "" {
		p.Legend.Add(s.name, line)
	}
	return nil
}

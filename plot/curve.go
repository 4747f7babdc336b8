package plot

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/retrodict/retrodict/record"
)

// Colours of Okabe and Ito, which colour-blind readers can tell apart.
func blue() color.Color   { return color.RGBA{R: 0x00, G: 0x72, B: 0xB2, A: 0xff} }
func orange() color.Color { return color.RGBA{R: 0xD5, G: 0x5E, B: 0x00, A: 0xff} }
func green() color.Color  { return color.RGBA{R: 0x00, G: 0x9E, B: 0x73, A: 0xff} }
func grey() color.Color   { return color.Gray{0xd8} }

// LearningCurve writes an SVG with two panels above one axis of epochs: the losses, and the accuracy if there is one.
// Values that are not finite are left out.
func LearningCurve(w io.Writer, title string, epochs []record.Epoch) error {
	if len(epochs) == 0 {
		return errors.New("plot: no epochs")
	}
	loss, err := panel("loss (mean over rows)", epochs, []series{
		{"learning", blue(), nil, func(e record.Epoch) float64 { return e.Loss }},
		{"held out", orange(), []vg.Length{vg.Points(5), vg.Points(3)}, func(e record.Epoch) float64 { return e.TestLoss }},
	})
	if err != nil {
		return err
	}
	loss.Title.Text = title
	loss.Legend.Top, loss.Legend.Padding = true, vg.Points(3)
	loss.Y.Min = min(loss.Y.Min, 0)
	panels := []*plot.Plot{loss}
	if !math.IsNaN(epochs[len(epochs)-1].Accuracy) {
		p, err := panel("accuracy (held out)", epochs, []series{{"", green(), nil, func(e record.Epoch) float64 { return e.Accuracy }}})
		if err != nil {
			return err
		}
		p.Y.Max = 1
		panels = append(panels, p)
	}
	panels[len(panels)-1].X.Label.Text = "epoch"
	return write(w, panels)
}

type series struct {
	name   string
	color  color.Color
	dashes []vg.Length
	value  func(record.Epoch) float64
}

// panel returns a plot of the series over the epochs.
func panel(label string, epochs []record.Epoch, list []series) (*plot.Plot, error) {
	p := plot.New()
	p.Y.Label.Text = label
	p.Title.TextStyle.Font.Size = vg.Points(12)
	p.Title.Padding = vg.Points(6)
	p.X.Min, p.X.Max = float64(epochs[0].Epoch), float64(epochs[len(epochs)-1].Epoch)
	p.X.Tick.Marker = plot.TickerFunc(wholeTicks)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, grey()
	p.Add(grid)
	for _, s := range list {
		var xy plotter.XYs
		for _, e := range epochs {
			if y := s.value(e); !math.IsNaN(y) && !math.IsInf(y, 0) {
				xy = append(xy, plotter.XY{X: float64(e.Epoch), Y: y})
			}
		}
		if len(xy) == 0 {
			continue
		}
		line, points, err := plotter.NewLinePoints(xy)
		if err != nil {
			return nil, fmt.Errorf("plot: %w", err)
		}
		line.Color, line.Width, line.Dashes = s.color, vg.Points(1.5), s.dashes
		points.Color, points.Shape, points.Radius = s.color, draw.CircleGlyph{}, vg.Points(1.8)
		p.Add(line, points)
		if s.name != "" {
			p.Legend.Add(s.name, line, points)
		}
	}
	return p, nil
}

// wholeTicks returns at most about ten ticks at whole numbers.
func wholeTicks(lo, hi float64) []plot.Tick {
	step := 1.0
	for _, f := range []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000} {
		if step = f; (hi-lo)/f <= 10 {
			break
		}
	}
	var ticks []plot.Tick
	for x := math.Ceil(lo/step) * step; x <= hi; x += step {
		ticks = append(ticks, plot.Tick{Value: x, Label: fmt.Sprintf("%.0f", x)})
	}
	return ticks
}

// write draws the panels below each other.
func write(w io.Writer, panels []*plot.Plot) error {
	const width, height = 6.4 * vg.Inch, 2.6 * vg.Inch
	c := vgsvg.New(width, vg.Length(len(panels))*height)
	rows := make([][]*plot.Plot, len(panels))
	for i, p := range panels {
		rows[i] = []*plot.Plot{p}
	}
	area := draw.New(c)
	area.SetColor(color.White)
	area.Fill(area.Rectangle.Path())
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadTop: vg.Points(8), PadBottom: vg.Points(8), PadLeft: vg.Points(8), PadRight: vg.Points(16), PadY: vg.Points(12)}
	for i, cs := range plot.Align(rows, tiles, area) {
		panels[i].Draw(cs[0])
	}
	if _, err := c.WriteTo(w); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

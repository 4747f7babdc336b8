package plot

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Drawing is data that can be drawn: Curves, Energy, ErrorMap, Levels, Raster, Scatter and Traces.
type Drawing interface {
	// Figure lays the data out. It keeps no reference to them that outlives the Figure, and modifies nothing. Data that
	// cannot be drawn, because there are none or their lengths differ, are an error.
	Figure() (*Figure, error)
}

// A Figure is laid out and can be written. The same data give the same bytes in every format.
type Figure struct {
	title, subtitle string
	note            string // below the subtitle; "": none
	key             []entry
	panels          []panel // below each other, above one horizontal axis
	xName           string  // of that axis
	bar             *bar
	table           table
	text            script
	height          vg.Length // of a panel
}

// Sizes of a figure: as wide as a README shows it.
const (
	width       = 7 * vg.Inch
	panelHeight = 2.9 * vg.Inch
	margin      = 10.0 // points
	dpi         = 192
)

// WriteSVG writes the figure as SVG. Text stays text, in Liberation Sans or a font with the same widths.
func (f *Figure) WriteSVG(w io.Writer) error {
	c := vgsvg.New(width, f.total())
	f.draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	out := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;font-variant:normal"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif"))
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

// WritePNG writes the figure as PNG of 192 dots an inch.
func (f *Figure) WritePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(width, f.total()), vgimg.UseDPI(dpi))
	f.draw(draw.New(c))
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(w); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

// WriteCSV writes the numbers that the figure was drawn from, one observation a row, names in the first line. What is not
// finite is empty.
func (f *Figure) WriteCSV(w io.Writer) error { return f.table.write(w) }

// Save writes base.svg, base.png and base.csv, each whole or not at all, and returns their paths.
func (f *Figure) Save(base string) ([]string, error) {
	var paths []string
	for _, k := range []struct {
		ext   string
		write func(io.Writer) error
	}{{".svg", f.WriteSVG}, {".png", f.WritePNG}, {".csv", f.WriteCSV}} {
		if err := save(base+k.ext, k.write); err != nil {
			return paths, err
		}
		paths = append(paths, base+k.ext)
	}
	return paths, nil
}

func save(path string, write func(io.Writer) error) error {
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	err = write(t)
	if e := t.Chmod(0o644); err == nil {
		err = e
	}
	if e := t.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		_ = os.Remove(t.Name())
		return fmt.Errorf("plot: %s: %w", path, err)
	}
	return nil
}

// A panel is one pair of axes with its name above the vertical one.
type panel struct {
	*plot.Plot
	name string
}

// newFigure returns a figure without panels.
func newFigure(title, subtitle string) *Figure {
	return &Figure{title: title, subtitle: subtitle, text: newScript(), height: panelHeight}
}

// add adds a panel with a light grid and the given names of its axes, and returns its plot. The names are no labels of the
// plot: it would place that of a logarithmic axis far from its middle.
func (f *Figure) add(xName, yName string) *plot.Plot {
	p := plot.New()
	p.TextHandler = f.text
	p.BackgroundColor = nil
	p.Title.Text = ""
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Tick.Label = f.text.style(8.5, soft(), false)
		a.Tick.Length, a.Tick.LineStyle.Width, a.Tick.LineStyle.Color = vg.Points(3), vg.Points(0.6), soft()
		a.LineStyle.Width, a.LineStyle.Color = vg.Points(0.7), soft()
		a.Padding = 0
	}
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XCenter, draw.YTop
	p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = draw.XRight, -0.58
	p.Y.LineStyle.Width, p.Y.Tick.Length, p.Y.Padding = 0, 0, vg.Points(3)
	f.panels, f.xName = append(f.panels, panel{p, yName}), xName
	return p
}

// share leaves the labels of the horizontal axis to the last panel.
func (f *Figure) share() {
	for _, p := range f.panels[:len(f.panels)-1] {
		list := p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max)
		bare := make([]plot.Tick, len(list))
		for i, t := range list {
			bare[i].Value = t.Value
		}
		p.X.Tick.Marker = plot.ConstantTicks(bare)
	}
}

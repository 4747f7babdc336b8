package plot

import (
	"image/color"
	"math"
)

// ink, soft and faint are the colours of text, of axes and of the grid.
func ink() color.Color   { return color.RGBA{0x22, 0x22, 0x22, 0xff} }
func soft() color.Color  { return color.RGBA{0x66, 0x66, 0x66, 0xff} }
func faint() color.Color { return color.RGBA{0xe4, 0xe4, 0xe4, 0xff} }
func empty() color.Color { return color.RGBA{0xf4, 0xf4, 0xf4, 0xff} }

// hues are the colours of Okabe and Ito [Color Universal Design, 2008] that show on white; readers with any form of colour
// vision can tell them apart.
func hues() []color.RGBA {
	return []color.RGBA{
		{0x00, 0x72, 0xB2, 0xff}, // blue
		{0xD5, 0x5E, 0x00, 0xff}, // vermillion
		{0x00, 0x9E, 0x73, 0xff}, // bluish green
		{0xCC, 0x79, 0xA7, 0xff}, // reddish purple
		{0xE6, 0x9F, 0x00, 0xff}, // orange
		{0x56, 0xB4, 0xE9, 0xff}, // sky blue
		{0x00, 0x00, 0x00, 0xff},
	}
}

// hue returns the colour of series i. When they have all been used, they come again, darker.
func hue(i int) color.RGBA {
	h := hues()
	c := h[i%len(h)]
	for range i / len(h) {
		c.R, c.G, c.B = c.R/2, c.G/2, c.B/2
	}
	return c
}

// faded returns c with the given opacity from 0 to 1.
func faded(c color.RGBA, opacity float64) color.Color {
	return color.NRGBA{c.R, c.G, c.B, uint8(math.Round(255 * opacity))}
}

// ramp returns the colour of a quantity at t from 0 to 1: light to dark, so that it survives grey printing.
func ramp(t float64) color.RGBA {
	stops := [...]color.RGBA{
		{0xFD, 0xED, 0xB8, 0xff}, {0xF7, 0xBD, 0x6A, 0xff}, {0xE8, 0x80, 0x45, 0xff}, {0xC2, 0x45, 0x4B, 0xff},
		{0x86, 0x24, 0x5C, 0xff}, {0x46, 0x12, 0x57, 0xff}, {0x15, 0x07, 0x2E, 0xff},
	}
	t = min(max(t, 0), 1) * float64(len(stops)-1)
	i := min(int(t), len(stops)-2)
	f := t - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(float64(a)*(1-f)) + float64(float64(b)*f))) }
	a, b := stops[i], stops[i+1]
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

package onnx

import (
	"math"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// resizeEntries are the resamplings.
func resizeEntries() []Entry {
	return []Entry{
		{Name: "Resize", From: 10, Doc: "resize: nearest, linear, cubic; no tf_crop_and_resize, antialias or aspect-ratio policy", load: resize},
		{Name: "Upsample", From: 7, To: 9, Doc: "resize: nearest, linear", load: func(c *call) {
			scales := c.floatsOf("scales")
			if c.opset() >= 9 {
				scales = c.knownFloats(1)
			}
			c.set(0, c.resized(op.ResizeConfig{Mode: c.interpolation(), Coord: op.Asymmetric, Round: op.RoundFloor, Scales: scales}))
		}},
	}
}

func (c *call) floatsOf(name string) []float64 {
	var x []float64
	if a := c.attr(name, AttrFloats); a != nil {
		for _, f := range a.Floats {
			x = append(x, float64(f))
		}
	}
	return x
}

// knownFloats returns the elements of input i, which must be constant.
func (c *call) knownFloats(i int) []float64 {
	t := c.known(i)
	if t.Len() > maxDims {
		c.fail("input %d has %d elements", i, t.Len())
	}
	x := make([]float64, t.Len())
	for k := range x {
		x[k] = t.Float(k)
	}
	return x
}

func (c *call) interpolation() op.Interpolation {
	switch s := c.str("mode", "nearest"); s {
	case "nearest":
		return op.Nearest
	case "linear", "bilinear":
		return op.Bilinear
	case "cubic":
		return op.Bicubic
	default:
		c.unsupported("mode %s", s)
		return 0
	}
}

func resize(c *call) {
	if c.opset() < 11 {
		c.set(0, c.resized(op.ResizeConfig{Mode: c.interpolation(), Coord: op.Asymmetric, Round: op.RoundFloor, Scales: c.knownFloats(1)}))
		return
	}
	if c.flag("antialias", false) {
		c.unsupported("with antialias")
	}
	if s := c.str("keep_aspect_ratio_policy", "stretch"); s != "stretch" {
		c.unsupported("with keep_aspect_ratio_policy %s", s)
	}
	cfg := op.ResizeConfig{Mode: c.interpolation(), Coord: c.coordinate(), Round: c.rounding(), Cubic: c.num("cubic_coeff_a", -0.75),
		Outside: c.flag("exclude_outside", false)}
	if cfg.Cubic == 0 {
		c.unsupported("with cubic_coeff_a=0")
	}
	if c.has(2) && c.x(2).shape.Len() > 0 {
		cfg.Scales = c.knownFloats(2)
	} else {
		cfg.Sizes = c.knownInts(3)
	}
	if c.hasAttr("axes") {
		c.spread(&cfg)
	}
	c.set(0, c.resized(cfg))
}

func (c *call) coordinate() op.Coordinate {
	s := c.str("coordinate_transformation_mode", "half_pixel")
	for m := op.HalfPixel; m <= op.HalfPixelFloor; m++ {
		if m.String() == s {
			return m
		}
	}
	c.unsupported("with coordinate_transformation_mode %s", s)
	return 0
}

func (c *call) rounding() op.Rounding {
	s := c.str("nearest_mode", "round_prefer_floor")
	for m := op.RoundPreferFloor; m <= op.RoundCeil; m++ {
		if m.String() == s {
			return m
		}
	}
	c.unsupported("with nearest_mode %s", s)
	return 0
}

// spread makes scales or sizes of some axes those of all.
func (c *call) spread(cfg *op.ResizeConfig) {
	x := c.float(0)
	axes := c.ints("axes")
	if len(axes) != len(cfg.Scales)+len(cfg.Sizes) {
		c.fail("%d axes for %d scales and %d sizes", len(axes), len(cfg.Scales), len(cfg.Sizes))
	}
	scales, sizes := make([]float64, x.rank()), x.shape.Slice()
	for i := range scales {
		scales[i] = 1
	}
	for i, a := range axes {
		a = c.inRank(a, x.rank())
		if cfg.Scales != nil {
			scales[a] = cfg.Scales[i]
		} else {
			sizes[a] = cfg.Sizes[i]
		}
	}
	if cfg.Scales != nil {
		cfg.Scales = scales
	} else {
		cfg.Sizes = sizes
	}
}

// resized checks the size of the result before it applies the resampling to input 0.
func (c *call) resized(cfg op.ResizeConfig) *value {
	x := c.float(0)
	n := 1.0
	for i, d := range x.shape.Slice() {
		switch {
		case i < len(cfg.Sizes):
			n *= math.Max(float64(cfg.Sizes[i]), 1)
		case i < len(cfg.Scales):
			n *= math.Max(float64(d)*cfg.Scales[i], 1)
		}
	}
	if !(n <= maxElements) {
		c.fail("the result would have %v elements", n)
	}
	if x.shape == (tensor.Shape{}) {
		c.fail("got a scalar")
	}
	return c.apply(op.Resize(cfg), x)
}

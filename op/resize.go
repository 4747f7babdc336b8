package op

import (
	"math"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// An Interpolation is how Resize finds a value between elements.
type Interpolation uint8

const (
	Nearest  Interpolation = iota // the nearest element
	Bilinear                      // linear along every axis
	Bicubic                       // cubic convolution along every axis (Keys 1981)
)

// String returns ONNX's name.
func (m Interpolation) String() string { return [...]string{"nearest", "linear", "cubic"}[m] }

// A Coordinate is how Resize maps output position p of an axis to a position in the input, with the axis' scale s.
type Coordinate uint8

const (
	HalfPixel          Coordinate = iota // (p + ½)/s − ½
	Asymmetric                           // p/s
	AlignCorners                         // p·(in − 1)/(in·s − 1), 0 for a single output
	PytorchHalfPixel                     // (p + ½)/s − ½, −½ for a single output
	HalfPixelSymmetric                   // as HalfPixel, shifted so that a rounded output size stays centred
	HalfPixelFloor                       // (p + ½)/s: ONNX's tf_half_pixel_for_nn
)

// String returns ONNX's name.
func (m Coordinate) String() string {
	return [...]string{"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric", "tf_half_pixel_for_nn"}[m]
}

// A Rounding is how Nearest rounds a position.
type Rounding uint8

const (
	RoundPreferFloor Rounding = iota // to the nearest, halves down
	RoundPreferCeil                  // to the nearest, halves up
	RoundFloor                       // down
	RoundCeil                        // up
)

// String returns ONNX's name.
func (m Rounding) String() string {
	return [...]string{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}[m]
}

// A ResizeConfig holds the attributes of Resize. Sizes or Scales must have one number for every axis of the input; with
// Scales an axis gets ⌊in·scale⌋ elements, the product in float32 as in ONNX, with Sizes its scale is size/in.
type ResizeConfig struct {
	Mode    Interpolation
	Coord   Coordinate
	Round   Rounding // Nearest only
	Sizes   []int
	Scales  []float64
	Cubic   float64 // Bicubic: the coefficient; 0: −0.75
	Outside bool    // Bilinear, Bicubic: elements outside the input get no weight and the others more (ONNX exclude_outside); otherwise the edge is repeated
}

// Resize returns x resampled along every axis whose size or scale changes, one axis after another, the first axis first.
// An element of the result is Σ weight·element over one (Nearest), two or four neighbours in ascending order, those of
// weight 0 left out. The derivative goes through the axes in reverse, adding to an element in the order of the results
// that used it. ONNX Resize without tf_crop_and_resize and antialias, and Upsample (Coord: Asymmetric, Round: RoundFloor).
func Resize(cfg ResizeConfig) Op {
	cfg.Sizes, cfg.Scales = slices.Clone(cfg.Sizes), slices.Clone(cfg.Scales)
	if cfg.Cubic == 0 {
		cfg.Cubic = -0.75
	}
	return resize{cfg}
}

type resize struct{ cfg ResizeConfig }

func (o resize) Name() string {
	cubic, round := "", ""
	switch o.cfg.Mode {
	case Bicubic:
		cubic = "a=" + decimal(o.cfg.Cubic)
	case Nearest:
		round = o.cfg.Round.String()
	}
	var scales []string
	for _, s := range o.cfg.Scales {
		scales = append(scales, decimal(s))
	}
	text := ""
	if scales != nil {
		text = "scales=" + strings.Join(scales, "x")
	}
	return named("resize", o.cfg.Mode.String(), o.cfg.Coord.String(), round, cubic, flag("outside", o.cfg.Outside), ints("sizes", o.cfg.Sizes, -1), text)
}

func (resize) Arity() int { return 1 }

func (o resize) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x := args[0]
	if (len(o.cfg.Sizes) == 0) == (len(o.cfg.Scales) == 0) || len(o.cfg.Sizes)+len(o.cfg.Scales) != x.Rank() {
		return x, errorf(o, "needs either %d sizes or as many scales for input %v", x.Rank(), x)
	}
	y := x
	for i := range x.Rank() {
		a, err := o.axis(x, i)
		if err != nil {
			return x, errorf(o, "axis %d of input %v: %v", i, x, err)
		}
		y = y.With(i, a.out)
	}
	return y, nil
}

// A resizeAxis is the resampling of one axis.
type resizeAxis struct {
	in, out int
	scale   float64
	width   float64 // in·scale, the output size before rounding
}

func (o resize) axis(x tensor.Shape, i int) (resizeAxis, error) {
	a := resizeAxis{in: x.Dim(i)}
	if len(o.cfg.Sizes) > 0 {
		a.out = o.cfg.Sizes[i]
		if a.out < 0 || a.out > math.MaxInt32 || a.in == 0 && a.out > 0 {
			return a, errBadSize
		}
		a.width, a.scale = float64(a.out), float64(a.out)/float64(max(a.in, 1))
		return a, nil
	}
	a.scale = o.cfg.Scales[i]
	a.width = float64(float64(a.in) * a.scale)
	if !(a.scale > 0) || a.width >= math.MaxInt32-1 {
		return a, errBadScale
	}
	a.out = int(math.Floor(float64(float32(a.in) * float32(a.scale))))
	return a, nil
}

const (
	errBadSize  = resizeError("the size does not fit the axis")
	errBadScale = resizeError("the scale is not positive or too large")
)

type resizeError string

func (e resizeError) Error() string { return string(e) }

// same reports whether the axis stays as it is.
func (a resizeAxis) same() bool { return a.in == a.out && a.scale == 1 }

// position maps output position p to the input.
func (a resizeAxis) position(m Coordinate, p int) float64 {
	x := float64(p)
	switch m {
	case Asymmetric:
		return x / a.scale
	case AlignCorners:
		if a.width == 1 {
			return 0
		}
		return x * float64(a.in-1) / (a.width - 1)
	case HalfPixelFloor:
		return (x + 0.5) / a.scale
	case PytorchHalfPixel:
		if a.width == 1 {
			return -0.5
		}
	case HalfPixelSymmetric:
		shift := float64(float64(a.in) / 2 * (1 - float64(a.out)/a.width))
		return shift + ((x+0.5)/a.scale - 0.5)
	}
	return (x+0.5)/a.scale - 0.5
}

// neighbours returns how many elements make an element of the result along one axis.
func (o resize) neighbours() int { return [...]int{1, 2, 4}[o.cfg.Mode] }

// table fills in, for every output position of an axis, the positions and the weights of its neighbours.
func (o resize) table(a resizeAxis, index []int64, weight []float64) {
	n := o.neighbours()
	for p := range a.out {
		x := a.position(o.cfg.Coord, p)
		at, w := index[p*n:(p+1)*n], weight[p*n:(p+1)*n]
		if o.cfg.Mode == Nearest {
			at[0], w[0] = clamp(o.cfg.Round.of(x), a.in), 1
			continue
		}
		low := math.Floor(x)
		t := x - low
		if o.cfg.Mode == Bilinear {
			w[0], w[1] = 1-t, t
		} else {
			cubicWeights(w, t, o.cfg.Cubic)
		}
		sum := 0.0
		for k := range w {
			pos := low + float64(k+1-n/2)
			if o.cfg.Outside && (pos < 0 || pos >= float64(a.in)) {
				w[k] = 0
			}
			at[k] = clamp(pos, a.in)
			sum += w[k]
		}
		if o.cfg.Outside && sum != 0 {
			for k := range w {
				w[k] /= sum
			}
		}
	}
}

// of rounds x.
func (m Rounding) of(x float64) float64 {
	switch m {
	case RoundPreferCeil:
		return math.Floor(x + 0.5)
	case RoundFloor:
		return math.Floor(x)
	case RoundCeil:
		return math.Ceil(x)
	}
	return math.Ceil(x - 0.5)
}

// clamp returns the position in [0, n) nearest to x.
func clamp(x float64, n int) int64 { return int64(min(max(x, 0), float64(n-1))) }

// cubicWeights sets the weights of four neighbours for a position t beyond the second. Products are rounded before they
// are added.
func cubicWeights(w []float64, t, a float64) {
	far := func(d float64) float64 { // 1 < d < 2: a·d³ − 5a·d² + 8a·d − 4a
		return float64(a*d*d*d) - float64(5*a*d*d) + float64(8*a*d) - float64(4*a)
	}
	near := func(d float64) float64 { // d ≤ 1: (a+2)·d³ − (a+3)·d² + 1
		return float64((a+2)*d*d*d) - float64((a+3)*d*d) + 1
	}
	w[0], w[1], w[2], w[3] = far(1+t), near(t), near(1-t), far(2-t)
}

package op

import (
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// ArgConfig says which extreme ArgExtreme finds.
type ArgConfig struct {
	Axis int  // negative: from the end
	Min  bool // the smallest element, not the largest
	Last bool // of equal elements the last, not the first
}

// ArgExtreme returns the index along the axis of the largest or smallest element of floats or integers, as an integer.
// The axis stays, with length 1. A NaN is never chosen unless it is the first. ONNX: ArgMax, ArgMin.
func ArgExtreme(cfg ArgConfig) Op { return argExtreme{cfg} }

type argExtreme struct{ cfg ArgConfig }

func (o argExtreme) Name() string {
	s := "argmax"
	if o.cfg.Min {
		s = "argmin"
	}
	s += "[axis=" + strconv.Itoa(o.cfg.Axis)
	if o.cfg.Last {
		s += ",last"
	}
	return s + "]"
}

func (o argExtreme) Arity() int { return 1 }

func (o argExtreme) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s := args[0]
	if o.cfg.Axis >= s.Rank() || o.cfg.Axis < -s.Rank() {
		return s, errorf(o, "got %v: %v", s, errAxis)
	}
	if s.Dim(o.cfg.Axis) == 0 {
		return s, errorf(o, "got %v, which has no elements along the axis", s)
	}
	return s.With(o.cfg.Axis, 1), nil
}

func (o argExtreme) Type(args ...tensor.Type) (tensor.Type, error) {
	if len(args) != 1 || args[0] != tensor.Int64 && !args[0].IsFloat() {
		return tensor.None, errorf(o, "want one argument of floats or integers")
	}
	return tensor.Int64, nil
}

func (o argExtreme) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	x := args[0]
	outer, n, inner := x.Shape().Split(o.cfg.Axis)
	switch x.Type() {
	case tensor.Float64:
		argSlice(dst.Int64s(), x.Float64s(), outer, n, inner, o.cfg)
	case tensor.Float32:
		argSlice(dst.Int64s(), x.Float32s(), outer, n, inner, o.cfg)
	default:
		argSlice(dst.Int64s(), x.Int64s(), outer, n, inner, o.cfg)
	}
}

func argSlice[T number64](dst []int64, x []T, outer, n, inner int, cfg ArgConfig) {
	for i := range outer {
		for k := range inner {
			at := i*n*inner + k
			best := 0
			for j := range n {
				y, z := x[at+j*inner], x[at+best*inner]
				if cfg.Min {
					y, z = z, y
				}
				if y > z || cfg.Last && y == z {
					best = j
				}
			}
			dst[i*inner+k] = int64(best)
		}
	}
}

func (o argExtreme) VJP(_ *tensor.Ctx, d, _ []tensor.Tensor, _, _ tensor.Tensor) {
	if d[0].Wanted() {
		d[0].Zero()
	}
}

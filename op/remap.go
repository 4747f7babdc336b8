package op

import (
	"fmt"

	"github.com/retrodict/retrodict/tensor"
)

// A remap is a function each of whose results is one element of its argument, found for every axis on its own, or a
// constant. It takes any type; the derivative adds up the errors of the same element in ascending order.
type remap struct {
	name  string
	shape func(s tensor.Shape) (tensor.Shape, error)
	index func(axis, i, n int) int // where index i of the result is on an axis of length n; −1: nowhere
	value float64                  // the constant
}

func (o remap) Name() string { return o.name }
func (o remap) Arity() int   { return 1 }

func (o remap) Type(args ...tensor.Type) (tensor.Type, error) { return sameType(o, args) }

func (o remap) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s, err := o.shape(args[0])
	if err != nil {
		return tensor.Shape{}, errorf(o, "got %v: %v", args[0], err)
	}
	return s, nil
}

// places returns, for every element of a result of shape out in order, its place in the argument of shape in, or −1.
// It is scratch memory.
func (o remap) places(c *tensor.Ctx, in, out tensor.Shape) []int64 {
	p := tensor.ScratchOf[int64](c, out.Len())
	if len(p) == 0 {
		return p
	}
	// From the last axis on: the places of one block are those of the axes behind it, and the block is repeated, from
	// the end, for every index of the axis before.
	p[0] = 0
	block, step := 1, 1
	for a := out.Rank() - 1; a >= 0; a-- {
		n := in.Dim(a)
		for i := out.Dim(a) - 1; i >= 0; i-- {
			at := o.index(a, i, n)
			for j := range block {
				if q := &p[i*block+j]; at < 0 || p[j] < 0 {
					*q = -1
				} else {
					*q = p[j] + int64(at*step)
				}
			}
		}
		block *= out.Dim(a)
		step *= n
	}
	return p
}

func (o remap) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	p := o.places(c, args[0].Shape(), dst.Shape())
	switch dst.Type() {
	case tensor.Float64:
		pick(dst.Float64s(), args[0].Float64s(), p, o.value)
	case tensor.Float32:
		pick(dst.Float32s(), args[0].Float32s(), p, float32(o.value))
	case tensor.Int64:
		pick(dst.Int64s(), args[0].Int64s(), p, int64(o.value))
	case tensor.Bool:
		pick(dst.Bools(), args[0].Bools(), p, o.value != 0)
	}
	c.Release(m)
}

func pick[T tensor.Element](dst, src []T, p []int64, value T) {
	for i, at := range p {
		if at < 0 {
			dst[i] = value
		} else {
			dst[i] = src[at]
		}
	}
}

func (o remap) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if !d[0].Wanted() {
		return
	}
	m := c.Mark()
	p := o.places(c, args[0].Shape(), eps.Shape())
	d[0].Zero()
	if eps.Type() == tensor.Float32 {
		give(d[0].Float32s(), eps.Float32s(), p)
	} else {
		give(d[0].Float64s(), eps.Float64s(), p)
	}
	c.Release(m)
}

func give[T tensor.Float](d, e []T, p []int64) {
	for i, at := range p {
		if at >= 0 {
			d[at] += e[i]
		}
	}
}

// Tile returns g(x) = x repeated the given number of times along each axis. ONNX: Tile.
func Tile(times ...int) Op {
	times = append([]int(nil), times...)
	return remap{name: "tile" + list(times),
		shape: func(s tensor.Shape) (tensor.Shape, error) {
			if len(times) != s.Rank() {
				return s, fmt.Errorf("%d repeats for rank %d", len(times), s.Rank())
			}
			dims := make([]int64, len(times))
			for i, t := range times {
				dims[i] = int64(t) * int64(s.Dim(i))
			}
			return tensor.CheckDims(dims, 1<<40)
		},
		index: func(_, i, n int) int { return i % n }}
}

// A PadConfig describes Pad. Before and After have one number for every axis; negative ones cut off.
type PadConfig struct {
	Mode          string // "" or "constant", "edge", "reflect" (without the edge), "wrap"
	Value         float64
	Before, After []int
}

// Pad returns g(x) = x with elements added at the ends of its axes: a constant, the nearest element, x mirrored at its
// first and last element, or x repeated. What is cut off is cut off first. The error says what is wrong with cfg.
// ONNX: Pad.
func Pad(cfg PadConfig) (Op, error) {
	before, after := append([]int(nil), cfg.Before...), append([]int(nil), cfg.After...)
	if cfg.Mode == "" {
		cfg.Mode = "constant"
	}
	if len(before) != len(after) {
		return nil, fmt.Errorf("pad: %d numbers before, %d after", len(before), len(after))
	}
	source := padSource(cfg.Mode)
	if source == nil {
		return nil, fmt.Errorf("pad: unknown mode %q: use constant, edge, reflect or wrap", cfg.Mode)
	}
	return remap{name: "pad[" + cfg.Mode + ":" + decimal(cfg.Value) + ":" + list(before) + list(after) + "]", value: cfg.Value,
		shape: func(s tensor.Shape) (tensor.Shape, error) {
			if len(before) != s.Rank() {
				return s, fmt.Errorf("%d pads for rank %d", len(before), s.Rank())
			}
			dims := make([]int64, s.Rank())
			for i := range dims {
				dims[i] = int64(s.Dim(i)) + int64(before[i]) + int64(after[i])
				if left := s.Dim(i) + min(before[i], 0) + min(after[i], 0); left < 0 || left == 0 && dims[i] > 0 && cfg.Mode != "constant" {
					return s, fmt.Errorf("nothing is left of axis %d", i)
				}
			}
			return tensor.CheckDims(dims, 1<<40)
		},
		index: func(axis, i, n int) int {
			lo, hi := max(0, -before[axis]), n-max(0, -after[axis])
			j := source(i-before[axis]-lo, hi-lo)
			if j < 0 {
				return -1
			}
			return lo + j
		}}, nil
}

// padSource returns the function of a mode that maps any index onto an axis of length n, or to −1; nil for no mode.
func padSource(mode string) func(i, n int) int {
	switch mode {
	case "constant":
		return func(i, n int) int {
			if i < 0 || i >= n {
				return -1
			}
			return i
		}
	case "edge":
		return func(i, n int) int { return min(max(i, 0), n-1) }
	case "wrap":
		return func(i, n int) int { return ((i % n) + n) % n }
	case "reflect":
		return func(i, n int) int {
			period := max(1, 2*(n-1))
			i = ((i % period) + period) % period
			return min(i, period-i)
		}
	}
	return nil
}

package op

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// A datum is a function that nothing can be learned through: integers and truth values are among its arguments or its
// result. Arguments of float type get a derivative of +0.
type datum struct {
	name  string
	arity int
	typ   func(o Op, args []tensor.Type) (tensor.Type, error)
	run   func(dst, a, b tensor.Tensor) // a and b have dst's shape; b is none if arity is 1
}

func (o datum) Name() string { return o.name }
func (o datum) Arity() int   { return o.arity }

func (o datum) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s := args[0]
	for _, t := range args[1:] {
		var err error
		if s, err = tensor.Broadcast(s, t); err != nil {
			return s, errorf(o, "%v", err)
		}
	}
	return s, nil
}

func (o datum) Type(args ...tensor.Type) (tensor.Type, error) {
	if len(args) != o.arity {
		return tensor.None, errorf(o, "got %d arguments, want %d", len(args), o.arity)
	}
	return o.typ(o, args)
}

func (o datum) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	a, b := expanded(c, args[0], dst.Shape()), tensor.Tensor{}
	if o.arity == 2 {
		b = expanded(c, args[1], dst.Shape())
	}
	o.run(dst, a, b)
	c.Release(m)
}

func (o datum) VJP(_ *tensor.Ctx, d, _ []tensor.Tensor, _, _ tensor.Tensor) {
	for _, x := range d {
		if x.Wanted() {
			x.Zero()
		}
	}
}

// yields returns a type rule: any arguments of one type, and the given result.
func yields(t tensor.Type) func(o Op, args []tensor.Type) (tensor.Type, error) {
	return func(o Op, args []tensor.Type) (tensor.Type, error) {
		if _, err := sameType(o, args); err != nil {
			return tensor.None, err
		}
		return t, nil
	}
}

// only returns a type rule: arguments and result of type t.
func only(t tensor.Type) func(o Op, args []tensor.Type) (tensor.Type, error) {
	return func(o Op, args []tensor.Type) (tensor.Type, error) {
		for k, a := range args {
			if a != t {
				return tensor.None, errorf(o, "argument %d has type %v, want %v", k, a, t)
			}
		}
		return t, nil
	}
}

// An Integer is a machine's integer type, whose arithmetic is modulo 2^Bits. The zero Integer is the signed one of 64
// bits; every Integer is held in int64.
type Integer struct {
	Bits     int // 8, 16, 32, or 0 for 64
	Unsigned bool
}

// Wrap returns x reduced to the range of the type, as two's complement arithmetic does.
func (t Integer) Wrap(x int64) int64 {
	switch t {
	case Integer{8, true}:
		return int64(uint8(x))
	case Integer{8, false}:
		return int64(int8(x))
	case Integer{16, true}:
		return int64(uint16(x))
	case Integer{16, false}:
		return int64(int16(x))
	case Integer{32, true}:
		return int64(uint32(x))
	case Integer{32, false}:
		return int64(int32(x))
	}
	return x
}

// suffix returns the part of an Op's name that tells integer types apart.
func (t Integer) suffix() string {
	switch {
	case t.Bits == 0:
		return ""
	case t.Unsigned:
		return "[uint" + strconv.Itoa(t.Bits) + "]"
	}
	return "[int" + strconv.Itoa(t.Bits) + "]"
}

// ToFloat returns g(x) = x as a float, of integers or truth values (1 and 0). ONNX: Cast.
func ToFloat() Op {
	return datum{name: "to-float", arity: 1, typ: yields(tensor.Float64), run: convert}
}

// ToBool returns g(x) = whether x ≠ 0. ONNX: Cast.
func ToBool() Op {
	return datum{name: "to-bool", arity: 1, typ: yields(tensor.Bool), run: convert}
}

func convert(dst, a, _ tensor.Tensor) { dst.ConvertFrom(a) }

// ToInteger returns g(x) = x as an integer: rounded towards zero, NaN as 0, saturated to 64 bits and then wrapped to t.
// ONNX: Cast.
func ToInteger(t Integer) Op {
	return datum{name: "to-integer" + t.suffix(), arity: 1, typ: yields(tensor.Int64),
		run: func(dst, x, _ tensor.Tensor) {
			for i := range dst.Int64s() {
				if x.Type() == tensor.Int64 {
					dst.Int64s()[i] = t.Wrap(x.Int64s()[i])
				} else {
					dst.Int64s()[i] = t.Wrap(truncate(x.Float(i)))
				}
			}
		}}
}

// truncate returns x rounded towards zero.
func truncate(x float64) int64 {
	switch {
	case x != x:
		return 0
	case x >= math.MaxInt64:
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64
	}
	return int64(x)
}

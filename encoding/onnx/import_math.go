package onnx

import (
	"slices"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// elementwise returns an entry for a function of one float, element by element.
func elementwise(name string, from int64, o op.Op) Entry {
	return Entry{Name: name, From: from, Doc: o.Name(), load: func(c *call) { c.set(0, c.apply(o, c.float(0))) }}
}

// mathEntries are the functions of numbers, element by element.
func mathEntries() []Entry {
	return []Entry{
		elementwise("Acos", 7, op.Acos()), elementwise("Acosh", 9, op.Acosh()), elementwise("Asin", 7, op.Asin()),
		elementwise("Asinh", 9, op.Asinh()), elementwise("Atan", 7, op.Atan()), elementwise("Atanh", 9, op.Atanh()),
		elementwise("Ceil", 1, op.Ceil()), elementwise("Cos", 7, op.Cos()), elementwise("Cosh", 9, op.Cosh()),
		elementwise("Erf", 9, op.Erf()), elementwise("Exp", 1, op.Exp()), elementwise("Floor", 1, op.Floor()),
		elementwise("Log", 1, op.Log()), elementwise("Reciprocal", 1, op.Reciprocal()), elementwise("Round", 11, op.Round()),
		elementwise("Sin", 7, op.Sin()), elementwise("Sinh", 9, op.Sinh()), elementwise("Sqrt", 1, op.Sqrt()),
		elementwise("Tan", 7, op.Tan()),
		{Name: "Abs", From: 1, Doc: "abs; integers too", load: unary(op.Abs(), "abs")},
		{Name: "Neg", From: 1, Doc: "neg; integers too", load: unary(op.Neg(), "neg")},
		{Name: "Sign", From: 9, Doc: "sign; integers too", load: unary(op.Sign(), "sign")},
		{Name: "Add", From: 1, Doc: "add; integers too", load: arithmetic(op.Add(), "add")},
		{Name: "Div", From: 1, Doc: "div; integers too", load: arithmetic(op.Div(), "div")},
		{Name: "Mul", From: 1, Doc: "mul; integers too", load: arithmetic(op.Mul(), "mul")},
		{Name: "Sub", From: 1, Doc: "sub; integers too", load: arithmetic(op.Sub(), "sub")},
		{Name: "Max", From: 1, Doc: "max of two and two; integers too", load: chain(op.Max(), "max")},
		{Name: "Min", From: 1, Doc: "min of two and two; integers too", load: chain(op.Min(), "min")},
		{Name: "Sum", From: 1, Doc: "add of two and two", load: chain(op.Add(), "add")},
		{Name: "Mean", From: 1, Doc: "add of two and two, scale", load: func(c *call) {
			chain(op.Add(), "add")(c)
			if n := len(c.in); n > 1 {
				c.set(0, c.apply(op.Scale(1/float64(n)), c.out[0]))
			}
		}},
		{Name: "Mod", From: 10, Doc: "mod; integers too", load: mod},
		{Name: "Pow", From: 1, Doc: "pow; integers too", load: pow},
	}
}

// unary returns the importer of a function of one number that exists for floats and integers.
func unary(float op.Op, integer string) func(c *call) {
	return func(c *call) {
		if x := c.x(0); x.elem.IsInt() {
			c.set(0, c.integer(integer, x))
		} else {
			c.set(0, c.apply(float, c.float(0)))
		}
	}
}

// arithmetic returns the importer of a function of two numbers that exists for floats and integers.
func arithmetic(float op.Op, integer string) func(c *call) {
	return func(c *call) { c.set(0, c.pair(float, integer, c.x(0), c.legacy(c.x(1)))) }
}

// pair returns a function of two numbers of the same kind.
func (c *call) pair(float op.Op, integer string, a, b *value) *value {
	switch {
	case a.elem.IsFloat() && b.elem.IsFloat():
		return c.apply(float, a, b)
	case a.elem.IsInt() && a.elem == b.elem:
		return c.integer(integer, a, b)
	}
	c.unsupported("on %v and %v", a.elem, b.elem)
	return nil
}

// integer returns the named function of integers.
func (c *call) integer(name string, args ...*value) *value {
	if len(args) == 0 {
		c.fail("it has no inputs")
	}
	elem := args[0].elem
	if elem == Uint64 && !slices.Contains([]string{"min", "max", "div", "mod", "shr", "bitand", "bitor", "bitxor", "sign", "abs"}, name) {
		c.unsupported("on %v", elem)
	}
	o, err := op.IntegerOp(name, integerOf(elem))
	c.check(err)
	return c.applyAs(elem, o, args...)
}

// legacy returns the second argument of arithmetic before opset 7 with the axes that make it broadcast as NumPy does: the
// attribute axis said with which axis of the first argument it began.
func (c *call) legacy(b *value) *value {
	a := c.x(0)
	if c.opset() >= 7 || a.shape == b.shape {
		return b
	}
	if !c.flag("broadcast", false) {
		c.fail("shapes %v and %v without broadcast", a.shape, b.shape)
	}
	if !c.hasAttr("axis") || b.rank() == 0 {
		return b
	}
	axis := c.axis("axis", 0, a.rank())
	if axis+b.rank() > a.rank() {
		c.fail("shapes %v and %v at axis %d", a.shape, b.shape, axis)
	}
	dims := b.shape.Slice()
	for range a.rank() - axis - b.rank() {
		dims = append(dims, 1)
	}
	return c.to(b, tensor.Dims(dims...))
}

// chain returns the importer of a function of any number of arguments that is applied from the left.
func chain(float op.Op, integer string) func(c *call) {
	return func(c *call) {
		x := c.x(0)
		for i := 1; i < len(c.in); i++ {
			x = c.pair(float, integer, x, c.x(i))
		}
		if !x.elem.IsFloat() && !x.elem.IsInt() {
			c.unsupported("on %v", x.elem)
		}
		c.set(0, x)
	}
}

func mod(c *call) {
	a, b := c.x(0), c.x(1)
	trunc := c.flag("fmod", false)
	name := "mod"
	if trunc {
		name = "fmod"
	}
	c.set(0, c.pair(op.Mod(trunc), name, a, b))
}

// pow raises to a power; the result has the type of the base. A constant exponent is an attribute, not an argument.
func pow(c *call) {
	a, b := c.x(0), c.legacy(c.x(1))
	if a.elem.IsInt() && b.elem.IsInt() {
		c.set(0, c.integer("pow", a, c.cast(b, a.elem)))
		return
	}
	base, exponent := a, b
	if base.elem.IsInt() {
		base = c.cast(base, Double)
	}
	if exponent.elem.IsInt() {
		exponent = c.cast(exponent, Double)
	}
	if !base.elem.IsFloat() || !exponent.elem.IsFloat() {
		c.unsupported("on %v and %v", a.elem, b.elem)
	}
	var y *value
	if exponent.constant() && exponent.shape.Len() == 1 && exponent.rank() <= base.rank() {
		y = c.apply(op.PowScalar(exponent.data.Float(0)), base)
	} else {
		y = c.apply(op.Pow(), base, exponent)
	}
	if a.elem.IsInt() {
		y = c.cast(y, a.elem)
	}
	c.set(0, y)
}

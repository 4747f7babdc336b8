package onnx

import "github.com/retrodict/retrodict/op"

// integerEntries are the comparisons, and the functions of truth values and of bits.
func integerEntries() []Entry {
	logic := func(name string, from int64, o op.Op) Entry {
		return Entry{Name: name, From: from, Doc: o.Name(), load: func(c *call) { c.set(0, c.apply(o, c.x(0), c.legacy(c.x(1)))) }}
	}
	compare := func(name string, from int64, o op.Op, swap bool) Entry {
		return Entry{Name: name, From: from, Doc: o.Name(), load: func(c *call) {
			a, b := c.x(0), c.legacy(c.x(1))
			if swap {
				a, b = b, a
			}
			c.set(0, c.applyAs(Bool, o, a, b))
		}}
	}
	bits := func(name, integer string) Entry {
		return Entry{Name: name, From: 18, Doc: "of integers", load: func(c *call) {
			var args []*value
			for i := range c.in {
				if !c.x(i).elem.IsInt() {
					c.unsupported("on %v", c.x(i).elem)
				}
				args = append(args, c.x(i))
			}
			c.set(0, c.integer(integer, args...))
		}}
	}
	return []Entry{
		logic("And", 1, op.And()), logic("Or", 1, op.Or()), logic("Xor", 1, op.Xor()),
		{Name: "Not", From: 1, Doc: "not", load: func(c *call) { c.set(0, c.apply(op.Not(), c.x(0))) }},
		compare("Equal", 1, op.Equal(), false),
		compare("Less", 1, op.Less(), false), compare("Greater", 1, op.Less(), true),
		compare("LessOrEqual", 12, op.LessOrEqual(), false), compare("GreaterOrEqual", 12, op.LessOrEqual(), true),
		{Name: "IsInf", From: 10, Doc: "is-inf", load: isInf},
		{Name: "IsNaN", From: 9, Doc: "is-nan", load: func(c *call) { c.set(0, c.applyAs(Bool, op.IsNaN(), c.float(0))) }},
		bits("BitwiseAnd", "bitand"), bits("BitwiseOr", "bitor"), bits("BitwiseXor", "bitxor"), bits("BitwiseNot", "bitnot"),
		{Name: "BitShift", From: 11, Doc: "of unsigned integers", load: func(c *call) {
			if !c.x(0).elem.IsInt() {
				c.fail("on %v", c.x(0).elem)
			}
			name := map[string]string{"LEFT": "shl", "RIGHT": "shr"}[c.str("direction", "")]
			if name == "" {
				c.fail("direction %q", c.str("direction", ""))
			}
			c.set(0, c.integer(name, c.x(0), c.x(1)))
		}},
	}
}

func isInf(c *call) {
	up, down := c.flag("detect_positive", true), c.flag("detect_negative", true)
	switch {
	case up && down:
		c.set(0, c.applyAs(Bool, op.IsInf(0), c.float(0)))
	case up:
		c.set(0, c.applyAs(Bool, op.IsInf(1), c.float(0)))
	case down:
		c.set(0, c.applyAs(Bool, op.IsInf(-1), c.float(0)))
	default:
		c.unsupported("that detects nothing")
	}
}

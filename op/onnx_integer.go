package op

import (
	"fmt"

	"github.com/retrodict/retrodict/tensor"
)

// IntegerNames returns the names that IntegerOp takes, for one and for two arguments.
func IntegerNames() (one, two []string) {
	return []string{"neg", "abs", "sign", "bitnot"},
		[]string{"add", "sub", "mul", "div", "mod", "fmod", "min", "max", "pow", "shl", "shr", "bitand", "bitor", "bitxor"}
}

// IntegerOp returns the named function of integers of type t, broadcasting; results wrap around as the machine's do. "div"
// rounds towards zero, "mod" has the sign of the divisor and "fmod" that of the dividend; all three are 0 where the
// divisor is 0. A negative power is rounded towards zero. The error lists the names. ONNX: Add, Sub, Mul, Div, Mod, Min,
// Max, Pow, BitShift, BitwiseAnd, …, Neg, Abs, Sign on integers.
func IntegerOp(name string, t Integer) (Op, error) {
	full := "integer-" + name + t.suffix()
	if f := integer1(name); f != nil {
		return datum{name: full, arity: 1, typ: only(tensor.Int64), run: func(dst, a, _ tensor.Tensor) {
			for i, x := range a.Int64s() {
				dst.Int64s()[i] = t.Wrap(f(x))
			}
		}}, nil
	}
	if f := integer2(name); f != nil {
		return datum{name: full, arity: 2, typ: only(tensor.Int64), run: func(dst, a, b tensor.Tensor) {
			y := b.Int64s()
			for i, x := range a.Int64s() {
				dst.Int64s()[i] = t.Wrap(f(x, y[i]))
			}
		}}, nil
	}
	one, two := IntegerNames()
	return nil, fmt.Errorf("unknown integer function %q: use one of %v, %v", name, one, two)
}

func integer1(name string) func(x int64) int64 {
	switch name {
	case "neg":
		return func(x int64) int64 { return -x }
	case "abs":
		return func(x int64) int64 { return max(x, -x) }
	case "sign":
		return func(x int64) int64 { return min(max(x, -1), 1) }
	case "bitnot":
		return func(x int64) int64 { return ^x }
	}
	return nil
}

func integer2(name string) func(a, b int64) int64 {
	switch name {
	case "add":
		return func(a, b int64) int64 { return a + b }
	case "sub":
		return func(a, b int64) int64 { return a - b }
	case "mul":
		return func(a, b int64) int64 { return a * b }
	case "div":
		return quotient
	case "mod":
		return modulo
	case "fmod":
		return remainder
	case "min":
		return func(a, b int64) int64 { return min(a, b) }
	case "max":
		return func(a, b int64) int64 { return max(a, b) }
	case "pow":
		return integerPower
	}
	return integerBits(name)
}

func integerBits(name string) func(a, b int64) int64 {
	switch name {
	case "shl":
		return func(a, b int64) int64 { return int64(uint64(a) << uint64(b)) }
	case "shr":
		return func(a, b int64) int64 { return int64(uint64(a) >> uint64(b)) }
	case "bitand":
		return func(a, b int64) int64 { return a & b }
	case "bitor":
		return func(a, b int64) int64 { return a | b }
	case "bitxor":
		return func(a, b int64) int64 { return a ^ b }
	}
	return nil
}

func quotient(a, b int64) int64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func remainder(a, b int64) int64 {
	if b == 0 {
		return 0
	}
	return a % b
}

func modulo(a, b int64) int64 {
	r := remainder(a, b)
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}

func integerPower(a, b int64) int64 {
	if b < 0 {
		switch a {
		case 1:
			return 1
		case -1:
			return 1 - 2*(b&1)
		}
		return 0
	}
	r := int64(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			r *= a
		}
		a *= a
	}
	return r
}

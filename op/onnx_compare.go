package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// Equal returns g(a, b) = whether a = b, of any one type, broadcasting. ONNX: Equal.
func Equal() Op {
	return datum{name: "equal", arity: 2, typ: yields(tensor.Bool), run: func(dst, a, b tensor.Tensor) {
		if a.Type() == tensor.Bool {
			y := b.Bools()
			for i, x := range a.Bools() {
				dst.Bools()[i] = x == y[i]
			}
			return
		}
		compareWith(dst, a, b, equal[float64], equal[float32], equal[int64])
	}}
}

// Less returns g(a, b) = whether a < b, broadcasting. ONNX: Less; Greater with the arguments exchanged.
func Less() Op { return comparison("less", less[float64], less[float32], less[int64]) }

// LessOrEqual returns g(a, b) = whether a ≤ b, broadcasting. ONNX: LessOrEqual; GreaterOrEqual likewise.
func LessOrEqual() Op {
	return comparison("less-or-equal", lessOrEqual[float64], lessOrEqual[float32], lessOrEqual[int64])
}

type number64 interface{ float64 | float32 | int64 }

func equal[T number64](a, b T) bool       { return a == b }
func less[T number64](a, b T) bool        { return a < b }
func lessOrEqual[T number64](a, b T) bool { return a <= b }

func comparison(name string, f64 func(a, b float64) bool, f32 func(a, b float32) bool, i64 func(a, b int64) bool) Op {
	return datum{name: name, arity: 2, typ: numbersToBool, run: func(dst, a, b tensor.Tensor) {
		compareWith(dst, a, b, f64, f32, i64)
	}}
}

func numbersToBool(o Op, args []tensor.Type) (tensor.Type, error) {
	if args[0] == tensor.Bool {
		return tensor.None, errorf(o, "argument 0 has type bool, want a number")
	}
	return yields(tensor.Bool)(o, args)
}

func compareWith(dst, a, b tensor.Tensor, f64 func(x, y float64) bool, f32 func(x, y float32) bool, i64 func(x, y int64) bool) {
	switch a.Type() {
	case tensor.Float64:
		compareSlice(dst.Bools(), a.Float64s(), b.Float64s(), f64)
	case tensor.Float32:
		compareSlice(dst.Bools(), a.Float32s(), b.Float32s(), f32)
	default:
		compareSlice(dst.Bools(), a.Int64s(), b.Int64s(), i64)
	}
}

func compareSlice[T number64](dst []bool, a, b []T, f func(a, b T) bool) {
	for i := range dst {
		dst[i] = f(a[i], b[i])
	}
}

// And returns g(a, b) = a ∧ b of truth values, broadcasting. ONNX: And.
func And() Op { return logic("and", func(a, b bool) bool { return a && b }) }

// Or returns g(a, b) = a ∨ b of truth values, broadcasting. ONNX: Or.
func Or() Op { return logic("or", func(a, b bool) bool { return a || b }) }

// Xor returns g(a, b) = whether one of two truth values holds and the other does not, broadcasting. ONNX: Xor.
func Xor() Op { return logic("xor", func(a, b bool) bool { return a != b }) }

func logic(name string, f func(a, b bool) bool) Op {
	return datum{name: name, arity: 2, typ: only(tensor.Bool), run: func(dst, a, b tensor.Tensor) {
		y := b.Bools()
		for i, x := range a.Bools() {
			dst.Bools()[i] = f(x, y[i])
		}
	}}
}

// Not returns g(a) = ¬a of a truth value. ONNX: Not.
func Not() Op {
	return datum{name: "not", arity: 1, typ: only(tensor.Bool), run: func(dst, a, _ tensor.Tensor) {
		for i, x := range a.Bools() {
			dst.Bools()[i] = !x
		}
	}}
}

// IsNaN returns g(x) = whether the float x is not a number. ONNX: IsNaN.
func IsNaN() Op { return floatTest("is-nan", func(x float64) bool { return x != x }) }

// IsInf returns g(x) = whether the float x is infinite, of either sign, or of the positive (sign 1) or negative (−1) one
// alone. ONNX: IsInf.
func IsInf(sign int) Op {
	name := [...]string{"is-negative-inf", "is-inf", "is-positive-inf"}[sign+1]
	return floatTest(name, func(x float64) bool { return math.IsInf(x, sign) })
}

func floatTest(name string, f func(x float64) bool) Op {
	return datum{name: name, arity: 1, run: func(dst, a, _ tensor.Tensor) {
		for i := range dst.Bools() {
			dst.Bools()[i] = f(a.Float(i))
		}
	}, typ: func(o Op, args []tensor.Type) (tensor.Type, error) {
		if !args[0].IsFloat() {
			return tensor.None, errorf(o, "argument 0 has type %v, want a float", args[0])
		}
		return tensor.Bool, nil
	}}
}

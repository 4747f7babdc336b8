package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// number1 returns a function of one number, computed in float64 and rounded once, with its derivative.
func number1(name string, f func(x float64) float64, df func(x, y float64) float64) Op {
	return unary{name: name, fwd: scalar(f), vjp: slope(df)}
}

// Sign returns g(x) = −1, 0 or 1; its derivative is 0. ONNX: Sign.
func Sign() Op { return unary{name: "sign", fwd: scalar(sign), vjp: flat} }

// Floor returns g(x) = ⌊x⌋; its derivative is 0. ONNX: Floor.
func Floor() Op { return unary{name: "floor", fwd: scalar(math.Floor), vjp: flat} }

// Ceil returns g(x) = ⌈x⌉; its derivative is 0. ONNX: Ceil.
func Ceil() Op { return unary{name: "ceil", fwd: scalar(math.Ceil), vjp: flat} }

// Round returns the integer nearest to x, of two the even one; its derivative is 0. ONNX: Round.
func Round() Op { return unary{name: "round", fwd: scalar(math.RoundToEven), vjp: flat} }

// Reciprocal returns g(x) = 1/x, g′ = −g². ONNX: Reciprocal.
func Reciprocal() Op {
	return number1("reciprocal", func(x float64) float64 { return 1 / x }, func(_, y float64) float64 { return -float64(y * y) })
}

// Sin returns g(x) = sin x. ONNX: Sin.
func Sin() Op { return number1("sin", tensor.Sin, func(x, _ float64) float64 { return tensor.Cos(x) }) }

// Cos returns g(x) = cos x. ONNX: Cos.
func Cos() Op {
	return number1("cos", tensor.Cos, func(x, _ float64) float64 { return -tensor.Sin(x) })
}

// Tan returns g(x) = tan x, g′ = 1 + g². ONNX: Tan.
func Tan() Op {
	return number1("tan", tensor.Tan, func(_, y float64) float64 { return 1 + float64(y*y) })
}

// Asin returns g(x) = arcsin x, g′ = 1/√(1−x²). ONNX: Asin.
func Asin() Op {
	return number1("asin", tensor.Asin, func(x, _ float64) float64 { return 1 / math.Sqrt(1-float64(x*x)) })
}

// Acos returns g(x) = arccos x, g′ = −1/√(1−x²). ONNX: Acos.
func Acos() Op {
	return number1("acos", tensor.Acos, func(x, _ float64) float64 { return -1 / math.Sqrt(1-float64(x*x)) })
}

// Atan returns g(x) = arctan x, g′ = 1/(1+x²). ONNX: Atan.
func Atan() Op {
	return number1("atan", tensor.Atan, func(x, _ float64) float64 { return 1 / (1 + float64(x*x)) })
}

// Sinh returns g(x) = sinh x, g′ = cosh x. ONNX: Sinh.
func Sinh() Op {
	return number1("sinh", tensor.Sinh, func(x, _ float64) float64 { return tensor.Cosh(x) })
}

// Cosh returns g(x) = cosh x, g′ = sinh x. ONNX: Cosh.
func Cosh() Op {
	return number1("cosh", tensor.Cosh, func(x, _ float64) float64 { return tensor.Sinh(x) })
}

// Asinh returns g(x) = arsinh x, g′ = 1/√(x²+1). ONNX: Asinh.
func Asinh() Op {
	return number1("asinh", tensor.Asinh, func(x, _ float64) float64 { return 1 / math.Sqrt(float64(x*x)+1) })
}

// Acosh returns g(x) = arcosh x, g′ = 1/√(x²−1). ONNX: Acosh.
func Acosh() Op {
	return number1("acosh", tensor.Acosh, func(x, _ float64) float64 { return 1 / math.Sqrt(float64(x*x)-1) })
}

// Atanh returns g(x) = artanh x, g′ = 1/(1−x²). ONNX: Atanh.
func Atanh() Op {
	return number1("atanh", tensor.Atanh, func(x, _ float64) float64 { return 1 / (1 - float64(x*x)) })
}

// Mod returns g(a, b) = a − b·⌊a/b⌋, which has the sign of b, or with trunc a − b·trunc(a/b), which has that of a (C's
// fmod); broadcasting. ∂a = ε, ∂b = −ε·⌊a/b⌋ or −ε·trunc(a/b). ONNX: Mod on floats.
func Mod(trunc bool) Op {
	if trunc {
		return binary{name: "mod[trunc]", fwd: scalar2(math.Mod),
			db: slope2(func(x, y, _, e float64) float64 { return -e * math.Trunc(x/y) })}
	}
	return binary{name: "mod",
		fwd: scalar2(func(x, y float64) float64 {
			m := math.Mod(x, y)
			if m != 0 && (m < 0) != (y < 0) {
				m += y
			}
			return m
		}),
		db: slope2(func(x, y, _, e float64) float64 { return -e * math.Floor(x/y) })}
}

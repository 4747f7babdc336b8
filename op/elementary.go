package op

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// Identity returns g(x) = x: the vertex that levelling inserts. ONNX: Identity.
func Identity() Op {
	return unary{name: "identity", fwd: lift1(copySlice[float64], copySlice[float32]), out: true}
}

func copySlice[T tensor.Float](dst, x []T) { copy(dst, x) }

// Neg returns g(x) = −x. ONNX: Neg.
func Neg() Op {
	return unary{name: "neg", fwd: lift1(negSlice[float64], negSlice[float32]),
		vjp: liftOut(negOut[float64], negOut[float32]), out: true}
}

func negSlice[T tensor.Float](dst, x []T) {
	for i := range dst {
		dst[i] = -x[i]
	}
}

func negOut[T tensor.Float](d, _, e []T) { negSlice(d, e) }

// Scale returns g(x) = s·x for a constant s.
func Scale(s float64) Op {
	return unary{name: "scale[by=" + decimal(s) + "]",
		fwd: lift1(func(dst, x []float64) { scaleSlice(dst, x, s) }, func(dst, x []float32) { scaleSlice(dst, x, float32(s)) }),
		vjp: liftOut(func(d, _, e []float64) { scaleSlice(d, e, s) }, func(d, _, e []float32) { scaleSlice(d, e, float32(s)) }),
		out: true}
}

func scaleSlice[T tensor.Float](dst, x []T, s T) {
	tensor.ScaleOf(dst, x, s)
}

// Tanh returns g(x) = tanh x, g′ = 1 − g². ONNX: Tanh.
func Tanh() Op {
	return unary{name: "tanh", fwd: lift1(tanhSlice[float64], tanhSlice[float32]),
		vjp: liftOut(tanhOut[float64], tanhOut[float32]), out: true}
}

func tanhOut[T tensor.Float](d, y, e []T) {
	tensor.TanhSlopeOf(d, y, e)
}

// Sigmoid returns g(x) = 1/(1+e^−x), g′ = g(1−g). ONNX: Sigmoid.
func Sigmoid() Op {
	return unary{name: "sigmoid", fwd: lift1(sigmoidSlice[float64], sigmoidSlice[float32]),
		vjp: liftOut(sigmoidOut[float64], sigmoidOut[float32]), out: true}
}

func sigmoidOut[T tensor.Float](d, y, e []T) {
	tensor.SigmoidSlopeOf(d, y, e)
}

// Relu returns g(x) = max(x, 0) with the subgradient g′(0) = 0; a NaN stays one. ONNX: Relu.
func Relu() Op {
	return unary{name: "relu", fwd: lift1(reluSlice[float64], reluSlice[float32]),
		vjp: liftOut(reluOut[float64], reluOut[float32]), out: true}
}

func reluSlice[T tensor.Float](dst, x []T) {
	tensor.ReluOf(dst, x)
}

func reluOut[T tensor.Float](d, y, e []T) {
	tensor.ReluSlopeOf(d, y, e)
}

// Exp returns g(x) = e^x, g′ = g. ONNX: Exp.
func Exp() Op {
	return unary{name: "exp", fwd: lift1(expSlice[float64], expSlice[float32]),
		vjp: liftOut(mulOut[float64], mulOut[float32]), out: true}
}

func mulOut[T tensor.Float](d, y, e []T) {
	tensor.MulOf(d, e, y)
}

// Log returns g(x) = ln x, g′ = 1/x. ONNX: Log.
func Log() Op {
	return unary{name: "log", fwd: lift1(logSlice[float64], logSlice[float32]),
		vjp: slope(func(x, _ float64) float64 { return 1 / x })}
}

// Sqrt returns g(x) = √x, g′ = 1/(2√x). ONNX: Sqrt.
func Sqrt() Op {
	return unary{name: "sqrt", fwd: scalar(math.Sqrt), out: true,
		vjp: slope(func(_, y float64) float64 { return 0.5 / y })}
}

// Abs returns g(x) = |x| with the subgradient g′(0) = 0. ONNX: Abs.
func Abs() Op {
	return unary{name: "abs", fwd: scalar(math.Abs), vjp: slope(func(x, _ float64) float64 { return sign(x) })}
}

// sign returns −1, 0 or 1, and NaN for NaN.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	case x == 0:
		return 0
	}
	return x
}

// decimal formats an attribute of an Op's name: the shortest decimal that parses to x.
func decimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

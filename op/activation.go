package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// LeakyRelu returns g(x) = x for x > 0, a·x otherwise, with g′(0) = a. ONNX: LeakyRelu.
func LeakyRelu(a float64) Op {
	return unary{name: "leaky-relu[slope=" + decimal(a) + "]",
		fwd: scalar(func(x float64) float64 {
			if x > 0 {
				return x
			}
			return a * x
		}),
		vjp: slope(func(x, _ float64) float64 {
			if x > 0 {
				return 1
			}
			return a
		})}
}

// Prelu returns g(x, a) = x for x > 0, a·x otherwise, where a broadcasts to x: ∂a = ε·min(x, 0). ONNX: PRelu.
func Prelu() Op {
	return binary{name: "prelu",
		fwd: scalar2(func(x, a float64) float64 {
			if x > 0 {
				return x
			}
			return a * x
		}),
		da: slope2(func(x, a, _, e float64) float64 {
			if x > 0 {
				return e
			}
			return e * a
		}),
		db: slope2(func(x, _, _, e float64) float64 {
			if x > 0 {
				return 0
			}
			return e * x
		})}
}

// Softsign returns g(x) = x/(1 + |x|), g′ = 1/(1 + |x|)². ONNX: Softsign.
func Softsign() Op {
	return unary{name: "softsign",
		fwd: scalar(func(x float64) float64 { return x / (1 + math.Abs(x)) }),
		vjp: slope(func(x, _ float64) float64 {
			a := 1 + math.Abs(x)
			return 1 / float64(a*a)
		})}
}

// HardSigmoid returns g(x) = min(max(a·x + b, 0), 1), with derivative a strictly between the bounds. ONNX: HardSigmoid.
func HardSigmoid(a, b float64) Op {
	return unary{name: "hard-sigmoid[" + decimal(a) + "," + decimal(b) + "]",
		fwd: scalar(func(x float64) float64 { return min(max(float64(a*x)+b, 0), 1) }),
		vjp: slope(func(x, _ float64) float64 {
			if y := float64(a*x) + b; y > 0 && y < 1 {
				return a
			}
			return 0
		})}
}

// HardSwish returns g(x) = x·min(max(x/6 + ½, 0), 1) (Howard et al., 2019). ONNX: HardSwish.
func HardSwish() Op {
	return unary{name: "hard-swish",
		fwd: scalar(func(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) }),
		vjp: slope(func(x, _ float64) float64 {
			switch {
			case x <= -3:
				return 0
			case x >= 3:
				return 1
			}
			return x/3 + 0.5
		})}
}

// ThresholdedRelu returns g(x) = x for x > a, 0 otherwise. ONNX: ThresholdedRelu.
func ThresholdedRelu(a float64) Op {
	return unary{name: "thresholded-relu[" + decimal(a) + "]",
		fwd: scalar(func(x float64) float64 {
			if x <= a {
				return 0
			}
			return x
		}),
		vjp: slope(func(x, _ float64) float64 {
			if x > a {
				return 1
			}
			return 0
		})}
}

// Clip returns g(x) = min(max(x, lo), hi), with derivative 1 for lo ≤ x ≤ hi, as PyTorch has it. ONNX: Clip.
func Clip(lo, hi float64) Op {
	return unary{name: "clip[" + decimal(lo) + "," + decimal(hi) + "]",
		fwd: scalar(func(x float64) float64 { return min(max(x, lo), hi) }),
		vjp: slope(func(x, _ float64) float64 {
			if x >= lo && x <= hi {
				return 1
			}
			return 0
		})}
}

// Shrink returns g(x) = x + bias for x < −λ, x − bias for x > λ, 0 between. ONNX: Shrink.
func Shrink(lambda, bias float64) Op {
	return unary{name: "shrink[" + decimal(lambda) + "," + decimal(bias) + "]",
		fwd: scalar(func(x float64) float64 {
			switch {
			case x < -lambda:
				return x + bias
			case x > lambda:
				return x - bias
			case x == x:
				return 0
			}
			return x
		}),
		vjp: slope(func(x, _ float64) float64 {
			if x < -lambda || x > lambda {
				return 1
			}
			return 0
		})}
}

// Dropout returns g(x, m) = x·m/(1−p) for a mask m of x's shape that keeps an element where it is 1 or true. The mask
// is an argument, so that the function is one: whoever builds the graph draws it. With a float mask ∂m = ε·x/(1−p).
// ONNX: Dropout in training.
func Dropout(p float64) Op { return dropout{p} }

type dropout struct{ p float64 }

func (o dropout) Name() string { return "dropout[p=" + decimal(o.p) + "]" }
func (o dropout) Arity() int   { return 2 }

func (o dropout) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	return args[0], oneShape(o, args)
}

func (o dropout) Type(args ...tensor.Type) (tensor.Type, error) {
	if len(args) == 2 && args[0].IsFloat() && (args[1].IsFloat() || args[1] == tensor.Bool) {
		return args[0], nil
	}
	return tensor.None, errorf(o, "got types %v, want a float and a float or bool", args)
}

func (o dropout) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.apply(dst, args[0], args[1])
}

// apply sets dst = x·m/(1−p).
func (o dropout) apply(dst, x, m tensor.Tensor) {
	if dst.Type() == tensor.Float32 {
		mask(dst.Float32s(), x.Float32s(), m, float32(1/(1-o.p)))
		return
	}
	mask(dst.Float64s(), x.Float64s(), m, 1/(1-o.p))
}

func mask[T tensor.Float](dst, x []T, m tensor.Tensor, s T) {
	if m.Type() == tensor.Bool {
		for i, keep := range m.Bools() {
			dst[i] = 0
			if keep {
				dst[i] = x[i] * s
			}
		}
		return
	}
	for i, k := range tensor.Data[T](m) {
		dst[i] = T(x[i]*k) * s
	}
}

func (o dropout) VJP(_ *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if d[0].Wanted() {
		o.apply(d[0], eps, args[1])
	}
	if d[1].Wanted() {
		o.apply(d[1], args[0], eps)
	}
}

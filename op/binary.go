package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// A binary is a function of two tensors, element by element, that stretches them as NumPy does. The gradient of a
// stretched argument is summed over the stretched axes in ascending row-major order.
type binary struct {
	name   string
	fwd    kernel // T: dst, a, b, all of one length
	da, db kernel // T: d, a, b, out, eps; nil: the derivative is ε
	linear bool   // the derivatives read neither argument
}

func (b binary) Name() string { return b.name }
func (b binary) Arity() int   { return 2 }

func (b binary) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(b, args); err != nil {
		return tensor.Shape{}, err
	}
	s, err := tensor.Broadcast(args[0], args[1])
	if err != nil {
		return s, errorf(b, "%v", err)
	}
	return s, nil
}

func (b binary) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	x, y := expanded(c, args[0], dst.Shape()), expanded(c, args[1], dst.Shape())
	c.Split(dst.Len(), grain, b.fwd, tensor.Args{T: [6]tensor.Tensor{dst, x, y}})
	c.Release(m)
}

func (b binary) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	m := c.Mark()
	x, y := args[0], args[1]
	if !b.linear && (d[0].Wanted() || d[1].Wanted()) {
		x, y = expanded(c, x, eps.Shape()), expanded(c, y, eps.Shape())
	}
	b.derive(c, b.da, d[0], x, y, out, eps)
	b.derive(c, b.db, d[1], x, y, out, eps)
	c.Release(m)
}

func (b binary) derive(c *tensor.Ctx, k kernel, d, x, y, out, eps tensor.Tensor) {
	switch {
	case !d.Wanted():
	case k == nil:
		reduceTo(c, d, eps)
	case d.Shape() == eps.Shape():
		c.Split(eps.Len(), grain, k, tensor.Args{T: [6]tensor.Tensor{d, x, y, out, eps}})
	default:
		full := c.Scratch(eps.Type(), eps.Shape())
		c.Split(eps.Len(), grain, k, tensor.Args{T: [6]tensor.Tensor{full, x, y, out, eps}})
		reduceTo(c, d, full)
	}
}

// lift2 returns the forward kernel of a function of slices.
func lift2(f64 func(dst, x, y []float64), f32 func(dst, x, y []float32)) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			f64(a.T[0].Float64s()[lo:hi], a.T[1].Float64s()[lo:hi], a.T[2].Float64s()[lo:hi])
			return
		}
		f32(a.T[0].Float32s()[lo:hi], a.T[1].Float32s()[lo:hi], a.T[2].Float32s()[lo:hi])
	}
}

// scalar2 returns the forward kernel of a function of two numbers.
func scalar2(f func(x, y float64) float64) kernel {
	return lift2(func(dst, x, y []float64) { scalarMap2(dst, x, y, f) }, func(dst, x, y []float32) { scalarMap2(dst, x, y, f) })
}

func scalarMap2[T tensor.Float](dst, x, y []T, f func(x, y float64) float64) {
	for i := range dst {
		dst[i] = T(f(float64(x[i]), float64(y[i])))
	}
}

// slope2 returns the derivative kernel d = f(a, b, out, ε).
func slope2(f func(x, y, out, e float64) float64) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			slopeMap2[float64](a, lo, hi, f)
			return
		}
		slopeMap2[float32](a, lo, hi, f)
	}
}

func slopeMap2[T tensor.Float](a *tensor.Args, lo, hi int, f func(x, y, out, e float64) float64) {
	d, x, y := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2])
	out, e := tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4])
	for i := lo; i < hi; i++ {
		d[i] = T(f(float64(x[i]), float64(y[i]), float64(out[i]), float64(e[i])))
	}
}

// times returns the derivative kernel d = ε·(operand k), k = 1 or 2.
func times(k int) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			mulSlice(a.T[0].Float64s()[lo:hi], a.T[4].Float64s()[lo:hi], a.T[k].Float64s()[lo:hi])
			return
		}
		mulSlice(a.T[0].Float32s()[lo:hi], a.T[4].Float32s()[lo:hi], a.T[k].Float32s()[lo:hi])
	}
}

// minus is the derivative kernel d = −ε.
func minus(a *tensor.Args, lo, hi int) {
	if a.T[0].Type() == tensor.Float64 {
		negSlice(a.T[0].Float64s()[lo:hi], a.T[4].Float64s()[lo:hi])
		return
	}
	negSlice(a.T[0].Float32s()[lo:hi], a.T[4].Float32s()[lo:hi])
}

func addSlice[T tensor.Float](dst, x, y []T) { tensor.AddOf(dst, x[:len(dst)], y[:len(dst)]) }

func subSlice[T tensor.Float](dst, x, y []T) { tensor.SubOf(dst, x[:len(dst)], y[:len(dst)]) }

func mulSlice[T tensor.Float](dst, x, y []T) { tensor.MulOf(dst, x[:len(dst)], y[:len(dst)]) }

func divSlice[T tensor.Float](dst, x, y []T) {
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = x[i] / y[i]
	}
}

// Add returns g(a, b) = a + b, broadcasting. ONNX: Add.
func Add() Op {
	return binary{name: "add", fwd: lift2(addSlice[float64], addSlice[float32]), linear: true}
}

// Sub returns g(a, b) = a − b, broadcasting. ONNX: Sub.
func Sub() Op {
	return binary{name: "sub", fwd: lift2(subSlice[float64], subSlice[float32]), db: minus, linear: true}
}

// Mul returns g(a, b) = a·b, element by element, broadcasting. ONNX: Mul.
func Mul() Op {
	return binary{name: "mul", fwd: lift2(mulSlice[float64], mulSlice[float32]), da: times(2), db: times(1)}
}

// Div returns g(a, b) = a/b, broadcasting: ∂a = ε/b, ∂b = −ε·g/b. ONNX: Div.
func Div() Op {
	return binary{name: "div", fwd: lift2(divSlice[float64], divSlice[float32]),
		da: slope2(func(_, y, _, e float64) float64 { return e / y }),
		db: slope2(func(_, y, out, e float64) float64 { return -(e * out) / y })}
}

// Pow returns g(a, b) = a^b, broadcasting: ∂a = ε·b·a^(b−1), 0 where b = 0; ∂b = ε·g·ln a, 0 where a = 0 and b ≥ 0.
// ONNX: Pow.
func Pow() Op {
	return binary{name: "pow", fwd: scalar2(tensor.Pow),
		da: slope2(func(x, y, _, e float64) float64 { return e * powSlope(x, y) }),
		db: slope2(func(x, y, out, e float64) float64 {
			if x == 0 && y >= 0 {
				return 0
			}
			return e * (out * tensor.Log(x))
		})}
}

// powSlope returns ∂x^y/∂x.
func powSlope(x, y float64) float64 {
	if y == 0 {
		return 0
	}
	return y * tensor.Pow(x, y-1)
}

// PowScalar returns g(x) = x^p for a constant p; x² is x·x.
func PowScalar(p float64) Op {
	name := "pow[" + decimal(p) + "]"
	if p == 2 {
		return unary{name: name, fwd: scalar(func(x float64) float64 { return x * x }),
			vjp: slope(func(x, _ float64) float64 { return 2 * x })}
	}
	return unary{name: name, fwd: scalar(func(x float64) float64 { return tensor.Pow(x, p) }),
		vjp: slope(func(x, _ float64) float64 { return powSlope(x, p) })}
}

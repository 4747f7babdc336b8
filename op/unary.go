package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// grain is the least number of elements for which an elementwise kernel is worth a worker.
const grain = 8 << 10

// A kernel computes elements lo to hi of what its operands describe; it is what Ctx.Split runs.
type kernel = func(a *tensor.Args, lo, hi int)

// A unary is a function of one tensor, element by element: dst[i] = g(x[i]), dx[i] = ε[i]·g′(x[i]).
type unary struct {
	name string
	fwd  kernel // T: dst, x
	vjp  kernel // T: d, x, out, eps; nil: the derivative is ε itself
	out  bool   // vjp does not read x
}

func (u unary) Name() string { return u.name }
func (u unary) Arity() int   { return 1 }

func (u unary) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(u, args); err != nil {
		return tensor.Shape{}, err
	}
	return args[0], nil
}

func (u unary) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	c.Split(dst.Len(), grain, u.fwd, tensor.Args{T: [6]tensor.Tensor{dst, args[0]}})
}

func (u unary) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	switch {
	case !d[0].Wanted():
	case u.vjp == nil:
		d[0].CopyFrom(eps)
	default:
		c.Split(eps.Len(), grain, u.vjp, tensor.Args{T: [6]tensor.Tensor{d[0], args[0], out, eps}})
	}
}

// lift1 returns the forward kernel of a function of slices.
func lift1(f64 func(dst, x []float64), f32 func(dst, x []float32)) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			f64(a.T[0].Float64s()[lo:hi], a.T[1].Float64s()[lo:hi])
			return
		}
		f32(a.T[0].Float32s()[lo:hi], a.T[1].Float32s()[lo:hi])
	}
}

// liftOut returns the derivative kernel of a function of slices that is computed from the result: d = ε·g′(y).
func liftOut(f64 func(d, y, e []float64), f32 func(d, y, e []float32)) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			f64(a.T[0].Float64s()[lo:hi], a.T[2].Float64s()[lo:hi], a.T[3].Float64s()[lo:hi])
			return
		}
		f32(a.T[0].Float32s()[lo:hi], a.T[2].Float32s()[lo:hi], a.T[3].Float32s()[lo:hi])
	}
}

// liftIn returns the derivative kernel of a function of slices that is computed from the argument: d = ε·g′(x).
func liftIn(f64 func(d, x, e []float64), f32 func(d, x, e []float32)) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			f64(a.T[0].Float64s()[lo:hi], a.T[1].Float64s()[lo:hi], a.T[3].Float64s()[lo:hi])
			return
		}
		f32(a.T[0].Float32s()[lo:hi], a.T[1].Float32s()[lo:hi], a.T[3].Float32s()[lo:hi])
	}
}

// scalar returns the forward kernel of a function of one number.
func scalar(f func(x float64) float64) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			scalarMap(a.T[0].Float64s()[lo:hi], a.T[1].Float64s()[lo:hi], f)
			return
		}
		scalarMap(a.T[0].Float32s()[lo:hi], a.T[1].Float32s()[lo:hi], f)
	}
}

func scalarMap[T tensor.Float](dst, x []T, f func(x float64) float64) {
	for i := range dst {
		dst[i] = T(f(float64(x[i])))
	}
}

// slope returns the derivative kernel d = ε·f(x, y) of a derivative f at the argument x and the result y.
func slope(f func(x, y float64) float64) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			slopeMap(a.T[0].Float64s()[lo:hi], a.T[1].Float64s()[lo:hi], a.T[2].Float64s()[lo:hi], a.T[3].Float64s()[lo:hi], f)
			return
		}
		slopeMap(a.T[0].Float32s()[lo:hi], a.T[1].Float32s()[lo:hi], a.T[2].Float32s()[lo:hi], a.T[3].Float32s()[lo:hi], f)
	}
}

func slopeMap[T tensor.Float](d, x, y, e []T, f func(x, y float64) float64) {
	for i := range d {
		d[i] = T(float64(e[i]) * f(float64(x[i]), float64(y[i])))
	}
}

// flat is the derivative kernel of a step function: +0, whatever ε is.
func flat(a *tensor.Args, lo, hi int) {
	if a.T[0].Type() == tensor.Float64 {
		clear(a.T[0].Float64s()[lo:hi])
		return
	}
	clear(a.T[0].Float32s()[lo:hi])
}

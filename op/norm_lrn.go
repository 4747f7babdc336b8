package op

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// An LRNConfig holds the attributes of LRN, as ONNX gives them. The zero value of a number is its default.
type LRNConfig struct {
	Size              int     // channels of a window
	Alpha, Beta, Bias float64 // 0: 1e-4, 0.75, 1
}

// LRN returns x/s^β for x [N, C, …] with s[c] = bias + (α/size)·Σ x[j]² over the channels j of the window of c, in
// ascending order: from c − ⌊(size−1)/2⌋ to c + ⌈(size−1)/2⌉, cut at the first and the last channel. Krizhevsky,
// Sutskever and Hinton 2012, §3.3. ONNX LRN. Its derivative is ε·s^−β − 2·(α/size)·β·x·Σ ε·y/s over the channels whose
// window holds this one.
func LRN(cfg LRNConfig) Op {
	for _, v := range []struct {
		x   *float64
		def float64
	}{{&cfg.Alpha, 1e-4}, {&cfg.Beta, 0.75}, {&cfg.Bias, 1}} {
		if *v.x == 0 {
			*v.x = v.def
		}
	}
	return lrn{cfg}
}

type lrn struct{ cfg LRNConfig }

func (o lrn) Name() string {
	return named("lrn", "size="+strconv.Itoa(o.cfg.Size), "alpha="+decimal(o.cfg.Alpha), "beta="+decimal(o.cfg.Beta), "bias="+decimal(o.cfg.Bias))
}

func (lrn) Arity() int { return 1 }

func (o lrn) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if args[0].Rank() < 2 || o.cfg.Size < 1 {
		return args[0], errorf(o, "needs a size of at least 1 and an input [N C …], got %v", args[0])
	}
	return args[0], nil
}

func (o lrn) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.run(c, lrnForward[float64], lrnForward[float32], [6]tensor.Tensor{dst, args[0]})
}

func (o lrn) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	if !d[0].Wanted() {
		return
	}
	m := c.Mark()
	s := c.Scratch(out.Type(), out.Shape())
	o.run(c, lrnSums[float64], lrnSums[float32], [6]tensor.Tensor{s, args[0]})
	o.run(c, lrnVJP[float64], lrnVJP[float32], [6]tensor.Tensor{d[0], args[0], out, eps, s})
	c.Release(m)
}

// run calls a kernel for all planes: N: channels, elements of a plane, channels of a window before and after its own.
func (o lrn) run(c *tensor.Ctx, f64, f32 kernel, t [6]tensor.Tensor) {
	planes, size := t[0].Shape().Dim(0)*t[0].Shape().Dim(1), 0
	if planes > 0 {
		size = t[0].Len() / planes
	}
	splitOf(c, t[0].Type(), planes, size*(o.cfg.Size+10), f64, f32, tensor.Args{T: t,
		N: [12]int{t[0].Shape().Dim(1), size, (o.cfg.Size - 1) / 2, o.cfg.Size / 2},
		F: [4]float64{o.cfg.Alpha / float64(o.cfg.Size), o.cfg.Beta, o.cfg.Bias}})
}

// lrnSums sets s for planes lo to hi.
func lrnSums[T tensor.Float](a *tensor.Args, lo, hi int) {
	s, x := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	channels, size, before, after := a.N[0], a.N[1], a.N[2], a.N[3]
	alpha, bias := T(a.F[0]), T(a.F[2])
	for p := lo; p < hi; p++ {
		c := p % channels
		dst := s[p*size : (p+1)*size]
		clear(dst)
		for q := p - min(c, before); q <= p+min(channels-1-c, after); q++ {
			for j, v := range x[q*size : (q+1)*size] {
				dst[j] += T(v * v)
			}
		}
		for j, v := range dst {
			dst[j] = bias + T(alpha*v)
		}
	}
}

func lrnForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	lrnSums[T](a, lo, hi)
	y, x, size := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[1]
	for i := lo * size; i < hi*size; i++ {
		y[i] = x[i] * inversePower(y[i], a.F[1])
	}
}

func lrnVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, x, y, eps, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4])
	channels, size, before, after := a.N[0], a.N[1], a.N[2], a.N[3]
	factor := T(2 * a.F[0] * a.F[1])
	for p := lo; p < hi; p++ {
		c := p % channels
		d := dx[p*size : (p+1)*size]
		clear(d)
		for q := p - min(c, after); q <= p+min(channels-1-c, before); q++ { // the channels that see this one
			from := q * size
			for j := range d {
				d[j] += T(eps[from+j] * (y[from+j] / s[from+j]))
			}
		}
		for j, sum := range d {
			i := p*size + j
			d[j] = T(eps[i]*inversePower(s[i], a.F[1])) - T(T(factor*x[i])*sum)
		}
	}
}

// inversePower returns s^−β, with square roots alone for the usual β.
func inversePower[T tensor.Float](s T, beta float64) T {
	switch beta {
	case 0.5:
		return 1 / T(math.Sqrt(float64(s)))
	case 0.75:
		r := math.Sqrt(float64(s))
		return T(1 / (r * math.Sqrt(r)))
	case 1:
		return 1 / s
	}
	return T(tensor.Pow(float64(s), -beta))
}

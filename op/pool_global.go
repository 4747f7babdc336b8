package op

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// GlobalAvgPool returns the mean of every channel of x [N, C, in…] over its spatial axes, in the shape [N, C, 1…]:
// four interleaved sums, divided by the number of elements. ONNX GlobalAveragePool.
func GlobalAvgPool() Op {
	return globalPool{"globalavgpool", 0, globalAvg[float64], globalAvg[float32], globalAvgVJP[float64], globalAvgVJP[float32]}
}

// GlobalMaxPool returns the maximum of every channel of x [N, C, in…], in the shape [N, C, 1…], NaN if there is one.
// The subgradient at a tie goes to the first maximum in row-major order. ONNX GlobalMaxPool.
func GlobalMaxPool() Op {
	return globalPool{"globalmaxpool", 0, globalMax[float64], globalMax[float32], globalMaxVJP[float64], globalMaxVJP[float32]}
}

// GlobalLpPool returns (Σ|x|^p)^(1/p) over every channel of x [N, C, in…], p ≥ 1, in the shape [N, C, 1…], summed in
// row-major order. ONNX GlobalLpPool.
func GlobalLpPool(p int) Op {
	return globalPool{"globallppool", p, globalLp[float64], globalLp[float32], globalLpVJP[float64], globalLpVJP[float32]}
}

type globalPool struct {
	base                               string
	p                                  int
	forward64, forward32, vjp64, vjp32 kernel
}

func (o globalPool) Name() string {
	if o.base == "globallppool" {
		return o.base + "[p=" + strconv.Itoa(o.p) + "]"
	}
	return o.base
}

func (o globalPool) Arity() int { return 1 }

func (o globalPool) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x := args[0]
	if x.Rank() < 3 {
		return x, errorf(o, "input %v has no spatial axes after the first two", x)
	}
	if o.base == "globallppool" && o.p < 1 {
		return x, errorf(o, "needs a power of at least 1")
	}
	y := x
	for i := 2; i < x.Rank(); i++ {
		if x.Dim(i) == 0 {
			return x, errorf(o, "axis %d of input %v is empty", i, x)
		}
		y = y.With(i, 1)
	}
	return y, nil
}

func (o globalPool) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.run(c, o.forward64, o.forward32, dst, args[0], tensor.Tensor{}, tensor.Tensor{}, dst.Len())
}

func (o globalPool) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	if d[0].Wanted() {
		o.run(c, o.vjp64, o.vjp32, d[0], args[0], out, eps, out.Len())
	}
}

// run calls a kernel for all n planes: T: result, x, y, ε; N: elements of a plane, p.
func (o globalPool) run(c *tensor.Ctx, f64, f32 kernel, dst, x, y, eps tensor.Tensor, n int) {
	if n > 0 {
		splitOf(c, x.Type(), n, x.Len()/n, f64, f32, tensor.Args{T: [6]tensor.Tensor{dst, x, y, eps}, N: [12]int{x.Len() / n, o.p}})
	}
}

func globalAvg[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, n := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[0]
	for i := lo; i < hi; i++ {
		y[i] = sum4(x[i*n:(i+1)*n]) / T(n)
	}
}

func globalAvgVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, eps, n := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[3]), a.N[0]
	for i := lo; i < hi; i++ {
		e := eps[i] / T(n)
		for j := range dx[i*n : (i+1)*n] {
			dx[i*n+j] = e
		}
	}
}

func globalMax[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, n := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[0]
	for i := lo; i < hi; i++ {
		best := T(math.Inf(-1))
		for _, v := range x[i*n : (i+1)*n] {
			if v > best || v != v {
				best = v
			}
		}
		y[i] = best
	}
}

func globalMaxVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, x, y, eps, n := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), a.N[0]
	for i := lo; i < hi; i++ {
		d := dx[i*n : (i+1)*n]
		clear(d)
		for j, v := range x[i*n : (i+1)*n] {
			if v == y[i] || v != v && y[i] != y[i] {
				d[j] = eps[i]
				break
			}
		}
	}
}

func globalLp[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, n, p := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[0], a.N[1]
	for i := lo; i < hi; i++ {
		var s T
		for _, v := range x[i*n : (i+1)*n] {
			s += power(magnitude(v), p)
		}
		y[i] = root(s, p)
	}
}

func globalLpVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, x, y, eps, n, p := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), a.N[0], a.N[1]
	for i := lo; i < hi; i++ {
		d := dx[i*n : (i+1)*n]
		for j, v := range x[i*n : (i+1)*n] {
			d[j] = eps[i] * lpSlope(v, y[i], p)
		}
	}
}

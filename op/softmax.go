package op

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// A rowMap is a function of the rows along one axis whose derivative is computed from its result.
type rowMap struct {
	name     string
	axis     int
	fwd, vjp kernel
}

func (o rowMap) Name() string { return o.name }
func (o rowMap) Arity() int   { return 1 }

func (o rowMap) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if r := args[0].Rank(); o.axis >= r || o.axis < -r {
		return args[0], errorf(o, "got %v: %v", args[0], errAxis)
	}
	return args[0], nil
}

func (o rowMap) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	n := dst.Shape().Dim(o.axis)
	if dst.Len() == 0 {
		return
	}
	m, axis := c.Mark(), oneAxis(dst.Shape().Rank(), o.axis)
	x, y := asRows(c, args[0], axis), rowBuffer(c, dst, axis)
	c.Split(dst.Len()/n, perRow(n), o.fwd, tensor.Args{T: [6]tensor.Tensor{y, x}, N: [12]int{n}})
	fromRows(c, dst, y, axis)
	c.Release(m)
}

func (o rowMap) VJP(c *tensor.Ctx, d, _ []tensor.Tensor, out, eps tensor.Tensor) {
	n := eps.Shape().Dim(o.axis)
	if !d[0].Wanted() || eps.Len() == 0 {
		return
	}
	m, axis := c.Mark(), oneAxis(eps.Shape().Rank(), o.axis)
	y, e, g := asRows(c, out, axis), asRows(c, eps, axis), rowBuffer(c, d[0], axis)
	c.Split(eps.Len()/n, perRow(n), o.vjp, tensor.Args{T: [6]tensor.Tensor{g, y, e}, N: [12]int{n}})
	fromRows(c, d[0], g, axis)
	c.Release(m)
}

// Softmax returns g(x)_i = exp(x_i − max x)·(1/Σ_j exp(x_j − max x)) along the axis (negative: from the end):
// ∂x_i = g_i(ε_i − Σ_j ε_j g_j). Sums are four interleaved ascending ones in float64, rounded once. An x_i of −Inf, a
// mask, gives exactly 0, and so does every element of a row of −Inf. ONNX: Softmax (opset 13 and later).
func Softmax(axis int) Op {
	return rowMap{name: "softmax[axis=" + strconv.Itoa(axis) + "]", axis: axis,
		fwd: liftRows(softmaxRow[float64], softmaxRow[float32]), vjp: liftRowsVJP(softmaxRowVJP[float64], softmaxRowVJP[float32])}
}

// maxOf returns the largest element. If the first is NaN, or another is, it may be any element.
func maxOf[T tensor.Float](x []T) T {
	a, b, c, d := x[0], x[0], x[0], x[0] // of every fourth
	for ; len(x) >= 4; x = x[4:] {
		if x[0] > a {
			a = x[0]
		}
		if x[1] > b {
			b = x[1]
		}
		if x[2] > c {
			c = x[2]
		}
		if x[3] > d {
			d = x[3]
		}
	}
	for _, v := range x {
		if v > a {
			a = v
		}
	}
	return max(a, b, c, d)
}

func softmaxRow[T tensor.Float](dst, x []T) {
	top := maxOf(x)
	if math.IsInf(float64(top), -1) && allSame(x, top) {
		clear(dst)
		return
	}
	tensor.OffsetOf(dst, x, -top)
	expSlice(dst, dst)
	tensor.ScaleOf(dst, dst, T(1/wide4(dst)))
}

// allSame reports whether every element of x is v.
func allSame[T tensor.Float](x []T, v T) bool {
	for _, y := range x {
		if y != v {
			return false
		}
	}
	return true
}

// wide4 returns the sum of x in four interleaved ascending sums in float64.
func wide4[T tensor.Float](x []T) float64 {
	var s0, s1, s2, s3 float64
	for ; len(x) >= 4; x = x[4:] {
		s0 += float64(x[0])
		s1 += float64(x[1])
		s2 += float64(x[2])
		s3 += float64(x[3])
	}
	for _, v := range x {
		s0 += float64(v)
	}
	return (s0 + s1) + (s2 + s3)
}

// wideDot4 returns Σ y·e as wide4 sums it.
func wideDot4[T tensor.Float](y, e []T) float64 {
	var s0, s1, s2, s3 float64
	for ; len(y) >= 4 && len(e) >= 4; y, e = y[4:], e[4:] {
		s0 += float64(float64(y[0]) * float64(e[0]))
		s1 += float64(float64(y[1]) * float64(e[1]))
		s2 += float64(float64(y[2]) * float64(e[2]))
		s3 += float64(float64(y[3]) * float64(e[3]))
	}
	for i, v := range y {
		s0 += float64(float64(v) * float64(e[i]))
	}
	return (s0 + s1) + (s2 + s3)
}

func softmaxRowVJP[T tensor.Float](d, y, e []T) {
	if dot := wideDot4(y, e); dot-dot == 0 {
		tensor.OffsetOf(d, e, T(-dot))
		tensor.MulOf(d, d, y)
		return
	}
	dot := 0.0 // ε is not finite: what a mask hides counts nothing
	for i, v := range y {
		if v != 0 {
			dot += float64(float64(v) * float64(e[i]))
		}
	}
	d, e = d[:len(y)], e[:len(y)]
	for i, v := range y {
		d[i] = 0
		if v != 0 {
			d[i] = T(float64(v) * (float64(e[i]) - dot))
		}
	}
}

// LogSoftmax returns g(x)_i = x_i − max x − log Σ_j exp(x_j − max x) along the axis (negative: from the end):
// ∂x_i = ε_i − exp(g_i)·Σ_j ε_j. A row of −Inf stays one. ONNX: LogSoftmax (opset 13 and later).
func LogSoftmax(axis int) Op {
	return rowMap{name: "log-softmax[axis=" + strconv.Itoa(axis) + "]", axis: axis,
		fwd: liftRows(logSoftmaxRow[float64], logSoftmaxRow[float32]), vjp: liftRowsVJP(logSoftmaxRowVJP[float64], logSoftmaxRowVJP[float32])}
}

func logSoftmaxRow[T tensor.Float](dst, x []T) {
	top := maxOf(x)
	if math.IsInf(float64(top), -1) {
		copy(dst, x)
		return
	}
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = v - top
	}
	lse := tensor.Log(sumExp(dst, 0))
	for i, v := range dst {
		dst[i] = T(float64(v) - lse)
	}
}

func logSoftmaxRowVJP[T tensor.Float](d, y, e []T) {
	sum := sum64(e)
	expSlice(d, y)
	e = e[:len(d)]
	for i, p := range d {
		d[i] = T(float64(e[i]) - float64(float64(p)*sum))
	}
}

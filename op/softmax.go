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

// Softmax returns g(x)_i = exp(x_i − max x)/Σ_j exp(x_j − max x) along the axis (negative: from the end), summed in
// ascending order: ∂x_i = g_i(ε_i − Σ_j ε_j g_j). An x_i of −Inf, a mask, gives exactly 0, and so does every element of
// a row of −Inf. ONNX: Softmax (opset 13 and later).
func Softmax(axis int) Op {
	return rowMap{name: "softmax[axis=" + strconv.Itoa(axis) + "]", axis: axis,
		fwd: liftRows(softmaxRow[float64], softmaxRow[float32]), vjp: liftRowsVJP(softmaxRowVJP[float64], softmaxRowVJP[float32])}
}

func maxOf[T tensor.Float](x []T) T {
	a, b, c, d := x[0], x[0], x[0], x[0] // of every fourth
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d = max(a, x[0]), max(b, x[1]), max(c, x[2]), max(d, x[3])
	}
	for _, v := range x {
		a = max(a, v)
	}
	return max(a, b, c, d)
}

func softmaxRow[T tensor.Float](dst, x []T) {
	top := maxOf(x)
	if math.IsInf(float64(top), -1) {
		clear(dst)
		return
	}
	for i, v := range x {
		dst[i] = v - top
	}
	expSlice(dst, dst)
	sum := sum64(dst)
	for i, v := range dst {
		dst[i] = T(float64(v) / sum)
	}
}

func softmaxRowVJP[T tensor.Float](d, y, e []T) {
	dot := 0.0
	for i, v := range y {
		if v != 0 { // what a mask hides, even Inf, counts nothing
			dot += float64(float64(v) * float64(e[i]))
		}
	}
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
	for i, p := range d {
		d[i] = T(float64(e[i]) - float64(float64(p)*sum))
	}
}

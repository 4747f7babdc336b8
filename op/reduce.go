package op

import (
	"errors"
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// A reduction is a function of all elements of the given axes.
type reduction struct {
	name string
	axes []int // none: all
	keep bool  // leave the axes, with length 1
	some bool  // undefined without elements
	fwd  kernel
	vjp  kernel
	sum  bool // Sum, which needs no rows
}

// newReduction returns a reduction; fwd has T: dst, x, vjp T: d, x, out, eps, rows of N[0] elements.
func newReduction(name string, axes []int, keep bool, fwd, vjp kernel) reduction {
	name += "[axes=" + list(axes)[1:]
	if keep {
		name = name[:len(name)-1] + ";keep]"
	}
	return reduction{name: name, axes: append([]int(nil), axes...), keep: keep, fwd: fwd, vjp: vjp}
}

func (o reduction) Name() string { return o.name }
func (o reduction) Arity() int   { return 1 }

// marked returns the axes that vanish, and the shape of the result with them as 1.
func (o reduction) marked(s tensor.Shape) ([tensor.MaxRank]bool, tensor.Shape) {
	m, _ := axisSet(o.axes, s.Rank())
	for i := range s.Rank() {
		m[i] = m[i] || len(o.axes) == 0
		if m[i] {
			s = s.With(i, 1)
		}
	}
	return m, s
}

func (o reduction) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if _, err := axisSet(o.axes, args[0].Rank()); err != nil {
		return args[0], errorf(o, "got %v: %v", args[0], err)
	}
	m, kept := o.marked(args[0])
	if o.some && args[0].Len() == 0 && kept.Len() > 0 {
		return args[0], errorf(o, "got %v: %v", args[0], errNone)
	}
	if o.keep {
		return kept, nil
	}
	var dims []int
	for i := range kept.Rank() {
		if !m[i] {
			dims = append(dims, kept.Dim(i))
		}
	}
	return tensor.Dims(dims...), nil
}

var errNone = errors.New("there are no elements to reduce")

func (o reduction) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m, kept := o.marked(args[0].Shape())
	if o.sum {
		stretch(args[0].Shape(), kept).scatter(c, dst, args[0])
		return
	}
	mark := c.Mark()
	_, _, n := rowsLast(args[0].Shape(), m)
	x := asRows(c, args[0], m)
	c.Split(dst.Len(), perRow(n), o.fwd, tensor.Args{T: [6]tensor.Tensor{dst, x}, N: [12]int{n}})
	c.Release(mark)
}

func (o reduction) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	if !d[0].Wanted() {
		return
	}
	m, kept := o.marked(args[0].Shape())
	if o.sum {
		stretch(args[0].Shape(), kept).gather(c, d[0], eps)
		return
	}
	mark := c.Mark()
	_, _, n := rowsLast(args[0].Shape(), m)
	x, g := asRows(c, args[0], m), rowBuffer(c, d[0], m)
	c.Split(eps.Len(), perRow(n), o.vjp, tensor.Args{T: [6]tensor.Tensor{g, x, out, eps}, N: [12]int{n}})
	fromRows(c, d[0], g, m)
	c.Release(mark)
}

// reduceRows returns the forward kernel of a function of a row.
func reduceRows(f64 func(x []float64) float64, f32 func(x []float32) float32) kernel {
	return func(a *tensor.Args, lo, hi int) {
		n := a.N[0]
		for r := lo; r < hi; r++ {
			if a.T[0].Type() == tensor.Float64 {
				a.T[0].Float64s()[r] = f64(a.T[1].Float64s()[r*n : (r+1)*n])
			} else {
				a.T[0].Float32s()[r] = f32(a.T[1].Float32s()[r*n : (r+1)*n])
			}
		}
	}
}

// reduceRowsVJP returns the derivative kernel of a function of a row.
func reduceRowsVJP(f64 func(d, x []float64, y, e float64), f32 func(d, x []float32, y, e float32)) kernel {
	return func(a *tensor.Args, lo, hi int) {
		n := a.N[0]
		for r := lo; r < hi; r++ {
			i, j := r*n, (r+1)*n
			if a.T[0].Type() == tensor.Float64 {
				f64(a.T[0].Float64s()[i:j], a.T[1].Float64s()[i:j], a.T[2].Float64s()[r], a.T[3].Float64s()[r])
			} else {
				f32(a.T[0].Float32s()[i:j], a.T[1].Float32s()[i:j], a.T[2].Float32s()[r], a.T[3].Float32s()[r])
			}
		}
	}
}

// Sum returns g(x) = Σ x over the axes (negative: from the end; none: all), which vanish or, if keep is set, stay with
// length 1. It adds in ascending order of the elements, starting at +0. ONNX: ReduceSum.
func Sum(axes []int, keep bool) Op {
	o := newReduction("sum", axes, keep, nil, nil)
	o.sum = true
	return o
}

// Mean returns g(x) = Σ x / n over the axes; see Sum. The n elements are added in float64. ONNX: ReduceMean.
func Mean(axes []int, keep bool) Op {
	return newReduction("mean", axes, keep, reduceRows(meanRow[float64], meanRow[float32]), reduceRowsVJP(meanVJP[float64], meanVJP[float32]))
}

func meanRow[T tensor.Float](x []T) T { return T(sum64(x) / float64(len(x))) }

func meanVJP[T tensor.Float](d, x []T, _, e T) {
	g := e / T(len(x))
	for i := range d {
		d[i] = g
	}
}

// MaxOver returns g(x) = the largest element over the axes; see Sum. The subgradient goes to the first of equal ones.
// ONNX: ReduceMax.
func MaxOver(axes []int, keep bool) Op {
	o := newReduction("max-over", axes, keep, reduceRows(maxOf[float64], maxOf[float32]), reduceRowsVJP(firstVJP[float64], firstVJP[float32]))
	o.some = true
	return o
}

// MinOver returns g(x) = the smallest element over the axes; see MaxOver. ONNX: ReduceMin.
func MinOver(axes []int, keep bool) Op {
	o := newReduction("min-over", axes, keep, reduceRows(minOf[float64], minOf[float32]), reduceRowsVJP(firstVJP[float64], firstVJP[float32]))
	o.some = true
	return o
}

func minOf[T tensor.Float](x []T) T {
	low := x[0]
	for _, v := range x[1:] {
		low = min(low, v)
	}
	return low
}

// firstVJP gives ε to the first element that is the result; NaN is one.
func firstVJP[T tensor.Float](d, x []T, y, e T) {
	clear(d)
	for i, v := range x {
		if v == y || v != v && y != y {
			d[i] = e
			return
		}
	}
}

// Prod returns g(x) = Π x over the axes; see Sum. ∂x_i = ε·Π_{j≠i} x_j, without division. ONNX: ReduceProd.
func Prod(axes []int, keep bool) Op {
	return newReduction("prod", axes, keep, reduceRows(prodRow[float64], prodRow[float32]), reduceRowsVJP(prodVJP[float64], prodVJP[float32]))
}

func prodRow[T tensor.Float](x []T) T {
	p := T(1)
	for _, v := range x {
		p *= v
	}
	return p
}

func prodVJP[T tensor.Float](d, x []T, _, e T) {
	d = d[:len(x)]
	p := T(1)
	for i, v := range x {
		d[i] = p
		p *= v
	}
	p = 1
	for i := len(x) - 1; i >= 0; i-- {
		d[i] = e * T(d[i]*p)
		p *= x[i]
	}
}

// foldRows makes a reduction of a row of numbers that is computed in float64 and rounded once.
func foldRows(name string, axes []int, keep bool, end func(sum float64) float64, term func(x float64) float64, slope func(x, y float64) float64) Op {
	return newReduction(name, axes, keep,
		reduceRows(func(x []float64) float64 { return foldRow(x, end, term) }, func(x []float32) float32 { return foldRow(x, end, term) }),
		reduceRowsVJP(
			func(d, x []float64, y, e float64) { foldVJP(d, x, y, e, slope) },
			func(d, x []float32, y, e float32) { foldVJP(d, x, y, e, slope) }))
}

func foldRow[T tensor.Float](x []T, end, term func(float64) float64) T {
	sum := 0.0
	for _, v := range x {
		sum += term(float64(v))
	}
	return T(end(sum))
}

func foldVJP[T tensor.Float](d, x []T, y, e T, slope func(x, y float64) float64) {
	d = d[:len(x)]
	for i, v := range x {
		d[i] = T(float64(e) * slope(float64(v), float64(y)))
	}
}

func asIs(x float64) float64    { return x }
func squared(x float64) float64 { return x * x }

// L1 returns g(x) = Σ |x| over the axes; see Sum. The subgradient at 0 is 0. ONNX: ReduceL1.
func L1(axes []int, keep bool) Op {
	return foldRows("l1", axes, keep, asIs, math.Abs, func(x, _ float64) float64 { return sign(x) })
}

// L2 returns g(x) = √Σ x² over the axes; see Sum. The subgradient where the result is 0 is 0. ONNX: ReduceL2.
func L2(axes []int, keep bool) Op {
	return foldRows("l2", axes, keep, math.Sqrt, squared, func(x, y float64) float64 {
		if y == 0 {
			return 0
		}
		return x / y
	})
}

// SumSquare returns g(x) = Σ x² over the axes; see Sum. ONNX: ReduceSumSquare.
func SumSquare(axes []int, keep bool) Op {
	return foldRows("sum-square", axes, keep, asIs, squared, func(x, _ float64) float64 { return 2 * x })
}

// LogSum returns g(x) = log Σ x over the axes; see Sum. ONNX: ReduceLogSum.
func LogSum(axes []int, keep bool) Op {
	return foldRows("log-sum", axes, keep, tensor.Log, asIs, func(_, y float64) float64 { return tensor.Exp(-y) })
}

// LogSumExp returns g(x) = log Σ e^x over the axes, computed from the largest element on; see Sum. A row of −Inf gives
// −Inf and derivatives 0. ONNX: ReduceLogSumExp.
func LogSumExp(axes []int, keep bool) Op {
	return newReduction("log-sum-exp", axes, keep, reduceRows(logSumExp[float64], logSumExp[float32]),
		reduceRowsVJP(logSumExpVJP[float64], logSumExpVJP[float32]))
}

func logSumExp[T tensor.Float](x []T) T {
	if len(x) == 0 {
		return T(math.Inf(-1))
	}
	top := float64(maxOf(x))
	if math.IsInf(top, 0) {
		return T(top)
	}
	sum := sumExp(x, top)
	return T(top + tensor.Log(sum))
}

func logSumExpVJP[T tensor.Float](d, x []T, y, e T) {
	d = d[:len(x)]
	for i, v := range x {
		d[i] = v - y
	}
	expSlice(d, d)
	for i, v := range x {
		if math.IsInf(float64(v), -1) {
			d[i] = 0
		} else {
			d[i] *= e
		}
	}
}

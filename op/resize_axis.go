package op

import "github.com/retrodict/retrodict/tensor"

// changed returns the axes of x that Resize changes, in ascending order, and how many.
func (o resize) changed(x tensor.Shape) (axes [tensor.MaxRank]int, n int) {
	for i := range x.Rank() {
		if a, _ := o.axis(x, i); !a.same() {
			axes[n] = i
			n++
		}
	}
	return axes, n
}

func (o resize) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	x := args[0]
	axes, n := o.changed(x.Shape())
	if n == 0 {
		dst.CopyFrom(x)
	}
	for k, axis := range axes[:n] {
		y := dst
		a, _ := o.axis(args[0].Shape(), axis)
		if k < n-1 {
			y = c.Scratch(x.Type(), x.Shape().With(axis, a.out))
		}
		o.along(c, a, axis, y, x, resizeForward[float64], resizeForward[float32])
		x = y
	}
	c.Release(m)
}

func (o resize) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if !d[0].Wanted() {
		return
	}
	m := c.Mark()
	axes, n := o.changed(args[0].Shape())
	if n == 0 {
		d[0].CopyFrom(eps)
	}
	e := eps
	for k := n - 1; k >= 0; k-- {
		a, _ := o.axis(args[0].Shape(), axes[k])
		g := d[0]
		if k > 0 {
			g = c.Scratch(e.Type(), e.Shape().With(axes[k], a.in))
		}
		o.along(c, a, axes[k], e, g, resizeVJP[float64], resizeVJP[float32])
		e = g
	}
	c.Release(m)
}

// along runs a kernel between x and y, which differ in one axis. Its indices are those of the axes before it, and of
// pieces of the axes after it. T: y, x, positions, weights; N: in, out, inner, pieces of inner, neighbours.
func (o resize) along(c *tensor.Ctx, a resizeAxis, axis int, y, x tensor.Tensor, f64, f32 kernel) {
	n := o.neighbours()
	index, weight := c.Scratch(tensor.Int64, tensor.Dims(a.out, n)), c.Scratch(tensor.Float64, tensor.Dims(a.out, n))
	o.table(a, index.Int64s(), weight.Float64s())
	outer, _, inner := x.Shape().Split(axis)
	pieces := (inner + resizePiece - 1) / resizePiece
	splitOf(c, x.Type(), outer*pieces, max(a.in, a.out)*n*min(inner, resizePiece), f64, f32, tensor.Args{
		T: [6]tensor.Tensor{y, x, index, weight}, N: [12]int{a.in, a.out, inner, pieces, n},
	})
}

// resizePiece is how many neighbouring elements of the inner axes a kernel handles at once.
const resizePiece = 512

// resizeRange returns where piece i begins in x and y, and its length.
func resizeRange(a *tensor.Args, i int) (x, y, n int) {
	in, out, inner, pieces := a.N[0], a.N[1], a.N[2], a.N[3]
	from := i % pieces * resizePiece
	return i/pieces*in*inner + from, i/pieces*out*inner + from, min(resizePiece, inner-from)
}

func resizeForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, index, weight := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.T[2].Int64s(), a.T[3].Float64s()
	out, inner, neighbours := a.N[1], a.N[2], a.N[4]
	for i := lo; i < hi; i++ {
		px, py, n := resizeRange(a, i)
		if inner == 1 {
			resizeLine(y[py:][:out], x[px:], index, weight, neighbours)
			continue
		}
		for p := range out {
			dst := y[py+p*inner:][:n]
			if neighbours == 1 {
				copy(dst, x[px+int(index[p])*inner:])
				continue
			}
			clear(dst)
			for k := p * neighbours; k < (p+1)*neighbours; k++ {
				if w := T(weight[k]); w != 0 {
					for j, v := range x[px+int(index[k])*inner:][:n] {
						dst[j] += T(w * v)
					}
				}
			}
		}
	}
}

// resizeVJP is the transpose of resizeForward: it sets x from y.
func resizeVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	eps, dx, index, weight := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.T[2].Int64s(), a.T[3].Float64s()
	in, out, inner, neighbours := a.N[0], a.N[1], a.N[2], a.N[4]
	for i := lo; i < hi; i++ {
		px, py, n := resizeRange(a, i)
		for p := range in {
			clear(dx[px+p*inner:][:n])
		}
		if inner == 1 {
			resizeLineVJP(dx[px:], eps[py:][:out], index, weight, neighbours)
			continue
		}
		for p := range out {
			e := eps[py+p*inner:][:n]
			for k := p * neighbours; k < (p+1)*neighbours; k++ {
				if w := T(weight[k]); w != 0 {
					d := dx[px+int(index[k])*inner:][:n]
					for j, v := range e {
						d[j] += T(w * v)
					}
				}
			}
		}
	}
}

// resizeLine and resizeLineVJP are the kernels for an axis of neighbouring elements.
func resizeLine[T tensor.Float](y, x []T, index []int64, weight []float64, n int) {
	for p := range y {
		if n == 1 {
			y[p] = x[index[p]]
			continue
		}
		var sum T
		for k := p * n; k < (p+1)*n; k++ {
			if w := T(weight[k]); w != 0 {
				sum += T(w * x[index[k]])
			}
		}
		y[p] = sum
	}
}

func resizeLineVJP[T tensor.Float](dx, eps []T, index []int64, weight []float64, n int) {
	for p, e := range eps {
		for k := p * n; k < (p+1)*n; k++ {
			if w := T(weight[k]); w != 0 {
				dx[index[k]] += T(w * e)
			}
		}
	}
}

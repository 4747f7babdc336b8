package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// rowsLast returns the order of axes that puts the marked ones last, both groups in ascending order, whether that is
// the order they have, and the number of elements in a group of marked axes.
func rowsLast(s tensor.Shape, marked [tensor.MaxRank]bool) (perm [tensor.MaxRank]int, same bool, n int) {
	k, same, n := 0, true, 1
	for pass := range 2 {
		for i := range s.Rank() {
			if marked[i] == (pass == 1) {
				perm[k] = i
				same = same && i == k
				k++
			}
		}
	}
	for i := range s.Rank() {
		if marked[i] {
			n *= s.Dim(i)
		}
	}
	return perm, same, n
}

// asRows returns t with the marked axes last: t itself, or a scratch copy. A t without storage stays without.
func asRows(c *tensor.Ctx, t tensor.Tensor, marked [tensor.MaxRank]bool) tensor.Tensor {
	perm, same, _ := rowsLast(t.Shape(), marked)
	if same || !t.Wanted() {
		return t
	}
	r := c.Scratch(t.Type(), t.Shape())
	permuted(t.Shape(), perm[:t.Shape().Rank()]).gather(c, r, t)
	return r
}

// rowBuffer returns what a kernel on rows writes to instead of t: t itself if the marked axes are its last.
func rowBuffer(c *tensor.Ctx, t tensor.Tensor, marked [tensor.MaxRank]bool) tensor.Tensor {
	if _, same, _ := rowsLast(t.Shape(), marked); same {
		return t
	}
	return c.Scratch(t.Type(), t.Shape())
}

// fromRows puts the rows of a rowBuffer of t in t's order of axes.
func fromRows(c *tensor.Ctx, t, rows tensor.Tensor, marked [tensor.MaxRank]bool) {
	perm, same, _ := rowsLast(t.Shape(), marked)
	if same {
		return
	}
	var back [tensor.MaxRank]int
	n := t.Shape().Rank()
	for i, p := range perm[:n] {
		back[p] = i
	}
	permuted(permuted(t.Shape(), perm[:n]).shape, back[:n]).gather(c, t, rows)
}

// perRow is the least number of rows of n elements that are worth a worker.
func perRow(n int) int { return max(1, grain/max(n, 1)) }

// oneAxis marks one axis, which may count from the end.
func oneAxis(rank, axis int) (m [tensor.MaxRank]bool) {
	if axis < 0 {
		axis += rank
	}
	m[axis] = true
	return m
}

// liftRows returns the kernel that applies f to rows lo to hi: T: dst, x, rows of N[0] elements.
func liftRows(f64 func(dst, x []float64), f32 func(dst, x []float32)) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			eachRow(f64, a.T[0].Float64s(), a.T[1].Float64s(), a.N[0], lo, hi)
		} else {
			eachRow(f32, a.T[0].Float32s(), a.T[1].Float32s(), a.N[0], lo, hi)
		}
	}
}

func eachRow[T tensor.Float](f func(dst, x []T), dst, x []T, n, lo, hi int) {
	for r := lo * n; r < hi*n; r += n {
		f(dst[r:r+n], x[r:r+n])
	}
}

// liftRowsVJP returns the kernel that applies f to rows lo to hi: T: d, out, eps, rows of N[0] elements.
func liftRowsVJP(f64 func(d, y, e []float64), f32 func(d, y, e []float32)) kernel {
	return func(a *tensor.Args, lo, hi int) {
		if a.T[0].Type() == tensor.Float64 {
			eachRowVJP(f64, a.T[0].Float64s(), a.T[1].Float64s(), a.T[2].Float64s(), a.N[0], lo, hi)
		} else {
			eachRowVJP(f32, a.T[0].Float32s(), a.T[1].Float32s(), a.T[2].Float32s(), a.N[0], lo, hi)
		}
	}
}

func eachRowVJP[T tensor.Float](f func(d, y, e []T), d, y, e []T, n, lo, hi int) {
	for r := lo * n; r < hi*n; r += n {
		f(d[r:r+n], y[r:r+n], e[r:r+n])
	}
}

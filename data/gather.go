package data

import "github.com/retrodict/retrodict/tensor"

// Gather copies the given rows of the set into x and y, whose first dimension is len(rows). A tensor without storage is
// left out. Shapes need not agree beyond that, numbers of elements must: rows may be flattened on the way. Elements are
// converted to the type of x and y; Int64 rows become one-hot vectors where the destination is a floating-point tensor
// with, for each label, its last dimension. Nothing is allocated. It panics if an operand does not fit, or a row or a
// label is out of range.
func (s *Set) Gather(rows []int, x, y tensor.Tensor) {
	gather(x, s.X, rows)
	gather(y, s.Y, rows)
}

// OneHot sets each vector along the last dimension of dst, a floating-point tensor, to 0 except for a 1 at the place
// that the label, an element of the Int64 tensor labels, gives. It panics if an operand does not fit or a label is out
// of range.
func OneHot(dst, labels tensor.Tensor) {
	if dst.Shape().Rank() == 0 || dst.Len() != labels.Len()*dst.Shape().Dim(-1) {
		panic("data: OneHot: the destination does not fit the labels")
	}
	oneHot(dst, 0, labels.Int64s())
}

func gather(dst, src tensor.Tensor, rows []int) {
	if !dst.Wanted() {
		return
	}
	n, d := rowLen(src.Shape()), rowLen(dst.Shape())
	if dst.Shape().Rank() == 0 || dst.Shape().Dim(0) != len(rows) {
		panic("data: Gather: the first dimension is not the number of rows")
	}
	switch {
	case n == d && dst.Type() == tensor.Float64 && src.Type() == tensor.Float64:
		copyRows(dst.Float64s(), src.Float64s(), rows, n)
	case n == d && dst.Type() == tensor.Float32 && src.Type() == tensor.Float64:
		convertRows(dst.Float32s(), src.Float64s(), rows, n)
	case n == d && dst.Type() == tensor.Int64 && src.Type() == tensor.Int64:
		copyRows(dst.Int64s(), src.Int64s(), rows, n)
	case n == d && dst.Type() == tensor.Float64 && src.Type() == tensor.Int64:
		convertRows(dst.Float64s(), src.Int64s(), rows, n)
	case n == d && dst.Type() == tensor.Float32 && src.Type() == tensor.Int64:
		convertRows(dst.Float32s(), src.Int64s(), rows, n)
	case dst.Type().IsFloat() && src.Type() == tensor.Int64 && d == n*dst.Shape().Dim(-1):
		labels := src.Int64s()
		for i, r := range rows {
			oneHot(dst, i*n, labels[r*n:r*n+n])
		}
	default:
		panic("data: Gather: rows of the destination do not fit those of the set")
	}
}

func copyRows[T tensor.Element](dst, src []T, rows []int, n int) {
	for i, r := range rows {
		copy(dst[i*n:(i+1)*n], src[r*n:(r+1)*n])
	}
}

func convertRows[D tensor.Float, S float64 | int64](dst []D, src []S, rows []int, n int) {
	for i, r := range rows {
		d := dst[i*n : (i+1)*n]
		for j, x := range src[r*n : (r+1)*n] {
			d[j] = D(x)
		}
	}
}

// oneHot writes the vectors of labels from vector number at of dst on.
func oneHot(dst tensor.Tensor, at int, labels []int64) {
	switch dst.Type() {
	case tensor.Float64:
		setOneHot(dst.Float64s(), at, dst.Shape().Dim(-1), labels)
	case tensor.Float32:
		setOneHot(dst.Float32s(), at, dst.Shape().Dim(-1), labels)
	default:
		panic("data: OneHot: the destination is no floating-point tensor")
	}
}

func setOneHot[T tensor.Float](dst []T, at, k int, labels []int64) {
	for i, label := range labels {
		v := dst[(at+i)*k : (at+i+1)*k]
		clear(v)
		if label < 0 || label >= int64(k) {
			panic("data: OneHot: label out of range")
		}
		v[label] = 1
	}
}

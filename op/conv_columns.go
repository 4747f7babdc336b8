package op

import "github.com/retrodict/retrodict/tensor"

// im2col writes rows lo to hi of the columns matrix: T: image side, matrix, geometry; N: images n0, n1, pixels p0, p1,
// channels, first channel of the group.
func im2col[T tensor.Float](a *tensor.Args, lo, hi int) {
	x, col, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), windowOf(a.T[2])
	n0, n1, p0, p1, channels, first := a.N[0], a.N[1], a.N[2], a.N[3], a.N[4], a.N[5]
	taps, size, pix, shifts := w.taps(), w.size(), p1-p0, w.shifts()
	for r := lo; r < hi; r++ {
		t := w.tap(r % taps)
		for n := n0; n < n1; n++ {
			plane := (n*channels + first + r/taps) * size
			row := (r*(n1-n0) + n - n0) * pix
			if shifts {
				shiftRow(col[row:row+pix], x[plane:plane+size], &w, &t, p0)
			} else {
				gatherRow(col[row:row+pix], x[plane:plane+size], &w, &t, p0)
			}
		}
	}
}

// gatherRow sets dst to what tap t reads of an image plane for the pixels from p0 on, zeros for padding.
func gatherRow[T tensor.Float](dst, plane []T, w *window, t *tap, p0 int) {
	ow, s := w.out[2], w.stride[2]
	q, from := p0/ow, p0%ow
	for len(dst) > 0 {
		to := min(ow, from+len(dst))
		i, j, src := w.span(t, q, from, to)
		row := dst[:to-from]
		dst = dst[to-from:]
		clear(row[:i-from])
		clear(row[j-from:])
		row = row[i-from : j-from]
		if s == 1 {
			copy(row, plane[src:])
		} else {
			for k := range row {
				row[k] = plane[src+k*s]
			}
		}
		q, from = q+1, 0
	}
}

// shifts reports whether what a tap reads of a plane is the plane itself, shifted, but for the padding: stride 1 and
// output rows as long as those of the input, over at most two axes.
func (w *window) shifts() bool {
	return w.in[0] == 1 && w.out[0] == 1 && w.stride == [3]int{w.stride[0], 1, 1} && w.in[2] == w.out[2]
}

// shifted returns the pixels [from, to) for which t reads rows of the input, counted from p0 on, and how far the
// element that a pixel reads lies behind it. n is the number of pixels.
func (w *window) shifted(t *tap, p0, n int) (from, to, by int) {
	if t.off[0] != 0 {
		return 0, 0, 0
	}
	first := max(0, -t.off[1]) * w.out[2]
	last := min(w.out[1], w.in[1]-t.off[1]) * w.out[2]
	by = t.off[1]*w.in[2] + t.off[2] + p0
	from = min(max(first-p0, 0, -by), n)
	return from, max(min(last-p0, n, w.size()-by), from), by
}

// clearSides zeroes the pixels of row, which begins with pixel p0, for which t reads before or behind a row of the input.
func clearSides[T tensor.Float](row []T, w *window, t *tap, p0 int) {
	ow := w.out[2]
	for start := -(p0 % ow); start < len(row); start += ow {
		for i := max(start, 0); i < min(start+t.lo, len(row)); i++ {
			row[i] = 0
		}
		for i := max(start+t.hi, 0); i < min(start+ow, len(row)); i++ {
			row[i] = 0
		}
	}
}

// shiftRow is gatherRow for a window that shifts.
func shiftRow[T tensor.Float](dst, plane []T, w *window, t *tap, p0 int) {
	from, to, by := w.shifted(t, p0, len(dst))
	clear(dst[:from])
	clear(dst[to:])
	if from < to {
		copy(dst[from:to], plane[from+by:])
	}
	clearSides(dst, w, t, p0)
}

// unshiftRow is scatterRow for a window that shifts. It zeroes what falls into the padding, in src itself.
func unshiftRow[T tensor.Float](plane, src []T, w *window, t *tap, p0 int) {
	from, to, by := w.shifted(t, p0, len(src))
	if from >= to {
		return
	}
	clearSides(src, w, t, p0)
	src = src[from:to]
	dst := plane[from+by:][:len(src)]
	for i, v := range src {
		dst[i] += v
	}
}

// col2im adds the columns matrix to the planes of the image side that it was copied from, taps in ascending order. The
// indices are those of (image, channel); T and N as for im2col, and the channels of the group.
func col2im[T tensor.Float](a *tensor.Args, lo, hi int) {
	x, col, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), windowOf(a.T[2])
	n0, n1, p0, p1, channels, first, cg := a.N[0], a.N[1], a.N[2], a.N[3], a.N[4], a.N[5], a.N[6]
	taps, size, pix, shifts := w.taps(), w.size(), p1-p0, w.shifts()
	for i := lo; i < hi; i++ {
		n, c := n0+i/cg, i%cg
		plane := x[(n*channels+first+c)*size:][:size]
		for k := range taps {
			t := w.tap(k)
			row := ((c*taps+k)*(n1-n0) + n - n0) * pix
			if shifts {
				unshiftRow(plane, col[row:row+pix], &w, &t, p0)
			} else {
				scatterRow(plane, col[row:row+pix], &w, &t, p0)
			}
		}
	}
}

// scatterRow adds src to what tap t reads of an image plane for the pixels from p0 on.
func scatterRow[T tensor.Float](plane, src []T, w *window, t *tap, p0 int) {
	ow, s := w.out[2], w.stride[2]
	q, from := p0/ow, p0%ow
	for len(src) > 0 {
		to := min(ow, from+len(src))
		i, j, k := w.span(t, q, from, to)
		row := src[i-from : j-from]
		src = src[to-from:]
		if s == 1 {
			dst := plane[k:][:len(row)]
			for l, v := range row {
				dst[l] += v
			}
		} else {
			for l, v := range row {
				plane[k+l*s] += v
			}
		}
		q, from = q+1, 0
	}
}

// fold copies channels lo to hi of a block of the pixel side to a matrix [channels, images·pixels], unfold copies them
// back, transposed to a matrix [images·pixels, channels]. T: pixel side, matrix; N: images n0, n1, pixels p0, p1,
// channels, first channel of the group, pixels of a plane, channels of the group.
func fold[T tensor.Float](a *tensor.Args, lo, hi int) {
	side, m := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	for o := lo; o < hi; o++ {
		for n := a.N[0]; n < a.N[1]; n++ {
			s, d := foldAt(a, o, n)
			copy(m[d:d+a.N[3]-a.N[2]], side[s:])
		}
	}
}

func unfold[T tensor.Float](a *tensor.Args, lo, hi int) {
	side, m := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	for o := lo; o < hi; o++ {
		for n := a.N[0]; n < a.N[1]; n++ {
			s, d := foldAt(a, o, n)
			copy(side[s:s+a.N[3]-a.N[2]], m[d:])
		}
	}
}

func transposed[T tensor.Float](a *tensor.Args, lo, hi int) {
	side, m := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	og, pix := a.N[7], a.N[3]-a.N[2]
	for n := a.N[0]; n < a.N[1]; n++ {
		s, _ := foldAt(a, lo, n)
		tensor.TransposeOf(m[(n-a.N[0])*pix*og+lo:], og, side[s:], a.N[6], hi-lo, pix)
	}
}

// turn sets rows lo to hi of T[0] [·, N[1]] to columns of T[1] [·, N[0]], the first row being N[2].
func turn[T tensor.Float](a *tensor.Args, lo, hi int) {
	dst, src := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	tensor.TransposeOf(dst[(a.N[2]+lo)*a.N[1]:], a.N[1], src[lo:], a.N[0], a.N[1], hi-lo)
}

// foldAt returns where channel o of image n begins on the pixel side and in the folded matrix.
func foldAt(a *tensor.Args, o, n int) (side, matrix int) {
	pix := a.N[3] - a.N[2]
	return (n*a.N[4]+a.N[5]+o)*a.N[6] + a.N[2], (o*(a.N[1]-a.N[0]) + n - a.N[0]) * pix
}

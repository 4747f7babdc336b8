package op

import "github.com/retrodict/retrodict/tensor"

// im2col writes rows lo to hi of the columns matrix: T: image side, matrix, geometry; N: images n0, n1, pixels p0, p1,
// channels, first channel of the group.
func im2col[T tensor.Float](a *tensor.Args, lo, hi int) {
	x, col, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), windowOf(a.T[2])
	n0, n1, p0, p1, channels, first := a.N[0], a.N[1], a.N[2], a.N[3], a.N[4], a.N[5]
	taps, size, pix := w.taps(), w.size(), p1-p0
	for r := lo; r < hi; r++ {
		t := w.tap(r % taps)
		for n := n0; n < n1; n++ {
			plane := (n*channels + first + r/taps) * size
			row := (r*(n1-n0) + n - n0) * pix
			gatherRow(col[row:row+pix], x[plane:plane+size], &w, &t, p0)
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

// col2im adds the columns matrix to the planes of the image side that it was copied from, taps in ascending order. The
// indices are those of (image, channel); T and N as for im2col, and the channels of the group.
func col2im[T tensor.Float](a *tensor.Args, lo, hi int) {
	x, col, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), windowOf(a.T[2])
	n0, n1, p0, p1, channels, first, cg := a.N[0], a.N[1], a.N[2], a.N[3], a.N[4], a.N[5], a.N[6]
	taps, size, pix := w.taps(), w.size(), p1-p0
	for i := lo; i < hi; i++ {
		n, c := n0+i/cg, i%cg
		plane := x[(n*channels+first+c)*size:][:size]
		for k := range taps {
			t := w.tap(k)
			row := ((c*taps+k)*(n1-n0) + n - n0) * pix
			scatterRow(plane, col[row:row+pix], &w, &t, p0)
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
	for o := lo; o < hi; o++ {
		for n := a.N[0]; n < a.N[1]; n++ {
			s, _ := foldAt(a, o, n)
			d := (n-a.N[0])*pix*og + o
			for i, v := range side[s : s+pix] {
				m[d+i*og] = v
			}
		}
	}
}

// foldAt returns where channel o of image n begins on the pixel side and in the folded matrix.
func foldAt(a *tensor.Args, o, n int) (side, matrix int) {
	pix := a.N[3] - a.N[2]
	return (n*a.N[4]+a.N[5]+o)*a.N[6] + a.N[2], (o*(a.N[1]-a.N[0]) + n - a.N[0]) * pix
}

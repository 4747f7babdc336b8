package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// insideTaps is the largest window of the faster way of pooling without padding.
const insideTaps = 64

// inside returns where the taps of a window read relative to its first, and whether every tap of every window reads an
// input, with at most insideTaps taps.
func (w *window) inside() (off [insideTaps]int, ok bool) {
	if w.taps() > insideTaps || w.lo != [3]int{} {
		return off, false
	}
	for i := range 3 {
		if (w.out[i]-1)*w.stride[i]+(w.kernel[i]-1)*w.dilation[i] >= w.in[i] {
			return off, false
		}
	}
	for k := range w.taps() {
		t := w.tap(k)
		off[k] = (t.off[0]*w.in[1]+t.off[1])*w.in[2] + t.off[2]
	}
	return off, true
}

// base returns where the first tap of the first pixel of output row q reads, if every window is inside.
func (w *window) base(q int) int {
	return (q/w.out[1]*w.stride[0]*w.in[1] + q%w.out[1]*w.stride[1]) * w.in[2]
}

func maxForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), windowOf(a.T[4])
	size, pix, ow := w.size(), w.pixels(), w.out[2]
	off, inside := w.inside()
	for i := lo; i < hi; i++ {
		dst, src := y[i*pix:(i+1)*pix], x[i*size:(i+1)*size]
		switch {
		case w.quarters():
			tensor.MaxQuartersOf(dst, src, ow)
			continue
		case !inside:
			maxShifted(dst, src, &w)
			continue
		}
		for q := range w.rows() {
			at := w.base(q)
			for j := range dst[q*ow : (q+1)*ow] {
				window := src[at:]
				best := window[0]
				for _, k := range off[1:w.taps()] {
					best = max(best, window[k])
				}
				dst[q*ow+j] = best
				at += w.stride[2]
			}
		}
	}
}

// maxShifted takes the running maximum of the shifted planes.
func maxShifted[T tensor.Float](dst, src []T, w *window) {
	lowest := T(math.Inf(-1))
	for j := range dst {
		dst[j] = lowest
	}
	for k := range w.taps() {
		t := w.tap(k)
		for q := range w.rows() {
			from, to, at := w.span(&t, q, 0, w.out[2])
			row := dst[q*w.out[2]:][from:to]
			for j, best := range row {
				row[j] = max(best, src[at])
				at += w.stride[2]
			}
		}
	}
}

// maxVJP adds ε to the first input of the window that is equal to the output, or NaN if that is.
func maxVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, x, y, eps, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), windowOf(a.T[4])
	size, pix, ow := w.size(), w.pixels(), w.out[2]
	off, inside := w.inside()
	for i := lo; i < hi; i++ {
		d, src := dx[i*size:(i+1)*size], x[i*size:(i+1)*size]
		top, e := y[i*pix:(i+1)*pix], eps[i*pix:(i+1)*pix]
		if w.quarters() {
			tensor.MaxQuartersSlopeOf(d, src, e, ow)
			continue
		}
		clear(d)
		if !inside {
			maxShiftedVJP(d, src, top, e, &w)
			continue
		}
		for q := range w.rows() {
			at := w.base(q)
			for j, m := range top[q*ow : (q+1)*ow] {
				d[at+first(src[at:], off[:w.taps()], m)] += e[q*ow+j]
				at += w.stride[2]
			}
		}
	}
}

// first returns the first offset at which src is equal to m, or NaN if m is.
func first[T tensor.Float](src []T, off []int, m T) int {
	for _, k := range off {
		if v := src[k]; v == m || m != m && v != v {
			return k
		}
	}
	panic("op: maxpool: the result is not in its window: was the argument modified?")
}

// maxShiftedVJP goes over the windows piece by piece, over the taps in a piece.
func maxShiftedVJP[T tensor.Float](d, src, y, eps []T, w *window) {
	for p := (piece{}); p.next(w); {
		top, e := y[p.at(w):], eps[p.at(w):]
		found := uint64(0) // a bit for each pixel of the piece
		for k := range w.taps() {
			t := w.tap(k)
			from, to, at := w.span(&t, p.row, p.from, p.to)
			for j := from - p.from; j < to-p.from; j++ {
				if v, m := src[at], top[j]; (v == m || v != v && m != m) && found>>j&1 == 0 {
					found |= 1 << j
					d[at] += e[j]
				}
				at += w.stride[2]
			}
		}
	}
}

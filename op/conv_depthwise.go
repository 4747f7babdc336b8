package op

import "github.com/retrodict/retrodict/tensor"

// Depthwise convolution: one channel of the image side a group, og of the pixel side. No matrix product: every plane is
// a sum of shifted planes, over taps in ascending order. The kernels' operands are T: result, two operands, geometry;
// N: images, channels of the image side, of the pixel side, og.

// depthForward computes pixel planes lo to hi (of n·o): T: pixel side, image side, weights.
func depthForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, wt, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), windowOf(a.T[3])
	channels, o, og := a.N[1], a.N[2], a.N[3]
	taps, size, pix := w.taps(), w.size(), w.pixels()
	for i := lo; i < hi; i++ {
		dst := y[i*pix : (i+1)*pix]
		src := x[(i/o*channels+i%o/og)*size:][:size]
		clear(dst)
		for k := range taps {
			t, v := w.tap(k), wt[i%o*taps+k]
			for q := range w.rows() {
				from, to, at := w.span(&t, q, 0, w.out[2])
				row := dst[q*w.out[2]:][from:to]
				for j := range row {
					row[j] += T(v * src[at])
					at += w.stride[2]
				}
			}
		}
	}
}

// depthData computes image planes lo to hi (of n·c): T: image side, pixel side, weights. A plane is summed over the
// group's channels, in each over taps.
func depthData[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, eps, wt, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), windowOf(a.T[3])
	channels, o, og := a.N[1], a.N[2], a.N[3]
	taps, size, pix := w.taps(), w.size(), w.pixels()
	for i := lo; i < hi; i++ {
		dst := dx[i*size : (i+1)*size]
		clear(dst)
		for j := i % channels * og; j < (i%channels+1)*og; j++ {
			src := eps[(i/channels*o+j)*pix:][:pix]
			for k := range taps {
				t, v := w.tap(k), wt[j*taps+k]
				for q := range w.rows() {
					from, to, at := w.span(&t, q, 0, w.out[2])
					for _, e := range src[q*w.out[2]:][from:to] {
						dst[at] += T(v * e)
						at += w.stride[2]
					}
				}
			}
		}
	}
}

// depthWeight computes the gradients of weights lo to hi (of o·taps): T: weights, image side, pixel side. A weight is
// summed over images, in each over output rows, in each in ascending order.
func depthWeight[T tensor.Float](a *tensor.Args, lo, hi int) {
	dw, x, eps, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), windowOf(a.T[3])
	n, channels, o, og := a.N[0], a.N[1], a.N[2], a.N[3]
	taps, size, pix := w.taps(), w.size(), w.pixels()
	for i := lo; i < hi; i++ {
		t := w.tap(i % taps)
		var sum T
		for k := range n {
			src := x[(k*channels+i/taps/og)*size:][:size]
			e := eps[(k*o+i/taps)*pix:][:pix]
			for q := range w.rows() {
				from, to, at := w.span(&t, q, 0, w.out[2])
				var s T
				for _, v := range e[q*w.out[2]:][from:to] {
					s += T(v * src[at])
					at += w.stride[2]
				}
				sum += s
			}
		}
		dw[i] = sum
	}
}

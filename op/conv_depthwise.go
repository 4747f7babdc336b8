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
				if from < to {
					addScaled(dst[q*w.out[2]:][from:to], src[at:], w.stride[2], v)
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
					if from < to {
						spreadScaled(dst[at:], src[q*w.out[2]:][from:to], w.stride[2], v)
					}
				}
			}
		}
	}
}

// depthWeight computes the gradients of weights lo to hi (of o·taps): T: weights, image side, pixel side. A weight is
// summed over images, in each over output rows, in each in four interleaved sums.
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
				if from < to {
					sum += dotStrided(e[q*w.out[2]:][from:to], src[at:], w.stride[2])
				}
			}
		}
		dw[i] = sum
	}
}

// addScaled adds v·src[0], v·src[s], … to dst.
func addScaled[T tensor.Float](dst, src []T, s int, v T) {
	if s == 1 {
		for j, x := range src[:len(dst)] {
			dst[j] += T(v * x)
		}
		return
	}
	for j := range dst {
		dst[j] += T(v * src[j*s])
	}
}

// spreadScaled adds v·src to dst[0], dst[s], ….
func spreadScaled[T tensor.Float](dst, src []T, s int, v T) {
	if s == 1 {
		addScaled(dst[:len(src)], src, 1, v)
		return
	}
	for j, x := range src {
		dst[j*s] += T(v * x)
	}
}

// dotStrided returns e[0]·x[0] + e[1]·x[s] + … in four interleaved ascending sums.
func dotStrided[T tensor.Float](e, x []T, s int) T {
	var s0, s1, s2, s3 T
	i := 0
	for ; len(e) >= 4; e = e[4:] {
		s0 += T(e[0] * x[i])
		s1 += T(e[1] * x[i+s])
		s2 += T(e[2] * x[i+2*s])
		s3 += T(e[3] * x[i+3*s])
		i += 4 * s
	}
	for j, v := range e {
		p := T(v * x[i+j*s])
		switch j {
		case 0:
			s0 += p
		case 1:
			s1 += p
		case 2:
			s2 += p
		}
	}
	return (s0 + s1) + (s2 + s3)
}

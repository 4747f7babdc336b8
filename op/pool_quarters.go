package op

import "github.com/retrodict/retrodict/tensor"

// quarters reports whether the windows are the 2 × 2 blocks of planes of even sizes, so that every element is in one.
func (w *window) quarters() bool {
	return w.kernel == [3]int{1, 2, 2} && w.stride == [3]int{w.stride[0], 2, 2} && w.dilation == [3]int{w.dilation[0], 1, 1} && w.in[0] == 1 &&
		w.lo == [3]int{} && w.in[1] == 2*w.out[1] && w.in[2] == 2*w.out[2]
}

func maxQuarters[T tensor.Float](dst, src []T, w *window) {
	ow := w.out[2]
	for ; len(dst) > 0; dst, src = dst[ow:], src[4*ow:] {
		a, b := src[:2*ow], src[2*ow:4*ow]
		for j := range dst[:ow] {
			dst[j] = max(a[2*j], a[2*j+1], b[2*j], b[2*j+1])
		}
	}
}

// maxQuartersVJP has no branches that depend on the data, unless they are NaN.
func maxQuartersVJP[T tensor.Float](d, src, eps []T, w *window) {
	ow := w.out[2]
	for ; len(eps) > 0; d, src, eps = d[4*ow:], src[4*ow:], eps[ow:] {
		d := d[:4*ow]
		clear(d)
		a, b := src[:2*ow], src[2*ow:4*ow]
		for j, e := range eps[:ow] {
			a0, a1, b0, b1 := a[2*j], a[2*j+1], b[2*j], b[2*j+1]
			k, l := 0, 2*ow
			if a1 > a0 {
				k = 1
			}
			if b1 > b0 {
				l = 2*ow + 1
			}
			ma, mb := max(a0, a1), max(b0, b1)
			if mb > ma {
				k = l
			}
			if ma != ma || mb != mb {
				k = firstNaN(a0, a1, b0, ow)
			}
			d[2*j+k] = e + 0
		}
	}
}

// firstNaN returns where the first NaN of a block is.
func firstNaN[T tensor.Float](a0, a1, b0 T, ow int) int {
	switch {
	case a0 != a0:
		return 0
	case a1 != a1:
		return 1
	case b0 != b0:
		return 2 * ow
	}
	return 2*ow + 1
}

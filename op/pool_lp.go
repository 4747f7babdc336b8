package op

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// lpForward takes the p-th root of the sums of |x|^p.
func lpForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, w, p := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), windowOf(a.T[4]), a.N[0]
	taps, size, pix := w.taps(), w.size(), w.pixels()
	for i := lo; i < hi; i++ {
		dst, src := y[i*pix:(i+1)*pix], x[i*size:(i+1)*size]
		clear(dst)
		for k := range taps {
			t := w.tap(k)
			for q := range w.rows() {
				from, to, at := w.span(&t, q, 0, w.out[2])
				row := dst[q*w.out[2]:][from:to]
				for j := range row {
					row[j] += power(magnitude(src[at]), p)
					at += w.stride[2]
				}
			}
		}
		for j, v := range dst {
			dst[j] = root(v, p)
		}
	}
}

// lpVJP adds ε·sign(x)·(|x|/y)^(p−1) to every input of the window.
func lpVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, x, y, eps, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), windowOf(a.T[4])
	taps, size, pix, p := w.taps(), w.size(), w.pixels(), a.N[0]
	for i := lo; i < hi; i++ {
		d, src := dx[i*size:(i+1)*size], x[i*size:(i+1)*size]
		clear(d)
		for c := (piece{}); c.next(&w); {
			norm, e := y[i*pix+c.at(&w):], eps[i*pix+c.at(&w):]
			for k := range taps {
				t := w.tap(k)
				from, to, at := w.span(&t, c.row, c.from, c.to)
				for j := from - c.from; j < to-c.from; j++ {
					d[at] += T(e[j] * lpSlope(src[at], norm[j], p))
					at += w.stride[2]
				}
			}
		}
	}
}

// lpSlope returns the derivative of the p-norm y in one of its elements x, 0 where y or x is 0.
func lpSlope[T tensor.Float](x, y T, p int) T {
	switch {
	case x == 0 || y == 0:
		return 0
	case x < 0:
		return -power(-x/y, p-1)
	}
	return power(x/y, p-1)
}

func magnitude[T tensor.Float](x T) T { return T(math.Abs(float64(x))) }

// power returns x^n for n ≥ 0 by repeated multiplication.
func power[T tensor.Float](x T, n int) T {
	r := T(1)
	for ; n > 0; n-- {
		r *= x
	}
	return r
}

// root returns the n-th root of x ≥ 0.
func root[T tensor.Float](x T, n int) T {
	switch n {
	case 1:
		return x
	case 2:
		return T(math.Sqrt(float64(x)))
	}
	return T(tensor.Pow(float64(x), 1/float64(n)))
}

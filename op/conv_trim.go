package op

import "github.com/retrodict/retrodict/tensor"

// trim cuts those taps off the ends of the kernel that read nothing but padding, whatever the pixel, if that leaves a quarter of
// the taps at most. It returns the first of what is left. Little images in deep networks leave few: of the nine taps of a
// 3 × 3 kernel over a single element, one.
func (w *window) trim() (first [3]int) {
	t := *w
	for i := range 3 {
		for t.kernel[i] > 1 && !t.reads(i, t.kernel[i]-1) {
			t.kernel[i]--
		}
		for t.kernel[i] > 1 && !t.reads(i, 0) {
			t.kernel[i]--
			t.lo[i] -= t.dilation[i]
			first[i]++
		}
	}
	if 4*t.taps() > w.taps() {
		return [3]int{}
	}
	*w = t
	return first
}

// reads reports whether tap k along axis i reads an input for some pixel.
func (w *window) reads(i, k int) bool {
	for o := range w.out[i] {
		if at := o*w.stride[i] + k*w.dilation[i] - w.lo[i]; at >= 0 && at < w.in[i] {
			return true
		}
	}
	return false
}

// trims reports whether the weights have taps that take no part.
func (p *convPlan) trims() bool { return p.win.kernel != p.kernel }

// trimmed returns the weights of the taps that take part: w itself if all do.
func (p *convPlan) trimmed(c *tensor.Ctx, w tensor.Tensor) tensor.Tensor {
	if !p.trims() {
		return w
	}
	t := c.Scratch(w.Type(), tensor.Dims(p.o, p.rows))
	splitOf(c, w.Type(), p.o*p.cg, p.win.taps(), trim[float64], trim[float32], p.trimming(w, t))
	return t
}

// trimming are the operands of trim and untrim: T: all weights, those of the taps that take part.
func (p *convPlan) trimming(all, some tensor.Tensor) tensor.Args {
	k, s, f := p.kernel, p.win.kernel, p.first
	return tensor.Args{T: [6]tensor.Tensor{all, some}, N: [12]int{k[0], k[1], k[2], s[0], s[1], s[2], f[0], f[1], f[2]}}
}

// trim copies the taps that take part of rows lo to hi, untrim copies them back and sets the others to +0.
func trim[T tensor.Float](a *tensor.Args, lo, hi int) {
	all, some, n := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N
	taps, left := n[0]*n[1]*n[2], n[3]*n[4]*n[5]
	for i := range left {
		at := tapAt(&n, i)
		for r := lo; r < hi; r++ {
			some[r*left+i] = all[r*taps+at]
		}
	}
}

func untrim[T tensor.Float](a *tensor.Args, lo, hi int) {
	all, some, n := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N
	taps, left := n[0]*n[1]*n[2], n[3]*n[4]*n[5]
	const rows = 64 // stay in the cache between the two passes
	for ; lo < hi; lo += rows {
		to := min(lo+rows, hi)
		clear(all[lo*taps : to*taps])
		for i := range left {
			at := tapAt(&n, i)
			for r := lo; r < to; r++ {
				all[r*taps+at] = some[r*left+i]
			}
		}
	}
}

// tapAt returns which of all taps the i-th is that takes part.
func tapAt(n *[12]int, i int) int {
	x, y, z := i/(n[4]*n[5]), i/n[5]%n[4], i%n[5]
	return ((n[6]+x)*n[1]+n[7]+y)*n[2] + n[8] + z
}

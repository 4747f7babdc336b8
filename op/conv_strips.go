package op

import (
	"unsafe"

	"github.com/retrodict/retrodict/tensor"
)

// Strips are how a convolution of stride 1 over at most two axes becomes matrix products almost without copies. For each
// tap along the last axis, and each channel, there is a strip: the plane of the channel with rows of padding, shifted by
// that tap and cut to the width of the result, so that the rows of all taps along the other axis are the same strip, read
// from another row on. So an image is copied once for each tap of a row of the kernel, not for each tap. The derivative in the
// image is such a convolution too, of the pixel side, with the taps in the other direction.

// A sweep is one such convolution, from planes of sh × sw elements to planes of h × w. Element (i, j) of the result reads,
// with tap (a, b), element (i + a·stepH + baseH, j + b·stepW + baseW), or zero outside.
type sweep struct {
	from, to     int // channels
	sh, sw, h, w int
	kh, kw       int
	stepH, stepW int
	baseH, baseW int
}

// The least numbers of pixels of a plane for which strips pay, in a sweep and for the gradient of the weights: below, all images
// are folded into a product.
const (
	sweepPixels  = 16
	weightPixels = 32
)

// stripElements is about how many elements of strips are made at a time, so that they stay in the cache.
const stripElements = 1 << 16

func (p *convPlan) strips(pixels int) bool {
	w := &p.win
	return p.groups == 1 && w.in[0] == 1 && w.kernel[0] == 1 && w.lo[0] == 0 && w.hi[0] == 0 && w.stride == [3]int{w.stride[0], 1, 1} &&
		w.taps() > 1 && p.pix >= pixels && p.size >= pixels
}

// sweepForward goes from the image side to the pixel side, sweepData back.
func (p *convPlan) sweepForward() sweep {
	w := &p.win
	return sweep{from: p.c, to: p.o, sh: w.in[1], sw: w.in[2], h: w.out[1], w: w.out[2], kh: w.kernel[1], kw: w.kernel[2],
		stepH: w.dilation[1], stepW: w.dilation[2], baseH: -w.lo[1], baseW: -w.lo[2]}
}

func (p *convPlan) sweepData() sweep {
	w := &p.win
	return sweep{from: p.o, to: p.c, sh: w.out[1], sw: w.out[2], h: w.in[1], w: w.in[2], kh: w.kernel[1], kw: w.kernel[2],
		stepH: -w.dilation[1], stepW: -w.dilation[2], baseH: w.lo[1], baseW: w.lo[2]}
}

func (s *sweep) args(t [6]tensor.Tensor) tensor.Args {
	return tensor.Args{T: t, N: [12]int{s.from, s.to, s.sh, s.sw, s.h, s.w, s.kh, s.kw, s.stepH, s.stepW, s.baseH, s.baseW}}
}

func sweepOf(a *tensor.Args) sweep {
	n := &a.N
	return sweep{n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11]}
}

// reach is how many rows the taps of a column span beyond the first.
func (s *sweep) reach() int { return max(s.stepH, -s.stepH) * (s.kh - 1) }

// band returns how many rows of the result are computed at a time.
func (s *sweep) band() int {
	rows := stripElements/(s.kw*s.from*s.w) - s.reach()
	bands := (s.h + max(rows, s.reach(), 4) - 1) / max(rows, s.reach(), 4)
	return (s.h + bands - 1) / bands
}

// stride returns the elements from strip to strip for bands of the given height: a little more than they hold where
// strips would meet in the same sets of the cache.
func (s *sweep) stride(band int) int {
	n := (band + s.reach()) * s.w
	if n%256 == 0 {
		n += 16
	}
	return n
}

// padded returns the number of strips of an image, filled up to whole tiles of a transposition.
func (s *sweep) padded() int { return (s.kw*s.from + 7) &^ 7 }

// row returns the row of a strip that result row 0 reads with tap a.
func (s *sweep) row(a int) int { return a*s.stepH - min(0, (s.kh-1)*s.stepH) }

// strip makes the strip of tap b along the last axis from a plane, for result rows i0 to i1.
func strip[T tensor.Float](s *sweep, dst, plane []T, b, i0, i1 int) {
	first := i0 + s.baseH + min(0, (s.kh-1)*s.stepH) // the row of the plane that is row 0 of the strip
	rows := i1 - i0 + s.reach()
	by := b*s.stepW + s.baseW
	lo := min(max(-by, 0), s.w)
	hi := max(min(s.sw-by, s.w), lo)
	from := min(max(-first, 0), rows)
	to := max(min(s.sh-first, rows), from)
	clear(dst[:from*s.w])
	clear(dst[to*s.w : rows*s.w])
	if lo >= hi || from >= to {
		clear(dst[from*s.w : to*s.w])
		return
	}
	if s.w == s.sw {
		at := (from + first) * s.w
		copy(dst[from*s.w+lo:(to-1)*s.w+hi], plane[at+lo+by:])
		for i := from; i < to; i++ {
			row := dst[i*s.w : (i+1)*s.w]
			for j := range row[:lo] {
				row[j] = 0
			}
			for j := hi; j < len(row); j++ {
				row[j] = 0
			}
		}
		return
	}
	if lo > 0 || hi < s.w {
		clear(dst[from*s.w : to*s.w])
	}
	tensor.CopyRows(dst[from*s.w+lo:], s.w, plane[(from+first)*s.sw+lo+by:], s.sw, hi-lo, to-from)
}

// run computes result planes T[0] from planes T[1] and weights T[2], [kh, kw, from, to], for n images.
func (s *sweep) run(c *tensor.Ctx, n int, dst, src, w tensor.Tensor) {
	splitOwn(c, dst.Type(), n, sweepImages[float64], sweepImages[float32], s.args([6]tensor.Tensor{dst, src, w}))
}

// splitOwn runs the kernel for T over [0, n) on idle workers, each with a Ctx of its own.
func splitOwn(c *tensor.Ctx, typ tensor.Type, n int, f64, f32 func(c *tensor.Ctx, a *tensor.Args, lo, hi int), args tensor.Args) {
	if typ == tensor.Float32 {
		c.SplitOwn(n, 1, f32, args)
	} else {
		c.SplitOwn(n, 1, f64, args)
	}
}

func sweepImages[T tensor.Float](c *tensor.Ctx, a *tensor.Args, lo, hi int) {
	s := sweepOf(a)
	dst, src, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2])
	m := c.Mark()
	band, k := s.band(), s.kw*s.from
	ld := s.stride(band)
	buf := tensor.ScratchOf[T](c, k*ld)
	size, pix := s.sh*s.sw, s.h*s.w
	for n := lo; n < hi; n++ {
		for i := 0; i < s.h; i += band {
			end := min(i+band, s.h)
			for r := range k {
				f := r % s.from
				strip(&s, buf[r*ld:(r+1)*ld], src[(n*s.from+f)*size:][:size], r/s.from, i, end)
			}
			g := tensor.Gemm{M: s.to, N: (end - i) * s.w, K: k, LDA: s.to, LDB: ld, LDC: pix, TransA: true}
			for t := range s.kh {
				tensor.MatMul(c, g, w[t*k*s.to:(t+1)*k*s.to], buf[s.row(t)*s.w:], dst[n*s.to*pix+i*s.w:])
				g.Accumulate = true
			}
		}
	}
	c.Release(m)
}

// stripForward computes the pixel side y from the image side x.
func (p *convPlan) stripForward(c *tensor.Ctx, y, x, w tensor.Tensor) {
	s := p.sweepForward()
	m := c.Mark()
	t := c.Scratch(w.Type(), tensor.Dims(p.rows, p.o))
	splitOf(c, w.Type(), p.c, p.win.taps()*p.o, tapsInput[float64], tapsInput[float32],
		tensor.Args{T: [6]tensor.Tensor{t, w}, N: [12]int{p.o, p.c, p.win.taps()}})
	s.run(c, p.n, y, x, t)
	c.Release(m)
}

// stripData computes the image side dx from the pixel side eps.
func (p *convPlan) stripData(c *tensor.Ctx, dx, eps, w tensor.Tensor) {
	s := p.sweepData()
	m := c.Mark()
	taps := p.win.taps()
	t := c.Scratch(w.Type(), tensor.Dims(taps, p.o*p.c))
	splitOf(c, w.Type(), p.o, taps*p.c, tapsOutput[float64], tapsOutput[float32],
		tensor.Args{T: [6]tensor.Tensor{t, w}, N: [12]int{p.o, p.c, taps}})
	s.run(c, p.n, dx, eps, t)
	c.Release(m)
}

// tapsInput sets T[0] [taps, C, O] to the weights T[1] [O, C, taps], tapsOutput T[0] [taps, O, C].
func tapsInput[T tensor.Float](a *tensor.Args, lo, hi int) {
	dst, w, o, c, taps := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[0], a.N[1], a.N[2]
	for i := lo; i < hi; i++ {
		tensor.TransposeOf(dst[i*o:], c*o, w[i*taps:], c*taps, o, taps)
	}
}

func tapsOutput[T tensor.Float](a *tensor.Args, lo, hi int) {
	dst, w, o, c, taps := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[0], a.N[1], a.N[2]
	tensor.TransposeOf(dst[lo*c:], o*c, w[lo*c*taps:], taps, (hi-lo)*c, taps)
}

// stripWeight computes the gradient dw of the weights.
func (p *convPlan) stripWeight(c *tensor.Ctx, dw, x, eps tensor.Tensor) {
	if dw.Type() == tensor.Float32 {
		stripWeight[float32](c, p, dw, x, eps)
	} else {
		stripWeight[float64](c, p, dw, x, eps)
	}
}

// stripRows returns how many rows of the transposed gradient, of kh times k, are computed at a time: fewer where there are so few
// that workers would get unequal shares, and a vector of float64 is as long as that.
func stripRows[T tensor.Float](kh, k int) int {
	if unsafe.Sizeof(T(0)) == 8 && kh*k < 8*16 {
		return 8
	}
	return 16
}

func stripWeight[T tensor.Float](c *tensor.Ctx, p *convPlan, dw, x, eps tensor.Tensor) {
	s := p.sweepForward()
	ld, k := s.stride(s.h), s.padded()
	images := min(max(4*stripElements/(k*ld+p.pix*p.o), 1), max(p.n, 1))
	strips := c.Scratch(dw.Type(), tensor.Dims(images, k*ld))
	for n := range images {
		clear(tensor.Data[T](strips)[(n*k+s.kw*p.c)*ld : (n+1)*k*ld])
	}
	turned := c.Scratch(dw.Type(), tensor.Dims(images, p.pix*p.o))
	acc := c.Scratch(dw.Type(), tensor.Dims(s.kh*k, p.o))
	acc.Zero()
	for n := 0; n < p.n; n += images {
		m := min(images, p.n-n)
		a := s.args([6]tensor.Tensor{strips, part[T](x, n*p.c*p.size), turned, part[T](eps, n*p.o*p.pix), acc})
		splitOf(c, dw.Type(), m*p.c, s.kw*ld, makeStrips[float64], makeStrips[float32], a)
		splitOf(c, dw.Type(), m*p.o, p.pix, makeTurned[float64], makeTurned[float32], a)
		rows := stripRows[T](s.kh, k)
		blocks := s.kh * ((k + rows - 1) / rows)
		a.F[0] = float64(m)
		splitOwn(c, dw.Type(), blocks, weightRows[float64], weightRows[float32], a)
	}
	splitOf(c, dw.Type(), (p.o+turnedTile-1)/turnedTile, turnedTile*p.rows, tapsBack[float64], tapsBack[float32],
		tensor.Args{T: [6]tensor.Tensor{dw, acc}, N: [12]int{p.o, p.c, s.kh, s.kw, k}})
}

// part returns the elements of t from i on.
func part[T tensor.Float](t tensor.Tensor, i int) tensor.Tensor {
	d := tensor.Data[T](t)[i:]
	return tensor.From(tensor.Dims(len(d)), d)
}

// makeStrips makes the strips of planes lo to hi (image, channel), makeTurned the transposes of the pixel side.
func makeStrips[T tensor.Float](a *tensor.Args, lo, hi int) {
	s, dst, x := sweepOf(a), tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	ld, size := s.stride(s.h), s.sh*s.sw
	for i := lo; i < hi; i++ {
		for b := range s.kw {
			r := i/s.from*s.padded() + b*s.from + i%s.from
			strip(&s, dst[r*ld:(r+1)*ld], x[i*size:(i+1)*size], b, 0, s.h)
		}
	}
}

func makeTurned[T tensor.Float](a *tensor.Args, lo, hi int) {
	s, dst, eps := sweepOf(a), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3])
	pix := s.h * s.w
	for lo < hi { // planes of an image together
		n, o := lo/s.to, lo%s.to
		m := min(s.to-o, hi-lo)
		tensor.TransposeOf(dst[n*pix*s.to+o:], s.to, eps[lo*pix:], pix, m, pix)
		lo += m
	}
}

// weightRows adds the products of all images of a block to blocks lo to hi of the rows of the transposed gradient.
func weightRows[T tensor.Float](c *tensor.Ctx, a *tensor.Args, lo, hi int) {
	s, strips, turned, acc := sweepOf(a), tensor.Data[T](a.T[0]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[4])
	ld, k, pix := s.stride(s.h), s.padded(), s.h*s.w
	rows := stripRows[T](s.kh, k)
	per := (k + rows - 1) / rows
	for i := lo; i < hi; i++ {
		t, r := i/per, i%per*rows
		g := tensor.Gemm{M: min(rows, k-r), N: s.to, K: pix, LDA: ld, LDB: s.to, LDC: s.to, Accumulate: true}
		for n := range int(a.F[0]) {
			tensor.MatMul(c, g, strips[(n*k+r)*ld+s.row(t)*s.w:], turned[n*pix*s.to:], acc[(t*k+r)*s.to:])
		}
	}
}

// turnedTile is how many channels are turned at a time.
const turnedTile = 32

// tapsBack sets tiles lo to hi of the channels of the gradient T[0] [O, C, kh, kw] from T[1] [kh, kw·C and padding, O].
func tapsBack[T tensor.Float](a *tensor.Args, lo, hi int) {
	dw, acc, o, c, kh, kw, k := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), a.N[0], a.N[1], a.N[2], a.N[3], a.N[4]
	ld := c * kh * kw
	var tile [8 * turnedTile]T // neighbours of a channel's gradient, which are not neighbours in acc
	for j := lo * turnedTile; j < min(hi*turnedTile, o); j += turnedTile {
		n := min(turnedTile, o-j)
		for r := 0; r < ld; r += 8 {
			m := min(8, ld-r)
			for i := range m {
				at := r + i
				copy(tile[i*turnedTile:][:n], acc[(at/kw%kh*k+at%kw*c+at/(kh*kw))*o+j:])
			}
			tensor.TransposeOf(dw[j*ld+r:], ld, tile[:], turnedTile, m, n)
		}
	}
}

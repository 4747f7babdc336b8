package op

import "github.com/retrodict/retrodict/tensor"

// A convPlan is how a convolution is cut into matrix products. It has an image side (input of a convolution) and a
// pixel side (its output); a transposed convolution is the same plan with the sides exchanged.
//
// The columns matrix of a group has a row for every (channel, tap) and a column for every pixel of every image. It is
// made block by block: a block is a range of pixels of one image or, where images have few pixels, all pixels of several
// images. The blocks depend on the shapes alone.
type convPlan struct {
	win        window
	n          int // images
	c, o       int // channels of the image side and of the pixel side
	groups     int
	cg, og     int // channels of a group
	rows       int // of the columns matrix: cg · taps
	size, pix  int // elements of an image plane, of a pixel plane
	images     int // a block has this many whole images; 0: a block is a piece of one
	perImage   int // blocks an image
	pointwise  bool
	depthwise  bool
	blockWidth int // columns of the widest block

	kernel, first [3]int // of the weights, and the first tap of win among theirs
}

// Blocks hold about blockElements elements, but at least minColumns columns, so that a product reads the weights only
// a few times, and at most maxColumns.
const (
	blockElements = 1 << 18
	minColumns    = 256
	maxColumns    = 4096
)

func newConvPlan(win window, n, c, o, groups int) convPlan {
	p := convPlan{n: n, c: c, o: o, groups: groups, cg: c / groups, og: o / groups, kernel: win.kernel}
	p.first = win.trim()
	p.win = win
	p.size, p.pix = win.size(), win.pixels()
	p.rows = p.cg * win.taps()
	p.pointwise = win.pointwise()
	p.depthwise = groups > 1 && p.cg == 1
	columns := min(max(blockElements/p.rows, minColumns), maxColumns)
	if p.pix <= columns {
		p.images = min(columns/p.pix, max(n, 1))
		p.blockWidth = p.images * p.pix
		return p
	}
	p.perImage = (p.pix + columns - 1) / columns
	p.blockWidth = (p.pix + p.perImage - 1) / p.perImage
	return p
}

// A convBlock is pixels p0 to p1 of images n0 to n1.
type convBlock struct{ n0, n1, p0, p1 int }

func (b convBlock) width() int { return (b.n1 - b.n0) * (b.p1 - b.p0) }

// blocks returns the number of blocks, block the i-th.
func (p *convPlan) blocks() int {
	if p.images > 0 {
		return (p.n + p.images - 1) / p.images
	}
	return p.n * p.perImage
}

func (p *convPlan) block(i int) convBlock {
	if p.images > 0 {
		return convBlock{i * p.images, min((i+1)*p.images, p.n), 0, p.pix}
	}
	n, k := i/p.perImage, i%p.perImage
	return convBlock{n, n + 1, k * p.blockWidth, min((k+1)*p.blockWidth, p.pix)}
}

// forward computes the pixel side y from the image side x.
func (p *convPlan) forward(c *tensor.Ctx, y, x, w tensor.Tensor) {
	m := c.Mark()
	w = p.trimmed(c, w)
	switch {
	case p.depthwise:
		p.direct(c, depthForward[float64], depthForward[float32], p.n*p.o, y, x, w)
	case p.strips(sweepPixels):
		p.stripForward(c, y, x, w)
	case y.Type() == tensor.Float32:
		convForward[float32](c, p, y, x, w)
	default:
		convForward[float64](c, p, y, x, w)
	}
	c.Release(m)
}

// data computes the image side dx from the pixel side eps: the transpose of forward.
func (p *convPlan) data(c *tensor.Ctx, dx, eps, w tensor.Tensor) {
	m := c.Mark()
	w = p.trimmed(c, w)
	switch {
	case p.depthwise:
		p.direct(c, depthData[float64], depthData[float32], p.n*p.c, dx, eps, w)
	case p.strips(sweepPixels):
		p.stripData(c, dx, eps, w)
	case dx.Type() == tensor.Float32:
		convData[float32](c, p, dx, eps, w)
	default:
		convData[float64](c, p, dx, eps, w)
	}
	c.Release(m)
}

// weight computes the gradient dw of the weights from the image side x and the pixel side eps.
func (p *convPlan) weight(c *tensor.Ctx, dw, x, eps tensor.Tensor) {
	m := c.Mark()
	all := dw
	if p.trims() {
		dw = c.Scratch(dw.Type(), tensor.Dims(p.o, p.rows))
	}
	switch {
	case p.depthwise:
		p.direct(c, depthWeight[float64], depthWeight[float32], p.o*p.win.taps(), dw, x, eps)
	case p.strips(weightPixels):
		p.stripWeight(c, dw, x, eps)
	case dw.Type() == tensor.Float32:
		convWeight[float32](c, p, dw, x, eps)
	default:
		convWeight[float64](c, p, dw, x, eps)
	}
	if p.trims() {
		splitOf(c, dw.Type(), p.o*p.cg, p.kernel[0]*p.kernel[1]*p.kernel[2], untrim[float64], untrim[float32], p.trimming(all, dw))
	}
	c.Release(m)
}

// convForward: y = w·columns(x), group by group and block by block.
func convForward[T tensor.Float](c *tensor.Ctx, p *convPlan, y, x, w tensor.Tensor) {
	yd, wd := tensor.Data[T](y), tensor.Data[T](w)
	buf := p.scratch(c, y.Type())
	for i := range p.blocks() {
		b := p.block(i)
		for g := range p.groups {
			col, ld := columns[T](c, p, &buf, x, b, g)
			k := tensor.Gemm{M: p.og, N: b.width(), K: p.rows, LDA: p.rows, LDB: ld, LDC: p.pix}
			wg := wd[g*p.og*p.rows : (g+1)*p.og*p.rows]
			if b.n1-b.n0 == 1 {
				tensor.MatMul(c, k, wg, col, yd[(b.n0*p.o+g*p.og)*p.pix+b.p0:])
				continue
			}
			k.LDC = b.width()
			tensor.MatMul(c, k, wg, col, tensor.Data[T](buf.side))
			p.move(c, buf, y, b, g, unfold[float64], unfold[float32])
		}
	}
}

// convData: dx = the sum of wᵀ·eps over the places in the columns matrix to which an element was copied.
func convData[T tensor.Float](c *tensor.Ctx, p *convPlan, dx, eps, w tensor.Tensor) {
	ed, wd := tensor.Data[T](eps), tensor.Data[T](w)
	buf := p.scratch(c, dx.Type())
	dx.Zero()
	for i := range p.blocks() {
		b := p.block(i)
		for g := range p.groups {
			k := tensor.Gemm{M: p.rows, N: b.width(), K: p.og, LDA: p.rows, LDB: b.width(), LDC: b.width(), TransA: true}
			var e []T
			if b.n1-b.n0 == 1 {
				e, k.LDB = ed[(b.n0*p.o+g*p.og)*p.pix+b.p0:], p.pix
			} else {
				p.move(c, buf, eps, b, g, fold[float64], fold[float32])
				e = tensor.Data[T](buf.side)
			}
			wg := wd[g*p.og*p.rows : (g+1)*p.og*p.rows]
			if p.pointwise && b.n1-b.n0 == 1 {
				k.LDC = p.pix
				tensor.MatMul(c, k, wg, e, tensor.Data[T](dx)[(b.n0*p.c+g*p.cg)*p.pix+b.p0:])
				continue
			}
			tensor.MatMul(c, k, wg, e, tensor.Data[T](buf.col))
			splitOf(c, dx.Type(), (b.n1-b.n0)*p.cg, p.win.taps()*(b.p1-b.p0), col2im[float64], col2im[float32],
				p.args(dx, buf, b, g))
		}
	}
}

// convWeight: dwᵀ = Σ over blocks of columns(x)·epsᵀ, transposed at the end.
func convWeight[T tensor.Float](c *tensor.Ctx, p *convPlan, dw, x, eps tensor.Tensor) {
	buf := p.scratch(c, dw.Type())
	acc := c.Scratch(dw.Type(), tensor.Dims(p.rows, p.og))
	for g := range p.groups {
		acc.Zero()
		for i := range p.blocks() {
			b := p.block(i)
			col, ld := columns[T](c, p, &buf, x, b, g)
			p.move(c, buf, eps, b, g, transposed[float64], transposed[float32])
			k := tensor.Gemm{M: p.rows, N: p.og, K: b.width(), LDA: ld, LDB: p.og, LDC: p.og, Accumulate: true}
			tensor.MatMul(c, k, col, tensor.Data[T](buf.side), tensor.Data[T](acc))
		}
		splitOf(c, dw.Type(), p.og, p.rows, turn[float64], turn[float32],
			tensor.Args{T: [6]tensor.Tensor{dw, acc}, N: [12]int{p.og, p.rows, g * p.og}})
	}
}

// convScratch is the memory for one block: its columns matrix [rows, width], its pixel side [og, width] or transposed,
// and the geometry for the kernels.
type convScratch struct{ col, side, win tensor.Tensor }

func (p *convPlan) scratch(c *tensor.Ctx, t tensor.Type) convScratch {
	return convScratch{
		col:  c.Scratch(t, tensor.Dims(p.rows, p.blockWidth)),
		side: c.Scratch(t, tensor.Dims(p.og, p.blockWidth)),
		win:  p.win.tensor(c),
	}
}

// columns returns the columns matrix of block b and group g of x, and its leading dimension: x itself if it can be.
func columns[T tensor.Float](c *tensor.Ctx, p *convPlan, buf *convScratch, x tensor.Tensor, b convBlock, g int) ([]T, int) {
	if p.pointwise && b.n1-b.n0 == 1 {
		return tensor.Data[T](x)[(b.n0*p.c+g*p.cg)*p.pix+b.p0:], p.pix
	}
	splitOf(c, x.Type(), p.rows, b.width(), im2col[float64], im2col[float32], p.args(x, *buf, b, g))
	return tensor.Data[T](buf.col), b.width()
}

// args are the operands of im2col and col2im.
func (p *convPlan) args(image tensor.Tensor, buf convScratch, b convBlock, g int) tensor.Args {
	return tensor.Args{
		T: [6]tensor.Tensor{image, buf.col, buf.win},
		N: [12]int{b.n0, b.n1, b.p0, b.p1, p.c, g * p.cg, p.cg},
	}
}

// move runs a kernel that copies between block b of the pixel side and buf.side.
func (p *convPlan) move(c *tensor.Ctx, buf convScratch, side tensor.Tensor, b convBlock, g int, f64, f32 kernel) {
	splitOf(c, side.Type(), p.og, b.width(), f64, f32, tensor.Args{
		T: [6]tensor.Tensor{side, buf.side},
		N: [12]int{b.n0, b.n1, b.p0, b.p1, p.o, g * p.og, p.pix, p.og},
	})
}

// direct runs a kernel of a depthwise convolution over n planes or weights.
func (p *convPlan) direct(c *tensor.Ctx, f64, f32 kernel, n int, dst, a, b tensor.Tensor) {
	splitOf(c, dst.Type(), n, p.win.taps()*p.pix, f64, f32, tensor.Args{
		T: [6]tensor.Tensor{dst, a, b, p.win.tensor(c)},
		N: [12]int{p.n, p.c, p.o, p.og},
	})
}

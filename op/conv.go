package op

import (
	"slices"

	"github.com/retrodict/retrodict/tensor"
)

// A ConvConfig holds the attributes of a convolution over one to three spatial axes. The zero value is a convolution
// with stride 1, no padding, one group and no bias.
//
// Stride and Dilation are nil (all 1), hold one number for all axes, or one for each. Pad is nil (none), holds one number
// for all sides, one for each axis, or all begins followed by all ends, as in ONNX (2-D: top, left, bottom, right).
type ConvConfig struct {
	Stride, Pad, Dilation []int
	Groups                int  // 0: 1; the channels of the input are cut into as many, each with weights of its own
	Bias                  bool // a third argument is added to every pixel of its channel
}

func (cfg ConvConfig) clone() ConvConfig {
	cfg.Stride, cfg.Pad, cfg.Dilation = slices.Clone(cfg.Stride), slices.Clone(cfg.Pad), slices.Clone(cfg.Dilation)
	cfg.Groups = max(cfg.Groups, 1)
	return cfg
}

func (cfg *ConvConfig) slides() slides { return slides{cfg.Stride, cfg.Pad, cfg.Dilation} }

func (cfg *ConvConfig) name(base, extra string) string {
	return named(base, ints("stride", cfg.Stride, 1), ints("pad", cfg.Pad, 0), extra, ints("dilation", cfg.Dilation, 1),
		ints("groups", []int{cfg.Groups}, 1), flag("bias", cfg.Bias))
}

func (cfg *ConvConfig) arity() int {
	if cfg.Bias {
		return 3
	}
	return 2
}

// Conv returns the convolution of x [N, C, in…] with weights w [O, C/groups, kernel…] and, if cfg.Bias, a bias b [O]:
//
//	y[n,o,p] = b[o] + Σ_{c,t} w[o,c,t] · x[n, c, p·stride + t·dilation − pad]
//
// with zeros outside the input, c over the channels of o's group, t over the kernel: a cross-correlation, as everywhere
// in deep learning (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning"). The output has
// ⌊(in + pads − (kernel−1)·dilation − 1)/stride⌋ + 1 pixels along an axis. ONNX Conv.
//
// Order of reductions, by shapes alone: y over (c, t) as one row of a matrix product, or, at stride 1 with planes of 16
// elements and more, over (row of t, column of t, c), b last; the gradient of w over (n, p) in blocks of that order; of b
// over n, within an image in four interleaved sums; of x first over o within its group, then over blocks of pixels and
// in a block over t, or, where y goes by rows and columns of t, over (row of t, column of t, o). In depthwise
// convolutions (one input channel a group) padding takes no part; otherwise it is multiplied by the weights, so that
// infinite weights give NaN there, but where three quarters of the taps read
// nothing but padding those take no part either.
func Conv(cfg ConvConfig) Op { return conv{cfg.clone()} }

type conv struct{ cfg ConvConfig }

func (o conv) Name() string { return o.cfg.name("conv", "") }
func (o conv) Arity() int   { return o.cfg.arity() }

func (o conv) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x, w := args[0], args[1]
	if x.Rank() != w.Rank() || x.Rank() < 3 || x.Rank() > 5 {
		return x, errorf(o, "input %v and weights %v must both have one to three axes after the first two", x, w)
	}
	if msg := o.cfg.slides().check(x.Rank() - 2); msg != "" {
		return x, errorf(o, "%s; the input has shape %v", msg, x)
	}
	g := o.cfg.Groups
	if w.Dim(0) < 1 || w.Dim(1) < 1 || w.Dim(0)%g != 0 || w.Dim(1)*g != x.Dim(1) {
		return x, errorf(o, "weights %v do not fit input %v: want [O C/%d kernel…], O a multiple of %d", w, x, g, g)
	}
	if o.cfg.Bias && args[2] != tensor.Dims(w.Dim(0)) {
		return x, errorf(o, "bias has shape %v, want [%d]", args[2], w.Dim(0))
	}
	win := o.window(x, w)
	if !win.slide(false) {
		return x, errorf(o, "no pixel fits: input %v, weights %v", x, w)
	}
	return win.shape(x, w.Dim(0)), nil
}

func (o conv) window(x, w tensor.Shape) window {
	return o.cfg.slides().window(x, func(i int) int { return w.Dim(2 + i) })
}

func (o conv) plan(x, w tensor.Shape) convPlan {
	win := o.window(x, w)
	win.slide(false)
	return newConvPlan(win, x.Dim(0), x.Dim(1), w.Dim(0), o.cfg.Groups)
}

func (o conv) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	p := o.plan(args[0].Shape(), args[1].Shape())
	p.forward(c, dst, args[0], args[1])
	if o.cfg.Bias {
		addBias(c, dst, args[2])
	}
	c.Release(m)
}

func (o conv) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	m := c.Mark()
	p := o.plan(args[0].Shape(), args[1].Shape())
	if d[0].Wanted() {
		p.data(c, d[0], eps, args[1])
	}
	if d[1].Wanted() {
		p.weight(c, d[1], args[0], eps)
	}
	if o.cfg.Bias && d[2].Wanted() {
		sumBias(c, d[2], eps)
	}
	c.Release(m)
}

// addBias adds b[o] to every pixel of channel o of y [N, O, …].
func addBias(c *tensor.Ctx, y, b tensor.Tensor) {
	o := y.Shape().Dim(1)
	n := y.Shape().Dim(0) * o
	if n == 0 {
		return
	}
	pix := y.Len() / n
	splitOf(c, y.Type(), n, pix, addBiasPlanes[float64], addBiasPlanes[float32],
		tensor.Args{T: [6]tensor.Tensor{y, b}, N: [12]int{o, pix}})
}

func addBiasPlanes[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, b := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	o, pix := a.N[0], a.N[1]
	for i := lo; i < hi; i++ {
		plane := y[i*pix : (i+1)*pix]
		tensor.OffsetOf(plane, plane, b[i%o])
	}
}

// sumBias sets db[o] to the sum of channel o of eps [N, O, …].
func sumBias(c *tensor.Ctx, db, eps tensor.Tensor) {
	n, o := eps.Shape().Dim(0), eps.Shape().Dim(1)
	pix := 0
	if n > 0 {
		pix = eps.Len() / (n * o)
	}
	splitOf(c, eps.Type(), o, n*pix, sumBiasChannels[float64], sumBiasChannels[float32],
		tensor.Args{T: [6]tensor.Tensor{db, eps}, N: [12]int{n, o, pix}})
}

func sumBiasChannels[T tensor.Float](a *tensor.Args, lo, hi int) {
	db, eps := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1])
	n, o, pix := a.N[0], a.N[1], a.N[2]
	for k := lo; k < hi; k++ {
		var s T
		for i := range n {
			s += sum4(eps[(i*o+k)*pix : (i*o+k+1)*pix])
		}
		db[k] = s
	}
}

// sum4 returns the sum of x in four interleaved ascending sums: (s0 + s1) + (s2 + s3), s0 over x[0], x[4], ….
func sum4[T tensor.Float](x []T) T {
	var s0, s1, s2, s3 T
	for ; len(x) >= 4; x = x[4:] {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
	}
	switch len(x) {
	case 3:
		s2 += x[2]
		fallthrough
	case 2:
		s1 += x[1]
		fallthrough
	case 1:
		s0 += x[0]
	}
	return (s0 + s1) + (s2 + s3)
}

package op

import (
	"slices"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// A PoolConfig holds the attributes of pooling over one to three spatial axes. Kernel must be given: one size for all
// axes, or one for each. Stride, Pad and Dilation are as in ConvConfig; a nil Stride is 1, as in ONNX.
type PoolConfig struct {
	Kernel, Stride, Pad, Dilation []int
	Ceil                          bool // round the number of windows up; a last window that would start beyond the input is left out
	CountPad                      bool // AvgPool: padding counts as zeros in the mean (ONNX count_include_pad); otherwise it takes no part
}

// MaxPool returns the maximum over the windows of x [N, C, in…]. Padding takes no part; a window without any input
// gives −Inf. A NaN in a window gives NaN, and of zeros +0 is the maximum. The subgradient at a tie, ±0 included, goes
// to the first maximum in the row-major order of the window. The argument of the maximum is not kept: the VJP finds it
// again. ONNX MaxPool, without its indices.
func MaxPool(cfg PoolConfig) Op {
	return newPool("maxpool", cfg, maxForward[float64], maxForward[float32], maxVJP[float64], maxVJP[float32])
}

// AvgPool returns the mean over the windows of x [N, C, in…]: the sum in the row-major order of the window divided by
// the number of inputs, or with CountPad of inputs and pads (what Ceil adds beyond the pads is not counted); 0 for a
// window without any. ONNX AveragePool.
func AvgPool(cfg PoolConfig) Op {
	return newPool("avgpool", cfg, avgForward[float64], avgForward[float32], avgVJP[float64], avgVJP[float32])
}

// LpPool returns (Σ|x|^p)^(1/p) over the windows of x [N, C, in…], p ≥ 1, summed in the row-major order of the window.
// Its derivative sign(x)·(|x|/y)^(p−1) is taken as 0 where y = 0. ONNX LpPool.
func LpPool(p int, cfg PoolConfig) Op {
	o := newPool("lppool", cfg, lpForward[float64], lpForward[float32], lpVJP[float64], lpVJP[float32])
	o.p = p
	return o
}

// maxTaps bounds the elements of a pooling kernel, which unlike that of a convolution costs its author no memory.
const maxTaps = 1 << 24

type pool struct {
	base                               string
	cfg                                PoolConfig
	p                                  int // LpPool: the power
	forward64, forward32, vjp64, vjp32 kernel
}

func newPool(base string, cfg PoolConfig, forward64, forward32, vjp64, vjp32 kernel) pool {
	cfg.Kernel, cfg.Stride = slices.Clone(cfg.Kernel), slices.Clone(cfg.Stride)
	cfg.Pad, cfg.Dilation = slices.Clone(cfg.Pad), slices.Clone(cfg.Dilation)
	return pool{base: base, cfg: cfg, p: 1, forward64: forward64, forward32: forward32, vjp64: vjp64, vjp32: vjp32}
}

func (o pool) Name() string {
	power := ""
	if o.base == "lppool" {
		power = "p=" + strconv.Itoa(o.p)
	}
	return named(o.base, power, ints("kernel", o.cfg.Kernel, 0), ints("stride", o.cfg.Stride, 1), ints("pad", o.cfg.Pad, 0),
		ints("dilation", o.cfg.Dilation, 1), flag("ceil", o.cfg.Ceil), flag("countpad", o.cfg.CountPad))
}

func (o pool) Arity() int { return 1 }

func (o pool) slides() slides { return slides{o.cfg.Stride, o.cfg.Pad, o.cfg.Dilation} }

func (o pool) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x := args[0]
	rank := x.Rank() - 2
	if msg := o.slides().check(rank); msg != "" {
		return x, errorf(o, "%s; the input has shape %v", msg, x)
	}
	if !oneOf(len(o.cfg.Kernel), 1, rank) || !within(o.cfg.Kernel, 1) {
		return x, errorf(o, "needs kernel sizes of at least 1, one for all axes or one for each; the input has shape %v", x)
	}
	if o.p < 1 {
		return x, errorf(o, "needs a power of at least 1")
	}
	taps := 1
	for i := range rank {
		if taps *= o.kernel(i); taps > maxTaps {
			return x, errorf(o, "a kernel of more than %d elements", maxTaps)
		}
	}
	w := o.slides().window(x, o.kernel)
	if !w.slide(o.cfg.Ceil) {
		return x, errorf(o, "no window fits input %v", x)
	}
	return w.shape(x, x.Dim(1)), nil
}

func (o pool) kernel(i int) int { return at(o.cfg.Kernel, i, 1) }

func (o pool) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.run(c, o.forward64, o.forward32, dst, args[0], tensor.Tensor{}, tensor.Tensor{})
}

func (o pool) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	if d[0].Wanted() {
		o.run(c, o.vjp64, o.vjp32, d[0], args[0], out, eps)
	}
}

// run calls a kernel for all planes: T: result, x, y, ε, geometry; N: the power and CountPad.
func (o pool) run(c *tensor.Ctx, f64, f32 kernel, dst, x, y, eps tensor.Tensor) {
	m := c.Mark()
	w := o.slides().window(x.Shape(), o.kernel)
	w.slide(o.cfg.Ceil)
	count := 0
	if o.cfg.CountPad {
		count = 1
	}
	splitOf(c, x.Type(), x.Shape().Dim(0)*x.Shape().Dim(1), 2*w.taps()*w.pixels(), f64, f32, tensor.Args{
		T: [6]tensor.Tensor{dst, x, y, eps, w.tensor(c)}, N: [12]int{o.p, count},
	})
	c.Release(m)
}

// A piece is up to 64 neighbouring pixels of an output row, which a kernel finishes before it goes on to the next.
type piece struct{ row, from, to int }

// next moves to the following piece and reports whether there is one. The zero piece is before the first.
func (p *piece) next(w *window) bool {
	p.from = p.to
	if p.from == w.out[2] {
		p.row, p.from = p.row+1, 0
	}
	p.to = min(p.from+64, w.out[2])
	return p.row < w.rows()
}

// at returns the index of the piece's first pixel.
func (p *piece) at(w *window) int { return p.row*w.out[2] + p.from }

// avgForward divides the sums of the shifted planes by the counts.
func avgForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, w, pads := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), windowOf(a.T[4]), a.N[1] != 0
	taps, size, pix, s := w.taps(), w.size(), w.pixels(), w.stride[2]
	for i := lo; i < hi; i++ {
		dst, src := y[i*pix:(i+1)*pix], x[i*size:(i+1)*size]
		clear(dst)
		for k := range taps {
			t := w.tap(k)
			for q := range w.rows() {
				from, to, at := w.span(&t, q, 0, w.out[2])
				row := dst[q*w.out[2]:][from:to]
				for j := range row {
					row[j] += src[at]
					at += s
				}
			}
		}
		for q := range w.rows() {
			n := w.count(0, q/w.out[1], pads) * w.count(1, q%w.out[1], pads)
			row := dst[q*w.out[2] : (q+1)*w.out[2]]
			for j := range row {
				row[j] /= T(max(n*w.count(2, j, pads), 1))
			}
		}
	}
}

// avgVJP adds ε divided by the count to every input of the window.
func avgVJP[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, eps, w, pads := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[3]), windowOf(a.T[4]), a.N[1] != 0
	size, pix := w.size(), w.pixels()
	var share [64]T
	for i := lo; i < hi; i++ {
		d := dx[i*size : (i+1)*size]
		clear(d)
		for p := (piece{}); p.next(&w); {
			n := w.count(0, p.row/w.out[1], pads) * w.count(1, p.row%w.out[1], pads)
			for j := p.from; j < p.to; j++ {
				share[j-p.from] = eps[i*pix+p.row*w.out[2]+j] / T(max(n*w.count(2, j, pads), 1))
			}
			for k := range w.taps() {
				t := w.tap(k)
				from, to, at := w.span(&t, p.row, p.from, p.to)
				for _, e := range share[from-p.from : to-p.from] {
					d[at] += e
					at += w.stride[2]
				}
			}
		}
	}
}

// count returns how many taps of output o of an axis read an input, or with pads an input or a pad.
func (w *window) count(axis, o int, pads bool) int {
	first, end := o*w.stride[axis]-w.lo[axis], w.in[axis]
	d := w.dilation[axis]
	skip := 0
	if pads {
		end += w.hi[axis]
	} else if first < 0 {
		skip = (-first + d - 1) / d
	}
	return max(min((end-first+d-1)/d, w.kernel[axis])-skip, 0)
}

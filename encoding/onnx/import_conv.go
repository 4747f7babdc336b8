package onnx

import (
	"github.com/retrodict/retrodict/op"
)

// convEntries are the convolutions.
func convEntries() []Entry {
	return []Entry{
		{Name: "Conv", From: 1, Doc: "conv", load: conv},
		{Name: "ConvTranspose", From: 1, Doc: "convtranspose", load: convTranspose},
	}
}

// A sliding window is what convolutions and pools have in common: one number for each spatial axis, two pads.
type sliding struct {
	kernel, stride, dilation []int
	pad                      []int // begins, then ends
}

// sliding reads the attributes of a window of the given sizes over x [N, C, …].
func (c *call) sliding(x *value, kernel []int) sliding {
	rank := x.rank() - 2
	if rank < 1 || len(kernel) != rank {
		c.fail("a kernel of shape %v over %v", kernel, x.shape)
	}
	if rank > 3 {
		c.unsupported("over %d axes", rank)
	}
	w := sliding{kernel: kernel, stride: c.intsOr("strides", rank, 1), dilation: c.intsOr("dilations", rank, 1),
		pad: c.intsOr("pads", 2*rank, 0)}
	for i := range rank {
		for _, n := range []int{w.kernel[i], w.stride[i], w.dilation[i]} {
			if n < 1 || n > maxElements/maxDims {
				c.fail("kernel %v, strides %v, dilations %v", w.kernel, w.stride, w.dilation)
			}
		}
	}
	for _, p := range w.pad {
		if p < 0 || p > maxElements/maxDims {
			c.fail("pads %v", w.pad)
		}
	}
	return w
}

// auto replaces the pads by those that auto_pad asks for: as many outputs as inputs/stride, rounded up.
func (c *call) auto(w *sliding, x *value) {
	mode := c.str("auto_pad", "NOTSET")
	switch mode {
	case "NOTSET", "":
		return
	case "VALID":
		clear(w.pad)
		return
	case "SAME_UPPER", "SAME_LOWER":
	default:
		c.fail("auto_pad %q", mode)
	}
	for i, k := range w.kernel {
		n := x.shape.Dim(2 + i)
		out := (n + w.stride[i] - 1) / w.stride[i]
		total := max((out-1)*w.stride[i]+(k-1)*w.dilation[i]+1-n, 0)
		w.split(i, total, mode == "SAME_UPPER")
	}
}

// split pads axis i by total, the odd one at the end or at the beginning.
func (w *sliding) split(i, total int, upper bool) {
	less, rank := total/2, len(w.kernel)
	w.pad[i], w.pad[i+rank] = total-less, less
	if upper {
		w.pad[i], w.pad[i+rank] = less, total-less
	}
}

// kernelOf returns the spatial shape of weights.
func (c *call) kernelOf(w *value) []int {
	if w.rank() < 3 {
		c.fail("weights of shape %v", w.shape)
	}
	return w.shape.Slice()[2:]
}

// weighted applies o to the input, the weights and the bias if there is one.
func (c *call) weighted(o op.Op) {
	args := []*value{c.float(0), c.float(1)}
	if c.has(2) {
		args = append(args, c.float(2))
	}
	c.set(0, c.apply(o, args...))
}

func conv(c *call) {
	w := c.sliding(c.float(0), c.kernelOf(c.float(1)))
	c.auto(&w, c.x(0))
	c.weighted(op.Conv(op.ConvConfig{Stride: w.stride, Pad: w.pad, Dilation: w.dilation, Groups: c.groups(), Bias: c.has(2)}))
}

func (c *call) groups() int {
	g := c.int("group", 1)
	if g < 1 {
		c.fail("group %d", g)
	}
	return g
}

// convTranspose turns output_shape and auto_pad into pads, or into padding of the output where they ask for more than
// the input gives.
func convTranspose(c *call) {
	x := c.float(0)
	w := c.sliding(x, c.kernelOf(c.float(1)))
	rank := len(w.kernel)
	extra := c.intsOr("output_padding", rank, 0)
	want, mode := c.ints("output_shape"), c.str("auto_pad", "NOTSET")
	if len(want) == rank+2 {
		want = want[2:]
	}
	switch {
	case mode == "VALID":
		clear(w.pad)
	case want == nil && (mode == "SAME_UPPER" || mode == "SAME_LOWER"):
		for i := range rank {
			want = append(want, x.shape.Dim(2+i)*w.stride[i])
		}
	}
	if want != nil && len(want) != rank {
		c.fail("output_shape %v", want)
	}
	for i := range want {
		total := (x.shape.Dim(2+i)-1)*w.stride[i] + extra[i] + (w.kernel[i]-1)*w.dilation[i] + 1 - want[i]
		if total < 0 {
			extra[i], total = extra[i]-total, 0
		}
		w.split(i, total, mode == "SAME_UPPER")
	}
	dims := make([]int, rank)
	for i := range dims {
		if extra[i] < 0 || extra[i] > maxElements/maxDims {
			c.fail("output_padding %v", extra)
		}
		dims[i] = (x.shape.Dim(2+i)-1)*w.stride[i] + extra[i] + (w.kernel[i]-1)*w.dilation[i] + 1 - w.pad[i] - w.pad[i+rank]
	}
	c.shapeOf(dims)
	c.weighted(op.ConvTranspose(op.ConvTransposeConfig{ConvConfig: op.ConvConfig{Stride: w.stride, Pad: w.pad, Dilation: w.dilation,
		Groups: c.groups(), Bias: c.has(2)}, OutputPad: extra}))
}

// poolEntries are the pools.
func poolEntries() []Entry {
	return []Entry{
		{Name: "AveragePool", From: 1, Doc: "avgpool", load: func(c *call) {
			cfg := c.pool()
			cfg.CountPad = c.flag("count_include_pad", false)
			c.set(0, c.apply(op.AvgPool(cfg), c.x(0)))
		}},
		{Name: "LpPool", From: 2, Doc: "lppool", load: func(c *call) {
			c.set(0, c.apply(op.LpPool(c.int("p", 2), c.pool()), c.x(0)))
		}},
		{Name: "MaxPool", From: 1, Doc: "maxpool; no indices", load: func(c *call) {
			if c.wants(1) {
				c.unsupported("with its indices")
			}
			c.set(0, c.apply(op.MaxPool(c.pool()), c.x(0)))
		}},
		elementwise("GlobalAveragePool", 1, op.GlobalAvgPool()), elementwise("GlobalMaxPool", 1, op.GlobalMaxPool()),
		{Name: "GlobalLpPool", From: 2, Doc: "globallppool", load: func(c *call) {
			c.set(0, c.apply(op.GlobalLpPool(c.int("p", 2)), c.float(0)))
		}},
	}
}

func (c *call) pool() op.PoolConfig {
	w := c.sliding(c.float(0), c.ints("kernel_shape"))
	c.auto(&w, c.x(0))
	for i, d := range c.x(0).shape.Slice()[2:] {
		if d == 0 || d+w.pad[i]+w.pad[i+len(w.kernel)] > maxElements {
			c.fail("got shape %v", c.x(0).shape)
		}
	}
	return op.PoolConfig{Kernel: w.kernel, Stride: w.stride, Pad: w.pad, Dilation: w.dilation, Ceil: c.flag("ceil_mode", false)}
}

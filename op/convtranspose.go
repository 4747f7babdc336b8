package op

import (
	"math"
	"slices"

	"github.com/retrodict/retrodict/tensor"
)

// A ConvTransposeConfig holds the attributes of a transposed convolution: those of the convolution it is the transpose
// of, and OutputPad: nil (none), one number for all axes, or one for each.
type ConvTransposeConfig struct {
	ConvConfig
	OutputPad []int // rows added at the end of the output, which a strided convolution could not tell apart
}

// ConvTranspose returns the transposed convolution of x [N, C, in…] with weights w [C, O/groups, kernel…] and, if
// cfg.Bias, a bias b [O]: the map whose Jacobian is the transpose of that of Conv with the same weights and attributes,
//
//	y[n,o,q] = b[o] + Σ_{c,t,p: p·stride + t·dilation − pad = q} w[c,o,t] · x[n,c,p]
//
// The output has (in−1)·stride + (kernel−1)·dilation + 1 + output pad − pads elements along an axis. Dumoulin and Visin
// 2016, chapter 4. ONNX ConvTranspose (its output_shape and auto_pad must be turned into pads). The orders of reductions
// are those of Conv with forward and the gradient of the input exchanged.
func ConvTranspose(cfg ConvTransposeConfig) Op {
	return convTranspose{ConvTransposeConfig{cfg.clone(), slices.Clone(cfg.OutputPad)}}
}

type convTranspose struct{ cfg ConvTransposeConfig }

func (o convTranspose) Name() string {
	return o.cfg.name("convtranspose", ints("outputpad", o.cfg.OutputPad, 0))
}

func (o convTranspose) Arity() int { return o.cfg.arity() }

func (o convTranspose) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x, w := args[0], args[1]
	if x.Rank() != w.Rank() || x.Rank() < 3 || x.Rank() > 5 {
		return x, errorf(o, "input %v and weights %v must both have one to three axes after the first two", x, w)
	}
	rank := x.Rank() - 2
	if msg := o.cfg.slides().check(rank); msg != "" {
		return x, errorf(o, "%s; the input has shape %v", msg, x)
	}
	if !oneOf(len(o.cfg.OutputPad), 0, 1, rank) || !within(o.cfg.OutputPad, 0) {
		return x, errorf(o, "needs output pads of at least 0, one for all axes or one for each")
	}
	g := o.cfg.Groups
	if w.Dim(0) < 1 || w.Dim(1) < 1 || w.Dim(0)%g != 0 || w.Dim(0) != x.Dim(1) || w.Dim(1) > math.MaxInt32/g {
		return x, errorf(o, "weights %v do not fit input %v: want [C O/%d kernel…], C a multiple of %d", w, x, g, g)
	}
	if o.cfg.Bias && args[2] != tensor.Dims(w.Dim(1)*g) {
		return x, errorf(o, "bias has shape %v, want [%d]", args[2], w.Dim(1)*g)
	}
	y := x.With(1, w.Dim(1)*g)
	for i := range rank {
		d := o.extent(x, w, i)
		if x.Dim(2+i) < 1 || w.Dim(2+i) < 1 || d < 1 || d > math.MaxInt32 {
			return x, errorf(o, "the output would have %d elements along axis %d: input %v, weights %v", d, 2+i, x, w)
		}
		y = y.With(2+i, d)
	}
	return y, nil
}

// extent returns the size of the output along spatial axis i.
func (o convTranspose) extent(x, w tensor.Shape, i int) int {
	lo, hi := padAt(o.cfg.Pad, i, x.Rank()-2)
	return (x.Dim(2+i)-1)*at(o.cfg.Stride, i, 1) + (w.Dim(2+i)-1)*at(o.cfg.Dilation, i, 1) + 1 + at(o.cfg.OutputPad, i, 0) - lo - hi
}

// plan returns the plan of the convolution from y to x.
func (o convTranspose) plan(x, w, y tensor.Shape) convPlan {
	win := o.cfg.slides().window(y, func(i int) int { return w.Dim(2 + i) })
	for i := 2; i < x.Rank(); i++ {
		win.out[3-x.Rank()+i] = x.Dim(i)
	}
	return newConvPlan(win, x.Dim(0), y.Dim(1), x.Dim(1), o.cfg.Groups)
}

func (o convTranspose) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	p := o.plan(args[0].Shape(), args[1].Shape(), dst.Shape())
	p.data(c, dst, args[0], args[1])
	if o.cfg.Bias {
		addBias(c, dst, args[2])
	}
}

func (o convTranspose) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	p := o.plan(args[0].Shape(), args[1].Shape(), eps.Shape())
	if d[0].Wanted() {
		p.forward(c, d[0], eps, args[1])
	}
	if d[1].Wanted() {
		p.weight(c, d[1], eps, args[0])
	}
	if o.cfg.Bias && d[2].Wanted() {
		sumBias(c, d[2], eps)
	}
}

package op

import "github.com/retrodict/retrodict/tensor"

// BatchNormObserved is BatchNormTrain with two more arguments, mean and variance [C], which it does not compute with:
// running statistics that observe the batch. What the vertex sends to them is no derivative but how far they are from
// what it sees, running − batch, independent of ε; a leaf that subtracts a share of it is an exponential average. The
// variance is the unbiased one, as in PyTorch (of a single value, the biased one). Their leaves must be declared as
// statistics. eps as in GroupNorm.
func BatchNormObserved(eps float64) Op { return batchObserved{batchTrain{orDefault(eps)}} }

type batchObserved struct{ batchTrain }

func (o batchObserved) Name() string { return named("batchnorm-observed", epsText(o.eps)) }
func (batchObserved) Arity() int     { return 5 }

func (o batchObserved) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := checkChannels(o, args); err != nil {
		return tensor.Shape{}, err
	}
	return o.batchTrain.Shape(args[:3]...)
}

func (o batchObserved) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	o.batchTrain.Forward(c, dst, args[:3])
}

func (o batchObserved) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	o.batchTrain.VJP(c, d[:3], args[:3], out, eps)
	if !d[3].Wanted() && !d[4].Wanted() {
		return
	}
	m := c.Mark()
	s := args[3].Shape()
	mean, variance := c.Scratch(args[3].Type(), s), c.Scratch(args[3].Type(), s)
	BatchMoments(c, mean, variance, args[0])
	unbias := 1.0
	if n := args[0].Len() / max(s.Len(), 1); n > 1 {
		unbias = float64(n) / float64(n-1)
	}
	observe(d[3], args[3], mean, 1)
	observe(d[4], args[4], variance, unbias)
	c.Release(m)
}

// observe sets d = running − factor·batch, where d is wanted.
func observe(d, running, batch tensor.Tensor, factor float64) {
	switch d.Type() {
	case tensor.Float64:
		observeOf(d.Float64s(), running.Float64s(), batch.Float64s(), factor)
	case tensor.Float32:
		observeOf(d.Float32s(), running.Float32s(), batch.Float32s(), float32(factor))
	}
}

func observeOf[T tensor.Float](d, running, batch []T, factor T) {
	for i := range d {
		d[i] = running[i] - T(factor*batch[i])
	}
}

package op

import "github.com/retrodict/retrodict/tensor"

// BatchNorm returns scale·(x − mean)/√(variance + eps) + bias for x [N, C, …] and scale, bias, mean, variance [C]: batch
// normalisation as in inference, with statistics that are arguments. With s = Σ ε and p = Σ ε·x̂ of a channel, the
// derivatives are ∂scale = p, ∂bias = s, ∂mean = −scale·s/√(variance + eps) and ∂variance = −½·scale·p/(variance + eps).
// eps as in GroupNorm. Ioffe and Szegedy 2015. ONNX BatchNormalization.
func BatchNorm(eps float64) Op { return batchNorm{orDefault(eps)} }

type batchNorm struct{ eps float64 }

func (o batchNorm) Name() string { return named("batchnorm", epsText(o.eps)) }
func (batchNorm) Arity() int     { return 5 }

func (o batchNorm) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := checkChannels(o, args); err != nil {
		return tensor.Shape{}, err
	}
	return args[0], nil
}

// stats returns m and r of all channels in scratch memory.
func (o batchNorm) stats(c *tensor.Ctx, mean, variance tensor.Tensor) tensor.Tensor {
	t := c.Scratch(mean.Type(), tensor.Dims(mean.Len(), 2))
	a := tensor.Args{T: [6]tensor.Tensor{t, mean, variance}, F: [4]float64{o.eps}}
	splitOf(c, t.Type(), mean.Len(), 4, givenStats[float64], givenStats[float32], a)
	return t
}

func givenStats[T tensor.Float](a *tensor.Args, lo, hi int) {
	stats, mean, variance := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2])
	for i := lo; i < hi; i++ {
		stats[2*i], stats[2*i+1] = mean[i], inverse(variance[i], T(a.F[0]))
	}
}

func (o batchNorm) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	s := channelSets(args[0].Shape())
	s.forward(c, dst, args[0], args[1], args[2], o.stats(c, args[3], args[4]))
	c.Release(m)
}

func (o batchNorm) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	m := c.Mark()
	s := channelSets(args[0].Shape())
	stats := o.stats(c, args[3], args[4])
	if d[0].Wanted() {
		splitOf(c, eps.Type(), s.n*s.channels, s.size, givenData[float64], givenData[float32],
			s.args([6]tensor.Tensor{d[0], args[0], args[1], eps, stats}, 0))
	}
	if d[1].Wanted() {
		s.scale(c, d[1], args[0], eps, stats)
	}
	if d[2].Wanted() {
		s.bias(c, d[2], eps)
	}
	if d[3].Wanted() {
		s.bias(c, d[3], eps)
		o.slope(c, d[3], args[1], stats, 0)
	}
	if d[4].Wanted() {
		s.scale(c, d[4], args[0], eps, stats)
		o.slope(c, d[4], args[1], stats, 1)
	}
	c.Release(m)
}

// slope multiplies the sums in d by −scale·r, or −½·scale·r² for the variance.
func (o batchNorm) slope(c *tensor.Ctx, d, scale, stats tensor.Tensor, variance int) {
	splitOf(c, d.Type(), d.Len(), 4, givenSlope[float64], givenSlope[float32],
		tensor.Args{T: [6]tensor.Tensor{d, scale, stats}, N: [12]int{variance}})
}

func givenSlope[T tensor.Float](a *tensor.Args, lo, hi int) {
	d, scale, stats := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2])
	for i := lo; i < hi; i++ {
		r := stats[2*i+1]
		if a.N[0] != 0 {
			d[i] *= -0.5 * r * r * scale[i]
		} else {
			d[i] *= -r * scale[i]
		}
	}
}

// givenData sets dx = ε·scale·r for planes lo to hi.
func givenData[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, scale, eps, stats, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4]), setOf(a)
	for p := lo; p < hi; p++ {
		f := scale[p%s.channels] * stats[2*(p%s.channels)+1]
		d := dx[p*s.size : (p+1)*s.size]
		for j, e := range eps[p*s.size : (p+1)*s.size] {
			d[j] = e * f
		}
	}
}

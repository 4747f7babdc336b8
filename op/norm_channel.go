package op

import (
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// GroupNorm returns scale·x̂ + bias for x [N, C, …], x̂ normalised over the channels of a group and all axes after them,
// image by image. scale and bias have one element a channel, [C], or one a group, [groups]. eps is added to the biased
// variance (0: 1e-5, negative: nothing). Wu and He 2018. ONNX GroupNormalization (18: a group's scale, 21: a channel's).
func GroupNorm(groups int, eps float64) Op {
	return groupNorm{"groupnorm", groups, orDefault(eps)}
}

// InstanceNorm is GroupNorm with a group for every channel. Ulyanov, Vedaldi and Lempitsky 2016. ONNX
// InstanceNormalization.
func InstanceNorm(eps float64) Op { return groupNorm{"instancenorm", 0, orDefault(eps)} }

type groupNorm struct {
	base   string
	groups int // 0: a group a channel, InstanceNorm only
	eps    float64
}

func (o groupNorm) Name() string {
	groups := ""
	if o.base == "groupnorm" {
		groups = "groups=" + strconv.Itoa(o.groups)
	}
	return named(o.base, groups, epsText(o.eps))
}

func (groupNorm) Arity() int { return 3 }

func (o groupNorm) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x := args[0]
	if x.Rank() < 2 || x.Dim(1) == 0 || x.Dim(0) > 0 && x.Len() == 0 {
		return x, errorf(o, "input %v is not [N C …] with something to normalise over", x)
	}
	groups, channels := o.groups, x.Dim(1)
	if o.base == "instancenorm" {
		groups = channels
	}
	if groups < 1 || channels%groups != 0 {
		return x, errorf(o, "%d channels of input %v are not a multiple of %d groups", channels, x, groups)
	}
	if args[1] != args[2] || args[1] != tensor.Dims(channels) && args[1] != tensor.Dims(groups) {
		return x, errorf(o, "scale %v and bias %v must both be [%d] or [%d]", args[1], args[2], channels, groups)
	}
	return x, nil
}

func (o groupNorm) sets(x, scale tensor.Shape) normSet {
	if o.base == "instancenorm" {
		return groupSets(x, scale, x.Dim(1))
	}
	return groupSets(x, scale, o.groups)
}

func (o groupNorm) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	s := o.sets(args[0].Shape(), args[1].Shape())
	s.normalise(c, dst, args, o.eps)
}

func (o groupNorm) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	s := o.sets(args[0].Shape(), args[1].Shape())
	s.derive(c, d, args, eps, o.eps)
}

// BatchNormTrain returns scale·x̂ + bias for x [N, C, …] and scale, bias [C], x̂ normalised over images and spatial axes,
// channel by channel: batch normalisation as in training. The derivative goes through the batch's mean and variance.
// Running statistics are not its business: BatchMoments gives what they are made of. eps as in GroupNorm. Ioffe and
// Szegedy 2015. ONNX BatchNormalization with training_mode, its first output.
func BatchNormTrain(eps float64) Op { return batchTrain{orDefault(eps)} }

type batchTrain struct{ eps float64 }

func (o batchTrain) Name() string { return named("batchnorm-train", epsText(o.eps)) }
func (batchTrain) Arity() int     { return 3 }

func (o batchTrain) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := checkChannels(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if args[0].Len() == 0 {
		return args[0], errorf(o, "input %v has nothing to take a mean of", args[0])
	}
	return args[0], nil
}

// checkChannels returns an error unless args are x [N, C, …] and tensors [C].
func checkChannels(o Op, args []tensor.Shape) error {
	if err := arity(o, args); err != nil {
		return err
	}
	x := args[0]
	if x.Rank() < 2 || x.Dim(1) == 0 {
		return errorf(o, "input %v is not [N C …]", x)
	}
	for i, s := range args[1:] {
		if s != tensor.Dims(x.Dim(1)) {
			return errorf(o, "argument %d has shape %v, want [%d] for input %v", i+1, s, x.Dim(1), x)
		}
	}
	return nil
}

func (o batchTrain) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	s := channelSets(args[0].Shape())
	s.normalise(c, dst, args, o.eps)
}

func (o batchTrain) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	s := channelSets(args[0].Shape())
	s.derive(c, d, args, eps, o.eps)
}

// normalise is Forward for args x, scale and bias.
func (s *normSet) normalise(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor, eps float64) {
	m := c.Mark()
	s.forward(c, dst, args[0], args[1], args[2], s.stats(c, args[0], eps))
	c.Release(m)
}

// derive is VJP for args x, scale and bias; add is added to the variance.
func (s *normSet) derive(c *tensor.Ctx, d, args []tensor.Tensor, eps tensor.Tensor, add float64) {
	m := c.Mark()
	if d[0].Wanted() || d[1].Wanted() {
		stats := s.stats(c, args[0], add)
		if d[0].Wanted() {
			s.data(c, d[0], args[0], args[1], eps, stats)
		}
		if d[1].Wanted() {
			s.scale(c, d[1], args[0], eps, stats)
		}
	}
	if d[2].Wanted() {
		s.bias(c, d[2], eps)
	}
	c.Release(m)
}

// BatchMoments sets mean [C] and variance [C] to the mean and the biased variance of every channel of x [N, C, …]: the
// bits that BatchNormTrain uses. All three have one float type. Running statistics are averages of these; PyTorch's
// running variance is of the unbiased one, larger by n/(n−1) for n = x.Len()/C.
func BatchMoments(c *tensor.Ctx, mean, variance, x tensor.Tensor) {
	s := channelSets(x.Shape())
	splitOf(c, x.Type(), s.sets, 2*s.count*s.size, setMoments[float64], setMoments[float32],
		s.args([6]tensor.Tensor{mean, x, variance}, 0))
}

func setMoments[T tensor.Float](a *tensor.Args, lo, hi int) {
	mean, x, variance, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), setOf(a)
	for i := lo; i < hi; i++ {
		mean[i], variance[i] = moments(x, &s, i)
	}
}

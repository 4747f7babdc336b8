package op

import "github.com/retrodict/retrodict/tensor"

// A normSet says how the planes (n, c) of x [N, C, …], numbered n·C + c, form the sets that are normalised together:
// set i has count planes from i·first on, step apart. Scale and bias have one element for every per channels.
type normSet struct {
	sets, first, count, step int
	n, channels, size, per   int
}

// channelSets has a set for every channel, over all images; groupSets one for every group of channels of an image.
func channelSets(x tensor.Shape) normSet {
	s := newNormSet(x)
	s.sets, s.first, s.count, s.step = s.channels, 1, s.n, s.channels
	return s
}

func groupSets(x, scale tensor.Shape, groups int) normSet {
	s := newNormSet(x)
	s.count = s.channels / groups
	s.sets, s.first, s.step = s.n*groups, s.count, 1
	s.per = s.channels / scale.Len()
	return s
}

func newNormSet(x tensor.Shape) normSet {
	s := normSet{n: x.Dim(0), channels: x.Dim(1), size: 1, per: 1}
	for i := 2; i < x.Rank(); i++ {
		s.size *= x.Dim(i)
	}
	return s
}

// args packs s and the operands: T: result, x, scale, bias or ε, m and r of all sets; set and planes restore them.
func (s *normSet) args(t [6]tensor.Tensor, eps float64) tensor.Args {
	return tensor.Args{T: t, N: [12]int{s.sets, s.first, s.count, s.step, s.n, s.channels, s.size, s.per}, F: [4]float64{eps}}
}

func setOf(a *tensor.Args) normSet {
	n := &a.N
	return normSet{sets: n[0], first: n[1], count: n[2], step: n[3], n: n[4], channels: n[5], size: n[6], per: n[7]}
}

// of returns the set of plane p.
func (s *normSet) of(p int) int {
	if s.step == 1 {
		return p / s.count
	}
	return p % s.channels
}

// stats computes m and r of all sets in scratch memory.
func (s *normSet) stats(c *tensor.Ctx, x tensor.Tensor, eps float64) tensor.Tensor {
	t := c.Scratch(x.Type(), tensor.Dims(s.sets, 2))
	splitOf(c, x.Type(), s.sets, 2*s.count*s.size, setStats[float64], setStats[float32], s.args([6]tensor.Tensor{t, x}, eps))
	return t
}

// forward sets y = scale·x̂ + bias.
func (s *normSet) forward(c *tensor.Ctx, y, x, scale, bias, stats tensor.Tensor) {
	splitOf(c, x.Type(), s.n*s.channels, s.size, setForward[float64], setForward[float32],
		s.args([6]tensor.Tensor{y, x, scale, bias, stats}, 0))
}

// data sets dx to the derivative in x through mean and variance.
func (s *normSet) data(c *tensor.Ctx, dx, x, scale, eps, stats tensor.Tensor) {
	splitOf(c, x.Type(), s.sets, 3*s.count*s.size, setData[float64], setData[float32],
		s.args([6]tensor.Tensor{dx, x, scale, eps, stats}, 0))
}

// scale sets ds[k] = Σ ε·x̂ and bias db[k] = Σ ε over the channels of element k, images and channels in ascending order.
func (s *normSet) scale(c *tensor.Ctx, ds, x, eps, stats tensor.Tensor) {
	splitOf(c, x.Type(), s.channels/s.per, s.n*s.per*s.size, setScale[float64], setScale[float32],
		s.args([6]tensor.Tensor{ds, x, {}, eps, stats}, 0))
}

func (s *normSet) bias(c *tensor.Ctx, db, eps tensor.Tensor) {
	splitOf(c, eps.Type(), s.channels/s.per, s.n*s.per*s.size, setBias[float64], setBias[float32],
		s.args([6]tensor.Tensor{db, {}, {}, eps}, 0))
}

func setStats[T tensor.Float](a *tensor.Args, lo, hi int) {
	stats, x, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), setOf(a)
	for i := lo; i < hi; i++ {
		m, v := moments(x, &s, i)
		stats[2*i], stats[2*i+1] = m, inverse(v, T(a.F[0]))
	}
}

// moments returns the mean and the biased variance of set i.
func moments[T tensor.Float](x []T, s *normSet, i int) (mean, variance T) {
	n := T(s.count * s.size)
	var sum T
	for k := range s.count {
		sum += sum4(planeOf(x, s, i, k))
	}
	mean = sum / n
	sum = 0
	for k := range s.count {
		sum += squares4(planeOf(x, s, i, k), mean)
	}
	return mean, sum / n
}

func planeOf[T tensor.Float](x []T, s *normSet, i, k int) []T {
	p := s.plane(i, k)
	return x[p*s.size : (p+1)*s.size]
}

// plane returns the number of plane k of set i.
func (s *normSet) plane(i, k int) int { return i*s.first + k*s.step }

func setForward[T tensor.Float](a *tensor.Args, lo, hi int) {
	y, x, scale, bias, stats, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4]), setOf(a)
	for p := lo; p < hi; p++ {
		i, k := s.of(p), p%s.channels/s.per
		affine(y[p*s.size:(p+1)*s.size], x[p*s.size:(p+1)*s.size], stats[2*i], stats[2*i+1], scale[k], bias[k])
	}
}

func setData[T tensor.Float](a *tensor.Args, lo, hi int) {
	dx, x, scale, eps, stats, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4]), setOf(a)
	n := T(s.count * s.size)
	for i := lo; i < hi; i++ {
		m, r := stats[2*i], stats[2*i+1]
		var mean, dot T
		for k := range s.count {
			p := s.plane(i, k)
			e, v := eps[p*s.size:(p+1)*s.size], scale[p%s.channels/s.per]
			mean += T(v * sum4(e))
			dot += T(v * dot4(e, x[p*s.size:(p+1)*s.size], m, r))
		}
		mean, dot = mean/n, dot/n
		for k := range s.count {
			p := s.plane(i, k)
			from, to := p*s.size, (p+1)*s.size
			through(dx[from:to], eps[from:to], x[from:to], m, r, scale[p%s.channels/s.per], mean, dot)
		}
	}
}

func setScale[T tensor.Float](a *tensor.Args, lo, hi int) {
	ds, x, eps, stats, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4]), setOf(a)
	for k := lo; k < hi; k++ {
		var sum T
		for j := range s.n * s.per {
			p := j/s.per*s.channels + k*s.per + j%s.per
			i := s.of(p)
			sum += dot4(eps[p*s.size:(p+1)*s.size], x[p*s.size:(p+1)*s.size], stats[2*i], stats[2*i+1])
		}
		ds[k] = sum
	}
}

func setBias[T tensor.Float](a *tensor.Args, lo, hi int) {
	db, eps, s := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[3]), setOf(a)
	for k := lo; k < hi; k++ {
		var sum T
		for j := range s.n * s.per {
			p := j/s.per*s.channels + k*s.per + j%s.per
			sum += sum4(eps[p*s.size : (p+1)*s.size])
		}
		db[k] = sum
	}
}

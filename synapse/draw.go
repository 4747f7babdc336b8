package synapse

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// bits is a small generator: the finaliser of SplitMix64 [Steele, Lea, Flood 2014] over a counter. Every message has one
// of its own, so that however many numbers one use of randomness takes, no other use sees it.
type bits uint64

const golden = 0x9e3779b97f4a7c15 // 2⁶⁴/φ, odd

// mix is a bijection of 64 bits in which every bit of x reaches every bit of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// of returns the generator for one use of the randomness of a message.
func of(key uint64, use int) bits { return bits(mix(key + uint64(use+1)*golden)) }

// uniform returns a number in (0, 1), of which 1 − u is exact too.
func (b *bits) uniform() float64 {
	*b += golden
	return float64((float64(mix(uint64(*b))>>12) + 0.5) * 0x1p-52)
}

// normal returns a standard normal number.
func (b *bits) normal() float64 { return tensor.Probit(b.uniform()) }

// sample draws a time, not rounded. One uniform number is taken and turned into time by the inverse of the distribution
// function, so that a draw is monotone in it, and changes little if the parameters do; gamma takes some more.
// signed tells that a normal variable is not truncated at 0.
func (d *Distribution) sample(b bits, distance float64, signed bool) float64 {
	if !d.random() {
		return d.fixed(distance)
	}
	switch d.Family {
	case Normal:
		upper := 1 - b.uniform()
		if a := d.Mean / d.SD; !signed && a < 9 { // Φ(−9) < 2⁻⁵³
			upper *= 0.5 + float64(0.5*tensor.Erf(a*math.Sqrt2/2))
		}
		return d.Mean - float64(d.SD*tensor.Probit(upper))
	case LogNormal:
		r := d.SD / d.Mean
		v := tensor.Log(1 + float64(r*r)) // variance of the logarithm
		return d.Mean * tensor.Exp(float64(math.Sqrt(v)*b.normal())-float64(v/2))
	case Exponential:
		return -d.Mean * tensor.Log(1-b.uniform())
	case Gamma:
		if d.SD < 1e-5*d.Mean { // skewness 2e-5: normal, where the shape would be too large to compute with
			return d.Mean + float64(d.SD*b.normal())
		}
		return d.SD / d.Mean * d.SD * b.gamma(d.Mean/d.SD*(d.Mean/d.SD))
	}
	return d.Low + float64((d.High-d.Low)*b.uniform())
}

// gamma returns a gamma variable of that shape and scale 1 [Marsaglia and Tsang 2000]. Shapes below 1 are raised by 1.
func (b *bits) gamma(shape float64) float64 {
	low := 1.0
	if shape < 1 {
		low = tensor.Exp(tensor.Log(b.uniform()) / shape)
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := b.normal()
		v := 1 + float64(c*x)
		u := b.uniform()
		if v <= 0 {
			continue
		}
		v *= v * v
		if tensor.Log(u) < float64(0.5*x*x)+d-float64(d*v)+float64(d*tensor.Log(v)) {
			return d * v * low
		}
	}
}

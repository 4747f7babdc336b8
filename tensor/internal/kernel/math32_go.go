package kernel

import "math"

// The functions of float32: shorter sequences in float64, whose error of about 2⁻³¹ leaves a result that is rounded to
// float32 within 0.52 ULP. Arguments are float32 numbers.

const ln2 = 0x1.62e42fefa39efp-1

// expPoly32 is expPoly with an error of 2⁻³¹ relative to eʳ − 1.
var expPoly32 = [...]float64{
	0x1.0000000bed580p-1, 0x1.555555732b5d5p-3, 0x1.5554e6cc5ac59p-5, 0x1.11109c8d1d880p-7, 0x1.6d463332de697p-10, 0x1.a1b28bc273e38p-13,
}

// logPoly32 is logPoly with an error of 2⁻³⁵ relative to the logarithm.
var logPoly32 = [...]float64{
	0x1.5555554ba8aaep-1, 0x1.9999eb9d7ab46p-2, 0x1.245c2730ca1d6p-2, 0x1.ddd4db5dc9901p-3,
}

// erfPoly32 is erfPoly with an error of 2⁻³².
var erfPoly32 = [...]float64{
	0x1.06eba81a17219p-3, -0x1.812744e22993bp-2, 0x1.ce2e8a10b1d49p-4, -0x1.b81a2903d1c9bp-6, 0x1.553fc8c797d18p-8, -0x1.aeae1aa64600bp-11,
	0x1.6c802028448dbp-14,
}

// erfcLog32 is erfcLog up to 4.05, with an error of 2⁻³³.
var erfcLog32 = [...]float64{
	-0x1.58b31599d4a95p-13, 0x1.21249d936504ap+0, 0x1.44535ddec9158p-1, 0x1.bb0e02df0b9c6p-4, -0x1.9a5c48f1c1aecp-6, 0x1.0f883819d281cp-8,
	-0x1.c1897d613240ap-12, 0x1.59912e953dac5p-16,
}

// reduce32 writes eˣ as k + k·p with k a power of two and |p| < ½.
func reduce32(x float64) (k, p float64) {
	t := math.FMA(x, log2e, magic)
	r := math.FMA(-(t - magic), ln2, x)
	return power(t), math.FMA(float64(r*r), horner(r, expPoly32[:]), r)
}

func exp32(x float64) float64 {
	if 90 < x {
		x = 90
	}
	if -110 > x {
		x = -110
	}
	k, p := reduce32(x)
	return math.FMA(p, k, k)
}

func log32(x float64) float64 {
	b := math.Float64bits(x)
	exponent := (b + (one - root)) >> 52
	m := math.Float64frombits(b - exponent<<52 + one)
	k := math.Float64frombits(exponent|0x433<<52) - (0x1p52 + 1023)
	f := m - 1
	s := f / (f + 2)
	z := float64(s * s)
	h := float64(float64(0.5*f) * f)
	l := math.FMA(k, ln2, f-(h-float64(s*math.FMA(z, horner(z, logPoly32[:]), h))))
	if !(x < math.Inf(1)) {
		l = x
	}
	if x < 0 {
		l = math.NaN()
	}
	if x == 0 {
		l = math.Inf(-1)
	}
	return l
}

func tanh32(x float64) float64 {
	a := math.Abs(x)
	if 10 < a {
		a = 10
	}
	k, p := reduce32(a + a)
	return math.Copysign(math.FMA(p, k, k-1)/math.FMA(p, k, k+1), x)
}

func sigmoid32(x float64) float64 {
	a := -math.Abs(x)
	if -110 > a {
		a = -110
	}
	k, p := reduce32(a)
	e := math.FMA(p, k, k)
	n := e
	if !(x < 0) {
		n = 1
	}
	return n / (e + 1)
}

func erf32(x float64) float64 {
	a := math.Abs(x)
	if 4.05 < a {
		a = 4.05
	}
	y := math.FMA(a, horner(float64(a*a), erfPoly32[:]), a)
	k, p := reduce32(-horner(a, erfcLog32[:]))
	z := 1 - math.FMA(p, k, k)
	if !(a < erfSplit) {
		y = z
	}
	return math.Copysign(y, x)
}

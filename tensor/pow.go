package tensor

import "math"

// Pow returns x^y with the same bits on every architecture and an error below 2 ULP; special values are those of package
// math. With y = n + f, n an integer, |f| ≤ ½, and |x| = m·2^e it is mⁿ·2^(e·n), by squaring numbers of twice the
// precision, times e^(f·log m)·2^(e·f).
func Pow(x, y float64) float64 {
	a := math.Abs(x)
	if x != x || y != y || a == 0 || a == 1 || math.IsInf(a, 1) || !(math.Abs(y) < 0x1p63) || x < 0 && y != math.Trunc(y) {
		return math.Pow(x, y) // exact
	}
	n := math.RoundToEven(math.Abs(y))
	m, e := math.Frexp(a)
	p, exponent := whole(m, int64(e), uint64(n))
	if f := math.Abs(y) - n; f != 0 {
		if m < math.Sqrt2/2 {
			m, e = 2*m, e-1
		}
		k := math.RoundToEven(float64(float64(e) * f))
		r := math.FMA(float64(e), f, -k) // e·f − k
		p = p.times(twin{Exp(float64(r*math.Ln2) + float64(f*Log(m))), 0})
		exponent += int64(k)
	}
	if y < 0 {
		p, exponent = p.inverse(), -exponent
	}
	z := math.Ldexp(p.hi, int(max(-1<<20, min(exponent, 1<<20))))
	if x < 0 && math.Mod(y, 2) != 0 {
		return -z
	}
	return z
}

// whole returns (m·2^e)ⁿ for ½ ≤ m < 1 as a number and an exponent of 2, which is far outside of those of float64 if the
// power is.
func whole(m float64, e int64, n uint64) (twin, int64) {
	p, exponent := twin{1, 0}, int64(0)
	for x := (twin{m, 0}); n > 0; n >>= 1 {
		if e < -1<<13 || e > 1<<13 {
			return p, exponent + e
		}
		if n&1 == 1 {
			p, exponent = p.times(x), exponent+e
			if p.hi < 0.5 {
				p, exponent = twin{2 * p.hi, 2 * p.lo}, exponent-1
			}
		}
		if x, e = x.times(x), 2*e; x.hi < 0.5 {
			x, e = twin{2 * x.hi, 2 * x.lo}, e-1
		}
	}
	return p, exponent
}

// A twin is the sum of two numbers, the second less than an ULP of the first.
type twin struct{ hi, lo float64 }

func (a twin) times(b twin) twin {
	p := float64(a.hi * b.hi)
	e := math.FMA(a.hi, b.hi, -p) + (float64(a.hi*b.lo) + float64(a.lo*b.hi))
	hi := p + e
	return twin{hi, p - hi + e}
}

func (a twin) inverse() twin {
	q := 1 / a.hi
	e := float64(q * (math.FMA(-q, a.hi, 1) - float64(q*a.lo)))
	hi := q + e
	return twin{hi, q - hi + e}
}

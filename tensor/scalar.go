package tensor

import "math"

// The functions below are those of package math with the same bits on every architecture, as sequences of operations of
// IEEE 754, each rounded by itself. Their errors are a few ULP, special values those of package math.

// Expm1 returns e^x − 1, near 0 as 2t/(1 − t) with t = tanh(x/2).
func Expm1(x float64) float64 {
	switch {
	case math.Abs(x) < 0x1p-54:
		return x
	case x > 0.5:
		return Exp(x) - 1
	}
	t := Tanh(0.5 * x)
	return float64(2*t) / (1 - t)
}

// Log1p returns log(1 + x).
func Log1p(x float64) float64 {
	u := 1 + x
	if u == 1 || x == math.Inf(1) {
		return x
	}
	if u == 0 {
		return math.Inf(-1)
	}
	return Log(u) + (x-(u-1))/u // what rounding u lost
}

// Sinh returns the hyperbolic sine of x.
func Sinh(x float64) float64 {
	a := math.Abs(x)
	y := a
	if a > 22 {
		y = half2(a)
	} else if a > 0x1p-28 {
		e := Expm1(a)
		y = 0.5 * (e + e/(e+1))
	}
	return math.Copysign(y, x)
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	if a > 22 {
		return half2(a)
	}
	e := Exp(a)
	return 0.5 * (e + 1/e)
}

// half2 returns e^x/2, which is finite for larger x than e^x is.
func half2(x float64) float64 {
	h := Exp(0.5 * x)
	return 0.5 * h * h
}

// Asinh returns the inverse hyperbolic sine of x.
func Asinh(x float64) float64 {
	a := math.Abs(x)
	y := a
	if a > 0x1p28 {
		y = Log(a) + math.Ln2
	} else if a > 0x1p-28 {
		s := float64(a * a)
		y = Log1p(a + s/(1+math.Sqrt(s+1)))
	}
	return math.Copysign(y, x)
}

// Acosh returns the inverse hyperbolic cosine of x, NaN below 1.
func Acosh(x float64) float64 {
	switch {
	case x > 0x1p28:
		return Log(x) + math.Ln2
	case x < 1:
		return math.NaN()
	}
	t := x - 1
	return Log1p(t + math.Sqrt(float64(2*t)+float64(t*t)))
}

// Atanh returns the inverse hyperbolic tangent of x, NaN beyond ±1.
func Atanh(x float64) float64 {
	a := math.Abs(x)
	return math.Copysign(0.5*Log1p(float64(2*a)/(1-a)), x)
}

// Atan returns the arc tangent of x, in radians: it halves the angle twice, to at most π/16, where the Taylor series is
// short.
func Atan(x float64) float64 {
	t := math.Abs(x)
	steep := t > 1
	if steep {
		t = 1 / t
	}
	for range 2 {
		t /= 1 + math.Sqrt(1+float64(t*t))
	}
	z, s := float64(t*t), 0.0
	for k := 25; k > 1; k -= 2 {
		s = float64(-z * (s + 1/float64(k)))
	}
	t = float64(4 * (t + float64(t*s)))
	if steep {
		t = quarterHi - (t - quarterLo)
	}
	return math.Copysign(t, x)
}

// Asin returns the arc sine of x, in radians.
func Asin(x float64) float64 { return Atan(x / math.Sqrt(float64((1-x)*(1+x)))) }

// Acos returns the arc cosine of x, in radians.
func Acos(x float64) float64 { return 2 * Atan(math.Sqrt((1-x)/(1+x))) }

// π/2 as a sum of three numbers.
const (
	quarterHi   = 0x1.921fb54442d18p+0
	quarterLo   = 0x1.1a62633145c07p-54
	quarterRest = math.Pi/2 - quarterHi - quarterLo
)

// Sin returns the sine of x radians. From 2²⁷ on it is that of package math, whose last bit differs between architectures.
func Sin(x float64) float64 {
	if !(math.Abs(x) < 0x1p27) {
		return math.Sin(x)
	}
	if x == 0 {
		return x
	}
	n, r, lo := turn(x)
	return quarter(n, r, lo)
}

// Cos returns the cosine of x radians. From 2²⁷ on it is that of package math, whose last bit differs between
// architectures.
func Cos(x float64) float64 {
	if !(math.Abs(x) < 0x1p27) {
		return math.Cos(x)
	}
	n, r, lo := turn(x)
	return quarter(n+1, r, lo)
}

// Tan returns the tangent of x radians; see Sin.
func Tan(x float64) float64 {
	if !(math.Abs(x) < 0x1p27) {
		return math.Tan(x)
	}
	if x == 0 {
		return x
	}
	n, r, lo := turn(x)
	return quarter(n, r, lo) / quarter(n+1, r, lo)
}

// turn writes x as n·π/2 + r + lo with |r| ≤ π/4 and lo an error of r [Cody and Waite 1980].
func turn(x float64) (n int64, r, lo float64) {
	k := math.RoundToEven(float64(x * (2 / math.Pi)))
	hi := math.FMA(-k, quarterHi, x) // exact
	w := float64(k * quarterLo)
	rest := math.FMA(k, quarterLo, -w) + float64(k*quarterRest)
	r = hi - w
	back := r - hi
	return int64(k), r, (hi - (r - back)) - (w + back) - rest // Knuth's sum
}

// quarter returns sin(n·π/2 + r + lo) by Taylor series.
func quarter(n int64, r, lo float64) float64 {
	z, s := float64(r*r), 0.0
	if n&1 == 0 {
		for k := 18.0; k > 2; k -= 2 {
			s = float64(-z / (k * (k + 1)) * (1 + s))
		}
		s = float64(-z / 6 * (1 + s))
		s = r + (float64(r*s) + float64(lo*(1-float64(0.5*z))))
	} else {
		for k := 17.0; k > 1; k -= 2 {
			s = float64(-z / (k * (k + 1)) * (1 + s))
		}
		h := float64(0.5 * z)
		w := 1 - h
		s = w + (1 - w - h + (float64(-h*s) - float64(r*lo)))
	}
	if n&2 != 0 {
		return -s
	}
	return s
}

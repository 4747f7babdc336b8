package kernel

import "math"

// The elementary functions, as exact sequences of operations of IEEE 754: additions, multiplications, divisions, fused
// multiply-adds, comparisons and operations on bits. The assembly executes the same sequences on vectors, evaluating
// both sides of every choice. A conditional here that replaces a number by a bound keeps NaN.
//
// Polynomials interpolate at Chebyshev nodes, but erfcLog, which is fitted to the least greatest error (Lawson's
// iteration); all were computed with 300 bits. Coefficients are in ascending order.

const (
	log2e = 0x1.71547652b82fep+0
	ln2hi = 0x1.62e42fefa2p-1     // 40 bits of log 2, so that n·ln2hi is exact
	ln2lo = 0x1.9ef35793c7673p-41 // log 2 − ln2hi
	magic = 0x1.8p52              // x + magic rounds x to an integer, which is left in its low bits
	one   = 0x3ff0000000000000    // the bits of 1
	root  = 0x3fe6a09e667f3bcd    // the bits of √½
)

// expPoly is (eʳ − 1 − r)/r² for |r| ≤ ½·log 2, with an error of 2⁻⁵⁹.
var expPoly = [...]float64{
	0x1.0000000000000p-1, 0x1.5555555555557p-3, 0x1.555555555555bp-5, 0x1.1111111110034p-7, 0x1.6c16c16c12c6fp-10, 0x1.a01a01ac42730p-13,
	0x1.a01a01bd4f4b3p-16, 0x1.71de01159b9a2p-19, 0x1.27e49fc7a1e68p-22, 0x1.af50328f433abp-26, 0x1.1fe0592982893p-29,
}

// logPoly is ((log(1+s) − log(1−s))/s − 2)/z in z = s², for m = (1+s)/(1−s) from √½ to √2.
var logPoly = [...]float64{
	0x1.5555555555558p-1, 0x1.9999999995273p-2, 0x1.2492492dfd898p-2, 0x1.c71c62d5e2c03p-3, 0x1.7462b91c1afd3p-3, 0x1.39fdccdc548f2p-3,
	0x1.2b5f6941671dep-3,
}

// erfPoly is erf(x)/x − 1 in z = x², for |x| ≤ erfSplit.
var erfPoly = [...]float64{
	0x1.06eba8214db69p-3, -0x1.812746b0379e5p-2, 0x1.ce2f21a0429b5p-4, -0x1.b82ce3127b6e8p-6, 0x1.565bcd0bcba51p-8, -0x1.c02db363e49a7p-11,
	0x1.f9a30fd49d113p-14, -0x1.f4d0198dfda36p-17, 0x1.b9c0f2405616fp-20, -0x1.5dcf0eeb40c58p-23, 0x1.e541441a99f4ep-27, -0x1.dc6f00282c290p-31,
}

// erfcLog is −log(1 − erf(x)) for x from erfSplit to 5.95, where erf rounds to 1; its error times 1 − erf(x) is 2⁻⁵⁶.
var erfcLog = [...]float64{
	0x1.de686f4901abfp-25, 0x1.20dd6b050640cp+0, 0x1.45f368c2c105ap-1, 0x1.a4ebdf815deadp-4, -0x1.392064180bf3cp-6, -0x1.e464c833a9e4bp-13,
	0x1.c121ce0c6fb2bp-10, -0x1.368b166277fcbp-11, 0x1.6f587655e3d06p-17, 0x1.75923331916a8p-14, -0x1.bee73ef7b2e22p-15, 0x1.45866449f9e28p-16,
	-0x1.581a2f13a1ad4p-18, 0x1.12bb26a4f713cp-20, -0x1.4b115673122f7p-23, 0x1.254ffc045907fp-26, -0x1.69671cbc6be56p-30, 0x1.14daedf887019p-34,
	-0x1.8d3b5c86defbap-40,
}

const erfSplit = 0.875

// horner evaluates a polynomial.
func horner(x float64, poly []float64) float64 {
	y := poly[len(poly)-1]
	for i := len(poly) - 2; i >= 0; i-- {
		y = math.FMA(y, x, poly[i])
	}
	return y
}

// reduce writes eˣ as (1 + p)·2ⁿ with n an integer and |p| < ½: p = r + e, where e is much smaller than r, and t holds n
// in its low bits.
func reduce(x float64) (t, n, r, e float64) {
	t = math.FMA(x, log2e, magic)
	n = t - magic
	hi := math.FMA(-n, ln2hi, x)
	r = math.FMA(-n, ln2lo, hi)
	c := math.FMA(-n, ln2lo, hi-r)
	return t, n, r, math.FMA(float64(r*r), horner(r, expPoly[:]), c)
}

// power returns 2ⁿ for the n from −1022 to 1023 in the low bits of t.
func power(t float64) float64 { return math.Float64frombits(math.Float64bits(t)<<52 + one) }

// halves returns two powers of two whose product is 2ⁿ, for n from −2000 to 2000: multiplying by both rounds only a
// subnormal result.
func halves(n float64) (float64, float64) {
	h := math.FMA(n, 0.5, magic)
	return power(h), power(n - (h - magic) + magic)
}

// Exp returns eˣ with an error below 1 ULP.
func Exp(x float64) float64 {
	if 710 < x {
		x = 710
	}
	if -746 > x {
		x = -746
	}
	_, n, r, e := reduce(x)
	k1, k2 := halves(n)
	return (1 + (r + e)) * k1 * k2
}

// Log returns the natural logarithm of x with an error below 1 ULP: NaN below 0, −Inf at ±0. With x = m·2ᵏ, m near 1,
// f = m − 1 and s = f/(2+f) it is k·log 2 + f − (f²/2 − s·(f²/2 + s²·logPoly)).
func Log(x float64) float64 {
	y, k0 := x, 0.0
	if x < 0x1p-1022 {
		y, k0 = x*0x1p54, -54
	}
	b := math.Float64bits(y)
	exponent := (b + (one - root)) >> 52
	m := math.Float64frombits(b - exponent<<52 + one)
	k := math.Float64frombits(exponent|0x433<<52) - (0x1p52 + 1023) + k0
	f := m - 1
	s := f / (f + 2)
	z := float64(s * s)
	h := float64(float64(0.5*f) * f)
	sum := h + float64(z*horner(z, logPoly[:]))
	l := math.FMA(k, ln2hi, f-(h-math.FMA(s, sum, float64(k*ln2lo))))
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

// divide returns (n + nlo)/(d + dlo) with little more than one rounding; inv is 1/d.
func divide(n, nlo, d, dlo, inv float64) float64 {
	q := float64(n * inv)
	rest := math.FMA(-q, d, n) + math.FMA(-q, dlo, nlo)
	return math.FMA(rest, inv, q)
}

// Tanh returns the hyperbolic tangent of x with an error below 1 ULP: (e²ˣ − 1)/(e²ˣ + 1), with e²ˣ = 2ⁿ + 2ⁿ·p and the
// rounding errors of both sums; for |x| above 8, where 2ⁿ ± 1 may be rounded, 1 − 2/(e²ˣ + 1).
func Tanh(x float64) float64 {
	a := math.Abs(x)
	if 20 < a {
		a = 20
	}
	t, _, r, e := reduce(a + a)
	p := r + e
	k := power(t)
	b, blo := float64(k*p), float64(k*(r-p+e))
	n, d := k-1, k+1
	num, den := n+b, d+b
	inv := 1 / den
	y := divide(num, n-num+b+blo, den, d-den+b+blo, inv)
	if 8 < a {
		y = math.FMA(-2, inv, 1)
	}
	return math.Copysign(y, x)
}

// Sigmoid returns 1/(1 + e⁻ˣ) with an error below 1 ULP: with E = e^−|x| = s·2ⁿ, it is 1/(1+E), or s/(1+E)·2ⁿ for
// negative x.
func Sigmoid(x float64) float64 {
	a := -math.Abs(x)
	if -746 > a {
		a = -746
	}
	_, n, r, e := reduce(a)
	p := r + e
	s := 1 + p
	slo := 1 - s + p + (r - p + e)
	k1, k2 := halves(n)
	b, blo := float64(float64(s*k1)*k2), float64(float64(slo*k1)*k2)
	den := 1 + b
	denlo := 1 - den + b + blo
	if !(x < 0) {
		s, slo, k1, k2 = 1, 0, 1, 1
	}
	return divide(s, slo, den, denlo, 1/den) * k1 * k2
}

// Erf returns the error function of x with an error below 2 ULP: x + x·erfPoly(x²) near 0, 1 − exp(−erfcLog(x)) beyond.
func Erf(x float64) float64 {
	a := math.Abs(x)
	if 6 < a {
		a = 6
	}
	y := math.FMA(a, horner(float64(a*a), erfPoly[:]), a)
	t, _, r, e := reduce(-horner(a, erfcLog[:]))
	z := 1 - float64((1+(r+e))*power(t))
	if !(a < erfSplit) {
		y = z
	}
	return math.Copysign(y, x)
}

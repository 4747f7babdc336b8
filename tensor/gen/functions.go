package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// The constants and functions of kernel/math_go.go, under the same names.
const (
	log2e = 0x1.71547652b82fep+0
	ln2hi = 0x1.62e42fefa2p-1     // 40 bits of log 2, so that n·ln2hi is exact
	ln2lo = 0x1.9ef35793c7673p-41 // log 2 − ln2hi
	magic = 0x1.8p52              // x + magic rounds x to an integer, which is left in its low bits
	one   = 0x3ff0000000000000    // the bits of 1
	root  = 0x3fe6a09e667f3bcd    // the bits of √½
)

var expPoly = []float64{
	0x1.0000000000000p-1, 0x1.5555555555557p-3, 0x1.555555555555bp-5, 0x1.1111111110034p-7, 0x1.6c16c16c12c6fp-10, 0x1.a01a01ac42730p-13,
	0x1.a01a01bd4f4b3p-16, 0x1.71de01159b9a2p-19, 0x1.27e49fc7a1e68p-22, 0x1.af50328f433abp-26, 0x1.1fe0592982893p-29,
}

var logPoly = []float64{
	0x1.5555555555558p-1, 0x1.9999999995273p-2, 0x1.2492492dfd898p-2, 0x1.c71c62d5e2c03p-3, 0x1.7462b91c1afd3p-3, 0x1.39fdccdc548f2p-3,
	0x1.2b5f6941671dep-3,
}

var erfPoly = []float64{
	0x1.06eba8214db69p-3, -0x1.812746b0379e5p-2, 0x1.ce2f21a0429b5p-4, -0x1.b82ce3127b6e8p-6, 0x1.565bcd0bcba51p-8, -0x1.c02db363e49a7p-11,
	0x1.f9a30fd49d113p-14, -0x1.f4d0198dfda36p-17, 0x1.b9c0f2405616fp-20, -0x1.5dcf0eeb40c58p-23, 0x1.e541441a99f4ep-27, -0x1.dc6f00282c290p-31,
}

var erfcLog = []float64{
	0x1.de686f4901abfp-25, 0x1.20dd6b050640cp+0, 0x1.45f368c2c105ap-1, 0x1.a4ebdf815deadp-4, -0x1.392064180bf3cp-6, -0x1.e464c833a9e4bp-13,
	0x1.c121ce0c6fb2bp-10, -0x1.368b166277fcbp-11, 0x1.6f587655e3d06p-17, 0x1.75923331916a8p-14, -0x1.bee73ef7b2e22p-15, 0x1.45866449f9e28p-16,
	-0x1.581a2f13a1ad4p-18, 0x1.12bb26a4f713cp-20, -0x1.4b115673122f7p-23, 0x1.254ffc045907fp-26, -0x1.69671cbc6be56p-30, 0x1.14daedf887019p-34,
	-0x1.8d3b5c86defbap-40,
}

const erfSplit = 0.875

func (v vectors) reduce(x reg.VecVirtual) (t, n, r, e reg.VecVirtual) {
	t = v.fma(x, v.num(log2e), v.set(magic))
	n = v.sub(t, v.num(magic))
	hi := v.fnma(n, v.num(ln2hi), x)
	r = v.fnma(n, v.num(ln2lo), hi)
	c := v.fnma(n, v.num(ln2lo), v.sub(hi, r))
	return t, n, r, v.fma(v.mul(r, r), v.horner(r, expPoly), c)
}

func (v vectors) power(t reg.VecVirtual) reg.VecVirtual {
	return v.addInt(v.shiftLeft(t, 52), v.bits(one))
}

func (v vectors) halves(n reg.VecVirtual) (reg.VecVirtual, reg.VecVirtual) {
	h := v.fma(n, v.num(0.5), v.set(magic))
	return v.power(h), v.power(v.add(v.sub(n, v.sub(h, v.num(magic))), v.num(magic)))
}

func (v vectors) exp(x reg.VecVirtual) reg.VecVirtual {
	x = v.atLeast(v.atMost(x, 710), -746)
	_, n, r, e := v.reduce(x)
	k1, k2 := v.halves(n)
	return v.mul(v.mul(v.add(v.add(r, e), v.num(1)), k1), k2)
}

func (v vectors) log(x reg.VecVirtual) reg.VecVirtual {
	y := v.choose(x, less, 0x1p-1022, v.mul(x, v.num(0x1p54)), x)
	k0 := v.choose(x, less, 0x1p-1022, v.set(-54), v.set(0))
	exponent := v.shiftRight(v.addInt(y, v.bits(one-root)), 52)
	m := v.addInt(v.subInt(y, v.shiftLeft(exponent, 52)), v.bits(one))
	k := v.add(v.sub(v.or(exponent, v.bits(0x433<<52)), v.num(0x1p52+1023)), k0)
	f := v.sub(m, v.num(1))
	s := v.div(f, v.add(f, v.num(2)))
	z := v.mul(s, s)
	h := v.mul(v.mul(f, v.num(0.5)), f)
	sum := v.add(h, v.mul(z, v.horner(z, logPoly)))
	l := v.fma(k, v.num(ln2hi), v.sub(f, v.sub(h, v.fma(s, sum, v.mul(k, v.num(ln2lo))))))
	l = v.choose(x, notLess, math.Inf(1), x, l)
	l = v.choose(x, less, 0, v.set(math.NaN()), l)
	return v.choose(x, equal, 0, v.set(math.Inf(-1)), l)
}

func (v vectors) divide(n, nlo, d, dlo, inv reg.VecVirtual) reg.VecVirtual {
	q := v.mul(n, inv)
	rest := v.add(v.fnma(q, d, n), v.fnma(q, dlo, nlo))
	return v.fma(rest, inv, q)
}

func (v vectors) tanh(x reg.VecVirtual) reg.VecVirtual {
	a := v.atMost(v.abs(x), 20)
	t, _, r, e := v.reduce(v.add(a, a))
	p := v.add(r, e)
	k := v.power(t)
	b, blo := v.mul(k, p), v.mul(k, v.add(v.sub(r, p), e))
	n, d := v.sub(k, v.num(1)), v.add(k, v.num(1))
	num, den := v.add(n, b), v.add(d, b)
	inv := v.div(v.set(1), den)
	y := v.divide(num, v.add(v.add(v.sub(n, num), b), blo), den, v.add(v.add(v.sub(d, den), b), blo), inv)
	y = v.choose(a, greater, 8, v.fma(inv, v.num(-2), v.set(1)), y)
	return v.or(y, v.sign(x))
}

func (v vectors) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	a := v.atLeast(v.or(x, v.bits(1<<63)), -746)
	_, n, r, e := v.reduce(a)
	p := v.add(r, e)
	s := v.add(p, v.num(1))
	slo := v.add(v.add(v.sub(v.set(1), s), p), v.add(v.sub(r, p), e))
	k1, k2 := v.halves(n)
	b, blo := v.mul(v.mul(s, k1), k2), v.mul(v.mul(slo, k1), k2)
	den := v.add(b, v.num(1))
	denlo := v.add(v.add(v.sub(v.set(1), den), b), blo)
	s, slo = v.choose(x, less, 0, s, v.set(1)), v.choose(x, less, 0, slo, v.set(0))
	k1, k2 = v.choose(x, less, 0, k1, v.set(1)), v.choose(x, less, 0, k2, v.set(1))
	return v.mul(v.mul(v.divide(s, slo, den, denlo, v.div(v.set(1), den)), k1), k2)
}

func (v vectors) erf(x reg.VecVirtual) reg.VecVirtual {
	a := v.atMost(v.abs(x), 6)
	y := v.fma(a, v.horner(v.mul(a, a), erfPoly), a)
	q := v.horner(a, erfcLog)
	t, _, r, e := v.reduce(v.sub(v.set(0), q))
	z := v.sub(v.set(1), v.mul(v.add(v.add(r, e), v.num(1)), v.power(t)))
	y = v.choose(a, less, erfSplit, y, z)
	return v.or(y, v.sign(x))
}

package main

import (
	"math"

	"github.com/mmcloughlin/avo/reg"
)

// The constants and functions of kernel/math32_go.go, under the same names.

const ln2 = 0x1.62e42fefa39efp-1

var expPoly32 = []float64{
	0x1.0000000bed580p-1, 0x1.555555732b5d5p-3, 0x1.5554e6cc5ac59p-5, 0x1.11109c8d1d880p-7, 0x1.6d463332de697p-10, 0x1.a1b28bc273e38p-13,
}

var logPoly32 = []float64{
	0x1.5555554ba8aaep-1, 0x1.9999eb9d7ab46p-2, 0x1.245c2730ca1d6p-2, 0x1.ddd4db5dc9901p-3,
}

var erfPoly32 = []float64{
	0x1.06eba81a17219p-3, -0x1.812744e22993bp-2, 0x1.ce2e8a10b1d49p-4, -0x1.b81a2903d1c9bp-6, 0x1.553fc8c797d18p-8, -0x1.aeae1aa64600bp-11,
	0x1.6c802028448dbp-14,
}

var erfcLog32 = []float64{
	-0x1.58b31599d4a95p-13, 0x1.21249d936504ap+0, 0x1.44535ddec9158p-1, 0x1.bb0e02df0b9c6p-4, -0x1.9a5c48f1c1aecp-6, 0x1.0f883819d281cp-8,
	-0x1.c1897d613240ap-12, 0x1.59912e953dac5p-16,
}

func (v vectors) reduce32(x reg.VecVirtual) (k, p reg.VecVirtual) {
	t := v.fma(x, v.num(log2e), v.set(magic))
	r := v.fnma(v.sub(t, v.num(magic)), v.num(ln2), x)
	return v.power(t), v.fma(v.mul(r, r), v.horner(r, expPoly32), r)
}

func (v vectors) exp32(x reg.VecVirtual) reg.VecVirtual {
	k, p := v.reduce32(v.atLeast(v.atMost(x, 90), -110))
	return v.fma(p, k, k)
}

func (v vectors) log32(x reg.VecVirtual) reg.VecVirtual {
	exponent := v.shiftRight(v.addInt(x, v.bits(one-root)), 52)
	m := v.addInt(v.subInt(x, v.shiftLeft(exponent, 52)), v.bits(one))
	k := v.sub(v.or(exponent, v.bits(0x433<<52)), v.num(0x1p52+1023))
	f := v.sub(m, v.num(1))
	s := v.div(f, v.add(f, v.num(2)))
	z := v.mul(s, s)
	h := v.mul(v.mul(f, v.num(0.5)), f)
	l := v.fma(k, v.num(ln2), v.sub(f, v.sub(h, v.mul(s, v.fma(z, v.horner(z, logPoly32), h)))))
	l = v.choose(x, notLess, math.Inf(1), x, l)
	l = v.choose(x, less, 0, v.set(math.NaN()), l)
	return v.choose(x, equal, 0, v.set(math.Inf(-1)), l)
}

func (v vectors) tanh32(x reg.VecVirtual) reg.VecVirtual {
	a := v.atMost(v.abs(x), 10)
	k, p := v.reduce32(v.add(a, a))
	y := v.div(v.fma(p, k, v.sub(k, v.num(1))), v.fma(p, k, v.add(k, v.num(1))))
	return v.or(y, v.sign(x))
}

func (v vectors) sigmoid32(x reg.VecVirtual) reg.VecVirtual {
	k, p := v.reduce32(v.atLeast(v.or(x, v.bits(1<<63)), -110))
	e := v.fma(p, k, k)
	return v.div(v.choose(x, less, 0, e, v.set(1)), v.add(e, v.num(1)))
}

func (v vectors) erf32(x reg.VecVirtual) reg.VecVirtual {
	a := v.atMost(v.abs(x), 4.05)
	y := v.fma(a, v.horner(v.mul(a, a), erfPoly32), a)
	k, p := v.reduce32(v.sub(v.set(0), v.horner(a, erfcLog32)))
	z := v.sub(v.set(1), v.fma(p, k, k))
	y = v.choose(a, less, erfSplit, y, z)
	return v.or(y, v.sign(x))
}

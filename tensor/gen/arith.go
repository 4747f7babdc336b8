package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An arith is what the loops of elementwise arithmetic need: instructions by type, and registers of constants.
type arith struct {
	double       bool
	s, one, zero reg.VecVirtual
}

type vec = reg.VecVirtual

// generateArith writes elementwise arithmetic for AVX2. Such loops wait for memory, so that wider vectors gain nothing.
func generateArith() {
	known := pool{}
	for _, double := range []bool{true, false} {
		a := &arith{double: double}
		for _, f := range []struct {
			name string
			args int // how many of a and b are read
			f    func(x []vec) vec
		}{
			{"settle", 1, func(x []vec) vec { return a.add(x[0], a.zero) }},
			{"settle2", 2, func(x []vec) vec { return a.add(a.add(x[0], a.zero), x[1]) }},
			{"add", 2, func(x []vec) vec { return a.add(x[0], x[1]) }},
			{"sub", 2, func(x []vec) vec { return a.sub(x[0], x[1]) }},
			{"mul", 2, func(x []vec) vec { return a.mul(x[0], x[1]) }},
			{"scale", 1, func(x []vec) vec { return a.mul(x[0], a.s) }},
			{"addScaled", 2, func(x []vec) vec { return a.add(x[0], a.mul(x[1], a.s)) }},
			{"tanhSlope", 2, func(x []vec) vec { return a.mul(x[1], a.sub(a.one, a.mul(x[0], x[0]))) }},
			{"sigmoidSlope", 2, func(x []vec) vec { return a.mul(x[1], a.mul(x[0], a.sub(a.one, x[0]))) }},
			{"relu", 1, func(x []vec) vec { return a.keep(x[0], x[0]) }},
			{"reluSlope", 2, func(x []vec) vec { return a.keep(x[0], x[1]) }},
			{"offset", 1, func(x []vec) vec { return a.add(x[0], a.s) }},
			{"gap", 2, func(x []vec) vec { return a.gap(x[0], x[1]) }},
		} {
			a.function(known, f.name, f.args, f.f)
		}
		a.squares()
	}
}

func (a *arith) function(known pool, name string, args int, f func(x []vec) vec) {
	typ, bits := "float64", 64
	if !a.double {
		typ, bits = "float32", 32
	}
	lanes := 256 / bits
	TEXT(fmt.Sprintf("%s%d", name, bits), NOSPLIT, fmt.Sprintf("func(dst, a, b *%s, s %s, n int)", typ, typ))
	Doc(fmt.Sprintf("%s%d computes n > 0 elements, a multiple of %d.", name, bits, lanes))
	Pragma("noescape")
	dst, n := Load(Param("dst"), GP64()), GP64()
	src := []reg.Register{Load(Param("a"), GP64())}
	if args == 2 {
		src = append(src, Load(Param("b"), GP64()))
	}
	Load(Param("n"), n)
	a.constants(known)
	block := func(vectors int, label, next string) {
		Label(label)
		CMPQ(n, U8(vectors*lanes))
		JLT(LabelRef(next))
		for v := range vectors {
			var x []vec
			for _, p := range src {
				y := YMM()
				VMOVUPD(Mem{Base: p, Disp: 32 * v}, y)
				x = append(x, y)
			}
			VMOVUPD(f(x), Mem{Base: dst, Disp: 32 * v})
		}
		for _, p := range append(src, dst) {
			ADDQ(U8(32*vectors), p)
		}
		SUBQ(U8(vectors*lanes), n)
		JMP(LabelRef(label))
	}
	block(2, "pairs", "single")
	block(1, "single", "end")
	Label("end")
	VZEROUPPER()
	RET()
}

// constants loads s, 1 and +0.
func (a *arith) constants(known pool) {
	a.s, a.one, a.zero = YMM(), YMM(), YMM()
	s, err := Param("s").Resolve()
	if err != nil {
		panic(err)
	}
	b := math.Float64bits(1)
	if !a.double {
		b = uint64(math.Float32bits(1)) * (1<<32 + 1)
	}
	VMOVUPD(vectors{known: known}.bits(b), a.one)
	VXORPS(a.zero, a.zero, a.zero)
	if a.double {
		VBROADCASTSD(s.Addr, a.s)
	} else {
		VBROADCASTSS(s.Addr, a.s)
	}
}

func (a *arith) two(double, single func(...Op), x, y vec) vec {
	d := YMM()
	if a.double {
		double(y, x, d)
	} else {
		single(y, x, d)
	}
	return d
}

func (a *arith) add(x, y vec) vec {
	return a.two(func(o ...Op) { VADDPD(o...) }, func(o ...Op) { VADDPS(o...) }, x, y)
}

func (a *arith) sub(x, y vec) vec {
	return a.two(func(o ...Op) { VSUBPD(o...) }, func(o ...Op) { VSUBPS(o...) }, x, y)
}

func (a *arith) mul(x, y vec) vec {
	return a.two(func(o ...Op) { VMULPD(o...) }, func(o ...Op) { VMULPS(o...) }, x, y)
}

// keep returns +0 where x ≤ 0, otherwise y.
func (a *arith) keep(x, y vec) vec {
	const lessOrEqual = 0x12
	d := YMM()
	if a.double {
		VCMPPD(U8(lessOrEqual), a.zero, x, d)
	} else {
		VCMPPS(U8(lessOrEqual), a.zero, x, d)
	}
	VANDNPD(y, d, d)
	return d
}

// gap returns x − y, or +0 where both are equal or both are NaN.
func (a *arith) gap(x, y vec) vec {
	const equal, unordered = 0, 3
	compare := func(how uint8, x, y vec) vec {
		d := YMM()
		if a.double {
			VCMPPD(U8(how), y, x, d)
		} else {
			VCMPPS(U8(how), y, x, d)
		}
		return d
	}
	none, same := compare(unordered, x, x), compare(equal, x, y)
	VANDPD(compare(unordered, y, y), none, none)
	VORPD(none, same, same)
	d := a.sub(x, y)
	VANDNPD(d, same, d)
	return d
}

// squares writes the sums of squares in float64: sixteen, of the elements with the same index modulo 16.
func (a *arith) squares() {
	typ, bits := "float64", 64
	if !a.double {
		typ, bits = "float32", 32
	}
	TEXT(fmt.Sprintf("squares%d", bits), NOSPLIT, fmt.Sprintf("func(sums *[16]float64, x *%s, n int)", typ))
	Doc(fmt.Sprintf("squares%d adds n > 0 squares, a multiple of 16, to sums.", bits))
	Pragma("noescape")
	sums, x, n := Load(Param("sums"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	var acc [4]vec
	for i := range acc {
		acc[i] = YMM()
		VMOVUPD(Mem{Base: sums, Disp: 32 * i}, acc[i])
	}
	Label("loop")
	for i := range acc {
		y := YMM()
		if a.double {
			VMOVUPD(Mem{Base: x, Disp: 32 * i}, y)
		} else {
			VCVTPS2PD(Mem{Base: x, Disp: 16 * i}, y)
		}
		VMULPD(y, y, y)
		VADDPD(y, acc[i], acc[i])
	}
	ADDQ(U8(2*bits), x)
	SUBQ(U8(16), n)
	JNE(LabelRef("loop"))
	for i := range acc {
		VMOVUPD(acc[i], Mem{Base: sums, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}

package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An emitter writes the functions of kernel/math_go.go, operation by operation, for vectors of float64.
type emitter struct {
	wide   bool // AVX-512
	single bool // the slices are float32, converted on the way
}

// constants that are in the file already, by their bits.
type pool map[uint64]Mem

// generateMath writes every function for every instruction set and type.
func generateMath() {
	known := pool{}
	for _, e := range []emitter{{true, false}, {true, true}, {false, false}, {false, true}} {
		v := vectors{e, known}
		if e.single {
			e.function("exp", v.exp32)
			e.function("log", v.log32)
			e.function("tanh", v.tanh32)
			e.function("sigmoid", v.sigmoid32)
			e.function("erf", v.erf32)
			continue
		}
		e.function("exp", v.exp)
		e.function("log", v.log)
		e.function("tanh", v.tanh)
		e.function("sigmoid", v.sigmoid)
		e.function("erf", v.erf)
	}
}

// function emits the loop over slices around f.
func (e emitter) function(name string, f func(x reg.VecVirtual) reg.VecVirtual) {
	bits, isa, typ, lanes, size := 64, "AVX2", "float64", 4, 8
	if e.wide {
		isa, lanes = "AVX512", 8
	}
	if e.single {
		bits, typ, size = 32, "float32", 4
	}
	TEXT(fmt.Sprintf("%s%d%s", name, bits, isa), NOSPLIT, fmt.Sprintf("func(dst, src *%s, n int)", typ))
	Doc(fmt.Sprintf("%s%d%s sets dst to %s of src; n > 0 is a multiple of %d.", name, bits, isa, name, lanes))
	Pragma("noescape")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	Label("loop")
	e.store(f(e.load(Mem{Base: src})), Mem{Base: dst})
	ADDQ(U8(lanes*size), src)
	ADDQ(U8(lanes*size), dst)
	SUBQ(U8(lanes), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func (e emitter) reg() reg.VecVirtual {
	if e.wide {
		return ZMM()
	}
	return YMM()
}

func (e emitter) load(m Mem) reg.VecVirtual {
	x := e.reg()
	if e.single {
		VCVTPS2PD(m, x)
	} else {
		VMOVUPD(m, x)
	}
	return x
}

func (e emitter) store(x reg.VecVirtual, m Mem) {
	switch {
	case e.single && e.wide:
		y := YMM()
		VCVTPD2PS(x, y)
		VMOVUPS(y, m)
	case e.single:
		y := XMM()
		VCVTPD2PSY(x, y)
		VMOVUPS(y, m)
	default:
		VMOVUPD(x, m)
	}
}

// vectors adds constants and arithmetic. Functions return a new register unless they say otherwise.
type vectors struct {
	emitter
	known pool
}

// bits is the constant with the given bits, in memory four times.
func (v vectors) bits(b uint64) Mem {
	m, ok := v.known[b]
	if !ok {
		m = GLOBL(fmt.Sprintf("k%016x", b), RODATA|NOPTR)
		for i := range 4 {
			DATA(8*i, U64(b))
		}
		v.known[b] = m
	}
	return m
}

func (v vectors) num(x float64) Mem { return v.bits(math.Float64bits(x)) }

// set returns a register that holds a constant.
func (v vectors) set(x float64) reg.VecVirtual {
	d := v.reg()
	if v.wide {
		VBROADCASTSD(v.num(x), d)
	} else {
		VMOVUPD(v.num(x), d)
	}
	return d
}

func (v vectors) copy(x reg.VecVirtual) reg.VecVirtual {
	d := v.reg()
	VMOVAPD(x, d)
	return d
}

type instruction func(...Op)

// emit chooses the form of an instruction that broadcasts its first operand if that is a constant.
func (v vectors) emit(plain, broadcast instruction, first Op, rest ...Op) {
	if _, ok := first.(Mem); ok && v.wide {
		broadcast(append([]Op{first}, rest...)...)
		return
	}
	plain(append([]Op{first}, rest...)...)
}

func (v vectors) add(a reg.VecVirtual, b Op) reg.VecVirtual {
	d := v.reg()
	v.emit(VADDPD, VADDPD_BCST, b, a, d)
	return d
}

func (v vectors) sub(a reg.VecVirtual, b Op) reg.VecVirtual {
	d := v.reg()
	v.emit(VSUBPD, VSUBPD_BCST, b, a, d)
	return d
}

func (v vectors) mul(a reg.VecVirtual, b Op) reg.VecVirtual {
	d := v.reg()
	v.emit(VMULPD, VMULPD_BCST, b, a, d)
	return d
}

func (v vectors) div(a reg.VecVirtual, b Op) reg.VecVirtual {
	d := v.reg()
	v.emit(VDIVPD, VDIVPD_BCST, b, a, d)
	return d
}

// fma returns a·b + c.
func (v vectors) fma(a reg.VecVirtual, b Op, c reg.VecVirtual) reg.VecVirtual {
	d := v.copy(c)
	v.emit(VFMADD231PD, VFMADD231PD_BCST, b, a, d)
	return d
}

// fnma returns c − a·b.
func (v vectors) fnma(a reg.VecVirtual, b Op, c reg.VecVirtual) reg.VecVirtual {
	d := v.copy(c)
	v.emit(VFNMADD231PD, VFNMADD231PD_BCST, b, a, d)
	return d
}

// horner evaluates a polynomial.
func (v vectors) horner(x reg.VecVirtual, poly []float64) reg.VecVirtual {
	y := v.set(poly[len(poly)-1])
	for i := len(poly) - 2; i >= 0; i-- {
		v.emit(VFMADD213PD, VFMADD213PD_BCST, v.num(poly[i]), x, y)
	}
	return y
}

func (v vectors) and(a reg.VecVirtual, b Op) reg.VecVirtual {
	d := v.reg()
	v.emit(VANDPD, VANDPD_BCST, b, a, d)
	return d
}

func (v vectors) or(a reg.VecVirtual, b Op) reg.VecVirtual {
	d := v.reg()
	v.emit(VORPD, VORPD_BCST, b, a, d)
	return d
}

func (v vectors) addInt(a reg.VecVirtual, b Op) reg.VecVirtual {
	d := v.reg()
	v.emit(VPADDQ, VPADDQ_BCST, b, a, d)
	return d
}

func (v vectors) subInt(a, b reg.VecVirtual) reg.VecVirtual {
	d := v.reg()
	VPSUBQ(b, a, d)
	return d
}

func (v vectors) shiftLeft(a reg.VecVirtual, n uint8) reg.VecVirtual {
	d := v.reg()
	VPSLLQ(U8(n), a, d)
	return d
}

func (v vectors) shiftRight(a reg.VecVirtual, n uint8) reg.VecVirtual {
	d := v.reg()
	VPSRLQ(U8(n), a, d)
	return d
}

// atMost is: if limit < x { x = limit }, and atLeast: if limit > x { x = limit }; both keep NaN.
func (v vectors) atMost(x reg.VecVirtual, limit float64) reg.VecVirtual {
	d := v.set(limit)
	VMINPD(x, d, d)
	return d
}

func (v vectors) atLeast(x reg.VecVirtual, limit float64) reg.VecVirtual {
	d := v.set(limit)
	VMAXPD(x, d, d)
	return d
}

// Predicates of comparisons: quiet, false for NaN but notLess.
const (
	equal   = 0x00
	less    = 0x11
	notLess = 0x15
	greater = 0x1e
)

// choose returns yes where a compares with the constant as the predicate says, otherwise no.
func (v vectors) choose(a reg.VecVirtual, predicate uint8, constant float64, yes, no reg.VecVirtual) reg.VecVirtual {
	d := v.reg()
	if v.wide {
		k := K()
		VCMPPD_BCST(U8(predicate), v.num(constant), a, k)
		VBLENDMPD(yes, no, k, d)
		return d
	}
	VCMPPD(U8(predicate), v.num(constant), a, d)
	VBLENDVPD(d, yes, no, d)
	return d
}

func (v vectors) abs(x reg.VecVirtual) reg.VecVirtual  { return v.and(x, v.bits(1<<63-1)) }
func (v vectors) sign(x reg.VecVirtual) reg.VecVirtual { return v.and(x, v.bits(1<<63)) }

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// generatePlanes writes what convolution and pooling do with the planes of images, for AVX2.
func generatePlanes() {
	copyRows()
	for _, q := range []quarters{{arith{double: true}, 64, 4}, {arith{double: false}, 32, 8}} {
		q.forward()
		q.backward()
	}
}

// copyRows writes the copy of rows of at least one vector; the last vector of a row overlaps the one before.
func copyRows() {
	TEXT("copyRows", NOSPLIT, "func(dst, src *byte, ldd, lds, n, rows int)")
	Doc("copyRows copies rows ≥ 1 rows of n ≥ 32 bytes, which are ldd and lds bytes apart.")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ldd, lds := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64())
	last, rows := Load(Param("n"), GP64()), Load(Param("rows"), GP64())
	SUBQ(U8(32), last)
	at, y := GP64(), YMM()
	Label("row")
	XORQ(at, at)
	JMP(LabelRef("test"))
	Label("vector")
	VMOVUPD(Mem{Base: src, Index: at, Scale: 1}, y)
	VMOVUPD(y, Mem{Base: dst, Index: at, Scale: 1})
	ADDQ(U8(32), at)
	Label("test")
	CMPQ(at, last)
	JLT(LabelRef("vector"))
	VMOVUPD(Mem{Base: src, Index: last, Scale: 1}, y)
	VMOVUPD(y, Mem{Base: dst, Index: last, Scale: 1})
	ADDQ(ldd, dst)
	ADDQ(lds, src)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// quarters are the kernels of maxima over blocks of 2 × 2 elements of a plane.
type quarters struct {
	arith
	bits, lanes int
}

// begin emits the header of a function and loads its pointers.
func (q *quarters) begin(name, doc string, params ...string) (p []reg.Register, nan reg.VecVirtual) {
	list := ""
	for _, x := range params {
		list += x + ", "
	}
	TEXT(fmt.Sprintf("%s%d", name, q.bits), NOSPLIT, fmt.Sprintf("func(%ssrc *float%d, ow, rows int) (nan uint64)", list, q.bits))
	Doc(fmt.Sprintf("%s%d %s ow ≥ %d.", name, q.bits, doc, q.lanes))
	Pragma("noescape")
	for _, x := range append(params, "src") {
		p = append(p, Load(Param(x), GP64()))
	}
	nan, q.zero = YMM(), YMM()
	VXORPS(nan, nan, nan)
	VXORPS(q.zero, q.zero, q.zero)
	return p, nan
}

// loop emits the loops over rows and, within, vectors of pixels, of which the last overlaps the one before. body gets the index
// of the pixels in bytes, of the four inputs twice that.
func (q *quarters) loop(nan reg.VecVirtual, wide, narrow []reg.Register, body func(at, twice, width reg.Register)) {
	width, last, at, twice := Load(Param("ow"), GP64()), GP64(), GP64(), GP64()
	rows := Load(Param("rows"), GP64())
	SHLQ(U8(map[int]uint8{64: 3, 32: 2}[q.bits]), width)
	MOVQ(width, last)
	SUBQ(U8(32), last)
	Label("row")
	XORQ(at, at)
	Label("pixels")
	LEAQ(Mem{Base: at, Index: at, Scale: 1}, twice)
	body(at, twice, width)
	CMPQ(at, last)
	JEQ(LabelRef("next"))
	ADDQ(U8(32), at)
	CMPQ(at, last)
	CMOVQGT(last, at)
	JMP(LabelRef("pixels"))
	Label("next")
	for _, p := range narrow {
		ADDQ(width, p)
	}
	for _, p := range wide {
		LEAQ(Mem{Base: p, Index: width, Scale: 4}, p.(reg.GPVirtual))
	}
	DECQ(rows)
	JNE(LabelRef("row"))
	bits := GP64()
	VMOVMSKPS(nan, bits.As32())
	VZEROUPPER()
	Store(bits, Return("nan"))
	RET()
}

// block loads two vectors of each of the two rows of inputs, and notes NaN.
func (q *quarters) block(src, twice, width reg.Register, nan reg.VecVirtual) (x [4]vec) {
	below := GP64()
	LEAQ(Mem{Base: src, Index: width, Scale: 2}, below)
	for i := range x {
		x[i] = YMM()
		m := Mem{Base: src, Index: twice, Scale: 1, Disp: 32 * (i & 1)}
		if i > 1 {
			m.Base = below
		}
		VMOVUPD(m, x[i])
	}
	const unordered = 3
	for i := 0; i < 4; i += 2 {
		VORPD(q.compare(unordered, x[i], x[i+1]), nan, nan)
	}
	return x
}

func (q *quarters) compare(how uint8, x, y vec) vec {
	return q.two(func(o ...Op) { VCMPPD(append([]Op{U8(how)}, o...)...) }, func(o ...Op) { VCMPPS(append([]Op{U8(how)}, o...)...) }, x, y)
}

// max returns the greater of x and y, +0 being greater than −0.
func (q *quarters) max(x, y vec) vec {
	m := q.top(x, y)
	VANDPD(q.top(y, x), m, m)
	return m
}

func (q *quarters) top(x, y vec) vec {
	return q.two(func(o ...Op) { VMAXPD(o...) }, func(o ...Op) { VMAXPS(o...) }, x, y)
}

// pairs returns the elements of even and of odd index of x and y, in an order that straight undoes.
func (q *quarters) pairs(x, y vec) (even, odd vec) {
	even, odd = YMM(), YMM()
	if q.double {
		VUNPCKLPD(y, x, even)
		VUNPCKHPD(y, x, odd)
	} else {
		VSHUFPS(U8(0x88), y, x, even)
		VSHUFPS(U8(0xdd), y, x, odd)
	}
	return even, odd
}

// straight exchanges the two middle quarters: it is its own inverse.
func straight(x vec) vec { return ymm(func(d reg.VecVirtual) { VPERMPD(U8(0xd8), x, d) }) }

func (q *quarters) forward() {
	p, nan := q.begin("maxQuarters", "sets dst to the maxima of 2 × 2 blocks of a plane of rows of 2·ow elements, and returns whether one is NaN.", "dst")
	q.loop(nan, p[1:], p[:1], func(at, twice, width reg.Register) {
		x := q.block(p[1], twice, width, nan)
		even, odd := q.pairs(q.max(x[0], x[2]), q.max(x[1], x[3]))
		VMOVUPD(straight(q.max(even, odd)), Mem{Base: p[0], Index: at, Scale: 1})
	})
}

func (q *quarters) backward() {
	p, nan := q.begin("maxQuartersSlope", "sets d to eps + 0 at the first maximum of every 2 × 2 block, to +0 elsewhere, and returns whether one is NaN.", "eps", "d")
	eps, d, src := p[0], p[1], p[2]
	q.loop(nan, p[1:], p[:1], func(at, twice, width reg.Register) {
		const greater = 0x1e
		x := q.block(src, twice, width, nan)
		a0, a1 := q.pairs(x[0], x[1])
		b0, b1 := q.pairs(x[2], x[3])
		e := YMM()
		VMOVUPD(Mem{Base: eps, Index: at, Scale: 1}, e)
		e = q.add(straight(e), q.zero)
		below := q.compare(greater, q.top(b0, b1), q.top(a0, a1))
		row := GP64()
		LEAQ(Mem{Base: d, Index: width, Scale: 2}, row)
		for i, s := range []struct{ left, right vec }{{a0, a1}, {b0, b1}} {
			mine, second, left, right := YMM(), q.compare(greater, s.right, s.left), YMM(), YMM()
			if i == 0 {
				VANDNPD(e, below, mine)
			} else {
				VANDPD(e, below, mine)
			}
			VANDNPD(mine, second, left)
			VANDPD(mine, second, right)
			m := Mem{Base: d, Index: twice, Scale: 1}
			if i == 1 {
				m.Base = row
			}
			lo, hi := YMM(), YMM()
			if q.double {
				VUNPCKLPD(right, left, lo)
				VUNPCKHPD(right, left, hi)
			} else {
				VUNPCKLPS(right, left, lo)
				VUNPCKHPS(right, left, hi)
			}
			VMOVUPD(lo, m)
			m.Disp = 32
			VMOVUPD(hi, m)
		}
	})
}

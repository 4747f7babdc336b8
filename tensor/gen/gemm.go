package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of kernel.Panel.
const (
	offA, offB, offC          = 0, 8, 16
	offM, offK, offV          = 24, 32, 40
	offRSA, offCSA            = 48, 56
	offLDB, offLDC            = 64, 72
	offNext, offLDN           = 80, 88
	offMask, offLoad, offTail = 96, 104, 112
)

// A family is the micro-kernels of one instruction set and element type: for every number of vectors in a row of the
// tile (the last one masked) and every number of rows.
type family struct {
	name   string
	wide   bool // AVX-512
	double bool // float64
	rows   [4]int
}

var (
	avx512f64 = family{"panel64AVX512", true, true, [4]int{0, 8, 8, 8}}
	avx512f32 = family{"panel32AVX512", true, false, [4]int{0, 8, 8, 8}}
	avx2f64   = family{"panel64AVX2", false, true, [4]int{0, 8, 6, 4}}
	avx2f32   = family{"panel32AVX2", false, false, [4]int{0, 8, 6, 4}}
)

// General registers. A, C and M of the Panel move forward in memory from tile to tile.
var (
	panel      = reg.RAX
	rsa, rsa3  = reg.RBX, reg.RCX
	csa, ldb   = reg.RDX, reg.RSI
	ldc, ldc3  = reg.RDI, reg.R8
	a0, a4, b0 = reg.R9, reg.R10, reg.R11
	c0, c4, kk = reg.R12, reg.R13, reg.R15
)

func field(off int) Mem { return Mem{Base: panel, Disp: off} }

func (f family) generate() {
	TEXT(f.name, NOSPLIT, "func(p *byte)")
	Doc(f.name + " computes the tiles of one panel.")
	Pragma("noescape")
	Load(Param("p"), panel)
	MOVQ(field(offRSA), rsa)
	MOVQ(field(offCSA), csa)
	MOVQ(field(offLDB), ldb)
	MOVQ(field(offLDC), ldc)
	LEAQ(Mem{Base: rsa, Index: rsa, Scale: 2}, rsa3)
	LEAQ(Mem{Base: ldc, Index: ldc, Scale: 2}, ldc3)
	if f.wide {
		KMOVW(field(offMask), reg.K1)
	}
	variants := f.variants()
	for i := range variants {
		CMPQ(field(offV), I8(i+1))
		JEQ(LabelRef(fmt.Sprintf("v%d", i+1)))
	}
	RET()
	for i, v := range variants {
		f.columns(fmt.Sprintf("v%d", i+1), v.vectors, v.masked)
	}
}

type variant struct {
	vectors int
	masked  bool
}

// variants lists the widths of tiles. AVX-512 masks the last vector always, since that costs nothing.
func (f family) variants() []variant {
	if f.wide {
		return []variant{{1, true}, {2, true}, {3, true}}
	}
	return []variant{{1, false}, {2, false}, {3, false}, {1, true}, {2, true}, {3, true}}
}

// columns emits the loop over the rows of a panel with the given width.
func (f family) columns(label string, vectors int, masked bool) {
	most := f.rows[vectors]
	Label(label)
	CMPQ(field(offM), I8(most))
	JLT(LabelRef(label + "rest"))
	f.tile(fmt.Sprintf("%sr%d", label, most), most, vectors, masked)
	f.advance(most)
	JMP(LabelRef(label))
	Label(label + "rest")
	for r := 1; r < most; r++ {
		CMPQ(field(offM), I8(r))
		JEQ(LabelRef(fmt.Sprintf("%sr%d", label, r)))
	}
	VZEROUPPER()
	RET()
	for r := 1; r < most; r++ {
		Label(fmt.Sprintf("%sr%d", label, r))
		f.tile(fmt.Sprintf("%sr%dt", label, r), r, vectors, masked)
		VZEROUPPER()
		RET()
	}
}

// advance moves on to the next rows.
func (f family) advance(rows int) {
	MOVQ(rsa, a0)
	IMUL3Q(I8(rows), a0, a0)
	ADDQ(a0, field(offA))
	MOVQ(ldc, c0)
	IMUL3Q(I8(rows), c0, c0)
	ADDQ(c0, field(offC))
	SUBQ(I8(rows), field(offM))
}

// row is the address of element 0 of row i, from x0 for rows 0 to 3 and x4 = x0 + 4·stride for rows 4 to 7.
func row(i int, x0, x4, stride, stride3 reg.GPPhysical) Mem {
	m := Mem{Base: x0}
	if i >= 4 {
		m.Base = x4
	}
	switch i % 4 {
	case 1:
		m.Index, m.Scale = stride, 1
	case 2:
		m.Index, m.Scale = stride, 2
	case 3:
		m.Index, m.Scale = stride3, 1
	}
	return m
}

func (f family) bytes() int {
	if f.wide {
		return 64
	}
	return 32
}

// vec is vector register i.
func (f family) vec(i int) reg.VecPhysical {
	zs := []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}
	ys := []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}
	if f.wide {
		return zs[i]
	}
	return ys[i]
}

// tile emits one tile: acc[r][v] = C or +0, then acc[r][v] = fma(A[r,k], B[k,v], acc[r][v]) for ascending k, then C = acc.
func (f family) tile(label string, rows, vectors int, masked bool) {
	acc := func(r, v int) reg.VecPhysical { return f.vec(r*vectors + v) }
	MOVQ(field(offA), a0)
	MOVQ(field(offC), c0)
	if rows > 4 {
		LEAQ(Mem{Base: a0, Index: rsa, Scale: 4}, a4)
		LEAQ(Mem{Base: c0, Index: ldc, Scale: 4}, c4)
	}
	MOVQ(field(offB), b0)
	MOVQ(field(offK), kk)
	CMPQ(field(offLoad), I8(0))
	JEQ(LabelRef(label + "zero"))
	f.eachC(rows, vectors, masked, func(r, v int, m Mem, mask bool) { f.load(m, acc(r, v), mask) })
	JMP(LabelRef(label + "begin"))
	Label(label + "zero")
	for i := range rows * vectors {
		if f.wide {
			VPXORQ(f.vec(i), f.vec(i), f.vec(i))
		} else {
			VXORPS(f.vec(i), f.vec(i), f.vec(i))
		}
	}
	Label(label + "begin")
	fetch := vectors == 3 && rows == f.rows[3]
	if fetch { // c0, c4: the row to prefetch, and the distance to the next
		MOVQ(field(offNext), c0)
		MOVQ(field(offLDN), c4)
	}
	Label(label + "loop")
	f.step(rows, vectors, masked, acc)
	if fetch {
		for v := 0; v < 3*f.bytes(); v += 64 {
			PREFETCHT0(Mem{Base: c0, Disp: v})
		}
		ADDQ(c4, c0)
	}
	ADDQ(csa, a0)
	if rows > 4 {
		ADDQ(csa, a4)
	}
	ADDQ(ldb, b0)
	DECQ(kk)
	JNE(LabelRef(label + "loop"))
	if fetch {
		MOVQ(field(offC), c0)
		LEAQ(Mem{Base: c0, Index: ldc, Scale: 4}, c4)
	}
	f.eachC(rows, vectors, masked, func(r, v int, m Mem, mask bool) { f.store(acc(r, v), m, mask) })
}

// eachC calls do for every vector of the tile of C. In AVX2 the mask is in register 15.
func (f family) eachC(rows, vectors int, masked bool, do func(r, v int, m Mem, mask bool)) {
	if masked && !f.wide {
		VMOVUPD(field(offTail), reg.Y15)
	}
	for r := range rows {
		for v := range vectors {
			m := row(r, c0, c4, ldc, ldc3)
			m.Disp = v * f.bytes()
			do(r, v, m, masked && v == vectors-1)
		}
	}
}

// step emits the multiply-adds of one k. The row of B is in the last registers.
func (f family) step(rows, vectors int, masked bool, acc func(r, v int) reg.VecPhysical) {
	top := 16
	if f.wide {
		top = 32
	} else if masked {
		VMOVUPD(field(offTail), reg.Y15)
	}
	b := func(v int) reg.VecPhysical { return f.vec(top - 1 - vectors + v) }
	for v := range vectors {
		f.load(Mem{Base: b0, Disp: v * f.bytes()}, b(v), masked && v == vectors-1)
	}
	for r := range rows {
		a := row(r, a0, a4, rsa, rsa3)
		if !f.wide {
			f.broadcast(a, reg.Y15)
		}
		for v := range vectors {
			switch {
			case f.wide && f.double:
				VFMADD231PD_BCST(a, b(v), acc(r, v))
			case f.wide:
				VFMADD231PS_BCST(a, b(v), acc(r, v))
			case f.double:
				VFMADD231PD(reg.Y15, b(v), acc(r, v))
			default:
				VFMADD231PS(reg.Y15, b(v), acc(r, v))
			}
		}
	}
}

func (f family) broadcast(m Mem, x reg.VecPhysical) {
	if f.double {
		VBROADCASTSD(m, x)
	} else {
		VBROADCASTSS(m, x)
	}
}

func (f family) load(m Mem, x reg.VecPhysical, mask bool) {
	switch {
	case mask && f.wide && f.double:
		VMOVUPD_Z(m, reg.K1, x)
	case mask && f.wide:
		VMOVUPS_Z(m, reg.K1, x)
	case mask && f.double:
		VMASKMOVPD(m, reg.Y15, x)
	case mask:
		VMASKMOVPS(m, reg.Y15, x)
	default:
		VMOVUPD(m, x)
	}
}

func (f family) store(x reg.VecPhysical, m Mem, mask bool) {
	switch {
	case mask && f.wide && f.double:
		VMOVUPD(x, reg.K1, m)
	case mask && f.wide:
		VMOVUPS(x, reg.K1, m)
	case mask && f.double:
		VMASKMOVPD(x, reg.Y15, m)
	case mask:
		VMASKMOVPS(x, reg.Y15, m)
	default:
		VMOVUPD(x, m)
	}
}

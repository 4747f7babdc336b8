package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// generateTranspose writes transpose64AVX2 and transpose32AVX2, which transpose matrices in blocks of one vector's
// length.
func generateTranspose() {
	transposeLoop("transpose64AVX2", "float64", 4, block64)
	transposeLoop("transpose32AVX2", "float32", 8, block32)
}

// transposeLoop emits the loops over blocks of n × n elements of 32/n bytes. block transposes n registers.
func transposeLoop(name, typ string, n int, block func([]reg.VecVirtual) []reg.VecVirtual) {
	TEXT(name, NOSPLIT, "func(dst, src *"+typ+", ldd, lds, rows, cols int)")
	Doc(name + " transposes rows × cols blocks; ldd and lds are in bytes. Both counts are at least 1.")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ldd, lds := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64())
	rows := Load(Param("rows"), GP64())
	d, s, k := GP64(), GP64(), GP64()
	p := GP64()
	Label("rows")
	MOVQ(dst, d)
	MOVQ(src, s)
	Load(Param("cols"), k)
	Label("cols")
	x := make([]reg.VecVirtual, n)
	MOVQ(s, p)
	for i := range x {
		x[i] = YMM()
		VMOVUPD(Mem{Base: p}, x[i])
		if i < n-1 {
			ADDQ(lds, p)
		}
	}
	for _, y := range block(x) {
		VMOVUPD(y, Mem{Base: d})
		ADDQ(ldd, d)
	}
	ADDQ(U8(32), s)
	DECQ(k)
	JNE(LabelRef("cols"))
	ADDQ(U8(32), dst)
	MOVQ(p, src) // from the last row of the last block back to its first column, and one row on
	Load(Param("cols"), k)
	SHLQ(U8(5), k)
	SUBQ(k, src)
	ADDQ(U8(32), src)
	ADDQ(lds, src)
	DECQ(rows)
	JNE(LabelRef("rows"))
	VZEROUPPER()
	RET()
}

func ymm(emit func(d reg.VecVirtual)) reg.VecVirtual {
	d := YMM()
	emit(d)
	return d
}

// halves128 returns the low halves of a and b, and the high ones.
func halves128(a, b reg.VecVirtual) (lo, hi reg.VecVirtual) {
	lo = ymm(func(d reg.VecVirtual) { VPERM2F128(U8(0x20), b, a, d) })
	hi = ymm(func(d reg.VecVirtual) { VPERM2F128(U8(0x31), b, a, d) })
	return lo, hi
}

func block64(x []reg.VecVirtual) []reg.VecVirtual {
	y := make([]reg.VecVirtual, 4)
	var z [4]reg.VecVirtual
	for i := 0; i < 4; i += 2 {
		z[i] = ymm(func(d reg.VecVirtual) { VUNPCKLPD(x[i+1], x[i], d) })
		z[i+1] = ymm(func(d reg.VecVirtual) { VUNPCKHPD(x[i+1], x[i], d) })
	}
	y[0], y[2] = halves128(z[0], z[2])
	y[1], y[3] = halves128(z[1], z[3])
	return y
}

func block32(x []reg.VecVirtual) []reg.VecVirtual {
	var z, w [8]reg.VecVirtual
	for i := 0; i < 8; i += 2 { // pairs of rows, interleaved
		z[i] = ymm(func(d reg.VecVirtual) { VUNPCKLPS(x[i+1], x[i], d) })
		z[i+1] = ymm(func(d reg.VecVirtual) { VUNPCKHPS(x[i+1], x[i], d) })
	}
	for i := 0; i < 8; i += 4 { // four rows: columns 0, 1, 2, 3 of each half
		for j := range 2 {
			w[i+2*j] = ymm(func(d reg.VecVirtual) { VUNPCKLPD(z[i+2+j], z[i+j], d) })
			w[i+2*j+1] = ymm(func(d reg.VecVirtual) { VUNPCKHPD(z[i+2+j], z[i+j], d) })
		}
	}
	y := make([]reg.VecVirtual, 8)
	for j := range 4 {
		y[j], y[j+4] = halves128(w[j], w[j+4])
	}
	return y
}

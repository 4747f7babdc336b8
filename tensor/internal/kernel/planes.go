package kernel

import "unsafe"

// CopyRows copies rows of n elements of the given size, ldd and lds elements apart, if it has instructions for that. Otherwise
// it does nothing and returns false.
func CopyRows(isa ISA, dst, src unsafe.Pointer, size, ldd, lds, n, rows int) bool {
	if isa < AVX2 || n*size < 32 || rows < 1 {
		return false
	}
	copyRows((*byte)(dst), (*byte)(src), ldd*size, lds*size, n*size, rows)
	return true
}

// MaxQuarters64 sets dst to the maxima of the 2 × 2 blocks of src, whose rows have 2·ow elements. Of zeros +0 is the
// maximum; a NaN gives one.
func MaxQuarters64(isa ISA, dst, src []float64, ow int) {
	src = src[:4*len(dst)]
	if isa < AVX2 || ow < 4 || len(dst) == 0 || maxQuarters64(&dst[0], &src[0], ow, len(dst)/ow) != 0 {
		maxQuarters(dst, src, ow)
	}
}

// MaxQuarters32 is MaxQuarters64 for float32.
func MaxQuarters32(isa ISA, dst, src []float32, ow int) {
	src = src[:4*len(dst)]
	if isa < AVX2 || ow < 8 || len(dst) == 0 || maxQuarters32(&dst[0], &src[0], ow, len(dst)/ow) != 0 {
		maxQuarters(dst, src, ow)
	}
}

// MaxQuartersSlope64 sets d to eps + 0 at the first maximum of every 2 × 2 block of src in row-major order, the first NaN if it
// has one, and to +0 elsewhere.
func MaxQuartersSlope64(isa ISA, d, src, eps []float64, ow int) {
	d, src = d[:4*len(eps)], src[:4*len(eps)]
	if isa < AVX2 || ow < 4 || len(eps) == 0 || maxQuartersSlope64(&eps[0], &d[0], &src[0], ow, len(eps)/ow) != 0 {
		maxQuartersSlope(d, src, eps, ow)
	}
}

// MaxQuartersSlope32 is MaxQuartersSlope64 for float32.
func MaxQuartersSlope32(isa ISA, d, src, eps []float32, ow int) {
	d, src = d[:4*len(eps)], src[:4*len(eps)]
	if isa < AVX2 || ow < 8 || len(eps) == 0 || maxQuartersSlope32(&eps[0], &d[0], &src[0], ow, len(eps)/ow) != 0 {
		maxQuartersSlope(d, src, eps, ow)
	}
}

func maxQuarters[T float32 | float64](dst, src []T, ow int) {
	for ; len(dst) > 0; dst, src = dst[ow:], src[4*ow:] {
		a, b := src[:2*ow], src[2*ow:4*ow]
		for j := range dst[:ow] {
			dst[j] = max(a[2*j], a[2*j+1], b[2*j], b[2*j+1])
		}
	}
}

// maxQuartersSlope has no branches that depend on the data, unless they are NaN.
func maxQuartersSlope[T float32 | float64](d, src, eps []T, ow int) {
	for ; len(eps) > 0; d, src, eps = d[4*ow:], src[4*ow:], eps[ow:] {
		d := d[:4*ow]
		clear(d)
		a, b := src[:2*ow], src[2*ow:4*ow]
		for j, e := range eps[:ow] {
			a0, a1, b0, b1 := a[2*j], a[2*j+1], b[2*j], b[2*j+1]
			k, l := 0, 2*ow
			if a1 > a0 {
				k = 1
			}
			if b1 > b0 {
				l = 2*ow + 1
			}
			ma, mb := max(a0, a1), max(b0, b1)
			if mb > ma {
				k = l
			}
			if ma != ma || mb != mb {
				k = firstNaN(a0, a1, b0, ow)
			}
			d[2*j+k] = e + 0
		}
	}
}

// firstNaN returns where the first NaN of a block is.
func firstNaN[T float32 | float64](a0, a1, b0 T, ow int) int {
	switch {
	case a0 != a0:
		return 0
	case a1 != a1:
		return 1
	case b0 != b0:
		return 2 * ow
	}
	return 2*ow + 1
}

package kernel

// Transpose64 sets dst[j·ldd+i] = src[i·lds+j] for i below rows and j below cols, with instructions of isa.
func Transpose64(isa ISA, dst []float64, ldd int, src []float64, lds, rows, cols int) {
	r, c := 0, 0
	if isa >= AVX2 && rows >= 4 && cols >= 4 {
		r, c = rows&^3, cols&^3
		_, _ = dst[(c-1)*ldd+r-1], src[(r-1)*lds+c-1]
		transpose64AVX2(&dst[0], &src[0], ldd*8, lds*8, r/4, c/4)
	}
	edges(dst, ldd, src, lds, rows, cols, r, c)
}

// Transpose32 is Transpose64 for float32.
func Transpose32(isa ISA, dst []float32, ldd int, src []float32, lds, rows, cols int) {
	r, c := 0, 0
	if isa >= AVX2 && rows >= 8 && cols >= 8 {
		r, c = rows&^7, cols&^7
		_, _ = dst[(c-1)*ldd+r-1], src[(r-1)*lds+c-1]
		transpose32AVX2(&dst[0], &src[0], ldd*4, lds*4, r/8, c/8)
	}
	edges(dst, ldd, src, lds, rows, cols, r, c)
}

// edges transposes all but the first r rows of the first c columns.
func edges[T float32 | float64](dst []T, ldd int, src []T, lds, rows, cols, r, c int) {
	if c == 0 {
		r = 0
	}
	plain(dst, ldd, src, lds, r, rows, 0, c)
	plain(dst, ldd, src, lds, 0, rows, c, cols)
}

// plain transposes rows r0 to r1 and columns c0 to c1, in strips of rows that stay in the cache.
func plain[T float32 | float64](dst []T, ldd int, src []T, lds, r0, r1, c0, c1 int) {
	for ; r0 < r1; r0 += 8 {
		n := min(8, r1-r0)
		for j := c0; j < c1; j++ {
			d, s := dst[j*ldd+r0:j*ldd+r0+n], src[r0*lds+j:]
			for i := range d {
				d[i] = s[i*lds]
			}
		}
	}
}

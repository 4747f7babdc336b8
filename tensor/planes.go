package tensor

import (
	"unsafe"

	"github.com/retrodict/retrodict/tensor/internal/kernel"
)

// CopyRows copies rows of n elements that begin lds elements apart in src to where they are ldd apart in dst, which does not
// overlap src.
func CopyRows[T Float](dst []T, ldd int, src []T, lds, n, rows int) {
	if n == 0 || rows == 0 {
		return
	}
	_, _ = dst[(rows-1)*ldd+n-1], src[(rows-1)*lds+n-1]
	if n > ldd || n > lds {
		panic("tensor: CopyRows: rows overlap")
	}
	if kernel.CopyRows(kernel.Best(), unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), int(unsafe.Sizeof(dst[0])), ldd, lds, n, rows) {
		return
	}
	for i := range rows {
		copy(dst[i*ldd:i*ldd+n], src[i*lds:])
	}
}

// MaxQuartersOf sets dst to the maxima of the 2 × 2 blocks of a plane src whose rows have 2·ow elements. Of zeros +0 is the
// maximum; a NaN gives one.
func MaxQuartersOf[T Float](dst, src []T, ow int) {
	if unsafe.Sizeof(dst[0]) == 8 {
		kernel.MaxQuarters64(kernel.Best(), cast[float64](dst), cast[float64](src), ow)
	} else {
		kernel.MaxQuarters32(kernel.Best(), cast[float32](dst), cast[float32](src), ow)
	}
}

// MaxQuartersSlopeOf sets d to eps + 0 at the first maximum of every 2 × 2 block of src in row-major order, the first NaN if it
// has one, and to +0 elsewhere.
func MaxQuartersSlopeOf[T Float](d, src, eps []T, ow int) {
	if unsafe.Sizeof(eps[0]) == 8 {
		kernel.MaxQuartersSlope64(kernel.Best(), cast[float64](d), cast[float64](src), cast[float64](eps), ow)
	} else {
		kernel.MaxQuartersSlope32(kernel.Best(), cast[float32](d), cast[float32](src), cast[float32](eps), ow)
	}
}

package tensor

import "github.com/retrodict/retrodict/tensor/internal/kernel"

// TransposeOf sets dst[j·ldd+i] = src[i·lds+j] for i below rows and j below cols: the transpose of a matrix whose rows
// are lds apart, with rows ldd apart. dst and src do not overlap.
func TransposeOf[T Float](dst []T, ldd int, src []T, lds, rows, cols int) {
	if rows > 0 && cols > 0 {
		transpose(kernel.Best(), dst, ldd, src, lds, rows, cols)
	}
}

// Package openblas is a matrix-product backend on the OpenBLAS library, loaded at run time and without cgo. It is there
// for comparison: the backend of package tensor is as fast and has exact bits.
//
// OpenBLAS chooses its kernel by processor and shape, and promises no order of summation: a part of a product computed
// alone may have other bits than the same part of the whole, so this backend does not keep that clause of the contract
// of tensor.Backend, nor the one about memory: the loader allocates once per call. It does keep the others: products are
// cut into blocks that depend on the shape alone and each is computed by one thread, so the number of workers changes no
// bit.
//
// A program that imports this package needs the C library's dynamic loader. Where there is none to be had (the build tag
// noopenblas, or a platform other than Linux on amd64) Open returns an error.
package openblas

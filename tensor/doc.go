// Package tensor provides the dense row-major arrays and the kernels that every vertex of a computational graph
// computes with.
//
// A Tensor is a small value: an element type, a Shape of rank 0 to 6 and a pointer to row-major storage. Floating-point
// tensors (Float64, Float32) are differentiable; Int64 and Bool tensors are data. Storage that New returns is aligned to
// 64 bytes, so that no kernel's result can depend on where an array happens to lie.
//
// Exactness rests on one rule: a kernel's reduction order is part of its contract. It depends on shapes alone, never on
// the number of workers, on the split of the work or on arrival order. Parallel kernels split outputs, never reductions.
// Products are not fused into sums unless the contract says so: write float64(a*b) + c.
//
// A Ctx carries what kernels need beside their operands: the matrix-product Backend, scratch memory and the worker pool.
//
// What it is not: there are no strided views, no automatic differentiation and no lazy evaluation here.
package tensor

// Package kernel is the machine's part of package tensor: the tiles of a matrix product and elementary functions over
// slices, each as a plain Go function, which defines the bits, and as assembly (made by tensor/gen) for AVX2 with FMA
// and for AVX-512, which gives the same bits. What is computed is a sequence of correctly rounded operations of IEEE
// 754, so that every architecture gives the same bits, and tests compare them.
package kernel

import "unsafe"

//go:generate go run -C ../../gen . -what gemm -out ../internal/kernel/gemm_amd64.s -stubs ../internal/kernel/gemm_amd64.go -pkg kernel
//go:generate go run -C ../../gen . -what math -out ../internal/kernel/math_amd64.s -stubs ../internal/kernel/math_amd64.go -pkg kernel
//go:generate go run -C ../../gen . -what arith -out ../internal/kernel/arith_amd64.s -stubs ../internal/kernel/arith_amd64.go -pkg kernel
//go:generate go run -C ../../gen . -what transpose -out ../internal/kernel/transpose_amd64.s -stubs ../internal/kernel/transpose_amd64.go -pkg kernel
//go:generate go run -C ../../gen . -what planes -out ../internal/kernel/planes_amd64.s -stubs ../internal/kernel/planes_amd64.go -pkg kernel

// An ISA is a set of instructions that kernels are written for.
type ISA uint8

const (
	Go     ISA = iota // plain Go
	NEON              // of arm64: matrix products; the functions are plain Go
	AVX2              // AVX2 and FMA, 256 bits
	AVX512            // AVX-512 F, DQ, BW and VL, 512 bits
)

// String returns "go", "neon", "avx2" or "avx512".
func (i ISA) String() string { return [...]string{"go", "neon", "avx2", "avx512"}[i] }

// ISAs returns the instruction sets that this machine has, plain Go first and the best one last.
func ISAs() []ISA {
	switch best := Best(); best {
	case Go:
		return []ISA{Go}
	case AVX512:
		return []ISA{Go, AVX2, AVX512}
	default:
		return []ISA{Go, best}
	}
}

// Lanes returns the number of elements of the given size in what a Panel calls a vector.
func (i ISA) Lanes(size int) int {
	switch i {
	case AVX512, NEON: // NEON: four registers
		return 64 / size
	case AVX2:
		return 32 / size
	}
	return 4
}

// Vectors is the largest width of a Panel in vectors.
const Vectors = 3

// A Panel is a product C = A·B, or C += A·B with Load, of M rows, K ≥ 1 and V vectors of columns, 1 to Vectors, of the
// last of which Tail columns count. Element (i, k) of A is at A + i·RSA + k·CSA, row k of B at B + k·LDB, row i of C at
// C + i·LDC: distances are in bytes, and the columns of B and C are adjacent. Element (i, j) of C is +0, or with Load
// what it was, then fma(A[i,k], B[k,j], C[i,j]) for k = 0, 1, …, K−1. Next and LDN are a matrix like B that will be
// wanted soon: its rows are fetched into the cache. It may be any address. Compute changes A, C, M, V and the private
// fields.
type Panel struct {
	A, B, C  unsafe.Pointer
	M, K, V  int
	RSA, CSA int
	LDB, LDC int
	Next     unsafe.Pointer
	LDN      int
	mask     uint64
	load     int
	tail     [32]byte
	Tail     int
	Load     bool
}

// masks64 and masks32, read from their middle less the number of lanes that count, are masks of AVX2.
var (
	masks64 = [8]int64{-1, -1, -1, -1, 0, 0, 0, 0}
	masks32 = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0}
)

// prepare sets the private fields and gives V the number that the assembly knows the variant by.
func (p *Panel) prepare(isa ISA, size int) {
	p.load = 0
	if p.Load {
		p.load = 1
	}
	if isa == AVX512 {
		p.mask = 1<<p.Tail - 1
		return
	}
	if p.Tail == isa.Lanes(size) {
		return
	}
	p.V += Vectors
	if size == 8 {
		p.tail = *(*[32]byte)(unsafe.Pointer(&masks64[4-p.Tail]))
	} else {
		p.tail = *(*[32]byte)(unsafe.Pointer(&masks32[8-p.Tail]))
	}
}

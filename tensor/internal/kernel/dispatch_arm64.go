//go:build arm64 && !purego

package kernel

import "unsafe"

// Best returns the best instruction set of this machine: NEON belongs to every arm64.
func Best() ISA { return NEON }

// Compute64 computes p, whose elements are float64, with instructions of isa.
func (p *Panel) Compute64(isa ISA) {
	if isa != NEON {
		panel64Go(p)
		return
	}
	n := (p.V-1)*isa.Lanes(8) + p.Tail
	for i := range p.M {
		a, c := unsafe.Add(p.A, i*p.RSA), unsafe.Add(p.C, i*p.LDC)
		if !p.Load {
			clear(unsafe.Slice((*float64)(c), n))
		}
		j := 0
		for ; j+8 <= n; j += 8 {
			row64NEON(unsafe.Add(c, 8*j), a, unsafe.Add(p.B, 8*j), p.CSA, p.LDB, p.K)
		}
		for ; j < n; j++ {
			element64NEON(unsafe.Add(c, 8*j), a, unsafe.Add(p.B, 8*j), p.CSA, p.LDB, p.K)
		}
	}
}

// Compute32 computes p, whose elements are float32, with instructions of isa.
func (p *Panel) Compute32(isa ISA) {
	if isa != NEON {
		panel32Go(p)
		return
	}
	n := (p.V-1)*isa.Lanes(4) + p.Tail
	for i := range p.M {
		a, c := unsafe.Add(p.A, i*p.RSA), unsafe.Add(p.C, i*p.LDC)
		if !p.Load {
			clear(unsafe.Slice((*float32)(c), n))
		}
		j := 0
		for ; j+16 <= n; j += 16 {
			row32NEON(unsafe.Add(c, 4*j), a, unsafe.Add(p.B, 4*j), p.CSA, p.LDB, p.K)
		}
		for ; j < n; j++ {
			element32NEON(unsafe.Add(c, 4*j), a, unsafe.Add(p.B, 4*j), p.CSA, p.LDB, p.K)
		}
	}
}

// row64NEON adds a product to 8 columns of one row of C.
//
//go:noescape
func row64NEON(c, a, b unsafe.Pointer, csa, ldb, k int)

// row32NEON adds a product to 16 columns of one row of C.
//
//go:noescape
func row32NEON(c, a, b unsafe.Pointer, csa, ldb, k int)

// element64NEON adds a product to one element of C.
//
//go:noescape
func element64NEON(c, a, b unsafe.Pointer, csa, ldb, k int)

// element32NEON adds a product to one element of C.
//
//go:noescape
func element32NEON(c, a, b unsafe.Pointer, csa, ldb, k int)

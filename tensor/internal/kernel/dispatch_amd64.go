//go:build amd64 && !purego

package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// Best returns the best instruction set of this machine.
func Best() ISA {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasFMA:
		return AVX512
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return AVX2
	}
	return Go
}

// Compute64 computes p, whose elements are float64, with instructions of isa.
func (p *Panel) Compute64(isa ISA) {
	switch isa {
	case AVX512:
		p.prepare(isa, 8)
		panel64AVX512((*byte)(unsafe.Pointer(p)))
	case AVX2:
		p.prepare(isa, 8)
		panel64AVX2((*byte)(unsafe.Pointer(p)))
	default:
		panel64Go(p)
	}
}

// Compute32 computes p, whose elements are float32, with instructions of isa.
func (p *Panel) Compute32(isa ISA) {
	switch isa {
	case AVX512:
		p.prepare(isa, 4)
		panel32AVX512((*byte)(unsafe.Pointer(p)))
	case AVX2:
		p.prepare(isa, 4)
		panel32AVX2((*byte)(unsafe.Pointer(p)))
	default:
		panel32Go(p)
	}
}

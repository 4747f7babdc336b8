//go:build !amd64 || purego

package kernel

// Best returns the best instruction set of this machine.
func Best() ISA { return Go }

// Compute64 computes p, whose elements are float64.
func (p *Panel) Compute64(ISA) { panel64Go(p) }

// Compute32 computes p, whose elements are float32.
func (p *Panel) Compute32(ISA) { panel32Go(p) }

func apply64(Function, ISA, *float64, *float64, int) {}

func apply32(Function, ISA, *float32, *float32, int) {}

func transpose64AVX2(*float64, *float64, int, int, int, int) {}

func transpose32AVX2(*float32, *float32, int, int, int, int) {}

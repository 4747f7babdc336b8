//go:build (!amd64 && !arm64) || purego

package kernel

// Best returns the best instruction set of this machine.
func Best() ISA { return Go }

// Compute64 computes p, whose elements are float64.
func (p *Panel) Compute64(ISA) { panel64Go(p) }

// Compute32 computes p, whose elements are float32.
func (p *Panel) Compute32(ISA) { panel32Go(p) }

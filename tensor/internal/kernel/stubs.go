//go:build !amd64 || purego

package kernel

// What only amd64 has is never called elsewhere.

func apply64(Function, ISA, *float64, *float64, int) {}

func apply32(Function, ISA, *float32, *float32, int) {}

func transpose64AVX2(*float64, *float64, int, int, int, int) {}

func transpose32AVX2(*float32, *float32, int, int, int, int) {}

func arith64(Arith, *float64, *float64, *float64, float64, int) {}

func arith32(Arith, *float32, *float32, *float32, float32, int) {}

func squares64(*[16]float64, *float64, int) {}

func squares32(*[16]float64, *float32, int) {}

func copyRows(*byte, *byte, int, int, int, int) {}

func maxQuarters64(*float64, *float64, int, int) uint64 { return 1 }

func maxQuarters32(*float32, *float32, int, int) uint64 { return 1 }

func maxQuartersSlope64(*float64, *float64, *float64, int, int) uint64 { return 1 }

func maxQuartersSlope32(*float32, *float32, *float32, int, int) uint64 { return 1 }

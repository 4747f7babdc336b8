//go:build amd64 && !purego

package kernel

// arith64 calls the assembly.
func arith64(f Arith, dst, a, b *float64, s float64, n int) {
	switch f {
	case Settle:
		settle64(dst, a, b, s, n)
	case Settle2:
		settle264(dst, a, b, s, n)
	case Add:
		add64(dst, a, b, s, n)
	case Sub:
		sub64(dst, a, b, s, n)
	case Mul:
		mul64(dst, a, b, s, n)
	case Scale:
		scale64(dst, a, b, s, n)
	case AddScaled:
		addScaled64(dst, a, b, s, n)
	case TanhSlope:
		tanhSlope64(dst, a, b, s, n)
	case SigmoidSlope:
		sigmoidSlope64(dst, a, b, s, n)
	case Relu:
		relu64(dst, a, b, s, n)
	case ReluSlope:
		reluSlope64(dst, a, b, s, n)
	case Offset:
		offset64(dst, a, b, s, n)
	case Gap:
		gap64(dst, a, b, s, n)
	}
}

// arith32 calls the assembly.
func arith32(f Arith, dst, a, b *float32, s float32, n int) {
	switch f {
	case Settle:
		settle32(dst, a, b, s, n)
	case Settle2:
		settle232(dst, a, b, s, n)
	case Add:
		add32(dst, a, b, s, n)
	case Sub:
		sub32(dst, a, b, s, n)
	case Mul:
		mul32(dst, a, b, s, n)
	case Scale:
		scale32(dst, a, b, s, n)
	case AddScaled:
		addScaled32(dst, a, b, s, n)
	case TanhSlope:
		tanhSlope32(dst, a, b, s, n)
	case SigmoidSlope:
		sigmoidSlope32(dst, a, b, s, n)
	case Relu:
		relu32(dst, a, b, s, n)
	case ReluSlope:
		reluSlope32(dst, a, b, s, n)
	case Offset:
		offset32(dst, a, b, s, n)
	case Gap:
		gap32(dst, a, b, s, n)
	}
}

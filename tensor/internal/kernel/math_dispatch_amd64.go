//go:build amd64 && !purego

package kernel

// apply64 calls the assembly; n is a multiple of the vector's length.
func apply64(f Function, isa ISA, dst, src *float64, n int) {
	if isa == AVX512 {
		switch f {
		case ExpFunction:
			exp64AVX512(dst, src, n)
		case LogFunction:
			log64AVX512(dst, src, n)
		case TanhFunction:
			tanh64AVX512(dst, src, n)
		case SigmoidFunction:
			sigmoid64AVX512(dst, src, n)
		case ErfFunction:
			erf64AVX512(dst, src, n)
		}
		return
	}
	switch f {
	case ExpFunction:
		exp64AVX2(dst, src, n)
	case LogFunction:
		log64AVX2(dst, src, n)
	case TanhFunction:
		tanh64AVX2(dst, src, n)
	case SigmoidFunction:
		sigmoid64AVX2(dst, src, n)
	case ErfFunction:
		erf64AVX2(dst, src, n)
	}
}

// apply32 calls the assembly; n is a multiple of the vector's length.
func apply32(f Function, isa ISA, dst, src *float32, n int) {
	if isa == AVX512 {
		switch f {
		case ExpFunction:
			exp32AVX512(dst, src, n)
		case LogFunction:
			log32AVX512(dst, src, n)
		case TanhFunction:
			tanh32AVX512(dst, src, n)
		case SigmoidFunction:
			sigmoid32AVX512(dst, src, n)
		case ErfFunction:
			erf32AVX512(dst, src, n)
		}
		return
	}
	switch f {
	case ExpFunction:
		exp32AVX2(dst, src, n)
	case LogFunction:
		log32AVX2(dst, src, n)
	case TanhFunction:
		tanh32AVX2(dst, src, n)
	case SigmoidFunction:
		sigmoid32AVX2(dst, src, n)
	case ErfFunction:
		erf32AVX2(dst, src, n)
	}
}

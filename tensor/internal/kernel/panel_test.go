package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// odd returns float32 numbers of all kinds: ordinary, subnormal, huge, with few or many bits.
func odd(r *rand.Rand) float32 {
	switch r.IntN(5) {
	case 0:
		return math.Float32frombits(r.Uint32())
	case 1:
		return float32(r.NormFloat64()) * 0x1p-130
	case 2:
		return float32(r.IntN(17) - 8)
	case 3:
		return math.Float32frombits(r.Uint32()&^0xfff | 1)
	}
	return float32(r.NormFloat64())
}

// FMA32 rounds the exact x·y + z once.
func TestFMA32IsRoundedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		x, y, z := odd(r), odd(r), odd(r)
		if r.IntN(4) == 0 { // near a cancellation or a tie
			z = -x * y * float32(1+float64(r.IntN(3)-1)*0x1p-24)
		}
		got := FMA32(x, y, z)
		if bad(x) || bad(y) || bad(z) {
			want := float64(x)*float64(y) + float64(z)
			require.Equal(t, math.IsNaN(want), got != got)
			continue
		}
		p := new(big.Float).SetPrec(2000).Mul(big.NewFloat(float64(x)), big.NewFloat(float64(y)))
		s := new(big.Float).SetPrec(2000).Add(p, big.NewFloat(float64(z)))
		want, _ := s.Float32()
		if got != want {
			t.Fatalf("FMA32(%x, %x, %x) = %x, want %x", x, y, z, got, want)
		}
	}
}

func bad(x float32) bool { return x-x != 0 }

// The assembly of every instruction set gives the bits of the plain Go kernels for every size of tile, and touches
// nothing outside of its operands.
func TestPanelsAgree(t *testing.T) {
	for _, isa := range ISAs()[1:] {
		t.Run(isa.String()+"/f64", func(t *testing.T) {
			testPanels(t, isa, (*Panel).Compute64, func(x float32) float64 { return float64(x) / 3 })
		})
		t.Run(isa.String()+"/f32", func(t *testing.T) { testPanels(t, isa, (*Panel).Compute32, func(x float32) float32 { return x }) })
	}
}

func testPanels[T float32 | float64](t *testing.T, isa ISA, compute func(*Panel, ISA), conv func(float32) T) {
	r := rand.New(rand.NewPCG(3, 4))
	size := int(unsafe.Sizeof(T(0)))
	for m := 1; m <= 19; m++ {
		for n := 1; n <= Vectors*isa.Lanes(size); n++ {
			k, ldb, ldc, rsa, csa := 1+r.IntN(9), n+r.IntN(3), n+r.IntN(3), 1, m+r.IntN(2)
			if r.IntN(2) == 0 {
				rsa, csa = k+r.IntN(2), 1
			}
			numbers := func(n int) []T {
				x := make([]T, n)
				for i := range x {
					x[i] = conv(odd(r))
				}
				return x
			}
			a, b, c := numbers((m-1)*rsa+(k-1)*csa+1), numbers((k-1)*ldb+n), numbers(m*ldc)
			load := r.IntN(2) == 0
			do := func(isa ISA) []T {
				d := append([]T(nil), c...)
				l := isa.Lanes(size)
				p := Panel{A: unsafe.Pointer(&a[0]), B: unsafe.Pointer(&b[0]), C: unsafe.Pointer(&d[0]), M: m, K: k, V: (n + l - 1) / l, Tail: (n-1)%l + 1,
					RSA: rsa * size, CSA: csa * size, LDB: ldb * size, LDC: ldc * size, Load: load}
				compute(&p, isa)
				return d
			}
			want, got := do(Go), do(isa)
			for i := range want {
				if x, y := float64(want[i]), float64(got[i]); math.Float64bits(x) != math.Float64bits(y) && (x == x || y == y) {
					t.Fatalf("m=%d n=%d k=%d: element %d is %x, want %x", m, n, k, i, y, x)
				}
			}
		}
	}
}

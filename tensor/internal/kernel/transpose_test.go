package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestTranspose(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, isa := range ISAs() {
		for range 300 {
			rows, cols := 1+r.IntN(40), 1+r.IntN(40)
			testTranspose(t, isa, r, rows, cols, Transpose64)
			testTranspose(t, isa, r, rows, cols, Transpose32)
		}
	}
}

func testTranspose[T float32 | float64](t *testing.T, isa ISA, r *rand.Rand, rows, cols int, transpose func(ISA, []T, int, []T, int, int, int)) {
	lds, ldd := cols+r.IntN(3), rows+r.IntN(3)
	src, dst := make([]T, (rows-1)*lds+cols), make([]T, (cols-1)*ldd+rows)
	for i := range src {
		src[i] = T(i + 1)
	}
	transpose(isa, dst, ldd, src, lds, rows, cols)
	for k, x := range dst {
		want := T(0)
		if i, j := k%ldd, k/ldd; i < rows {
			want = src[i*lds+j]
		}
		if x != want {
			t.Fatalf("%v: %d×%d, strides %d and %d: element %d is %g, want %g", isa, rows, cols, lds, ldd, k, x, want)
		}
	}
}

func BenchmarkTranspose(b *testing.B) {
	x, y := make([]float64, 256*24), make([]float64, 256*24)
	x32, y32 := make([]float32, 256*48), make([]float32, 256*48)
	for _, isa := range ISAs() {
		b.Run(isa.String()+"/f64", func(b *testing.B) {
			for b.Loop() {
				Transpose64(isa, y, 24, x, 256, 24, 256)
			}
		})
		b.Run(isa.String()+"/f32", func(b *testing.B) {
			for b.Loop() {
				Transpose32(isa, y32, 48, x32, 256, 48, 256)
			}
		})
	}
}

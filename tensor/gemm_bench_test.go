package tensor_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/tensor"
)

// shapes are products of the benchmark jobs.
var shapes = []struct {
	name string
	tensor.Gemm
}{
	{"mlp20-fwd", tensor.Gemm{M: 20, N: 256, K: 784}},
	{"mlp20-fwd2", tensor.Gemm{M: 20, N: 256, K: 256}},
	{"mlp20-dW", tensor.Gemm{M: 784, N: 256, K: 20, TransA: true}},
	{"mlp20-dW2", tensor.Gemm{M: 256, N: 256, K: 20, TransA: true}},
	{"mlp20-dX", tensor.Gemm{M: 20, N: 256, K: 256, TransB: true}},
	{"mlp128-fwd", tensor.Gemm{M: 128, N: 256, K: 784}},
	{"mlp128-dW", tensor.Gemm{M: 784, N: 256, K: 128, TransA: true}},
	{"mlp128-dX", tensor.Gemm{M: 128, N: 256, K: 256, TransB: true}},
	{"narrow-fwd", tensor.Gemm{M: 20, N: 10, K: 256}},
	{"narrow-dW", tensor.Gemm{M: 256, N: 10, K: 20, TransA: true}},
	{"narrow-dX", tensor.Gemm{M: 20, N: 256, K: 10, TransB: true}},
	{"rnn-fwd", tensor.Gemm{M: 20, N: 128, K: 128}},
	{"rnn-dW", tensor.Gemm{M: 128, N: 128, K: 20, TransA: true}},
	{"conv", tensor.Gemm{M: 64, N: 1024, K: 576}},
	{"conv-dW", tensor.Gemm{M: 64, N: 576, K: 1024, TransB: true}},
	{"conv-dX", tensor.Gemm{M: 576, N: 1024, K: 64, TransA: true}},
	{"conv-narrow", tensor.Gemm{M: 512, N: 16, K: 4608}},
	{"attention", tensor.Gemm{M: 32, N: 32, K: 32}},
	{"attention-NT", tensor.Gemm{M: 32, N: 32, K: 32, TransB: true}},
	{"square512", tensor.Gemm{M: 512, N: 512, K: 512}},
	{"square512-NT", tensor.Gemm{M: 512, N: 512, K: 512, TransB: true}},
	{"square512-TN", tensor.Gemm{M: 512, N: 512, K: 512, TransA: true}},
	{"one-row", tensor.Gemm{M: 1, N: 256, K: 784}},
	{"tiny", tensor.Gemm{M: 4, N: 10, K: 10}},
}

func BenchmarkGemm(b *testing.B) {
	all := append(tensor.Builtins()[1:], tensor.Gonum{})
	for _, s := range shapes {
		for _, workers := range []int{1, 2} {
			for _, be := range all {
				name := fmt.Sprintf("%s/%v%v/w%d", s.name, be.Name(), tensor.BuiltinISA(be), workers)
				b.Run(name+"/f64", func(b *testing.B) { benchGemm[float64](b, be, workers, s.Gemm) })
				b.Run(name+"/f32", func(b *testing.B) { benchGemm[float32](b, be, workers, s.Gemm) })
			}
		}
	}
}

func benchGemm[T tensor.Float](b *testing.B, be tensor.Backend, workers int, g tensor.Gemm) {
	c := tensor.NewCtx(tensor.Config{Backend: be, Workers: workers})
	defer c.Close()
	fill := func(rows, cols int, trans bool) ([]T, int) {
		if trans {
			rows, cols = cols, rows
		}
		x := tensor.Data[T](tensor.New(tensor.TypeOf[T](), tensor.Dims(rows*cols)))
		for i := range x {
			x[i] = T(rand.NormFloat64())
		}
		return x, cols
	}
	var x, y, z []T
	x, g.LDA = fill(g.M, g.K, g.TransA)
	y, g.LDB = fill(g.K, g.N, g.TransB)
	z, g.LDC = fill(g.M, g.N, false)
	for b.Loop() {
		tensor.MatMul(c, g, x, y, z)
	}
	b.ReportMetric(2*float64(g.M)*float64(g.N)*float64(g.K)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

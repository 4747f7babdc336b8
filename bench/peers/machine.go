package main

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/retrodict/retrodict/tensor"
)

// A machine is what everything ran on, and what it can do at most, measured: products that stay in the first cache, and
// a ← a + b·s over arrays that no cache holds.
type machine struct {
	CPU      string     `json:"cpu"`
	Cores    int        `json:"cores"`
	Go       string     `json:"go"`
	Date     string     `json:"date"`
	Load     string     `json:"load"`      // averages of the last minutes, as the system gives them
	Flops32  [2]float64 `json:"flops_f32"` // a second, on one core and on all
	Flops64  [2]float64 `json:"flops_f64"`
	Bytes    [2]float64 `json:"bytes"`
	Software software   `json:"software"`
}

func measureMachine() machine {
	m := machine{Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), Date: time.Now().UTC().Format(time.DateOnly), CPU: runtime.GOARCH}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(b), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			m.CPU = strings.TrimLeft(line, "\t :")
		}
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Join(strings.Fields(string(b))[:3], " ")
	}
	for i, n := range []int{1, m.Cores} {
		m.Flops32[i], m.Flops64[i], m.Bytes[i] = rate(n, products[float32]), rate(n, products[float64]), rate(n, triad)
	}
	return m
}

// rate returns the best sum of what n goroutines do a second, of some tries.
func rate(n int, work func() (do func() float64, done func())) float64 {
	best := 0.0
	for range 5 {
		var wg sync.WaitGroup
		sum := make([]float64, n)
		for i := range n {
			wg.Go(func() {
				do, done := work()
				defer done()
				do()
				start, amount := time.Now(), 0.0
				for time.Since(start) < 60*time.Millisecond {
					amount += do()
				}
				sum[i] = amount / time.Since(start).Seconds()
			})
		}
		wg.Wait()
		total := 0.0
		for _, s := range sum {
			total += s
		}
		best = max(best, total)
	}
	return best
}

func products[T tensor.Float]() (func() float64, func()) {
	const m, n, k = 128, 48, 128
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	a, b, y := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	g := tensor.Gemm{M: m, N: n, K: k, LDA: k, LDB: n, LDC: n}
	return func() float64 {
		for range 20 {
			tensor.MatMul(c, g, a, b, y)
		}
		return 20 * 2 * m * n * k
	}, c.Close
}

func triad() (func() float64, func()) {
	const n = 8 << 20
	a, b := make([]float64, n), make([]float64, n)
	return func() float64 {
		tensor.AddScaledOf(a, a, b, 0.5)
		return 3 * 8 * n
	}, func() {}
}

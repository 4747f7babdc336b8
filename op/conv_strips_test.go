package op_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Convolutions of stride 1 over larger planes, which take another way, are the sums of their definition too: with pads
// longer than the kernel, dilations, images of several bands, and any number of channels and images; and workers do not
// change a bit.
func TestStripsAreTheDefinition(t *testing.T) {
	one, two := tensor.NewCtx(tensor.Config{Workers: 1}), tensor.NewCtx(tensor.Config{Workers: 2})
	defer one.Close()
	defer two.Close()
	const seed = 11
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 40 {
		k := convCase{n: r.IntN(4), c: 1 + r.IntN(4), o: 1 + r.IntN(9), s: [2]int{1, 1}}
		if i%8 == 0 {
			k.c = 120
		}
		for j := range 2 {
			k.kernel[j], k.d[j], k.lo[j] = 1+r.IntN(4), 1+r.IntN(2), r.IntN(4)
			k.in[j] = (k.kernel[j]-1)*k.d[j] + 6 + r.IntN(12)
			k.out[j] = k.in[j] + 2*k.lo[j] - (k.kernel[j]-1)*k.d[j]
		}
		k.cfg = op.ConvConfig{Groups: 1, Dilation: k.d[:], Pad: []int{k.lo[0], k.lo[1], k.lo[0], k.lo[1]}}
		x, w := normal(r, k.n, k.c, k.in[0], k.in[1]), normal(r, k.o, k.c, k.kernel[0], k.kernel[1])
		eps := normal(r, k.n, k.o, k.out[0], k.out[1])
		y, dx, dw := tensor.New(tensor.Float64, eps.Shape()), tensor.New(tensor.Float64, x.Shape()), tensor.New(tensor.Float64, w.Shape())
		k.each(func(a, b, p int) {
			y.Float64s()[p] += x.Float64s()[a] * w.Float64s()[b]
			dx.Float64s()[a] += eps.Float64s()[p] * w.Float64s()[b]
			dw.Float64s()[b] += eps.Float64s()[p] * x.Float64s()[a]
		})
		o, args := op.Conv(k.cfg), []tensor.Tensor{x, w}
		var first []tensor.Tensor
		for _, c := range []*tensor.Ctx{one, two} {
			got := []tensor.Tensor{like(y), like(x), like(w)}
			o.Forward(c, got[0], args)
			o.VJP(c, got[1:], args, got[0], eps)
			for j, want := range []tensor.Tensor{y, dx, dw} {
				require.InDeltaSlice(t, want.Float64s(), got[j].Float64s(), 1e-10, fmt.Sprintf("seed %d, case %d, %s: %+v", seed, i, o.Name(), k))
			}
			for j := range first {
				require.Equal(t, first[j].Float64s(), got[j].Float64s())
			}
			first = got
		}
		require.Zero(t, testing.AllocsPerRun(3, func() { o.VJP(two, first[1:], args, first[0], eps) }))
	}
}

// Taps that read nothing but padding take no part if they are most of the kernel: the sums are those of the definition, and infinite
// weights there do no harm.
func TestTapsInPadding(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	const seed = 12
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 60 {
		g := []int{1, 1, 3}[i%3]
		k := convCase{n: 1 + r.IntN(3), c: g * (1 + r.IntN(3)), o: g * (1 + r.IntN(3)), cfg: op.ConvConfig{Groups: g}}
		for j := range 2 {
			k.in[j], k.d[j], k.s[j] = 1+r.IntN(2), 1+r.IntN(2), 1+r.IntN(2)
			k.lo[j] = 3 + r.IntN(2)
			k.kernel[j] = 1 + (2*k.lo[j]+k.in[j]-1)/k.d[j] // one pixel
			k.out[j] = (k.in[j]+2*k.lo[j]-(k.kernel[j]-1)*k.d[j]-1)/k.s[j] + 1
		}
		k.cfg.Stride, k.cfg.Dilation, k.cfg.Pad = k.s[:], k.d[:], []int{k.lo[0], k.lo[1], k.lo[0], k.lo[1]}
		x, w := normal(r, k.n, k.c, k.in[0], k.in[1]), normal(r, k.o, k.c/g, k.kernel[0], k.kernel[1])
		eps := normal(r, k.n, k.o, k.out[0], k.out[1])
		y, dx, dw := make([]float64, eps.Len()), make([]float64, x.Len()), make([]float64, w.Len())
		k.each(func(a, b, p int) {
			y[p] += x.Float64s()[a] * w.Float64s()[b]
			dx[a] += eps.Float64s()[p] * w.Float64s()[b]
			dw[b] += eps.Float64s()[p] * x.Float64s()[a]
		})
		got, d := run(t, c, op.Conv(k.cfg), []tensor.Tensor{x, w}, eps)
		near(t, y, got)
		near(t, dx, d[0])
		near(t, dw, d[1])
	}
	x, w, eps := normal(r, 1, 1, 1, 1), normal(r, 1, 1, 3, 3), normal(r, 1, 1, 1, 1)
	for i := range w.Float64s() {
		if i != 4 {
			w.Float64s()[i] = math.Inf(1)
		}
	}
	got, d := run(t, c, op.Conv(op.ConvConfig{Pad: []int{1}}), []tensor.Tensor{x, w}, eps)
	near(t, []float64{x.Float(0) * w.Float(4)}, got)
	near(t, []float64{eps.Float(0) * w.Float(4)}, d[0])
	near(t, []float64{0, 0, 0, 0, eps.Float(0) * x.Float(0), 0, 0, 0, 0}, d[1])
}

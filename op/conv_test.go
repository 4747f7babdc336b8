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

// A convCase is a random convolution over two axes, with all attributes.
type convCase struct {
	cfg           op.ConvConfig
	n, c, o       int
	in, kernel    [2]int
	s, d, lo, out [2]int
}

func drawConv(r *rand.Rand) convCase {
	var k convCase
	k.cfg.Groups = []int{1, 1, 2, 4}[r.IntN(4)]
	k.n, k.c, k.o = 1+r.IntN(3), k.cfg.Groups*(1+r.IntN(3)), k.cfg.Groups*(1+r.IntN(2))
	for i := range 2 {
		k.kernel[i], k.s[i], k.d[i], k.lo[i] = 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(2), r.IntN(3)
		k.in[i] = (k.kernel[i]-1)*k.d[i] + 1 + r.IntN(6)
	}
	hi := [2]int{r.IntN(3), r.IntN(3)}
	for i := range 2 {
		k.out[i] = (k.in[i]+k.lo[i]+hi[i]-(k.kernel[i]-1)*k.d[i]-1)/k.s[i] + 1
	}
	k.cfg.Stride, k.cfg.Dilation, k.cfg.Bias = k.s[:], k.d[:], r.IntN(2) == 0
	k.cfg.Pad = []int{k.lo[0], k.lo[1], hi[0], hi[1]}
	return k
}

// each calls f for every product of the definition: indices into x, w and y, all row-major.
func (k *convCase) each(f func(x, w, y int)) {
	cg, og := k.c/k.cfg.Groups, k.o/k.cfg.Groups
	for n := range k.n {
		for o := range k.o {
			for c := range cg {
				for p := range k.out[0] * k.out[1] {
					for t := range k.kernel[0] * k.kernel[1] {
						i := p/k.out[1]*k.s[0] + t/k.kernel[1]*k.d[0] - k.lo[0]
						j := p%k.out[1]*k.s[1] + t%k.kernel[1]*k.d[1] - k.lo[1]
						if i < 0 || i >= k.in[0] || j < 0 || j >= k.in[1] {
							continue
						}
						f(((n*k.c+o/og*cg+c)*k.in[0]+i)*k.in[1]+j, (o*cg+c)*k.kernel[0]*k.kernel[1]+t, (n*k.o+o)*k.out[0]*k.out[1]+p)
					}
				}
			}
		}
	}
}

func normal(r *rand.Rand, dims ...int) tensor.Tensor {
	t := tensor.New(tensor.Float64, tensor.Dims(dims...))
	for i := range t.Float64s() {
		t.Float64s()[i] = r.NormFloat64()
	}
	return t
}

func like(t tensor.Tensor) tensor.Tensor {
	x := tensor.New(t.Type(), t.Shape())
	x.Fill(math.NaN())
	return x
}

// Conv and ConvTranspose, forward and backward, are the sums of their definition.
func TestConvIsItsDefinition(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	const seed = 7
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 200 {
		t.Run(fmt.Sprintf("seed %d case %d", seed, i), func(t *testing.T) {
			k := drawConv(r)
			x, w, b := normal(r, k.n, k.c, k.in[0], k.in[1]), normal(r, k.o, k.c/k.cfg.Groups, k.kernel[0], k.kernel[1]), normal(r, k.o)
			eps := normal(r, k.n, k.o, k.out[0], k.out[1])
			y, dx, dw := make([]float64, eps.Len()), make([]float64, x.Len()), make([]float64, w.Len())
			xs, ws, es := x.Float64s(), w.Float64s(), eps.Float64s()
			k.each(func(i, j, p int) { y[p] += xs[i] * ws[j]; dx[i] += es[p] * ws[j]; dw[j] += es[p] * xs[i] })
			tx, tb := append([]float64(nil), dx...), normal(r, k.c)
			args, targs := []tensor.Tensor{x, w}, []tensor.Tensor{eps, w}
			if k.cfg.Bias {
				args, targs = append(args, b), append(targs, tb)
				for i := range y {
					y[i] += b.Float(i / (k.out[0] * k.out[1]) % k.o)
				}
				for i := range tx {
					tx[i] += tb.Float(i / (k.in[0] * k.in[1]) % k.c)
				}
			}
			got, d := run(t, c, op.Conv(k.cfg), args, eps)
			near(t, y, got)
			near(t, dx, d[0])
			near(t, dw, d[1])
			cfg := op.ConvTransposeConfig{ConvConfig: k.cfg}
			for i := range 2 {
				rest := (k.in[i] + k.cfg.Pad[i] + k.cfg.Pad[2+i] - (k.kernel[i]-1)*k.d[i] - 1) % k.s[i]
				cfg.OutputPad = append(cfg.OutputPad, rest)
			}
			got, d = run(t, c, op.ConvTranspose(cfg), targs, x)
			near(t, tx, got)
			near(t, dw, d[1])
			for i := range y {
				if k.cfg.Bias {
					y[i] -= b.Float(i / (k.out[0] * k.out[1]) % k.o)
				}
			}
			near(t, y, d[0])
		})
	}
}

// run returns the result and the derivatives of o.
func run(t *testing.T, c *tensor.Ctx, o op.Op, args []tensor.Tensor, eps tensor.Tensor) (tensor.Tensor, []tensor.Tensor) {
	t.Helper()
	var shapes []tensor.Shape
	var d []tensor.Tensor
	for _, a := range args {
		shapes = append(shapes, a.Shape())
		d = append(d, like(a))
	}
	s, err := o.Shape(shapes...)
	require.NoError(t, err)
	require.Equal(t, eps.Shape(), s, o.Name())
	y := like(eps)
	o.Forward(c, y, args)
	o.VJP(c, d, args, y, eps)
	return y, d
}

func near(t *testing.T, want []float64, got tensor.Tensor) {
	t.Helper()
	for i, x := range want {
		require.InDelta(t, x, got.Float(i), 1e-12*(1+math.Abs(x)), "element %d", i)
	}
}

// A pixel's bits do not depend on the images and pixels beside it, and so not on how the work is cut into blocks.
func TestConvPixelsAreIndependent(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{})
	defer c.Close()
	r := rand.New(rand.NewPCG(3, 0))
	o := op.Conv(op.ConvConfig{Pad: []int{1}})
	x, w := normal(r, 40, 5, 12, 70), normal(r, 9, 5, 3, 3)
	all := tensor.New(tensor.Float64, tensor.Dims(40, 9, 12, 70))
	o.Forward(c, all, []tensor.Tensor{x, w})
	for _, n := range []int{0, 17, 39} {
		one := tensor.New(tensor.Float64, tensor.Dims(1, 9, 12, 70))
		o.Forward(c, one, []tensor.Tensor{x.Rows(n, n+1), w})
		require.Zero(t, tensor.Differing(one, all.Rows(n, n+1)))
	}
}

func TestConvRefuses(t *testing.T) {
	d := tensor.Dims
	for _, k := range []struct {
		cfg  op.ConvConfig
		args []tensor.Shape
	}{
		{op.ConvConfig{}, []tensor.Shape{d(1, 2, 3, 3)}},
		{op.ConvConfig{}, []tensor.Shape{d(1, 2, 3, 3), d(1, 3, 2, 2)}},
		{op.ConvConfig{}, []tensor.Shape{d(1, 2, 3, 3), d(1, 2, 4, 2)}},
		{op.ConvConfig{}, []tensor.Shape{d(1, 2), d(1, 2)}},
		{op.ConvConfig{}, []tensor.Shape{d(1, 2, 3), d(1, 2, 3, 3)}},
		{op.ConvConfig{Groups: 2}, []tensor.Shape{d(1, 2, 3, 3), d(3, 1, 2, 2)}},
		{op.ConvConfig{Bias: true}, []tensor.Shape{d(1, 2, 3, 3), d(3, 2, 2, 2), d(2)}},
		{op.ConvConfig{Stride: []int{0}}, []tensor.Shape{d(1, 2, 3, 3), d(3, 2, 2, 2)}},
		{op.ConvConfig{Stride: []int{1, 1, 1}}, []tensor.Shape{d(1, 2, 3, 3), d(3, 2, 2, 2)}},
		{op.ConvConfig{Pad: []int{-1}}, []tensor.Shape{d(1, 2, 3, 3), d(3, 2, 2, 2)}},
		{op.ConvConfig{Dilation: []int{1 << 60}}, []tensor.Shape{d(1, 2, 3, 3), d(3, 2, 2, 2)}},
	} {
		_, err := op.Conv(k.cfg).Shape(k.args...)
		require.Error(t, err, "%+v %v", k.cfg, k.args)
	}
	_, err := op.ConvTranspose(op.ConvTransposeConfig{ConvConfig: op.ConvConfig{Pad: []int{3}}}).Shape(d(1, 2, 3, 3), d(2, 1, 2, 2))
	require.Error(t, err)
}

func BenchmarkConv(b *testing.B) {
	for _, k := range []struct{ c, hw int }{{64, 32}, {128, 16}, {256, 8}, {512, 4}} {
		for _, typ := range []tensor.Type{tensor.Float32, tensor.Float64} {
			b.Run(fmt.Sprintf("%v/%dx%d", typ, k.c, k.hw), func(b *testing.B) {
				c := tensor.NewCtx(tensor.Config{})
				defer c.Close()
				o := op.Conv(op.ConvConfig{Pad: []int{1}})
				r := rand.New(rand.NewPCG(1, 0))
				x, w := normal(r, 16, k.c, k.hw, k.hw).Convert(typ), normal(r, k.c, k.c, 3, 3).Convert(typ)
				y, dx, dw := x.Clone(), x.Clone(), w.Clone()
				args, d := []tensor.Tensor{x, w}, []tensor.Tensor{dx, dw}
				b.ReportAllocs()
				for b.Loop() {
					o.Forward(c, y, args)
					o.VJP(c, d, args, y, y)
				}
				flops := 3 * 2 * 16 * float64(k.hw*k.hw) * float64(k.c*k.c) * 9 * float64(b.N)
				b.ReportMetric(flops/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

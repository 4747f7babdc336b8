package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// Linear returns g(x, W, b) = x·W + b for x [..., in], W [in, out], b [out]; the bias is added after the product.
// ∂x = ε·Wᵀ, ∂W = xᵀ·ε and ∂b = Σ ε over the rows of x in ascending order. Without a bias it is MatMul.
func Linear() Op { return linear{} }

type linear struct{}

func (linear) Name() string { return "linear" }
func (linear) Arity() int   { return 3 }

func (o linear) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	x, w, b := args[0], args[1], args[2]
	if x.Rank() == 0 || w.Rank() != 2 || x.Dim(-1) != w.Dim(0) || b != tensor.Dims(w.Dim(1)) {
		return tensor.Shape{}, errorf(o, "got %v, %v, %v, want [... in], [in out], [out]", x, w, b)
	}
	return x.With(-1, w.Dim(1)), nil
}

func (linear) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	if dst.Type() == tensor.Float32 {
		linearForward[float32](c, dst, args)
		return
	}
	linearForward[float64](c, dst, args)
}

func linearForward[T tensor.Float](c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	y, b := tensor.Data[T](dst), tensor.Data[T](args[2])
	rows, in, out := rowsOf(args[0].Shape()), args[1].Shape().Dim(0), args[1].Shape().Dim(1)
	g := tensor.Gemm{M: rows, N: out, K: in, LDA: in, LDB: out, LDC: out}
	tensor.MatMul(c, g, tensor.Data[T](args[0]), tensor.Data[T](args[1]), y)
	if rows*out <= 2*grain {
		addToRows(y, b)
		return
	}
	splitOf(c, dst.Type(), rows, out, biasRows[float64], biasRows[float32], tensor.Args{T: [6]tensor.Tensor{dst, args[2]}})
}

// biasRows adds the row T[1] to rows lo to hi of T[0].
func biasRows[T tensor.Float](a *tensor.Args, lo, hi int) {
	b := tensor.Data[T](a.T[1])
	addToRows(tensor.Data[T](a.T[0])[lo*len(b):hi*len(b)], b)
}

func addToRows[T tensor.Float](y, b []T) {
	for ; len(y) > 0; y = y[len(b):] {
		tensor.AddOf(y[:len(b)], y[:len(b)], b)
	}
}

// rowsOf returns the product of all axes but the last.
func rowsOf(s tensor.Shape) int {
	n := 1
	for i := range s.Rank() - 1 {
		n *= s.Dim(i)
	}
	return n
}

func (linear) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if eps.Type() == tensor.Float32 {
		linearVJP[float32](c, d, args, eps)
		return
	}
	linearVJP[float64](c, d, args, eps)
}

func linearVJP[T tensor.Float](c *tensor.Ctx, d, args []tensor.Tensor, eps tensor.Tensor) {
	e := tensor.Data[T](eps)
	rows, in, out := rowsOf(args[0].Shape()), args[1].Shape().Dim(0), args[1].Shape().Dim(1)
	if d[0].Wanted() {
		g := tensor.Gemm{M: rows, N: in, K: out, LDA: out, LDB: out, LDC: in, TransB: true}
		tensor.MatMul(c, g, e, tensor.Data[T](args[1]), tensor.Data[T](d[0]))
	}
	if d[1].Wanted() {
		g := tensor.Gemm{M: in, N: out, K: rows, LDA: in, LDB: out, LDC: out, TransA: true}
		tensor.MatMul(c, g, tensor.Data[T](args[0]), e, tensor.Data[T](d[1]))
	}
	if d[2].Wanted() {
		reduceTo(c, d[2], eps.Reshape(tensor.Dims(rows, out)))
	}
}

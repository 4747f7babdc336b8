package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// A GemmConfig describes Gemm.
type GemmConfig struct {
	TransA, TransB bool
	Alpha, Beta    float64 // 0: 1
}

// Gemm returns g(A, B, C) = α·op(A)·op(B) + β·C of matrices, of which op transposes if the flag is set; C broadcasts to
// the product and may be left out. The product is scaled, then β·C is added. ∂A and ∂B are products of α·ε, ∂C is
// β·Σ ε. ONNX: Gemm.
func Gemm(cfg GemmConfig) Op {
	if cfg.Alpha == 0 {
		cfg.Alpha = 1
	}
	if cfg.Beta == 0 {
		cfg.Beta = 1
	}
	return gemm{cfg}
}

type gemm struct{ GemmConfig }

func (o gemm) Name() string {
	s := "gemm[" + decimal(o.Alpha) + "," + decimal(o.Beta)
	if o.TransA {
		s += ",transA"
	}
	if o.TransB {
		s += ",transB"
	}
	return s + "]"
}

func (o gemm) Arity() int { return -1 }

func (o gemm) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if len(args) < 2 || len(args) > 3 {
		return tensor.Shape{}, errorf(o, "got %d arguments, want 2 or 3", len(args))
	}
	a, b := args[0], args[1]
	if a.Rank() != 2 || b.Rank() != 2 {
		return a, errorf(o, "got %v and %v, want matrices", a, b)
	}
	if o.TransA {
		a = tensor.Dims(a.Dim(1), a.Dim(0))
	}
	if o.TransB {
		b = tensor.Dims(b.Dim(1), b.Dim(0))
	}
	s := tensor.Dims(a.Dim(0), b.Dim(1))
	if a.Dim(1) != b.Dim(0) {
		return s, errorf(o, "got %v and %v: %d columns do not meet %d rows", args[0], args[1], a.Dim(1), b.Dim(0))
	}
	if len(args) == 3 {
		if r, err := tensor.Broadcast(s, args[2]); err != nil || r != s {
			return s, errorf(o, "%v does not broadcast to the product's %v", args[2], s)
		}
	}
	return s, nil
}

func (o gemm) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	if dst.Type() == tensor.Float32 {
		gemmForward[float32](c, o, dst, args)
		return
	}
	gemmForward[float64](c, o, dst, args)
}

func gemmForward[T tensor.Float](c *tensor.Ctx, o gemm, dst tensor.Tensor, args []tensor.Tensor) {
	multiply[T](c, dst, args[0], args[1], o.TransA, o.TransB)
	y := tensor.Data[T](dst)
	if o.Alpha != 1 {
		scaleSlice(y, y, T(o.Alpha))
	}
	if len(args) < 3 {
		return
	}
	m := c.Mark()
	beta := T(o.Beta)
	for i, v := range tensor.Data[T](expanded(c, args[2], dst.Shape())) {
		y[i] += T(beta * v)
	}
	c.Release(m)
}

// multiply sets dst = op(a)·op(b).
func multiply[T tensor.Float](c *tensor.Ctx, dst, a, b tensor.Tensor, transA, transB bool) {
	g := tensor.Gemm{M: dst.Shape().Dim(0), N: dst.Shape().Dim(1), K: a.Shape().Dim(1), TransA: transA, TransB: transB,
		LDA: a.Shape().Dim(1), LDB: b.Shape().Dim(1), LDC: dst.Shape().Dim(1)}
	if transA {
		g.K = a.Shape().Dim(0)
	}
	tensor.MatMul(c, g, tensor.Data[T](a), tensor.Data[T](b), tensor.Data[T](dst))
}

func (o gemm) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if eps.Type() == tensor.Float32 {
		gemmVJP[float32](c, o, d, args, eps)
		return
	}
	gemmVJP[float64](c, o, d, args, eps)
}

func gemmVJP[T tensor.Float](c *tensor.Ctx, o gemm, d, args []tensor.Tensor, eps tensor.Tensor) {
	m := c.Mark()
	e := eps
	if o.Alpha != 1 && (d[0].Wanted() || d[1].Wanted()) {
		e = c.Scratch(eps.Type(), eps.Shape())
		scaleSlice(tensor.Data[T](e), tensor.Data[T](eps), T(o.Alpha))
	}
	if d[0].Wanted() {
		if o.TransA {
			multiply[T](c, d[0], args[1], e, o.TransB, true)
		} else {
			multiply[T](c, d[0], e, args[1], false, !o.TransB)
		}
	}
	if d[1].Wanted() {
		if o.TransB {
			multiply[T](c, d[1], e, args[0], true, o.TransA)
		} else {
			multiply[T](c, d[1], args[0], e, !o.TransA, false)
		}
	}
	if len(d) == 3 && d[2].Wanted() {
		reduceTo(c, d[2], eps)
		if o.Beta != 1 {
			tensor.Scale(d[2], o.Beta)
		}
	}
	c.Release(m)
}

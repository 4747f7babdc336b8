package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// Where returns g(c, a, b) = a where the Bool c is true, b elsewhere; broadcasting. ∂a is ε there and 0 elsewhere, ∂b
// the other way round. a and b are of one type, any. ONNX: Where.
func Where() Op { return where{} }

type where struct{}

func (where) Name() string { return "where" }
func (where) Arity() int   { return 3 }

func (o where) Shape(args ...tensor.Shape) (tensor.Shape, error) { return broadcastAll(o, args) }

func broadcastAll(o Op, args []tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	s := args[0]
	for _, a := range args[1:] {
		var err error
		if s, err = tensor.Broadcast(s, a); err != nil {
			return s, errorf(o, "got %v: %v", args, err)
		}
	}
	return s, nil
}

func (o where) Type(args ...tensor.Type) (tensor.Type, error) {
	if len(args) != 3 || args[0] != tensor.Bool {
		return tensor.None, errorf(o, "got types %v, want bool and two of one type", args)
	}
	return sameType(o, args[1:])
}

func (where) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	s := dst.Shape()
	cond, a, b := expanded(c, args[0], s).Bools(), expanded(c, args[1], s), expanded(c, args[2], s)
	switch dst.Type() {
	case tensor.Float64:
		choose(dst.Float64s(), a.Float64s(), b.Float64s(), cond)
	case tensor.Float32:
		choose(dst.Float32s(), a.Float32s(), b.Float32s(), cond)
	case tensor.Int64:
		choose(dst.Int64s(), a.Int64s(), b.Int64s(), cond)
	case tensor.Bool:
		choose(dst.Bools(), a.Bools(), b.Bools(), cond)
	}
	c.Release(m)
}

func choose[T tensor.Element](dst, a, b []T, cond []bool) {
	for i, yes := range cond {
		dst[i] = b[i]
		if yes {
			dst[i] = a[i]
		}
	}
}

func (where) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	m := c.Mark()
	cond := expanded(c, args[0], eps.Shape()).Bools()
	for k := 1; k <= 2; k++ {
		if !d[k].Wanted() {
			continue
		}
		full := c.Scratch(eps.Type(), eps.Shape())
		if eps.Type() == tensor.Float32 {
			passed(full.Float32s(), eps.Float32s(), cond, k == 1)
		} else {
			passed(full.Float64s(), eps.Float64s(), cond, k == 1)
		}
		reduceTo(c, d[k], full)
	}
	c.Release(m)
}

// passed sets dst to e where cond is yes, 0 elsewhere.
func passed[T tensor.Float](dst, e []T, cond []bool, yes bool) {
	for i, v := range e {
		dst[i] = 0
		if cond[i] == yes {
			dst[i] = v
		}
	}
}

// Max returns g(x_1, …, x_n) = the largest, element by element; broadcasting. The subgradient goes to the first of
// equal ones; a NaN stays one. ONNX: Max.
func Max() Op { return extremum{name: "max", better: func(x, y float64) bool { return x > y }} }

// Min returns the smallest; see Max. ONNX: Min.
func Min() Op { return extremum{name: "min", better: func(x, y float64) bool { return x < y }} }

type extremum struct {
	name   string
	better func(x, y float64) bool
}

func (o extremum) Name() string { return o.name }
func (o extremum) Arity() int   { return -1 }

func (o extremum) Shape(args ...tensor.Shape) (tensor.Shape, error) { return broadcastAll(o, args) }

func (o extremum) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	for k, x := range args {
		x = expanded(c, x, dst.Shape())
		if k == 0 {
			dst.CopyFrom(x)
		} else if dst.Type() == tensor.Float32 {
			extreme(dst.Float32s(), x.Float32s(), o.better)
		} else {
			extreme(dst.Float64s(), x.Float64s(), o.better)
		}
	}
	c.Release(m)
}

func extreme[T tensor.Float](dst, x []T, better func(x, y float64) bool) {
	for i, v := range x {
		if better(float64(v), float64(dst[i])) || v != v {
			dst[i] = v
		}
	}
}

func (o extremum) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	m := c.Mark()
	taken := tensor.ScratchOf[bool](c, eps.Len())
	clear(taken)
	full := c.Scratch(eps.Type(), eps.Shape())
	for k, x := range args {
		x = expanded(c, x, eps.Shape())
		if eps.Type() == tensor.Float32 {
			claim(full.Float32s(), x.Float32s(), out.Float32s(), eps.Float32s(), taken)
		} else {
			claim(full.Float64s(), x.Float64s(), out.Float64s(), eps.Float64s(), taken)
		}
		if d[k].Wanted() {
			reduceTo(c, d[k], full)
		}
	}
	c.Release(m)
}

// claim sets dst to e where x is the result and no earlier argument was, 0 elsewhere.
func claim[T tensor.Float](dst, x, y, e []T, taken []bool) {
	for i, v := range x {
		dst[i] = 0
		if !taken[i] && (v == y[i] || v != v && y[i] != y[i]) {
			dst[i], taken[i] = e[i], true
		}
	}
}

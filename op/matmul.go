package op

import (
	"github.com/retrodict/retrodict/tensor"
)

// MatMul returns the matrix product g(a, b) = a·b of NumPy's matmul: the last two axes are multiplied, the axes before
// them broadcast, and an argument of rank 1 is a row on the left, a column on the right, whose axis vanishes from the
// result. ∂a = ε·bᵀ, ∂b = aᵀ·ε; the gradient of a stretched argument is summed over matrices in ascending order.
// ONNX: MatMul.
func MatMul() Op { return matMul{} }

type matMul struct{}

func (matMul) Name() string { return "matmul" }
func (matMul) Arity() int   { return 2 }

// asMatrices returns the shapes with the axes that matmul adds to arguments of rank 1.
func asMatrices(a, b tensor.Shape) (tensor.Shape, tensor.Shape) {
	if a.Rank() == 1 {
		a = tensor.Dims(1, a.Dim(0))
	}
	if b.Rank() == 1 {
		b = tensor.Dims(b.Dim(0), 1)
	}
	return a, b
}

// leading returns the shape without its last two axes.
func leading(s tensor.Shape) tensor.Shape { return tensor.Dims(s.Slice()[:s.Rank()-2]...) }

func (o matMul) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if err := arity(o, args); err != nil {
		return tensor.Shape{}, err
	}
	if args[0].Rank() == 0 || args[1].Rank() == 0 {
		return tensor.Shape{}, errorf(o, "got %v and %v, want rank 1 or more", args[0], args[1])
	}
	a, b := asMatrices(args[0], args[1])
	if a.Dim(-1) != b.Dim(-2) {
		return tensor.Shape{}, errorf(o, "got %v and %v: %d columns do not meet %d rows", args[0], args[1], a.Dim(-1), b.Dim(-2))
	}
	s, err := tensor.Broadcast(leading(a), leading(b))
	if err != nil {
		return s, errorf(o, "got %v and %v: leading axes: %v", args[0], args[1], err)
	}
	dims := s.Slice()
	if args[0].Rank() > 1 {
		dims = append(dims, a.Dim(-2))
	}
	if args[1].Rank() > 1 {
		dims = append(dims, b.Dim(-1))
	}
	return tensor.Dims(dims...), nil
}

func (matMul) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	p := newProduct(args[0].Shape(), args[1].Shape())
	if dst.Type() == tensor.Float32 {
		productForward[float32](c, &p, dst, args[0], args[1])
		return
	}
	productForward[float64](c, &p, dst, args[0], args[1])
}

func (matMul) VJP(c *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	p := newProduct(args[0].Shape(), args[1].Shape())
	if eps.Type() == tensor.Float32 {
		productVJP[float32](c, &p, d, args, eps)
		return
	}
	productVJP[float64](c, &p, d, args, eps)
}

// A product is the loop of a batched matrix product: count products of m×k by k×n matrices, of which the i-th takes
// matrix at(i) of each argument.
type product struct {
	m, n, k, count int
	batch          tensor.Shape
	a, b           [tensor.MaxRank]int // steps in matrices along the axes of batch
}

func newProduct(sa, sb tensor.Shape) product {
	rows := sb.Rank() == 2 && sa.Rank() > 2
	sa, sb = asMatrices(sa, sb)
	p := product{m: sa.Dim(-2), n: sb.Dim(-1), k: sa.Dim(-1), count: 1}
	if rows { // [..., m, k]·[k, n] is one product with the leading axes as rows
		p.m *= lead(sa)
		return p
	}
	var la, lb tensor.Shape
	la, lb = cut(sa), cut(sb)
	p.batch, _ = tensor.Broadcast(la, lb)
	p.a, p.b = stretch(p.batch, la).step, stretch(p.batch, lb).step
	p.count = p.batch.Len()
	return p
}

// cut is leading without allocation.
func cut(s tensor.Shape) tensor.Shape {
	var d [tensor.MaxRank]int
	n := s.Rank() - 2
	for i := range n {
		d[i] = s.Dim(i)
	}
	return tensor.Dims(d[:n]...)
}

func lead(s tensor.Shape) int { return cut(s).Len() }

// at returns which matrix of each argument product i takes.
func (p *product) at(i int) (a, b int) {
	for x := p.batch.Rank() - 1; x >= 0; x-- {
		d := p.batch.Dim(x)
		a += i % d * p.a[x]
		b += i % d * p.b[x]
		i /= d
	}
	return a, b
}

// apart reports whether product i takes matrix i of each argument.
func (p *product) apart(a, b tensor.Tensor) bool {
	return p.count > 1 && a.Len() == p.count*p.m*p.k && b.Len() == p.count*p.k*p.n
}

// products computes count products of matrices that lie one after another without gaps, the leading dimensions of g left
// out. Many small ones are shared among workers; the work inside of few large ones is.
func products(c *tensor.Ctx, g tensor.Gemm, count int, a, b, dst tensor.Tensor) {
	args := tensor.Args{T: [6]tensor.Tensor{dst, a, b}, N: [12]int{g.M, g.N, g.K}}
	if g.TransA {
		args.N[3] = 1
	}
	if g.TransB {
		args.N[4] = 1
	}
	least := max(1, (1<<19)/(g.M*g.N*g.K+1))
	if count < 2*c.Workers() {
		least = count
	}
	if dst.Type() == tensor.Float32 {
		c.SplitOwn(count, least, productsBetween[float32], args)
	} else {
		c.SplitOwn(count, least, productsBetween[float64], args)
	}
}

func productsBetween[T tensor.Float](c *tensor.Ctx, a *tensor.Args, lo, hi int) {
	g := tensor.Gemm{M: a.N[0], N: a.N[1], K: a.N[2], LDA: a.N[2], LDB: a.N[1], LDC: a.N[1], TransA: a.N[3] != 0, TransB: a.N[4] != 0}
	if g.TransA {
		g.LDA = g.M
	}
	if g.TransB {
		g.LDB = g.K
	}
	y, x, w := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[2])
	mk, kn, mn := g.M*g.K, g.K*g.N, g.M*g.N
	for i := lo; i < hi; i++ {
		tensor.MatMul(c, g, x[i*mk:(i+1)*mk], w[i*kn:(i+1)*kn], y[i*mn:(i+1)*mn])
	}
}

func productForward[T tensor.Float](c *tensor.Ctx, p *product, dst, ta, tb tensor.Tensor) {
	if p.apart(ta, tb) {
		products(c, tensor.Gemm{M: p.m, N: p.n, K: p.k}, p.count, ta, tb, dst)
		return
	}
	a, b, y := tensor.Data[T](ta), tensor.Data[T](tb), tensor.Data[T](dst)
	g := tensor.Gemm{M: p.m, N: p.n, K: p.k, LDA: p.k, LDB: p.n, LDC: p.n}
	for i := range p.count {
		ia, ib := p.at(i)
		tensor.MatMul(c, g, a[ia*p.m*p.k:(ia+1)*p.m*p.k], b[ib*p.k*p.n:(ib+1)*p.k*p.n], y[i*p.m*p.n:(i+1)*p.m*p.n])
	}
}

func productVJP[T tensor.Float](c *tensor.Ctx, p *product, d, args []tensor.Tensor, eps tensor.Tensor) {
	if p.apart(args[0], args[1]) {
		if d[0].Wanted() {
			products(c, tensor.Gemm{M: p.m, N: p.k, K: p.n, TransB: true}, p.count, eps, args[1], d[0])
		}
		if d[1].Wanted() {
			products(c, tensor.Gemm{M: p.k, N: p.n, K: p.m, TransA: true}, p.count, args[0], eps, d[1])
		}
		return
	}
	mk, kn, mn := p.m*p.k, p.k*p.n, p.m*p.n
	e := tensor.Data[T](eps)
	if d[0].Wanted() {
		b, da := tensor.Data[T](args[1]), tensor.Data[T](d[0])
		g := tensor.Gemm{M: p.m, N: p.k, K: p.n, LDA: p.n, LDB: p.n, LDC: p.k, TransB: true}
		if shared := args[0].Len() != p.count*mk; shared || p.count == 0 {
			clear(da)
			g.Accumulate = shared
		}
		for i := range p.count {
			ia, ib := p.at(i)
			tensor.MatMul(c, g, e[i*mn:(i+1)*mn], b[ib*kn:(ib+1)*kn], da[ia*mk:(ia+1)*mk])
		}
	}
	if d[1].Wanted() {
		a, db := tensor.Data[T](args[0]), tensor.Data[T](d[1])
		g := tensor.Gemm{M: p.k, N: p.n, K: p.m, LDA: p.k, LDB: p.n, LDC: p.n, TransA: true}
		if shared := args[1].Len() != p.count*kn; shared || p.count == 0 {
			clear(db)
			g.Accumulate = shared
		}
		for i := range p.count {
			ia, ib := p.at(i)
			tensor.MatMul(c, g, a[ia*mk:(ia+1)*mk], e[i*mn:(i+1)*mn], db[ib*kn:(ib+1)*kn])
		}
	}
}

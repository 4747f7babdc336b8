package neuron

import (
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// compareKernel sets eps = (μ − anchor) − u. Elements of μ and anchor that are equal, infinities and NaN included, give a
// difference of 0, so that a mask of −Inf has no error. Without μ the difference is 0 throughout, without u so is u.
func compareKernel(eps, mu, anchor, u tensor.Tensor) {
	if eps.Type() == tensor.Float64 {
		compareOf[float64](eps, mu, anchor, u)
	} else {
		compareOf[float32](eps, mu, anchor, u)
	}
}

func compareOf[T tensor.Float](eps, mu, anchor, u tensor.Tensor) {
	e := tensor.Data[T](eps)
	if mu.Wanted() {
		tensor.GapOf(e, tensor.Data[T](mu), tensor.Data[T](anchor))
	} else {
		clear(e)
	}
	if u.Wanted() {
		tensor.SubOf(e, e, tensor.Data[T](u))
	}
}

// subtract sets eps = μ − x.
func subtract(eps, mu, x tensor.Tensor) {
	if eps.Type() == tensor.Float64 {
		tensor.SubOf(eps.Float64s(), mu.Float64s(), x.Float64s())
	} else {
		tensor.SubOf(eps.Float32s(), mu.Float32s(), x.Float32s())
	}
}

// relaxBlock is how many elements relaxKernel goes through at a time, so that they stay in the first cache, and whose squares
// are summed on their own.
const relaxBlock = 1024

// relaxKernel sets fold = ε − fold, u += γ·fold and x = anchor + u (x is u itself if there is no anchor), and returns the
// sum of the squares of fold, block by block.
func relaxKernel(c *tensor.Ctx, x, u, anchor, eps, fold tensor.Tensor, gamma float64) float64 {
	m := c.Mark()
	blocks := (u.Len() + relaxBlock - 1) / relaxBlock
	sums := c.Scratch(tensor.Float64, tensor.Dims(blocks))
	a := tensor.Args{T: [6]tensor.Tensor{x, u, anchor, eps, fold, sums}, F: [4]float64{gamma}}
	if u.Type() == tensor.Float64 {
		c.Split(blocks, 8, relaxOf[float64], a)
	} else {
		c.Split(blocks, 8, relaxOf[float32], a)
	}
	r := 0.0
	for _, s := range sums.Float64s() {
		r += s
	}
	c.Release(m)
	return r
}

func relaxOf[T tensor.Float](a *tensor.Args, lo, hi int) {
	d, e, f, sums := tensor.Data[T](a.T[1]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4]), a.T[5].Float64s()
	for b := lo; b < hi; b++ {
		i, j := b*relaxBlock, min((b+1)*relaxBlock, len(d))
		s, u := f[i:j], d[i:j]
		tensor.SubOf(s, e[i:j], s)
		sums[b] = tensor.SquaresOf(s)
		tensor.AddScaledOf(u, u, s, T(a.F[0]))
		if a.T[2].Wanted() {
			tensor.AddOf(tensor.Data[T](a.T[0])[i:j], tensor.Data[T](a.T[2])[i:j], u)
		}
	}
}

// displaceKernel sets x = anchor + u.
func displaceKernel(x, anchor, u tensor.Tensor) {
	for i := range x.Len() {
		x.SetFloat(i, anchor.Float(i)+u.Float(i))
	}
}

// halfSquare returns ½ Σ ε², summed in float64.
func halfSquare(eps tensor.Tensor) float64 {
	if eps.Type() == tensor.Float64 {
		return 0.5 * tensor.SquaresOf(eps.Float64s())
	}
	return 0.5 * tensor.SquaresOf(eps.Float32s())
}

// allZero reports whether every element is 0.
func allZero(t tensor.Tensor) bool {
	for i := range t.Len() {
		if t.Float(i) != 0 {
			return false
		}
	}
	return true
}

// Loss returns E at the forward sweep.
func (p *Population) Loss() float64 { return p.lossVal }

// Energy returns F = E + ½ Σ ε² at the last tick, summed in a fixed order. In the sparse form no inference is run, and it is
// the loss.
func (p *Population) Energy() float64 {
	f := p.lossVal
	if p.rule.Sparse {
		return f
	}
	out := p.g.Output()
	if p.now > 0 || p.rule.Free {
		f = p.loss.Energy(p.Prediction(out), p.target)
	}
	for _, v := range p.schedule.byLevel {
		if v != out && !p.quiet[v] {
			h := halfSquare(p.view(p.eps[v], v)) // of π ε
			if p.precision != nil {
				h /= p.precision[v]
			}
			f += h
		}
	}
	return f
}

// Prediction returns μ of v at the last tick. The tensor belongs to the vertex.
func (p *Population) Prediction(v graph.VertexID) tensor.Tensor {
	if !p.rule.Sparse && p.active(v) && p.predicted[v] {
		return p.view(p.mu[v], v)
	}
	return p.Value(v)
}

// Residual returns ‖∂F/∂x‖₂ over all free values as of the last relaxation, summed in a fixed order.
func (p *Population) Residual() float64 {
	s := 0.0
	if !p.rule.Sparse {
		for _, v := range p.schedule.byLevel {
			s += p.residual[v]
		}
	}
	return math.Sqrt(s)
}

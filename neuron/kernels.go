package neuron

import (
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// blockBytes is the size of what compareKernel and relaxKernel go through at a time of each tensor, so that it stays in the first
// cache, and whose squares relaxKernel sums on their own.
const blockBytes = 8 << 10

// compareKernel sets eps = (μ − anchor) − u. Elements of μ and anchor that are equal, infinities and NaN included, give a
// difference of 0, so that a mask of −Inf has no error. Without μ the difference is 0 throughout, without u so is u.
func compareKernel(c *tensor.Ctx, eps, mu, anchor, u tensor.Tensor) {
	splitBlocks(c, eps, compareOf[float64], compareOf[float32], tensor.Args{T: [6]tensor.Tensor{eps, mu, anchor, u}})
}

func compareOf[T tensor.Float](a *tensor.Args, lo, hi int) {
	all, block := tensor.Data[T](a.T[0]), blockOf(a.T[0])
	for b := lo; b < hi; b++ {
		i, j := b*block, min((b+1)*block, len(all))
		e := all[i:j]
		if a.T[1].Wanted() {
			tensor.GapOf(e, tensor.Data[T](a.T[1])[i:j], tensor.Data[T](a.T[2])[i:j])
		} else {
			clear(e)
		}
		if a.T[3].Wanted() {
			tensor.SubOf(e, e, tensor.Data[T](a.T[3])[i:j])
		}
	}
}

// splitBlocks runs the kernel for the type of t over its blocks, shared with idle workers.
func splitBlocks(c *tensor.Ctx, t tensor.Tensor, f64, f32 func(*tensor.Args, int, int), a tensor.Args) {
	run := f32
	if t.Type() == tensor.Float64 {
		run = f64
	}
	c.Split(blocksOf(t), (8<<10)/blockOf(t), run, a)
}

// blockOf returns the number of elements of t's blocks, blocksOf the number of blocks.
func blockOf(t tensor.Tensor) int { return blockBytes / t.Type().Size() }

func blocksOf(t tensor.Tensor) int { return (t.Len() + blockOf(t) - 1) / blockOf(t) }

// subtract sets eps = μ − x.
func subtract(eps, mu, x tensor.Tensor) {
	if eps.Type() == tensor.Float64 {
		tensor.SubOf(eps.Float64s(), mu.Float64s(), x.Float64s())
	} else {
		tensor.SubOf(eps.Float32s(), mu.Float32s(), x.Float32s())
	}
}

// relaxKernel sets u += γ·r with r = ε − feedback, and x = anchor + u, and returns the sum of the squares of r, block by block. x
// is where r is kept until then; so if there is no anchor, and x is u itself, r overwrites the feedback. ε is never −0, so a
// feedback of −0 does what one of +0 does: a single one need not be folded.
func relaxKernel(c *tensor.Ctx, x, u, anchor, eps, feedback tensor.Tensor, gamma float64) float64 {
	m := c.Mark()
	sums := c.Scratch(tensor.Float64, tensor.Dims(blocksOf(u)))
	a := tensor.Args{T: [6]tensor.Tensor{x, u, anchor, eps, feedback, sums}, F: [4]float64{gamma}}
	splitBlocks(c, u, relaxOf[float64], relaxOf[float32], a)
	r := 0.0
	for _, s := range sums.Float64s() {
		r += s
	}
	c.Release(m)
	return r
}

func relaxOf[T tensor.Float](a *tensor.Args, lo, hi int) {
	x, all, e, f, sums := tensor.Data[T](a.T[0]), tensor.Data[T](a.T[1]), tensor.Data[T](a.T[3]), tensor.Data[T](a.T[4]), a.T[5].Float64s()
	block := blockOf(a.T[1])
	for b := lo; b < hi; b++ {
		i, j := b*block, min((b+1)*block, len(all))
		r, u := f[i:j], all[i:j]
		if a.T[2].Wanted() {
			r = x[i:j]
		}
		tensor.SubOf(r, e[i:j], f[i:j])
		sums[b] = tensor.SquaresOf(r)
		tensor.AddScaledOf(u, u, r, T(a.F[0]))
		if a.T[2].Wanted() {
			tensor.AddOf(r, tensor.Data[T](a.T[2])[i:j], u)
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

// Loss returns E at the forward sweep, in a stream at that of Rehearse.
func (p *Population) Loss() float64 { return p.lossVal }

// Energy returns F = E + ½ Σ ε² at the last tick, summed in a fixed order. In the sparse form no inference is run, and it is
// the loss.
func (p *Population) Energy() float64 {
	f := p.outputEnergy()
	if p.rule.Sparse {
		return f
	}
	out := p.g.Output()
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

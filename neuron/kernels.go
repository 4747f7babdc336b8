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
		m, a := tensor.Data[T](mu), tensor.Data[T](anchor)
		for i := range e {
			if m[i] == a[i] || m[i] != m[i] && a[i] != a[i] {
				e[i] = 0
			} else {
				e[i] = m[i] - a[i]
			}
		}
	} else {
		clear(e)
	}
	if u.Wanted() {
		for i, x := range tensor.Data[T](u) {
			e[i] -= x
		}
	}
}

// subtract sets eps = μ − x.
func subtract(eps, mu, x tensor.Tensor) {
	if eps.Type() == tensor.Float64 {
		subtractOf[float64](eps, mu, x)
	} else {
		subtractOf[float32](eps, mu, x)
	}
}

func subtractOf[T tensor.Float](eps, mu, x tensor.Tensor) {
	e, m, y := tensor.Data[T](eps), tensor.Data[T](mu), tensor.Data[T](x)
	for i := range e {
		e[i] = m[i] - y[i]
	}
}

// relaxKernel sets u += γ(ε − fold) and x = anchor + u (x is u itself if there is no anchor), and returns Σ (ε − fold)².
func relaxKernel(x, u, anchor, eps, fold tensor.Tensor, gamma float64) float64 {
	if u.Type() == tensor.Float64 {
		return relaxOf(x, u, anchor, eps, fold, gamma)
	}
	return relaxOf(x, u, anchor, eps, fold, float32(gamma))
}

func relaxOf[T tensor.Float](x, u, anchor, eps, fold tensor.Tensor, gamma T) float64 {
	d, e, f := tensor.Data[T](u), tensor.Data[T](eps), tensor.Data[T](fold)
	r := 0.0
	for i := range d {
		s := e[i] - f[i]
		r += float64(float64(s) * float64(s))
		d[i] += T(gamma * s)
	}
	if anchor.Wanted() {
		y, a := tensor.Data[T](x), tensor.Data[T](anchor)
		for i := range y {
			y[i] = a[i] + d[i]
		}
	}
	return r
}

// displaceKernel sets x = anchor + u.
func displaceKernel(x, anchor, u tensor.Tensor) {
	for i := range x.Len() {
		x.SetFloat(i, anchor.Float(i)+u.Float(i))
	}
}

// halfSquare returns ½ Σ ε², summed in ascending order in float64.
func halfSquare(eps tensor.Tensor) float64 {
	s := 0.0
	switch eps.Type() {
	case tensor.Float64:
		for _, x := range eps.Float64s() {
			s += float64(x * x)
		}
	case tensor.Float32:
		for _, x := range eps.Float32s() {
			s += float64(float64(x) * float64(x))
		}
	}
	return 0.5 * s
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
	if p.now > 0 {
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

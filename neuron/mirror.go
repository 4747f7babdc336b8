package neuron

import (
	"math"
	"math/rand/v2"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// makeMirror makes the weights through which errors return, where they are not the weights themselves. In the Jacobian
// with respect to values every parameter is replaced by its mirror image; feedback to parameters is not concerned.
func (p *Population) makeMirror() {
	if p.rule.Return == Transpose {
		return
	}
	p.mirror = make([]tensor.Tensor, p.g.Parameters())
	for i := range p.mirror {
		w := p.Parameter(i)
		p.mirror[i] = tensor.New(w.Type(), w.Shape())
		switch p.rule.Return {
		case Random:
			p.randomMirror(i, w)
		case Sign:
			signKernel(p.mirror[i], w)
		case Stale:
			p.mirror[i].CopyFrom(w)
		}
	}
}

// randomMirror draws mirror i with the mean and standard deviation of w [Lillicrap et al. 2016]; the draws depend on seed
// and parameter alone.
func (p *Population) randomMirror(i int, w tensor.Tensor) {
	r := rand.New(rand.NewPCG(p.rule.Seed, uint64(i)))
	n := float64(max(w.Len(), 1))
	mean, square := 0.0, 0.0
	for k := range w.Len() {
		mean += w.Float(k) / n
	}
	for k := range w.Len() {
		square += float64((w.Float(k) - mean) * (w.Float(k) - mean))
	}
	sd := math.Sqrt(square / n)
	for k := range w.Len() {
		p.mirror[i].SetFloat(k, mean+float64(sd*tensor.Normal(r.Uint64())))
	}
}

// signKernel sets dst = sign(w) · mean |w|.
func signKernel(dst, w tensor.Tensor) {
	n := float64(max(w.Len(), 1))
	mean := 0.0
	for k := range w.Len() {
		mean += math.Abs(w.Float(k)) / n
	}
	for k := range w.Len() {
		switch x := w.Float(k); {
		case x > 0:
			dst.SetFloat(k, mean)
		case x < 0:
			dst.SetFloat(k, -mean)
		default:
			dst.SetFloat(k, 0)
		}
	}
}

// reflect brings mirror i up to date after its parameter has learned.
func (p *Population) reflect(i int) {
	if p.mirror == nil {
		return
	}
	switch p.rule.Return {
	case Sign:
		signKernel(p.mirror[i], p.Parameter(i))
	case Stale:
		if p.updates%uint64(max(p.rule.Refresh, 1)) == 0 {
			p.mirror[i].CopyFrom(p.Parameter(i))
		}
	}
}

// vjp computes the derivatives that w.d wants, at w.args. With a mirror, those of values go through it: two calls with
// disjoint sets of wanted derivatives.
func (p *Population) vjp(w *Worker, v graph.VertexID, out, eps tensor.Tensor) {
	if p.mirror == nil {
		if anyWanted(w.d) {
			p.g.Op(v).VJP(w.Ctx, w.d, w.args, out, eps)
		}
		return
	}
	from := p.g.Args(v)
	values, leaves, args := w.values[:0], w.leaves[:0], w.images[:0]
	for k, d := range w.d {
		if p.g.Role(from[k]) == graph.Parameter {
			values, leaves, args = append(values, tensor.Tensor{}), append(leaves, d), append(args, p.mirror[p.leafIndex[from[k]]])
		} else {
			values, leaves, args = append(values, d), append(leaves, tensor.Tensor{}), append(args, w.args[k])
		}
	}
	w.values, w.leaves, w.images = values, leaves, args
	if anyWanted(values) {
		p.g.Op(v).VJP(w.Ctx, values, args, out, eps)
	}
	if anyWanted(leaves) {
		p.g.Op(v).VJP(w.Ctx, leaves, w.args, out, eps)
	}
}

func anyWanted(list []tensor.Tensor) bool {
	for i := range list {
		if list[i].Wanted() {
			return true
		}
	}
	return false
}

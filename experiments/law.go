package experiments

import (
	"math"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// pathErrors returns δ^(ℓ) of every computed vertex: backprop's error, split by the length ℓ of the paths to the output
// along which it came. Their sum over ℓ is δ. Vertices that have none are nil.
func pathErrors(g *graph.Graph, initial []tensor.Tensor, loss op.Loss, s engine.Sample) [][]tensor.Tensor {
	ctx := tensor.NewCtx(tensor.Config{Workers: 1})
	defer ctx.Close()
	value := make([]tensor.Tensor, g.Len())
	for i, t := range s.Inputs {
		if v := g.InputVertex(i); v >= 0 {
			value[v] = t
		}
	}
	for i, t := range initial {
		if v := g.ParameterVertex(i); v >= 0 {
			value[v] = t
		}
	}
	args := func(v graph.VertexID) (list []tensor.Tensor) {
		for _, a := range g.Args(v) {
			list = append(list, value[a])
		}
		return list
	}
	for v := range graph.VertexID(g.Len()) {
		switch g.Role(v) {
		case graph.Constant:
			value[v] = g.Constant(v)
		case graph.Computed:
			value[v] = tensor.New(tensor.Float64, g.Shape(v))
			g.Op(v).Forward(ctx, value[v], args(v))
		}
	}
	delta := make([][]tensor.Tensor, g.Len())
	out := g.Output()
	delta[out] = []tensor.Tensor{tensor.New(tensor.Float64, g.Shape(out))}
	loss.Grad(delta[out][0], value[out], s.Target)
	for v := out; v >= 0; v-- {
		for l, d := range delta[v] {
			if d.Wanted() {
				spread(ctx, g, v, l, d, args(v), value[v], delta)
			}
		}
	}
	return delta
}

// spread adds what the error d of v, along paths of length l, is for its arguments.
func spread(ctx *tensor.Ctx, g *graph.Graph, v graph.VertexID, l int, d tensor.Tensor, args []tensor.Tensor, out tensor.Tensor, delta [][]tensor.Tensor) {
	parts := make([]tensor.Tensor, len(args))
	for k, a := range g.Args(v) {
		if g.Differentiable(a) && g.Role(a) == graph.Computed {
			parts[k] = tensor.New(tensor.Float64, g.Shape(a))
		}
	}
	g.Op(v).VJP(ctx, parts, args, out, d)
	for k, a := range g.Args(v) {
		if !parts[k].Wanted() {
			continue
		}
		for len(delta[a]) <= l+1 {
			delta[a] = append(delta[a], tensor.Tensor{})
		}
		if !delta[a][l+1].Wanted() {
			delta[a][l+1] = tensor.New(tensor.Float64, g.Shape(a))
		}
		sum, part := delta[a][l+1].Float64s(), parts[k].Float64s()
		for i := range sum {
			sum[i] += part[i]
		}
	}
}

// tail returns Pr[Bin(trials, p) ≥ atLeast], the sum of positive terms from the larger side down.
func tail(trials int, p float64, atLeast int) float64 {
	switch {
	case atLeast <= 0:
		return 1
	case atLeast > trials:
		return 0
	case p == 1:
		return 1
	}
	sum := 0.0
	for k := trials; k >= atLeast; k-- {
		sum += mass(trials, p, k)
	}
	return sum
}

// mass returns Pr[Bin(n, p) = k].
func mass(n int, p float64, k int) float64 {
	if k > n-k { // fewer factors
		k, p = n-k, 1-p
	}
	x := math.Pow(1-p, float64(n-2*k))
	for i := range k {
		x *= float64(n-i) / float64(k-i) * p * (1 - p)
	}
	return x
}

// predictedError returns Σ_ℓ δ^(ℓ) Pr[Bin(ticks, eta) ≥ ℓ], the error of a vertex after that many relaxations under fixed
// prediction; without storage if it has none.
func predictedError(delta []tensor.Tensor, ticks int, eta float64) tensor.Tensor {
	var sum tensor.Tensor
	for l, d := range delta {
		if !d.Wanted() {
			continue
		}
		if !sum.Wanted() {
			sum = tensor.New(tensor.Float64, d.Shape())
		}
		w := tail(ticks, eta, l)
		for i, x := range d.Float64s() {
			sum.Float64s()[i] += w * x
		}
	}
	return sum
}

// norm returns ‖a − b‖₂; b without storage is zero.
func norm(a, b tensor.Tensor) float64 {
	sum := 0.0
	for i := range a.Len() {
		x := a.Float(i)
		if b.Wanted() {
			x -= b.Float(i)
		}
		sum += float64(x * x)
	}
	return math.Sqrt(sum)
}

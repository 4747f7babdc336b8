package pc

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A textbook runs the equations as they stand in the paper, on absolute values and all vertices at once, with nothing of
// package neuron: the independent reading that the engine is compared with.
type textbook struct {
	g      *graph.Graph
	values []tensor.Tensor // x of every vertex
	mu     []tensor.Tensor
	eps    []tensor.Tensor
	grads  engine.Params
	ctx    *tensor.Ctx
	loss   op.Loss
	sign   float64 // of the feedback in x += γ(ε + sign·Σ feedback): −1, printed as +1
	gamma  float64

	energy, residual float64 // at the last tick
}

func newTextbook(t *testing.T, g *graph.Graph, c enginetest.Case) *textbook {
	b := &textbook{g: g, ctx: tensor.NewCtx(tensor.Config{Workers: 1}), loss: c.Loss, sign: -1, gamma: 1}
	t.Cleanup(b.ctx.Close)
	if b.loss == nil {
		b.loss = op.HalfSquared{}
	}
	b.values, b.mu, b.eps = make([]tensor.Tensor, g.Len()), make([]tensor.Tensor, g.Len()), make([]tensor.Tensor, g.Len())
	for i := range g.Parameters() {
		leaf := g.Parameter(i)
		b.grads = append(b.grads, engine.Param{Name: leaf.Name, Value: tensor.New(tensor.Float64, leaf.Shape)})
		if leaf.Vertex >= 0 {
			b.values[leaf.Vertex] = c.Initial[i]
		}
	}
	return b
}

func (b *textbook) args(v graph.VertexID) []tensor.Tensor {
	var list []tensor.Tensor
	for _, a := range b.g.Args(v) {
		list = append(list, b.values[a])
	}
	return list
}

// errs reports whether v has an error.
func (b *textbook) errs(v graph.VertexID) bool {
	return b.g.Role(v) == graph.Computed && b.g.Level(v) >= 0
}

// feedback returns ε_j ∂μ_j/∂x of the argument at edge e.
func (b *textbook) feedback(e graph.EdgeID) tensor.Tensor {
	j := b.g.To(e)
	args := b.args(j)
	d := make([]tensor.Tensor, len(args))
	d[b.g.Arg(e)] = tensor.New(tensor.Float64, args[b.g.Arg(e)].Shape())
	b.g.Op(j).VJP(b.ctx, d, args, b.mu[j], b.eps[j])
	return d[b.g.Arg(e)]
}

// run makes the ticks 0 … ticks−1, of which the last does not relax. A parameter takes the error of a consumer of level l
// at the ticks for which learns(l, tick) holds.
func (b *textbook) run(s engine.Sample, ticks int, learns func(level, tick int) bool) {
	g := b.g
	for i, x := range s.Inputs {
		if v := g.Input(i).Vertex; v >= 0 {
			b.values[v] = x
		}
	}
	for v := range graph.VertexID(g.Len()) {
		switch g.Role(v) {
		case graph.Constant:
			b.values[v] = g.Constant(v)
		case graph.Computed:
			b.mu[v], b.values[v], b.eps[v] = tensor.New(tensor.Float64, g.Shape(v)), tensor.New(tensor.Float64, g.Shape(v)), tensor.New(tensor.Float64, g.Shape(v))
			g.Op(v).Forward(b.ctx, b.values[v], b.args(v))
		}
	}
	for t := range ticks {
		b.compare(s)
		for e := range graph.EdgeID(g.Edges()) {
			if from := g.From(e); g.Role(from) == graph.Parameter && b.errs(g.To(e)) && learns(g.Level(g.To(e)), t) {
				b.learn(from, b.feedback(e), s.Scale)
			}
		}
		if t < ticks-1 {
			b.relax()
		}
	}
}

// compare sets μ and ε of all vertices, and the energy.
func (b *textbook) compare(s engine.Sample) {
	b.energy = 0
	for v := range graph.VertexID(b.g.Len()) {
		if !b.errs(v) {
			continue
		}
		b.g.Op(v).Forward(b.ctx, b.mu[v], b.args(v))
		if v == b.g.Output() {
			b.loss.Grad(b.eps[v], b.mu[v], s.Target)
			b.energy += b.loss.Energy(b.mu[v], s.Target)
			continue
		}
		for i := range b.eps[v].Len() {
			d := b.mu[v].Float(i) - b.values[v].Float(i)
			b.eps[v].SetFloat(i, d)
			b.energy += d * d / 2
		}
	}
}

func (b *textbook) learn(v graph.VertexID, f tensor.Tensor, scale float64) {
	for i := range b.g.Parameters() {
		if b.g.Parameter(i).Vertex == v {
			for k := range f.Len() {
				b.grads[i].Value.SetFloat(k, b.grads[i].Value.Float(k)+scale*f.Float(k))
			}
		}
	}
}

// relax moves all values at once.
func (b *textbook) relax() {
	next := make([]tensor.Tensor, b.g.Len())
	b.residual = 0
	for v := range graph.VertexID(b.g.Len()) {
		if !b.errs(v) || v == b.g.Output() {
			continue
		}
		next[v] = b.values[v].Clone()
		step := b.eps[v].Clone()
		for _, e := range b.g.Out(v) {
			if b.errs(b.g.To(e)) {
				f := b.feedback(e)
				for i := range step.Len() {
					step.SetFloat(i, step.Float(i)+b.sign*f.Float(i))
				}
			}
		}
		for i := range step.Len() {
			next[v].SetFloat(i, next[v].Float(i)+b.gamma*step.Float(i))
			b.residual += step.Float(i) * step.Float(i)
		}
	}
	b.residual = math.Sqrt(b.residual)
	for v := range next {
		if next[v].Wanted() {
			b.values[v] = next[v]
		}
	}
}

// atLevel is condition C2 of Z-IL with the time of erratum 2: a consumer of level l hands over its error at tick l.
func atLevel(level, tick int) bool { return level == tick }

// networks returns graphs of the suite whose values are finite.
func networks(random int) []enginetest.Case {
	var list []enginetest.Case
	for _, c := range enginetest.Architectures() {
		if !c.Singular && c.Name != "mask" { // −Inf − (−Inf) has no place in the paper's form
			list = append(list, c)
		}
	}
	for seed := uint64(9000); random > 0; seed++ {
		if c := enginetest.Random(seed); finite(c) && !c.Singular {
			list = append(list, c)
			random--
		}
	}
	return list
}

// finite reports whether no constant of c is infinite.
func finite(c enginetest.Case) bool {
	for v := range graph.VertexID(c.Graph.Len()) {
		if c.Graph.Role(v) == graph.Constant {
			for _, x := range c.Graph.Constant(v).Float64s() {
				if math.IsInf(x, 0) {
					return false
				}
			}
		}
	}
	return true
}

func sampleOf(c enginetest.Case, seed uint64) engine.Sample {
	return c.Sample(rand.New(rand.NewPCG(enginetest.Seed, seed)), tensor.Float64)
}

// gradientOf returns what an engine of predictive coding makes of one sample.
func gradientOf(t *testing.T, c enginetest.Case, cfg Config, s engine.Sample) (engine.Params, engine.Result) {
	cfg.Config = c.Config(tensor.Float64)
	e, err := New(cfg)
	require.NoError(t, err, c.Name)
	defer e.Close()
	g, r, err := e.Gradient(context.Background(), s)
	require.NoError(t, err, c.Name)
	return g.Clone(), r
}

// backprop returns the reference.
func backprop(t *testing.T, c enginetest.Case, s engine.Sample) engine.Params {
	e, err := bp.New(c.Config(tensor.Float64))
	require.NoError(t, err, c.Name)
	defer e.Close()
	g, _, err := e.Gradient(context.Background(), s)
	require.NoError(t, err, c.Name)
	return g.Clone()
}

package experiments

import (
	"context"
	"fmt"
	"math"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// What the toy is computed at: v0, θ, the target that gives the published initial divergence, and the step.
const (
	toyV0     = 5.0
	toyTheta  = 2.0
	toyTarget = 3.0
	toyStep   = 0.02
	toySteps  = 500
)

// tanPlusSin is g(a, b) = tan a + sin b of numbers: the paper's output vertex in one piece.
type tanPlusSin struct{}

func (tanPlusSin) Name() string { return "tan+sin" }
func (tanPlusSin) Arity() int   { return 2 }

func (tanPlusSin) Shape(args ...tensor.Shape) (tensor.Shape, error) {
	if len(args) != 2 || args[0] != tensor.Dims() || args[1] != tensor.Dims() {
		return tensor.Shape{}, fmt.Errorf("tan+sin: got %v, want two numbers", args)
	}
	return args[0], nil
}

func (tanPlusSin) Forward(_ *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	dst.SetFloat(0, tensor.Tan(args[0].Float(0))+tensor.Sin(args[1].Float(0)))
}

func (tanPlusSin) VJP(_ *tensor.Ctx, d, args []tensor.Tensor, _, eps tensor.Tensor) {
	if d[0].Wanted() {
		t := tensor.Tan(args[0].Float(0))
		d[0].SetFloat(0, eps.Float(0)*(1+float64(t*t)))
	}
	if d[1].Wanted() {
		d[1].SetFloat(0, eps.Float(0)*tensor.Cos(args[1].Float(0)))
	}
}

// toyProblem returns the graph of tan(√(θ v0)) + sin(v0²), with v0 and θ as parameters. As the paper cuts it, the output is one
// vertex; elementary, it is three.
func toyProblem(elementary bool) (*problem, error) {
	b := graph.NewBuilder()
	v0, theta := b.Parameter("v0", tensor.Dims()), b.Parameter("theta", tensor.Dims())
	root := b.Apply("root", op.Sqrt(), b.Apply("product", op.Mul(), theta, v0))
	square := b.Apply("square", op.PowScalar(2), v0)
	if elementary {
		b.Output(b.Apply("output", op.Add(), b.Apply("tan", op.Tan(), root), b.Apply("sin", op.Sin(), square)))
	} else {
		b.Output(b.Apply("output", tanPlusSin{}, root, square))
	}
	g, err := b.Build()
	if err != nil {
		return nil, err
	}
	number := func(x float64) tensor.Tensor { return tensor.From(tensor.Dims(), []float64{x}) }
	base := engine.Config{Graph: g, Initial: []tensor.Tensor{number(toyV0), number(toyTheta)}, Loss: op.HalfSquared{}}
	return &problem{base: base, sample: engine.Sample{Target: number(toyTarget)}}, nil
}

// toyPoint is the gradient with respect to v0 after a number of relaxations.
type toyPoint struct{ gradient, predicted float64 }

// toyCurve returns backprop's gradient, and that of fixed prediction after 1 … steps relaxations.
func toyCurve(ctx context.Context, elementary bool, steps int) (truth float64, curve []toyPoint, err error) {
	p, err := toyProblem(elementary)
	if err != nil {
		return 0, nil, err
	}
	want, err := p.backprop(ctx)
	if err != nil {
		return 0, nil, err
	}
	g := p.base.Graph
	delta := pathErrors(g, p.base.Initial, p.base.Loss, p.sample)
	product, _ := g.Find("product")
	square, _ := g.Find("square")
	for t := 1; t <= steps; t++ {
		got, err := p.first(ctx, pc.Config{Rule: pc.FixedPrediction(t, toyStep)})
		if err != nil {
			return 0, nil, err
		}
		law := float64(predictedError(delta[product], t, toyStep).Float(0)*toyTheta) +
			float64(predictedError(delta[square], t, toyStep).Float(0)*2*toyV0)
		curve = append(curve, toyPoint{got, law})
	}
	return want[0].Value.Float(0), curve, nil
}

// first returns what the first parameter gets.
func (p *problem) first(ctx context.Context, cfg pc.Config) (float64, error) {
	cfg.Config = p.base
	e, err := pc.New(cfg)
	if err != nil {
		return 0, err
	}
	defer e.Close()
	g, _, err := e.Gradient(ctx, p.sample)
	if err != nil {
		return 0, err
	}
	return g[0].Value.Float(0), nil
}

func runToy(ctx context.Context, cfg Config) error {
	out := newResults("steps", "divergence", "law", "divergence elementary", "law elementary")
	truth, coarse, err := toyCurve(ctx, false, toySteps)
	if err != nil {
		return err
	}
	_, fine, err := toyCurve(ctx, true, toySteps)
	if err != nil {
		return err
	}
	f := figure{title: "Divergence of the gradient with respect to v0", x: "relaxations", y: "|gradient − backprop|", logY: true,
		series: []series{{name: "output in one vertex, as published"}, {name: "elementary vertices", color: 1}, {name: "binomial law", color: 6, dashed: true}, {color: 6, dashed: true}}}
	var wrong error
	scale := math.Abs(truth)
	for i := range coarse {
		d := [4]float64{}
		for k, p := range []toyPoint{coarse[i], fine[i]} {
			d[2*k], d[2*k+1] = math.Abs(p.gradient-truth), math.Abs(p.predicted-truth)
			if math.Abs(p.gradient-p.predicted) > 1e-12*scale {
				wrong = contradicted("after %d relaxations the gradient is %v, the law says %v", i+1, p.gradient, p.predicted)
			}
			for j := range 2 { // what was computed, and the law
				s := &f.series[k+2*j]
				s.x, s.y = append(s.x, float64(i+1)), append(s.y, d[2*k+j])
			}
		}
		out.add(i+1, d[0], d[1], d[2], d[3])
	}
	if first, last := f.series[0].y[0], f.series[0].y[toySteps-1]; first < 25 || first > 35 || last > 5e-3 {
		wrong = contradicted("the divergence falls from %g to %g, published is about 30 to 2e-3", first, last)
	}
	if err := out.write(cfg.Dir, "results.csv"); err != nil {
		return err
	}
	if err := f.write(cfg.Dir); err != nil {
		return err
	}
	return wrong
}

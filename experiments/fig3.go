package experiments

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// skipGraph returns the graph of G = z3 (z1 z2 + 1) s with the given number of identities on the skip connection. It
// needs two, since fork is three levels below the output.
func skipGraph(identities int) []symbol {
	leaf := func(name string, v int) symbol { return symbol{name: name, kind: 'l', value: variable(v)} }
	g := []symbol{leaf("s", 4), leaf("z1", 1), leaf("z2", 2), leaf("z3", 3),
		{name: "fork", kind: '*', args: []int{0, 3}}, {name: "mid", kind: '*', args: []int{4, 2}}, {name: "long", kind: '*', args: []int{5, 1}}}
	end := 4
	for range identities {
		g = append(g, symbol{name: "identity", kind: '=', args: []int{end}})
		end = len(g) - 1
	}
	return append(g, symbol{name: "output", kind: '+', args: []int{6, end}})
}

// fig3Formulas returns what z3 gets, as polynomials: backprop, one path alone, dense Z-IL unlevelled and levelled.
func fig3Formulas() (backprop, path, unlevelled, levelled polynomial) {
	delta, z1, z2, s := variable(0), variable(1), variable(2), variable(4)
	path = delta.times(z1).times(z2).times(s)
	return path.plus(delta.times(s)), path, denseZIL(skipGraph(0), "z3"), denseZIL(skipGraph(2), "z3")
}

func runFig3(ctx context.Context, cfg Config) error {
	want, _, naive, levelled := fig3Formulas()
	out := newResults("z1", "z2", "z3", "s", "delta", "backprop", "levelled", "unlevelled", "sparse unlevelled", "backprop formula", "unlevelled formula")
	wrong := error(nil)
	if levelled.String() != want.String() || naive.String() == want.String() {
		wrong = contradicted("z3 gets %v with levelling, %v without, %v from backprop", levelled, naive, want)
	}
	r := rand.New(rand.NewPCG(cfg.seed(), 3))
	draw := func() float64 { return tensor.Normal(r.Uint64()) }
	for range 20 {
		z := [3]float64{draw(), draw(), draw()}
		p, err := skipProblem(z, draw(), draw())
		if err != nil {
			return err
		}
		bp, err := p.backprop(ctx)
		if err != nil {
			return err
		}
		got := [3]float64{}
		for i, c := range []pc.Config{{Rule: pc.DenseZIL(), Form: graph.Identities}, {Rule: pc.DenseZIL(), Unlevel: true}, {Rule: pc.ZIL(), Unlevel: true}} {
			if got[i], err = p.third(ctx, c); err != nil {
				return err
			}
		}
		s := p.sample.Inputs[0].Float(0)
		delta := z[2]*(z[0]*z[1]+1)*s - p.sample.Target.Float(0)
		at := [5]float64{delta, z[0], z[1], z[2], s}
		b := bp[2].Value.Float(0)
		out.add(z[0], z[1], z[2], s, delta, b, got[0], got[1], got[2], want.at(at), naive.at(at))
		if got[0] != b || got[2] != b || !near(b, want.at(at)) || !near(got[1], naive.at(at)) || near(got[1], b) {
			wrong = contradicted("z = %v, s = %v: backprop %v, levelled %v, unlevelled %v, by the formula %v", z, s, b, got[0], got[1], naive.at(at))
		}
	}
	if err := out.write(cfg.Dir, "results.csv"); err != nil {
		return err
	}
	return wrong
}

// near reports whether a and b agree to ten digits.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-10*max(math.Abs(a), math.Abs(b), 1e-3)
}

// skipProblem is the counter-example with the given parameters, input and target.
func skipProblem(z [3]float64, s, y float64) (*problem, error) {
	net, err := network.Skip{Z: z}.Build()
	if err != nil {
		return nil, err
	}
	number := func(x float64) tensor.Tensor { return tensor.From(tensor.Dims(1, 1), []float64{x}) }
	return &problem{net, engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: op.HalfSquared{}},
		engine.Sample{Inputs: []tensor.Tensor{number(s)}, Target: number(y)}}, nil
}

// third returns what z3 gets.
func (p *problem) third(ctx context.Context, cfg pc.Config) (float64, error) {
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
	return g[2].Value.Float(0), nil
}

package experiments

import (
	"context"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
)

// table3Models returns the networks of Table 3. Its ResNet is a fully connected one of five layers of 256 units.
func table3Models() []model {
	half := op.HalfSquared{}
	return []model{
		{"ANN", network.Config{Arch: "mlp", Layers: []int{784, 128, 128, 10}, Batch: 20}, half},
		{"RNN", network.Config{Arch: "rnn", Layers: []int{28, 128, 10}, Steps: 10, Batch: 20}, half},
		{"CNN", network.Config{Arch: "alexnet", Width: 32, Batch: 4}, half},
		{"ResNet", network.Config{Arch: "residual", Layers: []int{784, 256, 256, 256, 256, 10}, Batch: 20}, half},
		{"Transformer", network.Config{Arch: "transformer", Blocks: 1, Batch: 4}, op.CrossEntropy{}},
	}
}

func runTable3(ctx context.Context, cfg Config) error {
	out := newResults("model", "broken", "seed", "parameters", "differing", "distance", "relative")
	var wrong error
	const seeds = 3
	list, done := table3Models(), 0
	for _, m := range list {
		if cfg.Quick {
			m = m.small()
		}
		for seed := cfg.seed(); seed < cfg.seed()+seeds; seed++ {
			p, err := m.problem(cfg, seed)
			if err != nil {
				return err
			}
			want, err := p.backprop(ctx)
			if err != nil {
				return err
			}
			for i, a := range append([]pc.Ablation{{Name: "nothing", Rule: pc.DenseZIL()}}, pc.Ablations(seed)...) {
				d, err := p.distance(ctx, pc.Config{Rule: a.Rule, Form: graph.Identities}, want)
				if err != nil {
					return err
				}
				out.add(m.name, a.Name, seed, d.params, d.differing, d.l2, d.relative)
				if i > 0 != d.far() || i == 0 && d.differing > 0 {
					wrong = contradicted("%s, broken: %s, seed %d: distance %g, %d of %d parameters differ", m.name, a.Name, seed, d.l2, d.differing, d.params)
				}
			}
			done++
			cfg.show("one update", done, seeds*len(list))
		}
	}
	if err := out.write(cfg.Dir, "results.csv"); err != nil {
		return err
	}
	return wrong
}

package experiments

import (
	"context"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
)

// table1Models returns the networks of Table 1; chain holds for those in which all paths are equally long.
func table1Models() (list []model, chain map[string]bool) {
	half, cross := op.HalfSquared{}, op.CrossEntropy{}
	return []model{
		{"MLP", network.Config{Arch: "mlp", Layers: []int{784, 128, 128, 10}, Batch: 20}, half},
		{"CNN", network.Config{Arch: "alexnet", Batch: 4}, half},
		{"RNN", network.Config{Arch: "rnn", Layers: []int{28, 128, 10}, Steps: 10, Batch: 20}, half},
		{"ResNet18", network.Config{Arch: "resnet18", Batch: 16, Init: network.Init{Rule: "he"}}, cross},
		{"Transformer", network.Config{Arch: "transformer", Blocks: 1, Batch: 4}, cross},
	}, map[string]bool{"MLP": true, "CNN": true, "RNN": true}
}

// forms are the ways in which Table 1 runs the rule.
func forms() []struct {
	name string
	cfg  pc.Config
} {
	return []struct {
		name string
		cfg  pc.Config
	}{
		{"dense, unlevelled", pc.Config{Rule: pc.DenseZIL(), Unlevel: true}},
		{"dense, identities", pc.Config{Rule: pc.DenseZIL(), Form: graph.Identities}},
		{"dense, delays", pc.Config{Rule: pc.DenseZIL(), Form: graph.Delays}},
		{"sparse, unlevelled", pc.Config{Rule: pc.ZIL(), Unlevel: true}},
	}
}

func runTable1(ctx context.Context, cfg Config) error {
	list, chain := table1Models()
	out := newResults("model", "form", "seed", "parameters", "differing", "distance", "relative", "levels", "identities")
	var wrong error
	const seeds = 3
	done := 0
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
			for _, f := range forms() {
				d, err := p.distance(ctx, f.cfg, want)
				if err != nil {
					return err
				}
				out.add(m.name, f.name, seed, d.params, d.differing, d.l2, d.relative, d.levels, d.added)
				unequal := f.name == "dense, unlevelled" && !chain[m.name]
				if unequal != d.far() || !unequal && d.differing > 0 {
					wrong = contradicted("%s, %s, seed %d: distance %g, %d of %d parameters differ", m.name, f.name, seed, d.l2, d.differing, d.params)
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

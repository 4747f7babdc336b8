package enginetest

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
)

// controls returns the variants that break a condition of the theorem.
func controls() []variant {
	return []variant{
		{"learning at every tick", Setup{Schedule: "zil-dense", EveryTick: true}},
		{"γ = 1/2", Setup{Schedule: "zil-dense", Gamma: 0.5}},
		{"an initial error", Setup{Schedule: "zil-dense", Noise: 0.1, Seed: Seed}},
		{"an unlevelled graph", Setup{Schedule: "zil-dense", Unlevel: true}},
		{"an unlevelled graph for the wave", Setup{Schedule: "fazil", Unlevel: true}},
		{"inference learning", Setup{Schedule: "il", Gamma: 0.1, Ticks: 20}},
	}
}

// checkControls: E5. Each of them differs from backprop, on every network that is deep enough; unlevelled, on those that
// have paths of unequal length.
func checkControls(f Factory) error {
	for _, v := range controls() {
		n := 0
		for _, c := range Architectures() {
			if c.Graph.Depth() < 3 || c.Singular || v.set.Unlevel && !c.Unequal {
				continue
			}
			n++
			for _, typ := range types() {
				if err := differs(f, v.set, c, typ); err != nil {
					return fmt.Errorf("%s, %v, %s: %w", c.Name, typ, v.name, err)
				}
			}
		}
		if n == 0 {
			return fmt.Errorf("%s: no network to try it on", v.name)
		}
	}
	return nil
}

func differs(f Factory, s Setup, c Case, typ tensor.Type) error {
	cfg := c.Config(typ)
	list := samples(c, typ, 1)
	want, err := learnt(cfg, list)
	if err != nil {
		return err
	}
	return with(f, s, cfg, func(e engine.Engine) error {
		g, _, err := e.Gradient(context.Background(), list[0])
		if err != nil {
			return err
		}
		if engine.Diff(g, want.grads[0]).Equal() {
			return fmt.Errorf("the same bits as backprop, where theory says otherwise")
		}
		return nil
	})
}

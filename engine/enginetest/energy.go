package enginetest

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// checkEnergy: E4. With γ ≤ 0.05 every relaxation of inference learning lowers the energy, on networks of tanh and of
// linear vertices; it starts from the loss, since the forward sweep leaves no other error.
func checkEnergy(f Factory) error {
	linear := chain("mlp linear", 4, nil, 5, 5)
	for _, c := range []Case{chain("mlp tanh", 4, op.Tanh(), 6, 5, 4), linear, recurrent(), diamond()} {
		for _, typ := range types() {
			for _, gamma := range []float64{0.05, 0.01} {
				if err := descends(f, c, typ, gamma); err != nil {
					return fmt.Errorf("%s, %v, γ = %v: %w", c.Name, typ, gamma, err)
				}
			}
		}
	}
	return nil
}

func descends(f Factory, c Case, typ tensor.Type, gamma float64) error {
	tolerance := map[tensor.Type]float64{tensor.Float64: 1e-13, tensor.Float32: 1e-5}[typ]
	s := samples(c, typ, 1)[0]
	last, loss := 0.0, 0.0
	const ticks = 25
	for k := 1; k <= ticks; k++ {
		err := with(f, Setup{Schedule: "il", Gamma: gamma, Ticks: k}, c.Config(typ), func(e engine.Engine) error {
			_, r, err := e.Gradient(context.Background(), s)
			if err != nil {
				return err
			}
			if k == 1 {
				last, loss = r.Loss, r.Loss
			}
			if !(r.Energy <= last*(1+tolerance)) {
				return fmt.Errorf("the energy rises from %v to %v in relaxation %d", last, r.Energy, k)
			}
			last = r.Energy
			if r.Ticks != k+1 {
				return fmt.Errorf("%d relaxations took %d ticks, want %d", k, r.Ticks, k+1)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !(last < loss) {
		return fmt.Errorf("the energy is %v after %d relaxations as before them", last, ticks)
	}
	return nil
}

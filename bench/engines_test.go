package bench

import (
	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/tensor"
)

// large reports whether an update of n takes long, so that tests make few.
func large(n *network.Network) bool { return WorkOf(n, tensor.Float32).Flops > 3e8 }

// builders are the engines, by rule; bp has none.
func builders(rules ...neuron.Rule) map[string]func(engine.Config) (engine.Engine, error) {
	all := map[string]func(engine.Config) (engine.Engine, error){
		"bp": func(c engine.Config) (engine.Engine, error) { return bp.New(c) },
	}
	for _, r := range rules {
		rule := func(c engine.Config) pc.Config { return pc.Config{Config: c, Rule: r} }
		all["pc "+r.Name] = func(c engine.Config) (engine.Engine, error) { return pc.New(rule(c)) }
		all["sim "+r.Name] = func(c engine.Config) (engine.Engine, error) { return sim.New(sim.Config{Config: rule(c)}) }
		all["actors "+r.Name] = func(c engine.Config) (engine.Engine, error) {
			return actors.New(actors.Config{Config: rule(c), Hosting: actors.HostActor})
		}
		all["shards "+r.Name] = func(c engine.Config) (engine.Engine, error) {
			return actors.New(actors.Config{Config: rule(c), Hosting: actors.HostShard})
		}
	}
	return all
}

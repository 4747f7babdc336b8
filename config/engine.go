package config

import (
	"fmt"
	"strings"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
)

// Engines returns the names of the engines, in a fixed order.
func Engines() []string { return []string{"actors", "pc", "sim", "bp"} }

// A Predictive engine runs predictive coding on a graph that it has levelled.
type Predictive interface {
	engine.Engine
	Graph() *graph.Levelled
	Warnings() []string
}

// Hostings returns the names of the hostings of engine actors, in a fixed order.
func Hostings() []string {
	var names []string
	for h := actors.HostAuto; h <= actors.HostShard; h++ {
		names = append(names, h.String())
	}
	return names
}

// NewEngine returns a new engine of the given name: this is the only place that knows them all. bp has no use for rule,
// and only actors have for hosting.
func NewEngine(name string, base engine.Config, rule neuron.Rule, hosting actors.Hosting) (engine.Engine, error) {
	return newEngine(name, pc.Config{Config: base, Rule: rule}, hosting)
}

func newEngine(name string, c pc.Config, hosting actors.Hosting) (engine.Engine, error) {
	switch name {
	case "actors":
		return OrNone(actors.New(actors.Config{Config: c, Hosting: hosting}))
	case "pc":
		return OrNone(pc.New(c))
	case "sim":
		return OrNone(sim.New(sim.Config{Config: c}))
	case "bp":
		return OrNone(bp.New(c.Config))
	}
	return nil, fmt.Errorf("config: unknown engine %q: use one of %s", name, strings.Join(Engines(), ", "))
}

// OrNone returns e, or nil if there is an error: an interface with a nil pointer in it is not nil.
func OrNone[E engine.Engine](e E, err error) (engine.Engine, error) {
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Hosting returns how e hosts its vertices: actor, shard, or none if it has no actors. shards is the number of shard actors.
func Hosting(e engine.Engine) (name string, shards int) {
	switch a := e.(type) {
	case *actors.Engine:
		return a.Hosting().String(), a.Shards()
	case *actors.Free:
		return actors.HostActor.String(), 0
	}
	return "none", 0
}

// Hosting returns how the engine of s hosts the n vertices of its graph: actor, shard, or none if it has no actors.
func (s *Setup) Hosting(n int) string {
	if s.Config.Time.Engine != "actors" {
		return "none"
	}
	h, err := actors.ParseHosting(s.Config.Time.Hosting)
	if err != nil || s.Config.Wall() {
		h = actors.HostActor
	}
	return h.For(n).String()
}

// ClockShare returns the share of its time that the clock of e took, 0 if it has none.
func ClockShare(e engine.Engine) float64 {
	if a, ok := e.(*actors.Engine); ok {
		return a.Stats().ClockShare()
	}
	return 0
}

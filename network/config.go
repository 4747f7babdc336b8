package network

import (
	"fmt"
	"strings"
)

// A Config names an architecture and its sizes, for those who choose it at run time. Fields that are 0 take the
// architecture's default; a field that the architecture does not have must be 0. The types with the architectures'
// names, such as MLP, document what the fields mean.
type Config struct {
	Arch             string // "" stands for "mlp"
	Layers           []int  // mlp, residual, diamond
	Activation       string // mlp, residual, diamond
	OutputActivation string // mlp
	Grain            Grain  // mlp; the others are built of layers
	Init             Init   // its seed is also that of a random graph
	Batch            int    // rows of a mini-batch; 0 stands for 1
	Size             int    // random: number of vertices
	Width            int    // random: width of a vertex
	Long, Short      int    // diamond: layers of the arms
	Dead             bool   // random: dead branches
	Masks            bool   // random: −Inf masks
	Singular         bool   // random: values that are not finite
}

// An Architecture is an entry of the registry.
type Architecture struct {
	Name   string
	About  string // one line
	fields string // the fields of Config that it uses, beside Arch, Init and Batch
	build  func(Config) (*Network, error)
}

// Architectures returns all architectures in a fixed order.
func Architectures() []Architecture {
	return []Architecture{
		{"mlp", "multi-layer perceptron, at the grain of layers, neurons or synapses", "Layers Activation OutputActivation Grain", buildMLP},
		{"residual", "fully connected residual network", "Layers Activation", buildResidual},
		{"diamond", "two arms of different lengths", "Layers Activation Long Short", buildDiamond},
		{"skip", "the counter-example z3(z1·z2 + 1)s of the paper", "", buildSkip},
		{"random", "a branching graph that the seed determines", "Size Width Dead Masks Singular", buildRandom},
	}
}

// Names returns the names of all architectures.
func Names() []string {
	var names []string
	for _, a := range Architectures() {
		names = append(names, a.Name)
	}
	return names
}

// Build returns the network, or an error that names the field that is wrong.
func (c Config) Build() (*Network, error) {
	if c.Arch == "" {
		c.Arch = "mlp"
	}
	for _, a := range Architectures() {
		if a.Name != c.Arch {
			continue
		}
		for _, f := range c.set() {
			if !strings.Contains(" "+a.fields+" ", " "+f+" ") {
				return nil, fmt.Errorf("network: architecture %q has no %s: leave it out", c.Arch, strings.ToLower(f))
			}
		}
		return a.build(c)
	}
	return nil, fmt.Errorf("network: unknown architecture %q: use one of %s", c.Arch, strings.Join(Names(), ", "))
}

// set returns the names of the fields that are not zero.
func (c Config) set() []string {
	var list []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"Layers", len(c.Layers) > 0}, {"Activation", c.Activation != ""}, {"OutputActivation", c.OutputActivation != ""},
		{"Grain", c.Grain != "" && c.Grain != Layer}, {"Size", c.Size != 0}, {"Width", c.Width != 0},
		{"Long", c.Long != 0}, {"Short", c.Short != 0}, {"Dead", c.Dead}, {"Masks", c.Masks}, {"Singular", c.Singular},
	} {
		if f.set {
			list = append(list, f.name)
		}
	}
	return list
}

// layers returns c.Layers, or def if there are none.
func (c Config) layers(def ...int) []int {
	if len(c.Layers) > 0 {
		return c.Layers
	}
	return def
}

// MLP returns the configuration as an MLP; its default layers are 64, 48 and 10.
func (c Config) MLP() MLP {
	return MLP{Layers: c.layers(64, 48, 10), Activation: c.Activation, OutputActivation: c.OutputActivation, Batch: c.Batch, Grain: c.Grain, Init: c.Init}
}

func buildMLP(c Config) (*Network, error) { return c.MLP().Build() }

func buildResidual(c Config) (*Network, error) {
	return Residual{Layers: c.layers(64, 32, 32, 32, 32, 10), Activation: c.Activation, Batch: c.Batch, Init: c.Init}.Build()
}

func buildDiamond(c Config) (*Network, error) {
	return Diamond{Layers: c.layers(8, 6, 3), Long: c.Long, Short: c.Short, Activation: c.Activation, Batch: c.Batch, Init: c.Init}.Build()
}

func buildSkip(c Config) (*Network, error) { return Skip{Batch: c.Batch}.Build() }

func buildRandom(c Config) (*Network, error) {
	return Random{Seed: c.Init.Seed, Size: c.Size, Width: c.Width, Batch: c.Batch, Dead: c.Dead, Masks: c.Masks, Singular: c.Singular, Gain: c.Init.Gain}.Build()
}

package network

import "fmt"

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

func buildLayered(c Config) (*Network, error) {
	width := or(c.Width, 16)
	size := or(c.Size, 4*width)
	if size%width != 0 || size < width {
		return nil, fmt.Errorf("network: layered: %d units are no layers of %d: want a multiple", size, width)
	}
	return Layered{Depth: size / width, Width: width, FanIn: or(c.FanIn, min(10, width)), Activation: c.Activation, Init: c.Init, Batch: c.Batch}.Build()
}

func buildSkip(c Config) (*Network, error) { return Skip{Batch: c.Batch}.Build() }

func buildRandom(c Config) (*Network, error) {
	return Random{Seed: c.Init.Seed, Size: c.Size, Width: c.Width, Batch: c.Batch, Dead: c.Dead, Masks: c.Masks, Singular: c.Singular, Gain: c.Init.Gain}.Build()
}

func buildCNN(c Config) (*Network, error) {
	n := LeNet()
	switch c.Arch {
	case "cnn":
		n = CNN3(c.Width)
	case "alexnet":
		n = AlexNet(c.Width)
	}
	if len(c.Image) > 0 {
		n.Image = c.Image
	}
	n.Classes = or(c.Classes, n.Classes)
	n.Activation, n.Batch, n.Init = c.Activation, c.Batch, c.Init
	return n.Build()
}

func buildRecurrent(c Config) (*Network, error) {
	l := c.layers(32, 128, 10)
	if len(l) != 3 {
		return nil, fmt.Errorf("network: %s: layers %v: want three sizes, inputs, hidden units and outputs", c.Arch, l)
	}
	return Recurrent{Cell: c.Arch, Inputs: l[0], Hidden: l[1], Outputs: l[2], Steps: or(c.Steps, 10), EveryStep: c.EveryStep,
		Activation: c.Activation, Batch: c.Batch, Init: c.Init}.Build()
}

func buildResNet(c Config) (*Network, error) {
	n := ResNet{Classes: c.Classes, Width: c.Width, Norm: c.Norm, Stem: c.Stem, Batch: c.Batch, Init: c.Init}
	if len(c.Image) > 0 {
		n.Image = c.Image
	}
	return n.Build()
}

func buildTransformer(c Config) (*Network, error) {
	n := Transformer{Positions: or(c.Steps, 32), Features: or(c.Width, 128), Heads: or(c.Heads, 4), Blocks: or(c.Blocks, 2),
		Classes: c.Classes, Vocabulary: c.Vocabulary, PreNorm: c.PreNorm, Mean: c.Mean, Activation: c.Activation, Batch: c.Batch, Init: c.Init}
	n.FeedForward = or(c.FeedForward, 4*n.Features)
	if n.Vocabulary == 0 {
		n.Classes = or(c.Classes, 64)
	}
	return n.Build()
}

func buildLM(c Config) (*Network, error) {
	n := LanguageModel(or(c.Vocabulary, 96), or(c.Steps, 64), or(c.Width, 128), or(c.Heads, 4), or(c.Blocks, 2))
	n.FeedForward = or(c.FeedForward, n.FeedForward)
	if c.Activation != "" {
		n.Activation = c.Activation
	}
	n.Batch, n.Init = c.Batch, c.Init
	return n.Build()
}

func or(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

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
	Layers           []int  // mlp, residual, diamond: sizes from inputs to outputs; rnn, lstm, gru: inputs, hidden, outputs
	Activation       string // mlp, residual, diamond, lenet, cnn, alexnet, rnn, transformer, lm, layered
	OutputActivation string // mlp
	Grain            Grain  // mlp; the others are built of layers
	Init             Init   // its seed is also that of a random graph
	Batch            int    // rows of a mini-batch; 0 stands for 1
	Image            []int  // lenet, cnn, alexnet, resnet18: channels, height, width
	Classes          int    // lenet, cnn, alexnet, resnet18, transformer
	Steps            int    // rnn, lstm, gru: length of a sequence; transformer, lm: positions
	EveryStep        bool   // rnn, lstm, gru: many-to-many
	Width            int    // cnn, alexnet, resnet18: channels of the first stage; transformer, lm: features; random: width of a vertex; layered: units of a layer
	Norm             string // resnet18: "batch" or "group"
	Stem             string // resnet18: "imagenet" or "small"
	Heads            int    // transformer, lm
	FeedForward      int    // transformer, lm; 0 stands for 4·Width
	Blocks           int    // transformer, lm
	Vocabulary       int    // lm: number of tokens; transformer: the same, or 0 for features that are numbers
	PreNorm          bool   // transformer
	Mean             bool   // transformer: one prediction for the whole sequence
	Size             int    // random: number of vertices; layered: number of units, a multiple of Width
	FanIn            int    // layered: inputs of a unit
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
		{"lenet", "LeNet-5 with ReLU and max pooling", "Image Classes Activation", buildCNN},
		{"cnn", "three stages of convolution and pooling", "Image Classes Width Activation", buildCNN},
		{"alexnet", "five convolutions and three fully connected layers", "Image Classes Width Activation", buildCNN},
		{"rnn", "recurrent network, unrolled", "Layers Steps EveryStep Activation", buildRecurrent},
		{"lstm", "long short-term memory, unrolled", "Layers Steps EveryStep", buildRecurrent},
		{"gru", "gated recurrent unit, unrolled", "Layers Steps EveryStep", buildRecurrent},
		{"resnet18", "ResNet-18 with batch or group normalisation", "Image Classes Width Norm Stem", buildResNet},
		{"transformer", "Transformer encoder", "Classes Steps Width Heads FeedForward Blocks Vocabulary PreNorm Mean Activation", buildTransformer},
		{"lm", "causal Transformer decoder with tied embeddings", "Steps Width Heads FeedForward Blocks Vocabulary Activation", buildLM},
		{"residual", "fully connected residual network", "Layers Activation", buildResidual},
		{"diamond", "two arms of different lengths", "Layers Activation Long Short", buildDiamond},
		{"layered", "single units in layers, sparsely wired at random: millions of them", "Size Width FanIn Activation", buildLayered},
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
		{"Grain", c.Grain != "" && c.Grain != Layer}, {"Image", len(c.Image) > 0}, {"Classes", c.Classes != 0},
		{"Steps", c.Steps != 0}, {"EveryStep", c.EveryStep}, {"Norm", c.Norm != ""}, {"Stem", c.Stem != ""},
		{"Heads", c.Heads != 0}, {"FeedForward", c.FeedForward != 0}, {"Blocks", c.Blocks != 0}, {"Vocabulary", c.Vocabulary != 0},
		{"PreNorm", c.PreNorm}, {"Mean", c.Mean}, {"Size", c.Size != 0}, {"FanIn", c.FanIn != 0}, {"Width", c.Width != 0},
		{"Long", c.Long != 0}, {"Short", c.Short != 0}, {"Dead", c.Dead}, {"Masks", c.Masks}, {"Singular", c.Singular},
	} {
		if f.set {
			list = append(list, f.name)
		}
	}
	return list
}

package network

import (
	"fmt"

	"github.com/retrodict/retrodict/op"
)

// A Preset is a network with the sizes of a benchmark and the loss it is trained with.
type Preset struct {
	Name   string
	About  string
	Config Config
	Loss   op.Loss
	Mean   bool // the loss is averaged over rows: Sample.Scale is 1 / rows
}

// Presets returns the networks that are timed against backprop in other frameworks, in a fixed order.
func Presets() []Preset {
	mlp, half := []int{784, 256, 256, 10}, op.HalfSquared{}
	return []Preset{
		{"mlp20", "784-256-256-10, tanh, batch 20", Config{Arch: "mlp", Layers: mlp, Batch: 20}, half, false},
		{"mlp128", "784-256-256-10, tanh, batch 128", Config{Arch: "mlp", Layers: mlp, Batch: 128}, half, false},
		{"rnn", "32-128-10, many to one, 10 steps, batch 20", Config{Arch: "rnn", Layers: []int{32, 128, 10}, Steps: 10, Batch: 20}, half, false},
		{"lenet", "LeNet-5 on 3 × 32 × 32, batch 20", Config{Arch: "lenet", Batch: 20}, half, false},
		{"cnn3", "three convolutions on 3 × 32 × 32, batch 20", Config{Arch: "cnn", Batch: 20}, half, false},
		{"resnet18", "ImageNet stem, batch normalisation, on 3 × 32 × 32, batch 16", Config{Arch: "resnet18", Batch: 16, Init: Init{Rule: "he"}}, op.CrossEntropy{}, true},
		{"transformer", "two post-norm blocks, width 128, 4 heads, 32 positions, batch 16", Config{Arch: "transformer", Batch: 16}, op.CrossEntropy{}, true},
	}
}

// FindPreset returns the preset with the given name, or an error that lists the names.
func FindPreset(name string) (Preset, error) {
	list := ""
	for _, p := range Presets() {
		if p.Name == name {
			return p, nil
		}
		list += " " + p.Name
	}
	return Preset{}, fmt.Errorf("network: unknown preset %q: use one of%s", name, list)
}

// Small returns a configuration of the architecture that is a fraction of a second's work to check: narrow, with short
// sequences and little images. The architecture itself, its depth and its vertices, is the same.
func Small(arch string) Config {
	c := Config{Arch: arch, Batch: 2}
	switch arch {
	case "mlp", "":
		c.Layers = []int{8, 7, 6, 4}
	case "residual":
		c.Layers = []int{6, 8, 8, 8, 8, 3}
	case "layered":
		c.Size, c.Width, c.FanIn = 24, 6, 3
	case "lenet":
		c.Image, c.Classes = []int{1, 16, 16}, 4
	case "cnn":
		c.Image, c.Classes, c.Width = []int{1, 8, 8}, 4, 3
	case "alexnet":
		c.Image, c.Classes, c.Width = []int{1, 16, 16}, 4, 1
	case "rnn", "lstm", "gru":
		c.Layers, c.Steps, c.EveryStep = []int{3, 6, 4}, 5, true
	case "resnet18":
		c.Image, c.Classes, c.Width = []int{3, 16, 16}, 4, 4
	case "transformer":
		c.Steps, c.Width, c.Heads, c.Classes = 5, 8, 2, 4
	case "lm":
		c.Steps, c.Width, c.Heads, c.Vocabulary = 6, 8, 2, 11
	}
	return c
}

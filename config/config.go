package config

import (
	"github.com/goccy/go-yaml"

	"github.com/retrodict/retrodict/network"
)

// A Config is a whole experiment. Keys of the file are the names in the tags. Fields that are left out of the file have
// the values of Default.
type Config struct {
	Name     string   `yaml:"name"`  // of the experiment, part of the run folder's name
	Seed     uint64   `yaml:"seed"`  // of initial weights, split and order
	Dtype    string   `yaml:"dtype"` // f64 or f32: what engines compute in
	Network  Network  `yaml:"network"`
	Data     Data     `yaml:"data"`
	Learning Learning `yaml:"learning"`
	Time     Time     `yaml:"time"`
	Clocks   Clocks   `yaml:"clocks,omitempty"`
	Links    []Link   `yaml:"links,omitempty"`

	Interventions []Intervention `yaml:"interventions,omitempty"`

	Record  Record   `yaml:"record"`
	Compare Compare  `yaml:"compare"`
	Knobs   Settings `yaml:"knobs,omitempty"` // values that others refer to as $name
	Sweep   Sweep    `yaml:"sweep,omitempty"` // what a study varies
}

// A Network says what the graph is: an architecture, or a model in a file. See network.Config for the fields that an
// architecture has; a model has none of them.
type Network struct {
	ONNX             string `yaml:"onnx,omitempty"` // a file
	Arch             string `yaml:"arch,omitempty"`
	Layers           []int  `yaml:"layers,flow,omitempty"` // left out: features, 48, classes
	Activation       string `yaml:"activation,omitempty"`
	OutputActivation string `yaml:"output_activation,omitempty"`
	Grain            string `yaml:"grain,omitempty"` // layer, neuron or synapse
	Image            []int  `yaml:"image,flow,omitempty"`
	Classes          int    `yaml:"classes,omitempty"`
	Steps            int    `yaml:"steps,omitempty"`
	EveryStep        bool   `yaml:"every_step,omitempty"`
	Width            int    `yaml:"width,omitempty"`
	Norm             string `yaml:"norm,omitempty"`
	Stem             string `yaml:"stem,omitempty"`
	Heads            int    `yaml:"heads,omitempty"`
	FeedForward      int    `yaml:"feed_forward,omitempty"`
	Blocks           int    `yaml:"blocks,omitempty"`
	Vocabulary       int    `yaml:"vocabulary,omitempty"`
	PreNorm          bool   `yaml:"pre_norm,omitempty"`
	Mean             bool   `yaml:"mean,omitempty"`
	Size             int    `yaml:"size,omitempty"`   // layered: number of units, a multiple of width
	FanIn            int    `yaml:"fan_in,omitempty"` // layered: inputs of a unit, at random from the layer before
	Long             int    `yaml:"long,omitempty"`
	Short            int    `yaml:"short,omitempty"`
	Dead             bool   `yaml:"dead,omitempty"`
	Masks            bool   `yaml:"masks,omitempty"`
	Singular         bool   `yaml:"singular,omitempty"`
	Init             Init   `yaml:"init"`
}

// An Init says where initial weights come from: a rule of network.Init, or a file.
type Init struct {
	Rule string  `yaml:"rule,omitempty"`
	Gain float64 `yaml:"gain,omitempty"`
	From string  `yaml:"from,omitempty"` // a safetensors file with the parameters of this network, at any grain, or with tensors of the model
}

// A Data says what is learnt from: exactly one of Set, NPZ, NPY, CSV and IDX.
type Data struct {
	Set    string `yaml:"set,omitempty"`    // the name of an embedded, installed or generated set, see Sets
	Dir    string `yaml:"dir,omitempty"`    // set: where the files of mnist, fashion-mnist or cifar10 are
	NPZ    string `yaml:"npz,omitempty"`    // a file with two arrays
	X      string `yaml:"x,omitempty"`      // npz: the name of the inputs, default X
	Y      string `yaml:"y,omitempty"`      // npz: the name of the labels or targets, default Y
	NPY    string `yaml:"npy,omitempty"`    // a file of inputs
	CSV    string `yaml:"csv,omitempty"`    // a file of rows of numbers and a label
	Label  string `yaml:"label,omitempty"`  // csv: name or number of the label's column, default the last
	IDX    string `yaml:"idx,omitempty"`    // a file of images
	Labels string `yaml:"labels,omitempty"` // idx, npy: the file of labels or targets

	Regression  bool    `yaml:"regression,omitempty"`  // csv: the label is a number to be approximated
	Standardize bool    `yaml:"standardize,omitempty"` // every feature to mean 0 and deviation 1, by the training rows
	Limit       int     `yaml:"limit,omitempty"`       // use the first so many rows only; 0: all
	Batch       int     `yaml:"batch"`                 // rows of one update
	Test        float64 `yaml:"test,omitempty"`        // fraction of the rows that is held out; not for sets with a test set of their own
}

// A Learning says how parameters change.
type Learning struct {
	Schedule   string     `yaml:"schedule"` // a rule of package pc
	Loss       string     `yaml:"loss"`
	Plasticity Plasticity `yaml:"plasticity"`
	Precision  Settings   `yaml:"precision,omitempty"` // pattern of vertices: π
	IL         IL         `yaml:"il,omitempty"`
	Return     Return     `yaml:"return,omitempty"`
	State      string     `yaml:"state,omitempty"` // displacement (exact), or absolute (as papers write it)
	Infer      string     `yaml:"infer,omitempty"` // pattern of inputs whose values are inferred, from those of the sample on: the generative direction
	Epochs     int        `yaml:"epochs,omitempty"`
	Updates    int        `yaml:"updates,omitempty"` // instead of epochs
}

// MarshalYAML writes updates: 0 as well: left out with the epochs, both would become the default epochs.
func (c Learning) MarshalYAML() (any, error) {
	type plain Learning
	if c.Epochs != 0 || c.Updates != 0 {
		return plain(c), nil
	}
	return struct {
		plain `yaml:",inline"`
		None  int `yaml:"updates"`
	}{plain: plain(c)}, nil
}

// A Plasticity is the rule that every parameter leaf applies to itself. See synapse.Rule.
type Plasticity struct {
	Rule     string  `yaml:"rule"`
	Rate     float64 `yaml:"rate,omitempty"`
	Momentum float64 `yaml:"momentum,omitempty"`
	Nesterov bool    `yaml:"nesterov,omitempty"`
	Beta1    float64 `yaml:"beta1,omitempty"`
	Beta2    float64 `yaml:"beta2,omitempty"`
	Epsilon  float64 `yaml:"epsilon,omitempty"`
	Decay    float64 `yaml:"decay,omitempty"`
}

// A Record says what is kept of a run.
type Record struct {
	Dir        string  `yaml:"dir"`                  // where run folders are made
	Plots      bool    `yaml:"plots"`                // write the learning curve
	Parameters bool    `yaml:"parameters"`           // write the parameters
	Checkpoint int     `yaml:"checkpoint,omitempty"` // updates between checkpoints, from which the run can go on; 0: none are made
	Journal    Journal `yaml:"journal,omitempty"`    // of free-running actors: true, false, or the MB at which it ends; default 1000

	Traces []Trace `yaml:"traces,omitempty"` // what is recorded; a list in place of the section is this key alone
}

// A Compare says what the engine is compared with.
type Compare struct {
	Reference string   `yaml:"reference"`               // bp, or none
	Every     Every    `yaml:"every"`                   // epoch, update, end, or a number of updates
	Measures  []string `yaml:"measures,flow,omitempty"` // distances of single updates: cosine, relative_l2, accuracy
	Contrast  bool     `yaml:"contrast"`                // show what happens when a condition is broken
}

// Default returns the digits experiment: the values of all keys that a file leaves out. What depends on other
// keys, such as Data.Set or the rate, is filled in later, when they are known.
func Default() Config {
	return Config{
		Name: "digits", Seed: 1, Dtype: "f64",
		Network:  Network{Arch: "mlp"},
		Data:     Data{Batch: 20},
		Learning: Learning{Schedule: "zil"},
		Time:     Time{Engine: "actors", BLAS: "builtin", Hosting: "auto"},
		Record:   Record{Dir: "runs", Plots: true, Parameters: true},
		Compare:  Compare{Reference: "bp", Every: "epoch", Contrast: true},
	}
}

// Marshal returns c as YAML, sections and keys in a fixed order.
func (c Config) Marshal() ([]byte, error) { return yaml.Marshal(c) }

// graph returns the part of the configuration that decides the graph, for mini-batches of batch rows.
func (c Config) graph(batch int) network.Config {
	n := c.Network
	return network.Config{Arch: n.Arch, Layers: n.Layers, Activation: n.Activation, OutputActivation: n.OutputActivation,
		Grain: network.Grain(n.Grain), Init: network.Init{Rule: n.Init.Rule, Gain: n.Init.Gain, Seed: c.Seed}, Batch: batch,
		Image: n.Image, Classes: n.Classes, Steps: n.Steps, EveryStep: n.EveryStep, Width: n.Width, Norm: n.Norm, Stem: n.Stem,
		Heads: n.Heads, FeedForward: n.FeedForward, Blocks: n.Blocks, Vocabulary: n.Vocabulary, PreNorm: n.PreNorm, Mean: n.Mean,
		Size: n.Size, FanIn: n.FanIn, Long: n.Long, Short: n.Short, Dead: n.Dead, Masks: n.Masks, Singular: n.Singular}
}

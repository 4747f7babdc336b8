package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// DefaultRate is the rate of the rule sgd, if none is given.
const DefaultRate = 0.3

// given reports whether the file or an override has the key.
func (l *Loaded) given(path string) bool {
	_, ok := l.where[path]
	return ok
}

// fill sets the defaults that depend on other keys.
func (l *Loaded) fill() error {
	d, p, n := &l.Data, &l.Learning.Plasticity, &l.Network
	if len(d.sources()) == 0 {
		d.Set = "digits"
	}
	if d.Test == 0 && !l.given("data.test") && !ownTest(d.Set) {
		d.Test = 0.2
	}
	if d.NPZ != "" {
		d.X, d.Y = or(d.X, "X"), or(d.Y, "Y")
	}
	if p.Rule = or(p.Rule, "sgd"); p.Rule == "sgd" && !l.given("learning.plasticity.rate") {
		p.Rate = DefaultRate
	}
	l.fillTime()
	if n.ONNX != "" {
		if !l.given("network.arch") {
			n.Arch = ""
		}
		return nil
	}
	if n.Arch == "mlp" {
		n.Activation = or(n.Activation, "tanh")
		n.Grain = or(n.Grain, string(network.Neuron))
	}
	if n.Init.From == "" {
		n.Init.Rule = or(n.Init.Rule, "glorot")
	}
	return nil
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// check returns the first mistake that can be found without data or a graph.
func (l *Loaded) check() error {
	for _, c := range []func() error{l.checkTop, l.checkData, l.checkLearning, l.checkRest, l.checkTime, l.checkSweep, l.checkTraces} {
		if err := c(); err != nil {
			return err
		}
	}
	return nil
}

// oneOf returns an error unless value is one of the names.
func (l *Loaded) oneOf(path, value string, names ...string) error {
	if slices.Contains(names, value) {
		return nil
	}
	return l.where.error(path, "unknown name %q: use one of %s", value, strings.Join(names, ", "))
}

func (l *Loaded) checkTop() error {
	switch {
	case l.Name == "" || len(l.Name) > 64 || strings.Trim(l.Name, nameLetters) != "" || l.Name[0] == '.' || l.Name[0] == '-':
		return l.where.error("name", "%q: want 1 to 64 letters, digits, '-', '_' or '.', the first a letter or digit", clip(l.Name))
	case l.Dtype != "f64" && l.Dtype != "f32":
		return l.where.error("dtype", "unknown type %q: use f64 or f32", l.Dtype)
	}
	n := l.Network
	if n.ONNX != "" {
		return l.checkModel()
	}
	if err := l.oneOf("network.arch", n.Arch, network.Names()...); err != nil {
		return err
	}
	if n.Grain != "" {
		if err := l.oneOf("network.grain", n.Grain, "layer", "neuron", "synapse"); err != nil {
			return err
		}
	}
	for _, a := range [][2]string{{"activation", n.Activation}, {"output_activation", n.OutputActivation}} {
		if _, err := op.Activation(a[1]); a[1] != "" && err != nil {
			return l.where.error("network."+a[0], "%v", trim(err))
		}
	}
	for _, s := range n.Layers {
		if s < 1 {
			return l.where.error("network.layers", "a layer of %d: want 1 or more", s)
		}
	}
	if n.Init.From != "" && (n.Init.Rule != "" || n.Init.Gain != 0) {
		return l.where.error("network.init", "from and rule exclude each other")
	}
	if err := (network.Init{Rule: n.Init.Rule, Gain: n.Init.Gain}).Check(); err != nil {
		return l.where.error("network.init", "%v", trim(err))
	}
	return nil
}

// checkModel returns an error if there are keys that are of architectures.
func (l *Loaded) checkModel() error {
	for _, path := range slices.Sorted(maps.Keys(l.where)) {
		if strings.HasPrefix(path, "network.") && !slices.Contains([]string{"network.onnx", "network.init", "network.init.from"}, path) {
			return l.where.error(path, "network.onnx is a model, which has no %s: leave it out", strings.TrimPrefix(path, "network."))
		}
	}
	return nil
}

const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

func (l *Loaded) checkLearning() error {
	c := l.Learning
	if err := l.checkRule(); err != nil {
		return err
	}
	if err := l.rule().Check(); err != nil {
		return l.where.error("learning", "%v", trim(err))
	}
	if c.Loss != "" {
		if _, err := op.ParseLoss(c.Loss); err != nil {
			return l.where.error("learning.loss", "%v", err)
		}
	}
	if p := c.Plasticity; p.Rate == 0 && l.given("learning.plasticity.rate") {
		return l.where.error("learning.plasticity.rate", "a rate of 0 learns nothing: use the rule none")
	}
	if err := c.Plasticity.rule().Check(); err != nil {
		return l.where.error("learning.plasticity", "%v", trim(err))
	}
	switch {
	case c.Updates < 0:
		return l.where.error("learning.updates", "%d updates: want 1 or more", c.Updates)
	case c.Updates > 0 && l.given("learning.epochs"):
		return l.where.error("learning.epochs", "epochs and updates exclude each other")
	case c.Updates == 0 && c.Epochs < 1 && !l.given("learning.updates"):
		return l.where.error("learning.epochs", "%d epochs: want 1 or more", c.Epochs)
	}
	return nil
}

func (l *Loaded) checkRest() error {
	if err := l.oneOf("time.engine", l.Time.Engine, Engines()...); err != nil {
		return err
	}
	if l.Time.Workers < 0 || l.Time.Workers > 1<<12 {
		return l.where.error("time.workers", "%d workers: want 0 for all cores, up to 4096", l.Time.Workers)
	}
	if err := l.oneOf("time.blas", l.Time.BLAS, Backends()...); err != nil {
		return err
	}
	if err := l.oneOf("time.hosting", l.Time.Hosting, Hostings()...); err != nil {
		return err
	}
	if l.Record.Dir == "" {
		return l.where.error("record.dir", "no directory for run folders")
	}
	switch {
	case l.Record.Checkpoint < 0:
		return l.where.error("record.checkpoint", "%d updates: want 1 or more, or 0 for none", l.Record.Checkpoint)
	case l.Record.Checkpoint > 0 && l.Wall():
		return l.where.error("record.checkpoint", "free-running actors cannot go on from a checkpoint: leave it out, or use engine sim")
	case l.Record.Journal != 0 && !l.Wall():
		return l.where.error("record.journal", "only free-running actors keep a journal: leave it out")
	}
	if err := l.oneOf("compare.reference", l.Compare.Reference, "bp", "none"); err != nil {
		return err
	}
	if l.Compare.Every.Updates() == 0 {
		if err := l.oneOf("compare.every", string(l.Compare.Every), "epoch", "update", "end"); err != nil {
			return err
		}
	}
	for _, m := range l.Compare.Measures {
		if err := l.oneOf("compare.measures", m, "cosine", "relative_l2", "accuracy"); err != nil {
			return err
		}
	}
	return nil
}

func (p Plasticity) rule() synapse.Rule {
	return synapse.Rule{Name: p.Rule, Rate: p.Rate, Momentum: p.Momentum, Nesterov: p.Nesterov,
		Beta1: p.Beta1, Beta2: p.Beta2, Epsilon: p.Epsilon, Decay: p.Decay}
}

// float returns the type that engines compute in.
func (c Config) float() tensor.Type {
	if c.Dtype == "f32" {
		return tensor.Float32
	}
	return tensor.Float64
}

// trim removes the package's name from the front of an error.
func trim(err error) string {
	s := err.Error()
	for _, p := range []string{"network: ", "synapse: ", "neuron: ", "data: ", "engine: ", "op: ", "onnx: ", "graph: ", "safetensors: "} {
		s = strings.TrimPrefix(s, p)
	}
	return s
}

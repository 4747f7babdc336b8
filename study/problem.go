package study

import (
	"math/rand/v2"
	"strconv"

	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A problem is a network and the samples that it learns.
type problem struct {
	arch, grain string
	base        engine.Config
	net         *network.Network
	inputs      []tensor.Tensor
	scale       float64

	fixed             *engine.Sample                    // of a model; nil otherwise
	features, targets []tensor.Tensor                   // used again if there are fewer than updates
	rule              func(string) (neuron.Rule, error) // a schedule by name
}

// problem returns the network of the given architecture and grain under a seed.
func (o VerifyOptions) problem(shape [2]string, seed uint64, dtype string) (*problem, error) {
	if o.Load != nil {
		return o.ownProblem(shape, seed, dtype)
	}
	typ, err := tensor.ParseType(dtype)
	if err != nil {
		return nil, err
	}
	if o.Model != nil {
		return o.modelProblem(seed, typ)
	}
	c := network.Small(shape[0])
	c.Grain, c.Init.Seed = network.Grain(shape[1]), seed
	if c.Arch == "random" {
		c.Dead, c.Masks = seed%2 == 0, seed%3 == 0
	}
	n, err := c.Build()
	if err != nil {
		return nil, err
	}
	p := &problem{arch: c.Arch, grain: shape[1], net: n, inputs: n.NewInputs(typ), scale: 1 / float64(n.Batch), rule: pc.ParseSchedule}
	p.base = engine.Config{Graph: n.Graph, Initial: n.Initial, Type: typ, Loss: op.HalfSquared{}, Plasticity: synapse.Rule{Rate: 0.05}}
	r := rand.New(rand.NewPCG(seed, 0x76657269667900)) // "verify"
	for range o.Steps {
		p.features = append(p.features, n.RandomFeatures(r, typ))
		y := tensor.New(typ, n.Output())
		for i := range y.Len() {
			y.SetFloat(i, r.NormFloat64())
		}
		p.targets = append(p.targets, y)
	}
	return p, nil
}

// ownProblem returns the experiment's own network on its own data.
func (o VerifyOptions) ownProblem(shape [2]string, seed uint64, dtype string) (*problem, error) {
	overrides := []string{"seed=" + strconv.FormatUint(seed, 10), "dtype=" + dtype}
	for i, key := range []string{"network.arch=", "network.grain="} {
		if shape[i] != "" {
			overrides = append(overrides, key+shape[i])
		}
	}
	l, err := o.Load(overrides...)
	if err != nil {
		return nil, err
	}
	s, err := l.Open()
	if err != nil {
		return nil, err
	}
	loader, err := data.NewLoader(s.Train, s.Batches)
	if err != nil {
		return nil, err
	}
	p := &problem{arch: l.Network.Arch, grain: l.Network.Grain, net: s.Network, base: s.Base(), inputs: s.Network.NewInputs(s.Type), scale: 1 / float64(s.Batches.Size)}
	if p.arch == "" {
		p.arch = s.Network.Name
	}
	if p.grain == "" {
		p.grain = "layer"
	}
	p.rule = func(name string) (neuron.Rule, error) {
		if name == s.Rule.Name {
			return s.Rule, nil
		}
		return pc.ParseSchedule(name)
	}
	for b := range loader.Train(seed, 1) {
		if b.Index == o.Steps {
			break
		}
		p.features, p.targets = append(p.features, b.X.Clone()), append(p.targets, b.Y.Clone())
	}
	return p, nil
}

// modelProblem returns the model with its own weights and the one sample that it was given.
func (o VerifyOptions) modelProblem(seed uint64, typ tensor.Type) (*problem, error) {
	o.Model.Draw(seed)
	t, err := o.Target(typ)
	if err != nil {
		return nil, err
	}
	p := &problem{arch: o.Model.Name, grain: "layer", rule: pc.ParseSchedule}
	if p.base, err = o.Model.Config(typ, t.Loss); err != nil {
		return nil, err
	}
	s := t.Sample(o.Model.As(typ))
	p.fixed = &s
	return p, nil
}

// sample returns sample number k. It is valid until the next call.
func (p *problem) sample(k int) (engine.Sample, error) {
	if p.fixed != nil {
		return *p.fixed, nil
	}
	k %= len(p.features)
	err := p.net.Inputs(p.features[k], p.inputs)
	return engine.Sample{Inputs: p.inputs, Target: p.targets[k], Scale: p.scale}, err
}

package study

import (
	"math/rand/v2"
	"strconv"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A problem is a network and the samples that it learns.
type problem struct {
	arch, grain string
	base        engine.Config
	hosting     actors.Hosting
	net         *network.Network
	inputs      []tensor.Tensor
	scale       float64

	fixed             *engine.Sample                    // of a model; nil otherwise
	features, targets []tensor.Tensor                   // used again if there are fewer than updates
	rule              func(string) (neuron.Rule, error) // a schedule by name
	setup             *config.Setup                     // of an experiment; nil: a network of verify's own
	seed              uint64
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
	p := &problem{arch: c.Arch, grain: shape[1], hosting: o.Hosting, net: n, inputs: n.NewInputs(typ), scale: 1 / float64(n.Batch), rule: pc.ParseSchedule, seed: seed}
	p.base = engine.Config{Graph: n.Graph, Initial: n.Initial, Type: typ, Loss: op.HalfSquared{}, Plasticity: synapse.Rule{Rate: 0.05},
		Compute: tensor.Config{Backend: o.BLAS}}
	r := rand.New(rand.NewPCG(seed, 0x76657269667900)) // "verify"
	for range o.Steps {
		p.features = append(p.features, n.RandomFeatures(r, typ))
		y := tensor.New(typ, n.Output())
		for i := range y.Len() {
			y.SetFloat(i, tensor.Normal(r.Uint64()))
		}
		p.targets = append(p.targets, y)
	}
	p.base.Plasticity.Rate, err = p.gentle(p.base.Plasticity.Rate)
	return p, err
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
	p.setup, p.seed, p.rule = s, seed, s.RuleOf
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
	p := &problem{arch: o.Model.Name, grain: "layer", hosting: o.Hosting, rule: pc.ParseSchedule, seed: seed}
	if p.base, err = o.Model.Config(typ, t.Loss); err != nil {
		return nil, err
	}
	p.base.Compute.Backend = o.BLAS
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

// engine returns a new engine of that name. In virtual time, a network of verify's own has links that delay every
// message by a random time, reorder, double and lose messages.
func (p *problem) engine(name string, rule neuron.Rule) (engine.Engine, error) {
	switch {
	case p.setup != nil:
		return p.setup.Engine(name, rule)
	case name == "sim":
		return config.OrNone(sim.New(sim.Config{Config: pc.Config{Config: p.base, Rule: rule}, Seed: p.seed, Path: rough}))
	}
	return config.NewEngine(name, p.base, rule, p.hosting)
}

// backend returns the name of the backend of matrix products.
func (p *problem) backend() string {
	if b := p.base.Compute.Backend; b != nil {
		return b.Name()
	}
	return tensor.Default().Name()
}

// promised reports whether e promises the bits of backprop.
func (p *problem) promised(e engine.Engine, rule neuron.Rule) bool {
	if p.setup != nil {
		return p.setup.Promised(e, rule)
	}
	l, ok := e.(config.Predictive)
	return !ok || pc.Promised(rule, l.Graph().Form)
}

// rough is a link that does everything that lockstep has to put up with; its family depends on the edge.
func rough(_ *graph.Levelled, e graph.EdgeID, k neuron.Kind) sim.Path {
	l := &synapse.Link{Loss: synapse.Loss{Model: synapse.Bernoulli, Rate: 0.1}, Duplicate: 0.1, Reorder: true}
	switch (int(e) + int(k)) % 4 {
	case 0:
		l.Delay = synapse.Distribution{Family: synapse.Exponential, Mean: 50}
	case 1:
		l.Delay = synapse.Distribution{Family: synapse.LogNormal, Mean: 80, SD: 100}
	case 2:
		l.Delay = synapse.Distribution{Family: synapse.Uniform, High: 300}
	default:
		l.Delay = synapse.Distribution{Family: synapse.Gamma, Mean: 120, SD: 60}
		l.Loss = synapse.Loss{Model: synapse.GilbertElliott, GoodBad: 0.05, BadGood: 0.3, LossBad: 0.8}
	}
	return sim.Path{Link: l}
}

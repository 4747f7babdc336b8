package experiments

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// A model is a network of the paper, with the loss it is trained with.
type model struct {
	name   string // as the paper calls it
	config network.Config
	loss   op.Loss
}

// small returns the model in a size that takes a fraction of a second.
func (m model) small() model {
	arch := m.config.Arch
	m.config = network.Small(arch)
	m.config.Batch, m.config.EveryStep = 3, false
	if arch == "transformer" {
		m.config.Blocks = 1
	}
	return m
}

// A problem is a network with one batch.
type problem struct {
	net    *network.Network
	base   engine.Config
	sample engine.Sample
}

// problem draws weights and a batch: normal features, random classes.
func (m model) problem(cfg Config, seed uint64) (*problem, error) {
	m.config.Init.Seed = seed
	net, err := m.config.Build()
	if err != nil {
		return nil, fmt.Errorf("experiments: %s: %w", m.name, err)
	}
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	p := &problem{net: net, base: engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: m.loss, Compute: cfg.compute()}}
	p.sample = engine.Sample{Inputs: net.NewInputs(tensor.Float64), Scale: 1 / float64(net.Batch)}
	if err := net.Inputs(net.RandomFeatures(r, tensor.Float64), p.sample.Inputs); err != nil {
		return nil, fmt.Errorf("experiments: %s: %w", m.name, err)
	}
	p.sample.Target = randomTarget(r, m.loss, net.Output())
	return p, nil
}

// randomTarget draws a class for every row: labels for the cross-entropy, otherwise one-hot vectors.
func randomTarget(r *rand.Rand, loss op.Loss, out tensor.Shape) tensor.Tensor {
	classes := out.Dim(-1)
	labels := make([]int64, out.Len()/classes)
	for i := range labels {
		labels[i] = r.Int64N(int64(classes))
	}
	if loss.Name() == (op.CrossEntropy{}).Name() {
		return tensor.From(tensor.Dims(out.Slice()[:out.Rank()-1]...), labels)
	}
	t := tensor.New(tensor.Float64, out)
	for i, c := range labels {
		t.SetFloat(i*classes+int(c), 1)
	}
	return t
}

// backprop returns the reference.
func (p *problem) backprop(ctx context.Context) (engine.Params, error) {
	e, err := bp.New(p.base)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	g, _, err := e.Gradient(ctx, p.sample)
	return g.Clone(), err
}

// A distance says how far the feedback of one update is from backprop's.
type distance struct {
	params, differing int
	l2, relative      float64 // ‖g − g_BP‖₂, and that over ‖g_BP‖₂
	levels, added     int     // of the graph that ran
}

// distance runs the synchronous engine and compares.
func (p *problem) distance(ctx context.Context, cfg pc.Config, want engine.Params) (distance, error) {
	cfg.Config = p.base
	e, err := pc.New(cfg)
	if err != nil {
		return distance{}, err
	}
	defer e.Close()
	g, _, err := e.Gradient(ctx, p.sample)
	if err != nil {
		return distance{}, err
	}
	diff := engine.Diff(g, want)
	d := distance{params: diff.Params, differing: diff.Differing, relative: diff.RelativeL2, levels: e.Graph().Depth(), added: e.Graph().Identities}
	sum := 0.0
	for k := range g {
		for i := range g[k].Value.Len() {
			x := g[k].Value.Float(i) - want[k].Value.Float(i)
			sum += float64(x * x)
		}
	}
	if d.l2 = math.Sqrt(sum); diff.Equal() {
		d.l2 = 0
	}
	return d, nil
}

// far reports whether the distance is clearly not zero. Values that are not finite are far.
func (d distance) far() bool { return !(d.relative <= 1e-3) }

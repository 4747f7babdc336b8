package experiments

import (
	"context"
	"io"
	"math"

	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/plot"
	"github.com/retrodict/retrodict/tensor"
)

// runWave shows Lemma A.1: under dense Z-IL no error is at level l before tick l.
func runWave(ctx context.Context, cfg Config) error {
	const layers, rows = 9, 20
	sizes := []int{64}
	for range layers - 1 {
		sizes = append(sizes, 32)
	}
	net, err := network.MLP{Layers: append(sizes, 10), Activation: "tanh", Batch: rows, Init: network.Init{Seed: cfg.seed()}}.Build()
	if err != nil {
		return err
	}
	digits, err := data.Digits()
	if err != nil {
		return err
	}
	x, labels := tensor.New(tensor.Float64, net.X), tensor.New(tensor.Int64, tensor.Dims(rows))
	digits.Gather(data.Order(cfg.seed(), 0, digits.Len())[:rows], x, labels)
	s := engine.Sample{Inputs: net.NewInputs(tensor.Float64), Target: labels, Scale: 1.0 / rows}
	if err := net.Inputs(x, s.Inputs); err != nil {
		return err
	}
	e, err := pc.New(pc.Config{Config: engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: op.CrossEntropy{}, Compute: cfg.compute()}, Rule: pc.DenseZIL()})
	if err != nil {
		return err
	}
	defer e.Close()
	size := make([][]float64, e.Graph().Depth())
	e.Observe(func(p *neuron.Population) {
		for l, rms := range errorByLevel(p) {
			size[l] = append(size[l], rms)
		}
	})
	if _, _, err := e.Gradient(ctx, s); err != nil {
		return err
	}
	var wrong error
	out := newResults("level", "tick", "rms_error")
	for l := range size {
		for t, rms := range size[l] {
			out.add(l, t, rms)
			if (t < l) != (rms == 0) {
				wrong = contradicted("the error at level %d and tick %d is %v", l, t, rms)
			}
		}
	}
	if err := out.write(cfg.Dir, "results.csv"); err != nil {
		return err
	}
	f, err := plot.ErrorMap{Title: "The error wave of Z-IL", Size: size, Wave: true,
		Subtitle: "64-32×8-10 tanh, 20 digits: an error reaches level l at tick l, and there the weights learn"}.Figure()
	if err != nil {
		return err
	}
	if err := create(cfg.Dir, "figure.svg", func(w io.Writer) error { return f.WriteSVG(w) }); err != nil {
		return err
	}
	if err := create(cfg.Dir, "figure.png", func(w io.Writer) error { return f.WritePNG(w) }); err != nil {
		return err
	}
	return wrong
}

// errorByLevel returns the root mean square of ε over all vertices of a level.
func errorByLevel(p *neuron.Population) []float64 {
	g := p.Graph()
	sum, count := make([]float64, g.Depth()), make([]float64, g.Depth())
	for v := range graph.VertexID(g.Len()) {
		if g.Role(v) != graph.Computed {
			continue
		}
		l := g.Level(v)
		count[l] += float64(g.Shape(v).Len())
		eps := p.Err(v)
		if !eps.Wanted() {
			continue
		}
		for i := range eps.Len() {
			sum[l] += float64(eps.Float(i) * eps.Float(i))
		}
	}
	for l := range sum {
		sum[l] = math.Sqrt(sum[l] / count[l])
	}
	return sum
}

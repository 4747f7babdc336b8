package experiments

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// fixedModels returns networks of one path length a vertex, and one of several.
func fixedModels() []model {
	half := op.HalfSquared{}
	return []model{
		{"MLP", network.Config{Arch: "mlp", Layers: []int{784, 128, 128, 128, 10}, Batch: 20}, half},
		{"CNN", network.Config{Arch: "cnn", Image: []int{1, 28, 28}, Width: 8, Batch: 8}, half},
		{"ResNet", network.Config{Arch: "residual", Layers: []int{784, 128, 128, 128, 128, 10}, Batch: 20}, half},
	}
}

// A trajectory is the errors of all vertices, under fixed prediction, next to the law.
type trajectory struct {
	vertices []graph.VertexID
	share    [][]float64 // by vertex and tick: ‖ε‖/‖δ‖
	law      [][]float64 // the same, predicted
	worst    float64     // largest ‖ε − law‖/‖δ‖
}

// fixedTrajectory runs ticks relaxations of step eta and compares every vertex at every tick with the law.
func fixedTrajectory(ctx context.Context, p *problem, ticks int, eta float64) (trajectory, error) {
	e, err := pc.New(pc.Config{Config: p.base, Rule: pc.FixedPrediction(ticks, eta)})
	if err != nil {
		return trajectory{}, err
	}
	defer e.Close()
	g := p.base.Graph
	delta := pathErrors(g, p.base.Initial, p.base.Loss, p.sample)
	var r trajectory
	whole := map[graph.VertexID]float64{}
	for v := range graph.VertexID(g.Len()) {
		if g.Role(v) != graph.Computed || delta[v] == nil {
			continue
		}
		whole[v] = norm(total(delta[v]), tensor.Tensor{})
		r.vertices = append(r.vertices, v)
		r.share, r.law = append(r.share, nil), append(r.law, nil)
	}
	e.Observe(func(s *neuron.Population) {
		for i, v := range r.vertices {
			law, eps := predictedError(delta[v], s.Now(), eta), s.Err(v)
			if !eps.Wanted() {
				eps = tensor.New(tensor.Float64, g.Shape(v))
			}
			r.share[i] = append(r.share[i], norm(eps, tensor.Tensor{})/whole[v])
			r.law[i] = append(r.law[i], norm(law, tensor.Tensor{})/whole[v])
			r.worst = max(r.worst, norm(eps, law)/whole[v])
		}
	})
	_, _, err = e.Gradient(ctx, p.sample)
	return r, err
}

// total returns Σ_ℓ δ^(ℓ).
func total(delta []tensor.Tensor) tensor.Tensor { return predictedError(delta, len(delta), 1) }

func runFixedPrediction(ctx context.Context, cfg Config) error {
	out := newResults("model", "eta", "vertex", "level", "relaxations", "share", "law")
	summary := newResults("model", "eta", "relaxations", "worst deviation")
	f := figure{title: "Errors under fixed prediction, MLP, η = 0.1", x: "relaxations", y: "‖ε‖ / ‖δ‖", low: 0, high: 1.05, legendLow: true}
	var wrong error
	list := fixedModels()
	for k, m := range list {
		if cfg.Quick {
			m = m.small()
		}
		p, err := m.problem(cfg, cfg.seed())
		if err != nil {
			return err
		}
		for _, eta := range []float64{0.1, 0.5, 1} {
			ticks := 100
			if eta > 0.1 {
				ticks = 40
			}
			r, err := fixedTrajectory(ctx, p, ticks, eta)
			if err != nil {
				return err
			}
			if !(r.worst <= 1e-12) {
				wrong = contradicted("%s, η = %g: an error is %g from the law", m.name, eta, r.worst)
			}
			summary.add(m.name, eta, ticks, round4(r.worst))
			r.table(out, m.name, eta, p.base.Graph)
			if k == 0 && eta == 0.1 {
				r.draw(&f, p.base.Graph)
			}
		}
		cfg.show("trajectories", k+1, len(list))
	}
	if err := out.write(cfg.Dir, "results.csv"); err != nil {
		return err
	}
	if err := summary.write(cfg.Dir, "summary.csv"); err != nil {
		return err
	}
	if err := f.write(cfg.Dir); err != nil {
		return err
	}
	return wrong
}

// table adds every fifth relaxation.
func (r trajectory) table(out *results, name string, eta float64, g *graph.Graph) {
	for i, v := range r.vertices {
		for t := 0; t < len(r.share[i]); t += 5 {
			out.add(name, eta, g.Name(v), g.Level(v), t, round4(r.share[i][t]), round4(r.law[i][t]))
		}
	}
}

// draw adds points for what was computed and lines for the law, for every second level.
func (r trajectory) draw(f *figure, g *graph.Graph) {
	color := 0
	for i := len(r.vertices) - 1; i >= 0; i-- {
		v := r.vertices[i]
		if g.Level(v)%2 == 1 || g.Level(v) == 0 {
			continue
		}
		var x, y, lx []float64
		for t := range r.law[i] {
			lx = append(lx, float64(t))
			if t%4 == 0 {
				x, y = append(x, float64(t)), append(y, r.share[i][t])
			}
		}
		f.series = append(f.series, series{name: fmt.Sprintf("level %d: computed", g.Level(v)), x: x, y: y, points: true, color: color},
			series{name: fmt.Sprintf("Pr[Bin(T, η) ≥ %d]", g.Level(v)), x: lx, y: r.law[i], color: color})
		color++
	}
}

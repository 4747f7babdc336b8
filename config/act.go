package config

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// plan returns the interventions, to be carried out in e.
func (w *wiring) plan(e *sim.Engine) ([]sim.Intervention, error) {
	var list []sim.Intervention
	for i := range w.Config.Interventions {
		x, path := &w.Config.Interventions[i], fmt.Sprintf("interventions[%d]", i)
		name, _ := x.action()
		do, err := w.action(e.Graph().Graph, x, uint64(i))
		if err != nil {
			return nil, w.errorf(join(path, name), "%v", trim(err))
		}
		after, _ := x.At.After.Units(w.Config.Time.Resolution)
		list = append(list, sim.Intervention{Name: name, Update: x.At.Update, After: after, Do: do, Again: x.Link != nil})
	}
	return list, nil
}

// action returns what intervention x, number i, does in an engine that runs g.
func (w *wiring) action(g *graph.Graph, x *Intervention, i uint64) (func(*sim.Engine) error, error) {
	r := w.generator(i)
	switch {
	case x.Link != nil:
		return w.relink(g, x.Link)
	case x.Fix != nil:
		list, err := w.computed(g, x.Fix.Vertices)
		return func(e *sim.Engine) error {
			for _, v := range list {
				t := tensor.New(tensor.Float64, g.Shape(v))
				for k := range t.Len() {
					t.SetFloat(k, x.Fix.Value)
				}
				e.Population().Fix(v, t)
			}
			return nil
		}, err
	case x.Noise != nil:
		list, err := w.computed(g, x.Noise.Vertices)
		return func(e *sim.Engine) error {
			r := rand.New(rand.NewPCG(w.Config.Seed+uint64(e.Updates())<<32, 0x6e6f697365<<16^uint64(e.Frozen())<<20|i)) // "noise": also in a run that is resumed
			for _, v := range list {
				e.Population().Disturb(v, func() float64 { return tensor.Normal(r.Uint64()) }, x.Noise.SD)
			}
			return nil
		}, err
	case x.Freeze != nil || x.Thaw != nil:
		return w.freeze(g, x.target(), x.Freeze != nil, r)
	}
	do, err := w.silence(g, x, r)
	return func(e *sim.Engine) error {
		do(e.Population())
		return nil
	}, err
}

// generator returns the random numbers of intervention i.
func (w *wiring) generator(i uint64) *rand.Rand {
	return rand.New(rand.NewPCG(w.Config.Seed, 0x696e74657276<<16|i)) // "interv"
}

// computed returns the vertices other than the output that fit and have a value of their own.
func (w *wiring) computed(g *graph.Graph, pattern string) ([]graph.VertexID, error) {
	all, err := population(g, pattern)
	var list []graph.VertexID
	for _, v := range all {
		if g.Role(v) == graph.Computed && v != g.Output() && g.Differentiable(v) {
			list = append(list, v)
		}
	}
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%q fits no vertex that is computed and not the output", pattern)
	}
	return list, err
}

// share returns a share of list, in its order: the first of a random order, so that a larger share contains a smaller.
func share[T any](list []T, s *float64, r *rand.Rand) []T {
	if s == nil {
		return list
	}
	n := int(math.Round(*s * float64(len(list))))
	chosen := make([]bool, len(list))
	for _, k := range r.Perm(len(list))[:n] {
		chosen[k] = true
	}
	var part []T
	for k, x := range list {
		if chosen[k] {
			part = append(part, x)
		}
	}
	return part
}

// silence returns a lesion, a cut, or their undoing.
func (w *wiring) silence(g *graph.Graph, x *Intervention, r *rand.Rand) (func(*neuron.Population), error) {
	t := x.target()
	if t.Edges != "" {
		list, err := w.edges(g, t.Edges)
		list = share(list, t.Share, r)
		return func(p *neuron.Population) {
			for _, i := range list {
				p.Cut(i, x.Cut != nil)
			}
		}, err
	}
	list, err := w.computed(g, t.Vertices)
	list = share(list, t.Share, r)
	return func(p *neuron.Population) {
		for _, v := range list {
			if x.Free != nil {
				p.Free(v)
			} else {
				p.Lesion(v, x.Lesion != nil)
			}
		}
	}, err
}

// Strike carries out at once what is planned for the start of updates up to the one of that number.
func (s *Setup) Strike(e *sim.Engine, update int) error {
	w := &wiring{Setup: s, graph: s.Network.Graph}
	plan, err := w.plan(e)
	for _, i := range plan {
		if err == nil && i.After == 0 && i.Update <= update {
			err = i.Do(e)
		}
	}
	return err
}

// Lesions reports whether vertices or edges are silenced.
func (c Config) Lesions() bool {
	return slices.ContainsFunc(c.Interventions, func(i Intervention) bool { return i.Lesion != nil || i.Cut != nil })
}

func (w *wiring) freeze(g *graph.Graph, t *Target, keep bool, r *rand.Rand) (func(*sim.Engine) error, error) {
	all, err := graph.Match(g, t.Parameters)
	if err != nil {
		return nil, err
	}
	in := make([]bool, g.Len())
	for _, v := range all {
		in[v] = true
	}
	var list []int
	for i := range g.Parameters() {
		if v := g.ParameterVertex(i); v >= 0 && in[v] {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%q fits no parameter", t.Parameters)
	}
	list = share(list, t.Share, r)
	return func(e *sim.Engine) error {
		for _, i := range list {
			e.Population().Freeze(i, keep)
		}
		return nil
	}, nil
}

// relink returns a change of links.
func (w *wiring) relink(g *graph.Graph, x *Link) (func(*sim.Engine) error, error) {
	list, err := w.edges(g, x.Match)
	if err != nil {
		return nil, err
	}
	var links [2]*synapse.Link
	for k := range links {
		if way := x.way(neuron.Kind(k)); way != nil {
			link, _ := way.link(w.Config.Time.Resolution)
			links[k] = &link
		}
	}
	return func(e *sim.Engine) error {
		for k, link := range links {
			for _, i := range list {
				if link == nil {
					continue
				}
				if err := e.SetLink(i, neuron.Kind(k), link); err != nil {
					return err
				}
			}
		}
		return nil
	}, nil
}

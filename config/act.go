package config

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/tensor"
)

// plan returns the interventions, to be carried out in an engine that runs g.
func (w *wiring) plan(g *graph.Graph) ([]sim.Intervention, error) {
	var list []sim.Intervention
	for i := range w.Config.Interventions {
		x, path := &w.Config.Interventions[i], fmt.Sprintf("interventions[%d]", i)
		name, _ := x.action()
		what, err := w.action(g, x, uint64(i))
		if err != nil {
			return nil, w.errorf(join(path, name), "%v", trim(err))
		}
		what.Name, what.Update, what.Again = name, x.At.Update, x.Link != nil
		what.After, _ = x.At.After.Units(w.Config.Time.Resolution)
		list = append(list, what)
	}
	return list, nil
}

// action returns whom intervention x, number i, strikes, and how.
func (w *wiring) action(g *graph.Graph, x *Intervention, i uint64) (sim.Intervention, error) {
	r := w.generator(i)
	switch {
	case (x.Fix != nil || x.Free != nil) && x.At.After != 0 && w.loaded.rule().Event == neuron.Delta:
		return sim.Intervention{}, fmt.Errorf("schedule %s asks the output once, when an update begins, and moves no value: leave after out", w.Config.Learning.Schedule)
	case x.Link != nil:
		return w.relink(g, x.Link)
	case x.Fix != nil:
		return w.fix(g, x.Fix)
	case x.Noise != nil:
		list, err := w.computed(g, x.Noise.Vertices)
		return sim.Intervention{Of: list, Do: func(s sim.Subject, k int) error {
			v := list[k]
			r := rand.New(rand.NewPCG(w.Config.Seed+uint64(s.Updates())<<32, 0x6e6f697365<<24^i<<56^uint64(s.Frozen())<<32^uint64(v))) // "noise": also in a run that is resumed
			s.Population().Disturb(v, func() float64 { return tensor.Normal(r.Uint64()) }, x.Noise.SD)
			return nil
		}}, err
	case x.Freeze != nil || x.Thaw != nil:
		return w.freeze(g, x.target(), x.Freeze != nil, r)
	case x.target().Edges != "":
		list, err := w.edges(g, x.target().Edges)
		list = share(list, x.target().Share, r)
		return sim.Intervention{Of: consumers(g, list), Do: func(s sim.Subject, k int) error {
			s.Population().Cut(list[k], x.Cut != nil)
			return nil
		}}, err
	}
	find := w.computed
	if x.Free != nil {
		find = w.holdable
	}
	list, err := find(g, x.target().Vertices)
	list = share(list, x.target().Share, r)
	return sim.Intervention{Of: list, Do: func(s sim.Subject, k int) error {
		if x.Free != nil {
			s.Population().Free(list[k])
		} else {
			s.Population().Lesion(list[k], x.Lesion != nil)
		}
		return nil
	}}, err
}

// consumers returns the vertices that compute with what comes along the edges.
func consumers(g *graph.Graph, edges []graph.EdgeID) (list []graph.VertexID) {
	for _, e := range edges {
		list = append(list, g.To(e))
	}
	return list
}

// fix returns the holding of values.
func (w *wiring) fix(g *graph.Graph, x *Fix) (sim.Intervention, error) {
	list, err := w.holdable(g, x.Vertices)
	for _, v := range list {
		if err := w.checkFix(g, v); err != nil {
			return sim.Intervention{}, err
		}
		if n := g.Shape(v).Len(); len(x.Value) != 1 && len(x.Value) != n {
			return sim.Intervention{}, fmt.Errorf("%d values, %s has %d elements: give one for all, or as many", len(x.Value), g.Name(v), n)
		}
	}
	return sim.Intervention{Of: list, Do: func(s sim.Subject, k int) error {
		t := tensor.New(tensor.Float64, g.Shape(list[k]))
		for i := range t.Len() {
			t.SetFloat(i, x.Value[i%len(x.Value)])
		}
		s.Population().Fix(list[k], t)
		return nil
	}}, err
}

// stays says that values do not move under r.
func stays(r neuron.Rule) error {
	return fmt.Errorf("schedule %s keeps values at their predictions: use zil-dense or il", r.Name)
}

// checkFix returns an error if v cannot be held under the rule, or, being the output, under the loss.
func (w *wiring) checkFix(g *graph.Graph, v graph.VertexID) error {
	switch r := w.loaded.rule(); {
	case v != g.Output() && (r.Sparse || r.Event == neuron.Delta):
		return stays(r)
	case v == g.Output():
		if err := w.Loss.Check(g.Shape(v), w.Type, g.Shape(v)); err != nil {
			return fmt.Errorf("the output is held by the target of the loss: %w", err)
		}
	}
	return nil
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

// holdable returns the vertices whose values can be held and let go: computed ones, or, where none fits, the output, and inputs
// where the rule infers values.
func (w *wiring) holdable(g *graph.Graph, pattern string) ([]graph.VertexID, error) {
	list, err := w.computed(g, pattern)
	if err == nil {
		return list, nil
	}
	all, other := population(g, pattern)
	for _, v := range all {
		switch {
		case v == g.Output():
			list = append(list, v)
		case g.Role(v) == graph.Input && !w.loaded.infers():
			return nil, fmt.Errorf("%q is an input, and schedule %s does not infer values: use il or ipc", pattern, w.Config.Learning.Schedule)
		case g.Role(v) == graph.Input && g.Type(v).IsFloat():
			list = append(list, v)
		}
	}
	if other != nil || len(list) > 0 {
		err = other
	}
	return list, err
}

// infers reports whether the schedule infers values that nothing predicts.
func (l *Loaded) infers() bool { return l.Learning.Schedule == "il" || l.Learning.Schedule == "ipc" }

// heldInputs returns the positions of the inputs that interventions hold or let go, and that are not inferred anyway.
func (w *wiring) heldInputs(g *graph.Graph, inferred []int) (list []int) {
	struck := make([]bool, g.Len())
	for i := range w.Config.Interventions {
		x, pattern := &w.Config.Interventions[i], ""
		switch {
		case x.Fix != nil:
			pattern = x.Fix.Vertices
		case x.Free != nil:
			pattern = x.Free.Vertices
		default:
			continue
		}
		all, _ := w.holdable(g, pattern) // what is wrong with it is said when it is planned
		for _, v := range all {
			struck[v] = true
		}
	}
	for i := range g.Inputs() {
		if v := g.InputVertex(i); v >= 0 && struck[v] && !slices.Contains(inferred, i) {
			list = append(list, i)
		}
	}
	return list
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

// Strike carries out at once what is planned for the start of updates up to the one of that number, and lasts.
func (s *Setup) Strike(x sim.Subject, update int) error {
	w := &wiring{Setup: s, graph: s.Network.Graph}
	plan, err := w.plan(x.Population().Graph())
	for n, i := range plan {
		for k := range i.Of {
			if err == nil && i.After == 0 && i.Update <= update && s.Config.Interventions[n].Noise == nil {
				err = i.Carry(x, k)
			}
		}
	}
	return err
}

// Lesions reports whether vertices or edges are silenced.
func (c Config) Lesions() bool {
	return slices.ContainsFunc(c.Interventions, func(i Intervention) bool { return i.Lesion != nil || i.Cut != nil })
}

func (w *wiring) freeze(g *graph.Graph, t *Target, keep bool, r *rand.Rand) (do sim.Intervention, err error) {
	all, err := graph.Match(g, t.Parameters)
	if err != nil {
		return do, err
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
		return do, fmt.Errorf("%q fits no parameter", t.Parameters)
	}
	list = share(list, t.Share, r)
	for _, i := range list {
		do.Of = append(do.Of, g.ParameterVertex(i))
	}
	do.Do = func(s sim.Subject, k int) error {
		s.Population().Freeze(list[k], keep)
		return nil
	}
	return do, nil
}

// relink returns a change of links: each part is one of them, and concerns who sends along it.
func (w *wiring) relink(g *graph.Graph, x *Link) (do sim.Intervention, err error) {
	list, err := w.edges(g, x.Match)
	if err != nil {
		return do, err
	}
	type part struct {
		edge graph.EdgeID
		kind neuron.Kind
		path sim.Path
	}
	var parts []part
	for kind := range neuron.Error + 1 {
		way := x.way(kind)
		if way == nil {
			continue
		}
		path := way.path(w.Config.Time.Resolution)
		for _, e := range list {
			path.Distance = way.length(w.Config.Seed, e)
			sender := g.From(e)
			if kind == neuron.Error {
				sender = g.To(e)
			}
			parts, do.Of = append(parts, part{e, kind, path}), append(do.Of, sender)
		}
	}
	do.Do = func(s sim.Subject, k int) error {
		p := parts[k]
		return s.SetLink(p.edge, p.kind, p.path)
	}
	return do, nil
}

package config

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/tensor"
)

// number returns the setting as a number.
func (s Setting) number() (float64, error) { return strconv.ParseFloat(s.Value, 64) }

// predictive returns what all engines of predictive coding have in common, with precisions by vertex.
func (s *Setup) predictive(rule neuron.Rule) (pc.Config, error) {
	c := pc.Config{Config: s.Base(), Rule: rule}
	g := s.Network.Graph
	var err error
	if c.FreeInputs, err = s.inferred(g); err != nil {
		return c, err
	}
	c.HeldInputs = (&wiring{Setup: s, graph: g}).heldInputs(g, c.FreeInputs)
	c.FreeInputs = append(c.FreeInputs, c.HeldInputs...)
	for _, p := range s.Config.Learning.Precision {
		list, err := population(g, p.Name)
		if err != nil {
			return c, s.loaded.where.error("learning.precision."+p.Name, "%v", trim(err))
		}
		x, err := p.number()
		if err != nil {
			return c, s.loaded.where.error("learning.precision."+p.Name, "%v", err)
		}
		if c.Precision == nil {
			c.Precision = make([]float64, g.Len())
			for v := range c.Precision {
				c.Precision[v] = 1
			}
		}
		found := false
		for _, v := range list {
			if g.Role(v) == graph.Computed && g.Differentiable(v) && g.Level(v) >= 0 {
				c.Precision[v], found = x, true
			}
		}
		if !found {
			return c, s.loaded.where.error("learning.precision."+p.Name, "%q fits no vertex that has an error: inputs and parameters have none", p.Name)
		}
	}
	return c, nil
}

// inferred returns the positions of the inputs whose values are inferred.
func (s *Setup) inferred(g *graph.Graph) (list []int, err error) {
	pattern := s.Config.Learning.Infer
	if pattern == "" {
		return nil, nil
	}
	all, err := population(g, pattern)
	if err != nil {
		return nil, s.loaded.where.error("learning.infer", "%v", trim(err))
	}
	for i := range g.Inputs() {
		if slices.Contains(all, g.InputVertex(i)) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return nil, s.loaded.where.error("learning.infer", "%q fits no input", pattern)
	}
	return list, nil
}

// population returns the vertices that fit; the bare name of a population stands for all of it.
func population(g *graph.Graph, pattern string) ([]graph.VertexID, error) {
	list, err := graph.Match(g, pattern)
	if err == nil || strings.ContainsAny(pattern, "*,") {
		return list, err
	}
	if all, e := graph.Match(g, pattern+"/*"); e == nil {
		return all, nil
	}
	return list, err
}

// NewSim returns a new engine in virtual time, with links, clocks and interventions as the configuration has them.
func (s *Setup) NewSim(rule neuron.Rule) (*sim.Engine, error) {
	c, w, err := s.timed(rule)
	if err != nil {
		return nil, err
	}
	e, err := sim.New(c)
	if err != nil {
		return nil, err
	}
	plan, err := w.plan(e.Graph().Graph)
	if err == nil {
		err = e.Plan(plan...)
	}
	if err != nil {
		_ = e.Close()
		return nil, err
	}
	return e, nil
}

// timed returns the configuration of an engine with links and clocks.
func (s *Setup) timed(rule neuron.Rule) (c sim.Config, w *wiring, err error) {
	base, err := s.predictive(rule)
	if err != nil {
		return c, nil, err
	}
	if rule.Event == neuron.Clocked && rule.Gate != neuron.AtEnd && rule.Gate != neuron.Incremental {
		base.Form = graph.Delays // so that edges are those of the network
	}
	t := s.Config.Time
	units := func(d Duration) int64 { n, _ := d.Units(t.Resolution); return n }
	c = sim.Config{Config: base, Tick: max(units(t.Tick), 2), Seed: s.Config.Seed, Keep: t.Stream}
	if t.Mode == "free" {
		c.Mode, c.Settle = sim.Free, units(t.Settle)
		if n := s.Config.Learning.IL.Settle; rule.Ticks > 0 && n > 0 {
			c.Settle = units(n)
		}
	}
	w = &wiring{Setup: s, graph: s.Network.Graph}
	if c.Path, err = w.paths(); err != nil {
		return c, nil, err
	}
	c.Clock, err = w.clocks()
	return c, w, err
}

// wiring finds what the patterns of a configuration stand for.
type wiring struct {
	*Setup
	graph *graph.Graph
}

func (w *wiring) errorf(path, format string, args ...any) error {
	return w.loaded.where.error(path, format, args...)
}

// edges returns the edges that fit. Those of leaves that learn only fit a term that names nothing else.
func (w *wiring) edges(g *graph.Graph, pattern string) ([]graph.EdgeID, error) {
	from, to, _ := strings.Cut(pattern, "->")
	if _, err := graph.MatchEdges(g, pattern); err != nil {
		return nil, err
	}
	source := make([]bool, g.Len())
	for term := range strings.SplitSeq(from, ",") {
		list, err := graph.Match(g, term)
		if err != nil {
			return nil, err
		}
		named := true
		for _, v := range list {
			named = named && g.Role(v) == graph.Parameter
		}
		for _, v := range list {
			source[v] = source[v] || named || g.Role(v) != graph.Parameter
		}
	}
	all, err := graph.MatchEdges(g, "* -> "+to)
	var edges []graph.EdgeID
	for _, e := range all {
		if source[g.From(e)] {
			edges = append(edges, e)
		}
	}
	return edges, err
}

// way returns the direction of a link.
func (x *Link) way(k neuron.Kind) *Way {
	if w := [...]*Way{neuron.Prediction: x.Up, neuron.Error: x.Down}[k]; w != nil {
		return w
	}
	return x.Both
}

// paths returns how messages travel along every edge, nil if all are ideal.
func (w *wiring) paths() (func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path, error) {
	links := w.Config.Links
	if len(links) == 0 {
		return nil, nil
	}
	var table [2][]sim.Path
	for k := range table {
		table[k] = make([]sim.Path, w.graph.Edges())
	}
	for i := range links {
		x := &links[i]
		list, err := w.edges(w.graph, x.Match)
		if err != nil {
			return nil, w.errorf(fmt.Sprintf("links[%d].match", i), "%v", trim(err))
		}
		for k := range table {
			way := x.way(neuron.Kind(k))
			if way == nil {
				continue
			}
			path := way.path(w.Config.Time.Resolution)
			for _, e := range list {
				path.Distance = way.length(w.Config.Seed, e)
				table[k][e] = path
			}
		}
	}
	return func(l *graph.Levelled, e graph.EdgeID, k neuron.Kind) sim.Path {
		if l.Origin == nil {
			return table[k][e]
		}
		return sim.Path{} // edges of identities are not in the network
	}, nil
}

// path returns how messages travel, but for the length, which every edge has of its own.
func (w *Way) path(resolution Duration) sim.Path {
	link, _ := w.link(resolution)
	p := sim.Path{Link: &link}
	if w.OnLoss == "zero" {
		p.OnLoss = sim.Silence
	}
	return p
}

// length returns the length of edge e.
func (w *Way) length(seed uint64, e graph.EdgeID) float64 {
	c := w.Delay.Distance
	if c == nil {
		return 0
	}
	lo, hi := c.Length[0], c.Length[len(c.Length)-1]
	r := rand.New(rand.NewPCG(seed, 0x6c656e677468<<16^uint64(e))) // "length"
	return lo + float64((hi-lo)*r.Float64())
}

// clocks returns the clock of every vertex, nil if all are the global one.
func (w *wiring) clocks() (func(*graph.Levelled, graph.VertexID) sim.Clock, error) {
	if len(w.Config.Clocks) == 0 || !w.Config.Free() { // in lockstep there is one, and no other is admitted
		return nil, nil
	}
	table := make([]sim.Clock, w.graph.Len())
	tick, _ := w.Config.Time.Tick.Units(w.Config.Time.Resolution)
	for i, c := range w.Config.Clocks {
		list, err := population(w.graph, or(c.Match, "*"))
		if err != nil {
			return nil, w.errorf(fmt.Sprintf("clocks[%d].match", i), "%v", trim(err))
		}
		for _, v := range list {
			if table[v] = c.clock(w.Config.Seed, v); float64(tick)*(1+table[v].Drift) < 2 {
				return nil, w.errorf(fmt.Sprintf("clocks[%d].drift", i), "%s has a drift of %.3g, which leaves a period of less than two units of the resolution, %v: use a finer one",
					w.graph.Name(v), table[v].Drift, w.Config.Time.Resolution)
			}
		}
	}
	return func(l *graph.Levelled, v graph.VertexID) sim.Clock {
		if o := l.Original(v); o >= 0 {
			return table[o]
		}
		return sim.Clock{}
	}, nil
}

// maxDrift bounds a drawn drift, so that a period stays above half a tick.
const maxDrift = 0.5

// clock returns the clock of vertex v.
func (c Clock) clock(seed uint64, v graph.VertexID) sim.Clock {
	r := rand.New(rand.NewPCG(seed, 0x636c6f636b<<24^uint64(v))) // "clock"
	z, u := tensor.Normal(r.Uint64()), r.Float64()
	x := sim.Clock{Scaled: c.Gamma == "elapsed", Phase: c.Phase.Periods}
	switch c.Kind {
	case "poisson":
		x.Kind = sim.Poisson
	case "event":
		x.Kind = sim.Arrival
	}
	if c.Drift.Constant != nil {
		x.Drift = *c.Drift.Constant
	}
	if n := c.Drift.Normal; n != nil {
		x.Drift = max(-maxDrift, min(maxDrift, float64(n.SD*z)))
	}
	if c.Phase.Uniform {
		x.Phase = u
	}
	return x
}

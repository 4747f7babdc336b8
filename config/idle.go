package config

import (
	"fmt"
	"slices"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// idle returns notes about clocks of vertices that take no turns, and links along which nothing travels, free-running: the
// forward sweep takes no time, and what does not move after it, inputs outside of streams and weights, is where it is needed at once.
func (s *Setup) idle() (list []string) {
	if !s.Config.Free() || !s.Config.Sweep.IsZero() {
		return nil
	}
	moves := s.moves()
	for i, x := range s.Config.Clocks {
		turns := func(v graph.VertexID) bool { return moves[v] }
		if of, err := population(s.Network.Graph, or(x.Match, "*")); err == nil && !slices.ContainsFunc(of, turns) {
			list = append(list, fmt.Sprintf("clocks[%d].match: %q fits inputs and weights alone, which take no turns", i, x.Match))
		}
	}
	s.Config.eachLink(func(path string, x *Link) {
		edges, err := (&wiring{Setup: s, graph: s.Network.Graph}).edges(s.Network.Graph, x.Match)
		if err != nil || len(edges) == 0 {
			return // said elsewhere
		}
		for _, w := range x.ways() {
			if w.way == nil || *w.way == (Way{}) {
				continue
			}
			used := slices.ContainsFunc(edges, func(e graph.EdgeID) bool {
				return x.way(neuron.Prediction) == w.way && s.travels(e, neuron.Prediction, moves) || x.way(neuron.Error) == w.way && s.travels(e, neuron.Error, moves)
			})
			if !used {
				list = append(list, fmt.Sprintf("%s.%s: nothing travels this way along %q under schedule %s in mode free, in which the forward sweep takes no time", path, w.key, x.Match, s.Config.Learning.Schedule))
			}
		}
	})
	return list
}

// moves returns by vertex whether its value can change after the forward sweep.
func (s *Setup) moves() []bool {
	g := s.Network.Graph
	moves := make([]bool, g.Len())
	for v := range graph.VertexID(g.Len()) {
		moves[v] = g.Role(v) == graph.Computed
	}
	if c, err := s.predictive(s.Rule); err == nil {
		for _, i := range c.FreeInputs {
			if v := g.InputVertex(i); v >= 0 {
				moves[v] = true
			}
		}
	}
	return moves
}

// travels reports whether free-running messages of kind k travel along e while a sample runs.
func (s *Setup) travels(e graph.EdgeID, k neuron.Kind, moves []bool) bool {
	g := s.Network.Graph
	from := g.From(e)
	if k == neuron.Prediction {
		sensory := s.Config.Time.Stream && g.Role(from) == graph.Input && g.Type(from).IsFloat()
		return (moves[from] || sensory) && s.Rule.Event != neuron.Delta
	}
	return moves[from] || g.Role(from) == graph.Parameter && s.Rule.Gate != neuron.AtEnd // others learn when the sample is over
}

package record

import (
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// energyOf returns the part of v, which is not the output, in the energy.
func energyOf(s State, v graph.VertexID) float64 {
	if e, ok := s.(interface{ EnergyOf(graph.VertexID) float64 }); ok {
		return e.EnergyOf(v)
	}
	f := squares(s.Err(v)) / 2
	if p, ok := s.(interface{ Precision(graph.VertexID) float64 }); ok {
		f /= p.Precision(v)
	}
	return f
}

// sparse reports whether the energy that s tells is the loss alone.
func sparse(s State) bool {
	r, ok := s.(interface{ Rule() neuron.Rule })
	return ok && r.Rule().Sparse
}

// fillEnergy writes energies: ½ε²/π of the computed vertices, and of the output its part, or what is left of the total. Sparse
// rules run no inference; of them the errors count with which vertices have fired so far.
func (t *track) fillEnergy(block []float64, s State) {
	total := s.Energy()
	rest, g := total, s.Graph()
	clear(t.levels)
	if t.Of != "" || sparse(s) {
		for v := range graph.VertexID(g.Len()) {
			if l := g.Level(v); g.Role(v) == graph.Computed && v != g.Output() && l >= 0 {
				f := energyOf(s, v)
				if sparse(s) {
					total += f
				} else {
					rest -= f
				}
				if l < len(t.levels) {
					t.levels[l] += f
				}
			}
		}
	}
	for i := range t.targets {
		x := &t.targets[i]
		switch {
		case x.leaves:
		case x.vertex == g.Output() || x.level == 0 && x.vertex < 0:
			block[x.offset] = rest
			if e, ok := s.(interface{ EnergyOf(graph.VertexID) float64 }); ok {
				block[x.offset] = e.EnergyOf(g.Output())
			}
		case x.vertex >= 0:
			if g.Role(x.vertex) == graph.Computed {
				block[x.offset] = energyOf(s, x.vertex)
			}
		case x.level < 0:
			block[x.offset] = total
		default:
			block[x.offset] = t.levels[x.level]
		}
	}
}

// fillResidual writes the residual of vertices, levels and the network.
func (t *track) fillResidual(block []float64, s State) {
	parts, ok := s.(interface{ ResidualOf(graph.VertexID) float64 })
	g := s.Graph()
	clear(t.levels)
	if ok && t.levels != nil {
		for v := range graph.VertexID(g.Len()) {
			if l := g.Level(v); l >= 0 && l < len(t.levels) && g.Role(v) == graph.Computed {
				t.levels[l] += parts.ResidualOf(v)
			}
		}
	}
	for i := range t.targets {
		x := &t.targets[i]
		switch {
		case x.leaves:
		case x.vertex < 0 && x.level < 0:
			block[x.offset] = s.Residual()
		case !ok:
		case x.vertex < 0:
			block[x.offset] = math.Sqrt(t.levels[x.level])
		case g.Role(x.vertex) == graph.Computed:
			block[x.offset] = math.Sqrt(parts.ResidualOf(x.vertex))
		}
	}
}

package actors

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// A Board is where the vertices of free-running actors show themselves: each puts up what it has at the end of every turn of
// its own, and nobody waits. What is read from it, by one goroutine, is what every vertex last showed when Look was called,
// so the parts of one picture are up to half a tick apart, as they are in the engine itself.
type Board struct {
	pop    *neuron.Population
	panels []panel
	missed atomic.Int64
}

// A panel is the place of one vertex: what it put up, and what Look saw of it.
type panel struct {
	mu        sync.Mutex
	up, seen  picture
	refreshed bool // up is newer than seen
}

// A picture is a vertex at a moment.
type picture struct {
	x, mu, err       tensor.Tensor
	quiet            bool // the error is structurally zero
	energy, residual float64
}

func newBoard(p *neuron.Population) *Board {
	g := p.Graph()
	b := &Board{pop: p, panels: make([]panel, g.Len())}
	for v := range b.panels {
		if id := graph.VertexID(v); p.Active(id) {
			b.panels[v].up, b.panels[v].seen = newPicture(p.X(id)), newPicture(p.X(id))
		}
	}
	return b
}

func newPicture(like tensor.Tensor) picture {
	return picture{x: tensor.New(like.Type(), like.Shape()), mu: tensor.New(like.Type(), like.Shape()), err: tensor.New(like.Type(), like.Shape()), quiet: true}
}

// put puts up what v has now; v runs on the calling goroutine, or nobody runs. If v is just being looked at, it goes on
// and shows itself at its next turn: that is counted.
func (b *Board) put(v graph.VertexID) {
	p := &b.panels[v]
	if !p.up.x.Wanted() {
		return
	}
	if !p.mu.TryLock() {
		b.missed.Add(1)
		return
	}
	defer p.mu.Unlock()
	p.up.x.CopyFrom(b.pop.X(v))
	p.up.mu.CopyFrom(b.pop.Prediction(v))
	e := b.pop.Err(v)
	if p.up.quiet = !e.Wanted(); !p.up.quiet {
		p.up.err.CopyFrom(e)
	}
	p.up.energy, p.up.residual = b.pop.EnergyOf(v), b.pop.ResidualOf(v)
	p.refreshed = true
}

// Look takes in what every vertex last put up. All other methods show that.
func (b *Board) Look() {
	for v := range b.panels {
		p := &b.panels[v]
		p.mu.Lock()
		if p.refreshed {
			p.seen.x.CopyFrom(p.up.x)
			p.seen.mu.CopyFrom(p.up.mu)
			p.seen.err.CopyFrom(p.up.err)
			p.seen.quiet, p.seen.energy, p.seen.residual = p.up.quiet, p.up.energy, p.up.residual
			p.refreshed = false
		}
		p.mu.Unlock()
	}
}

// Missed returns how often a vertex could not show itself because it was being looked at.
func (b *Board) Missed() int64 { return b.missed.Load() }

// Graph returns the graph that runs.
func (b *Board) Graph() *graph.Graph { return b.pop.Graph() }

// Rule returns the rule.
func (b *Board) Rule() neuron.Rule { return b.pop.Rule() }

// X returns the value of v.
func (b *Board) X(v graph.VertexID) tensor.Tensor {
	if p := &b.panels[v]; p.seen.x.Wanted() {
		return p.seen.x
	}
	return b.pop.Value(v)
}

// Prediction returns μ of v.
func (b *Board) Prediction(v graph.VertexID) tensor.Tensor {
	if p := &b.panels[v]; p.seen.mu.Wanted() {
		return p.seen.mu
	}
	return b.pop.Value(v)
}

// Err returns the error of v, without storage if it is structurally zero.
func (b *Board) Err(v graph.VertexID) tensor.Tensor {
	if p := &b.panels[v]; !p.seen.quiet {
		return p.seen.err
	}
	return tensor.Tensor{}
}

// Precision returns π of v.
func (b *Board) Precision(v graph.VertexID) float64 { return b.pop.Precision(v) }

// EnergyOf returns the part of v in the energy.
func (b *Board) EnergyOf(v graph.VertexID) float64 { return b.panels[v].seen.energy }

// Energy returns the sum of all parts, in the order of the vertices.
func (b *Board) Energy() float64 {
	f := 0.0
	for v := range b.panels {
		f += b.panels[v].seen.energy
	}
	return f
}

// Residual returns ‖∂F/∂x‖₂, every part as of the last relaxation of its vertex.
func (b *Board) Residual() float64 {
	s := 0.0
	for v := range b.panels {
		s += b.panels[v].seen.residual
	}
	return math.Sqrt(s)
}

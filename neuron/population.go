package neuron

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A Config is what a Population is made of.
type Config struct {
	Graph      *graph.Graph    // levelled as the rule wants it
	Rule       Rule            // form of predictive coding
	Type       tensor.Type     // Float64 or Float32
	Loss       op.Loss         // energy of the output
	Initial    []tensor.Tensor // value of parameter i; copied
	Plasticity synapse.Rule    // how parameters learn
	Precision  []float64       // π by vertex; nil: 1 throughout
	Step       []float64       // γ by vertex; nil: that of the rule
	FreeInputs []int           // inputs, by position, whose value is inferred; the sample sets where it starts
}

// A Mode says what a sample is for.
type Mode uint8

const (
	Inference Mode = iota // the forward sweep alone
	Gradients             // parameters fold their feedback and keep it
	Learning              // parameters learn from it
)

// A Population holds the states of all vertices of a graph. A transition of a vertex may run on any goroutine, as long
// as that vertex runs one at a time and messages are delivered with a happens-before edge to the firing they complete,
// which Deliver provides. Everything else is for the clock, between ticks.
type Population struct {
	g    *graph.Graph
	rule Rule
	typ  tensor.Type
	loss op.Loss

	buf      []byte
	value    []int64 // offset of the anchor, or of a leaf's value; ^k: external[k]
	eps      []int64 // offset of ε, for vertices that have one, else -1
	mu, disp []int64 // dense: offsets of μ and of u
	x        []int64 // dense: offset of x = anchor + u
	latest   []int64 // free-running, by edge: offset of the value received last
	parcel   []int64 // free-running and Delta, by edge: offset of the error being sent
	freed    []bool  // by vertex: an input whose value is inferred; nil: none
	kept     []bool  // by parameter: does not learn; nil: all do
	held     []hold  // by vertex: lesioned or fixed; nil: none
	cut      []bool  // by edge: lesioned; nil: none
	slot     []int64 // by edge: offset of the feedback that To sends to From, -1: no errors travel here
	rings    map[graph.EdgeID]*ring
	external []tensor.Tensor // inputs of the sample, then constants

	live      []int32 // by vertex: number of out-edges on which errors travel
	moving    []int32 // dense, by vertex: number of in-edges on which predictions travel at every tick
	args      []atomic.Int32
	ports     []atomic.Int32
	displaced []bool // dense, by vertex: not at rest
	quiet     []bool // dense, by vertex: ε is structurally zero
	predicted []bool // dense, by vertex: μ was computed anew at the last tick
	moved     []bool // dense, by edge: the input is displaced
	hasError  []bool // dense, by edge: the slot holds an error
	residual  []float64
	latched   []bool  // OnWave, OnValue: v has contributed
	local     []int32 // free-running: ticks of v so far; Delta: its turns
	precision []float64
	step      []float64
	mirror    []tensor.Tensor // by parameter: weights through which errors return; nil: the parameters themselves

	leafIndex  []int32 // by vertex: which parameter or input it is
	plasticity []synapse.Plasticity
	pruned     []tensor.Tensor // values of parameters that the graph left out, by parameter
	schedule   schedule

	mode     Mode
	target   tensor.Tensor
	scale    float64
	now      int
	last     bool
	learning bool
	stream   bool // the values of the last sample go on
	samples  uint64
	lossVal  float64
}

// New returns a Population at rest.
func New(cfg Config) (*Population, error) {
	if err := cfg.Rule.Check(); err != nil {
		return nil, err
	}
	p := &Population{g: cfg.Graph, rule: cfg.Rule, typ: cfg.Type, loss: cfg.Loss}
	n := p.g.Len()
	p.precision, p.step = cfg.Precision, cfg.Step
	if err := p.checkVertexValues(); err != nil {
		return nil, err
	}
	for _, i := range cfg.FreeInputs {
		if p.freed == nil {
			p.freed = make([]bool, n)
		}
		if v := p.g.InputVertex(i); v >= 0 {
			p.freed[v] = true
		}
	}
	p.live = make([]int32, n)
	p.args, p.ports = make([]atomic.Int32, n), make([]atomic.Int32, n)
	p.leafIndex = make([]int32, n)
	p.layOut()
	p.countSlots()
	p.pruned = make([]tensor.Tensor, p.g.Parameters())
	for i := range p.g.Parameters() {
		leaf := p.g.Parameter(i)
		p.plasticity = append(p.plasticity, cfg.Plasticity.New())
		if leaf.Vertex >= 0 {
			p.leafIndex[leaf.Vertex] = int32(i)
		}
		p.Parameter(i).ConvertFrom(cfg.Initial[i])
	}
	p.makeMirror()
	p.plan()
	return p, nil
}

// Graph returns the graph that the population runs.
func (p *Population) Graph() *graph.Graph { return p.g }

// Rule returns the rule.
func (p *Population) Rule() Rule { return p.rule }

// checkVertexValues returns an error if precisions or steps do not fit the rule.
func (p *Population) checkVertexValues() error {
	for _, list := range [][]float64{p.precision, p.step} {
		if list != nil && len(list) != p.g.Len() {
			return fmt.Errorf("neuron: rule %s: got precisions or steps for %d vertices, the graph has %d", p.rule.Name, len(list), p.g.Len())
		}
		for v, x := range list {
			if !(x > 0) || math.IsInf(x, 0) {
				return fmt.Errorf("neuron: vertex %s: precision or step %v must be a positive number", p.g.Name(graph.VertexID(v)), x)
			}
			if p.rule.Sparse && x != 1 && graph.VertexID(v) != p.g.Output() {
				return fmt.Errorf("neuron: rule %s: the sparse form holds only for precision and step 1: use the dense form", p.rule.Name)
			}
		}
	}
	return nil
}

// gamma returns the integration step of v.
func (p *Population) gamma(v graph.VertexID) float64 {
	if p.step != nil {
		return p.step[v]
	}
	return p.rule.Gamma
}

// weigh multiplies ε of v by its precision.
func (p *Population) weigh(v graph.VertexID, eps tensor.Tensor) {
	if p.precision != nil && p.precision[v] != 1 {
		tensor.Scale(eps, p.precision[v])
	}
}

// dynamic reports whether the value of v changes during an update: a computed vertex or a free input.
func (p *Population) dynamic(v graph.VertexID) bool {
	return p.g.Role(v) == graph.Computed || p.freed != nil && p.freed[v]
}

// active reports whether v takes part in inference: a computed vertex of float type on a path to v_out, which has an
// error, or a free input.
func (p *Population) active(v graph.VertexID) bool {
	if p.freed != nil && p.freed[v] {
		return p.g.Level(v) >= 0
	}
	return p.g.Role(v) == graph.Computed && p.g.Type(v).IsFloat() && p.g.Level(v) >= 0
}

// carries reports whether errors travel along e.
func (p *Population) carries(e graph.EdgeID) bool { return p.slot[e] >= 0 }

// arena hands out offsets of a buffer that is made when all are known.
type arena struct{ size int64 }

// add reserves room for a tensor; what is at least a cache line long starts on one.
func (a *arena) add(t tensor.Type, s tensor.Shape) int64 {
	n := int64(s.Len() * t.Size())
	unit := int64(t.Size())
	if n >= 64 {
		unit = 64
	}
	off := (a.size + unit - 1) / unit * unit
	a.size = off + n
	return off
}

// layOut gives every vertex and edge its place in the buffer.
func (p *Population) layOut() {
	g, n := p.g, p.g.Len()
	var a arena
	p.value, p.eps = make([]int64, n), make([]int64, n)
	if !p.rule.Sparse {
		p.mu, p.disp, p.x = make([]int64, n), make([]int64, n), make([]int64, n)
		p.moving, p.displaced, p.quiet, p.predicted = make([]int32, n), make([]bool, n), make([]bool, n), make([]bool, n)
		p.moved, p.hasError = make([]bool, g.Edges()), make([]bool, g.Edges())
		p.residual = make([]float64, n)
		p.latched = make([]bool, n)
	}
	if p.rule.Free {
		p.local = make([]int32, n)
	}
	p.external = make([]tensor.Tensor, g.Inputs())
	for i := range g.Inputs() {
		if v := g.InputVertex(i); v >= 0 {
			p.leafIndex[v] = int32(i)
		}
	}
	for v := range graph.VertexID(n) {
		typ, s := p.typeOf(v), g.Shape(v)
		p.eps[v] = -1
		switch g.Role(v) {
		case graph.Input:
			p.value[v] = ^int64(p.leafIndex[v])
		case graph.Constant:
			p.external = append(p.external, g.Constant(v).Convert(typ))
			p.value[v] = ^int64(len(p.external) - 1)
		default:
			p.value[v] = a.add(typ, s)
		}
		if p.active(v) {
			p.eps[v] = a.add(typ, s)
			if !p.rule.Sparse {
				p.mu[v], p.disp[v], p.x[v] = a.add(typ, s), a.add(typ, s), a.add(typ, s)
			}
		}
	}
	p.slot = make([]int64, g.Edges())
	for e := range graph.EdgeID(g.Edges()) {
		p.slot[e] = -1
		from := g.From(e)
		if free := p.freed != nil && p.freed[from]; p.active(g.To(e)) && (free || g.Differentiable(from)) && g.Level(from) >= 0 {
			p.slot[e] = a.add(p.typ, g.Shape(from))
		}
	}
	if p.rule.Event == Delta {
		p.parcel, p.local = make([]int64, g.Edges()), make([]int32, n)
		for e := range graph.EdgeID(g.Edges()) {
			if p.carries(e) {
				p.parcel[e] = a.add(p.typ, g.Shape(g.From(e)))
			}
		}
	}
	if p.rule.Free {
		p.latest, p.parcel = make([]int64, g.Edges()), make([]int64, g.Edges())
		for e := range graph.EdgeID(g.Edges()) {
			if s := g.Shape(g.From(e)); p.carries(e) {
				p.latest[e], p.parcel[e] = a.add(p.typ, s), a.add(p.typ, s)
			}
		}
	}
	p.buf = tensor.Buffer(int(a.size))
	p.layOutRings()
}

// countSlots counts what every vertex waits for and arms it for a forward sweep.
func (p *Population) countSlots() {
	for e := range graph.EdgeID(p.g.Edges()) {
		if !p.carries(e) {
			continue
		}
		p.live[p.g.From(e)]++
		if !p.rule.Sparse && p.dynamic(p.g.From(e)) {
			p.moving[p.g.To(e)]++
		}
	}
	for v := range graph.VertexID(p.g.Len()) {
		_, n := p.g.In(v)
		if p.g.Role(v) != graph.Computed {
			n = 1
		}
		p.args[v].Store(int32(n))
		p.armPorts(v)
	}
}

// armPorts makes v wait for an error at every port and for its own turn. A leaf of the sparse form gets no turn, nor does
// a vertex that gathers, unless there is nothing else to wait for.
func (p *Population) armPorts(v graph.VertexID) {
	n := p.live[v]
	if p.dynamic(v) && (p.rule.Event != Gather || n == 0) {
		n++
	}
	p.ports[v].Store(n)
}

func (p *Population) typeOf(v graph.VertexID) tensor.Type {
	if t := p.g.Type(v); !t.IsFloat() {
		return t
	}
	return p.typ
}

func (p *Population) view(off int64, v graph.VertexID) tensor.Tensor {
	return tensor.View(p.buf, int(off), p.typeOf(v), p.g.Shape(v))
}

// Value returns the value of a leaf, or the anchor of a computed vertex: its μ at the last forward sweep. The tensor
// belongs to the vertex.
func (p *Population) Value(v graph.VertexID) tensor.Tensor {
	if off := p.value[v]; off < 0 {
		return p.external[^off]
	}
	return p.view(p.value[v], v)
}

// Parameter returns the value of parameter i. The tensor belongs to its leaf.
func (p *Population) Parameter(i int) tensor.Tensor {
	if v := p.g.ParameterVertex(i); v >= 0 {
		return p.Value(v)
	}
	if !p.pruned[i].Wanted() {
		p.pruned[i] = tensor.New(p.typ, p.g.Parameter(i).Shape)
	}
	return p.pruned[i]
}

// feedback returns the slot of edge e.
func (p *Population) feedback(e graph.EdgeID) tensor.Tensor {
	return p.view(p.slot[e], p.g.From(e))
}

// Begin sets the sample that the next forward sweep starts from. Inputs and target must stay as they are until the
// update is over.
func (p *Population) Begin(mode Mode, inputs []tensor.Tensor, target tensor.Tensor, scale float64) {
	copy(p.external, inputs)
	p.mode, p.target, p.scale = mode, target, scale
	if scale == 0 {
		p.scale = 1
	}
	p.samples++
	p.now, p.last, p.learning, p.stream = Sweep, false, false, false
}

// Bytes returns the size of the population's arrays in bytes.
func (p *Population) Bytes() int64 {
	perVertex, perEdge := int64(8+8+4+4+4+4), int64(8)
	if !p.rule.Sparse {
		perVertex += 24 + 4 + 3 + 8
		perEdge += 2
	}
	return int64(len(p.buf)) + perVertex*int64(p.g.Len()) + perEdge*int64(p.g.Edges())
}

// Describe names a vertex and what it was doing, for the report of a fault.
func (p *Population) Describe(v graph.VertexID, t Transition) string {
	if p.now == Sweep {
		return fmt.Sprintf("vertex %s (%v) in the forward sweep", p.g.Name(v), t)
	}
	return fmt.Sprintf("vertex %s (%v) at tick %d", p.g.Name(v), t, p.now)
}

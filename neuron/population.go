package neuron

import (
	"fmt"
	"math"

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
	HeldInputs []int           // of these: held at the value of the sample until Free
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
	flat     tensor.Tensor   // buf as one vector
	value    []place         // the anchor, or a leaf's value; ^k: external[k]
	eps      []place         // ε, for vertices that have one, else -1
	mu, disp []place         // dense: μ and u
	x        []place         // dense: x = anchor + u
	latest   []place         // free-running, by edge: the value received last
	parcel   []place         // free-running and Delta, by edge: the error being sent
	freed    []bool          // by vertex: an input whose value is inferred; nil: none
	kept     []bool          // by parameter: does not learn; nil: all do
	held     []hold          // by vertex: lesioned or fixed; nil: none
	cut      []bool          // by edge: lesioned; nil: none
	slot     []place         // by edge: the feedback that To sends to From, -1: no errors travel here
	values   []tensor.Tensor // by vertex: what Value returns of those in the arena; nil: made when asked for
	large    []bool          // by vertex: known not to be a cell; nil: to be found out
	slots    []tensor.Tensor // by edge: what feedback returns; nil: made when asked for
	rings    map[graph.EdgeID]*ring
	operand  []place         // shards, by edge: the value of From
	external []tensor.Tensor // large inputs of the sample, then constants
	outside  []int32         // which inputs these are

	live      []int32 // by vertex: number of out-edges on which errors travel
	moving    []int32 // dense, by vertex: number of in-edges on which predictions travel at every tick
	args      []int32 // by vertex: predictions that are missing
	ports     []int32 // by vertex: errors that are missing, and the turn
	displaced []bool  // dense, by vertex: not at rest
	quiet     []bool  // dense, by vertex: ε is structurally zero
	predicted []bool  // dense, by vertex: μ was computed anew at the last tick
	moved     []bool  // dense, by edge: the input is displaced
	hasError  []bool  // dense, by edge: the slot holds an error
	residual  []float64
	latched   []bool  // OnWave, OnValue: v has contributed
	reached   []bool  // OnWave, by vertex: the wave has come
	wave      []bool  // OnWave, by edge: the slot holds an error with the wave
	local     []int32 // free-running: ticks of v so far; Delta: its turns
	precision []float64
	step      []float64
	mirror    []tensor.Tensor // by parameter: weights through which errors return; nil: the parameters themselves

	leafIndex   []int32              // by vertex: which parameter or input it is
	plasticity  []synapse.Plasticity // by parameter, or one for all
	shared      bool                 // plasticity is one for all
	observation synapse.Plasticity   // of statistics
	pruned      []tensor.Tensor      // values of parameters that the graph left out, by parameter; nil: none
	schedule    schedule
	tally       *Tally          // nil: nobody counts
	keeps       []tensor.Tensor // by parameter: the feedback it learnt from last; nil: not kept
	apart       []bool          // by vertex: it can defer what it sends to parameters; nil: nobody asked
	deferFrom   int             // from how many multiply-adds on
	deferrers   int             // how many can
	deferring   bool            // in the present update they do

	mode     Mode
	target   tensor.Tensor
	scale    float64
	now      int
	last     bool
	learning bool
	stream   bool   // the values of the last sample go on
	samples  uint64 // begun, of any mode
	updates  uint64 // of these, those from which parameters learn
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
	for _, i := range cfg.HeldInputs {
		if v := p.g.InputVertex(i); v >= 0 {
			p.holdOf(v).clamped = true
		}
	}
	p.live = make([]int32, n)
	p.args, p.ports = make([]int32, n), make([]int32, n)
	p.leafIndex = make([]int32, n)
	if err := p.layOut(); err != nil {
		return nil, err
	}
	p.countSlots()
	p.makePlasticity(cfg.Plasticity)
	for i := range p.g.Parameters() {
		if v := p.g.ParameterVertex(i); v >= 0 {
			p.leafIndex[v] = int32(i)
		}
		p.Parameter(i).ConvertFrom(cfg.Initial[i])
	}
	p.makeMirror()
	p.plan()
	return p, nil
}

// makePlasticity gives every parameter a plasticity of its own, or, if it keeps no state, one to all of them: two instances
// that are equal have nothing to tell apart.
func (p *Population) makePlasticity(rule synapse.Rule) {
	n := p.g.Parameters()
	if n == 0 {
		return
	}
	p.observation = synapse.Observation()
	p.plasticity = []synapse.Plasticity{rule.New()}
	if p.shared = p.plasticity[0] == rule.New(); p.shared {
		return
	}
	for len(p.plasticity) < n {
		p.plasticity = append(p.plasticity, rule.New())
	}
}

// plasticityOf returns the plasticity of parameter i.
func (p *Population) plasticityOf(i int) synapse.Plasticity {
	if p.g.Observed(i) {
		return p.observation
	}
	if p.shared {
		return p.plasticity[0]
	}
	return p.plasticity[i]
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
		p.args[v] = int32(n)
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
	p.ports[v] = n
}

func (p *Population) typeOf(v graph.VertexID) tensor.Type {
	if t := p.g.Type(v); !t.IsFloat() {
		return t
	}
	return p.typ
}

func (p *Population) view(at place, v graph.VertexID) tensor.Tensor {
	return tensor.View(p.buf, int(at)*p.typ.Size(), p.typeOf(v), p.g.Shape(v))
}

// Value returns the value of a leaf, or the anchor of a computed vertex: its μ at the last forward sweep. The tensor
// belongs to the vertex.
func (p *Population) Value(v graph.VertexID) tensor.Tensor {
	if at := p.value[v]; at < 0 {
		return p.external[^at]
	}
	if p.values != nil {
		return p.values[v]
	}
	return p.view(p.value[v], v)
}

// Parameter returns the value of parameter i. The tensor belongs to its leaf.
func (p *Population) Parameter(i int) tensor.Tensor {
	if v := p.g.ParameterVertex(i); v >= 0 {
		return p.Value(v)
	}
	if p.pruned == nil {
		p.pruned = make([]tensor.Tensor, p.g.Parameters())
	}
	if !p.pruned[i].Wanted() {
		p.pruned[i] = tensor.New(p.typ, p.g.Parameter(i).Shape)
	}
	return p.pruned[i]
}

// feedback returns the slot of edge e.
func (p *Population) feedback(e graph.EdgeID) tensor.Tensor {
	if p.slots != nil {
		return p.slots[e]
	}
	return p.view(p.slot[e], p.g.From(e))
}

// Begin sets the sample that the next forward sweep starts from. Inputs and target must stay as they are until the
// update is over.
func (p *Population) Begin(mode Mode, inputs []tensor.Tensor, target tensor.Tensor, scale float64) {
	p.take(inputs)
	p.mode, p.target, p.scale = mode, target, scale
	if scale == 0 {
		p.scale = 1
	}
	p.samples++
	if p.tally != nil {
		p.tally.begin()
	}
	if mode == Learning {
		p.updates++
	}
	p.now, p.last, p.learning, p.stream = Sweep, false, false, false
}

// take lets the input leaves have the values of a sample: small ones are copied, large ones are read where they are.
func (p *Population) take(inputs []tensor.Tensor) {
	for k, i := range p.outside {
		if int(i) < len(inputs) {
			p.external[k] = inputs[i]
		}
	}
	for i, t := range inputs {
		if v := p.g.InputVertex(i); v >= 0 && p.value[v] >= 0 {
			copy(p.buf[int(p.value[v])*p.typ.Size():], t.Bytes())
		}
	}
}

// Describe names a vertex and what it was doing, for the report of a fault.
func (p *Population) Describe(v graph.VertexID, t Transition) string {
	if p.now == Sweep {
		return fmt.Sprintf("vertex %s (%v) in the forward sweep", p.g.Name(v), t)
	}
	return fmt.Sprintf("vertex %s (%v) at tick %d", p.g.Name(v), t, p.Moment(v, t))
}

package bp

import (
	"context"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// An Engine does reverse differentiation. It implements engine.Engine.
type Engine struct {
	cfg engine.Config
	g   *graph.Graph
	ctx *tensor.Ctx

	value    []tensor.Tensor // by vertex
	delta    []tensor.Tensor // by vertex, for computed floats on a path to the output
	feedback []tensor.Tensor // by edge: δ_to ∂μ_to/∂μ_from, where errors travel

	params     engine.Params
	grads      engine.Params
	kept       engine.Params // feedback from which parameters learnt; nil: it is not kept
	plasticity []synapse.Plasticity
	outputs    []tensor.Tensor
	args, d    []tensor.Tensor
	parts      []tensor.Tensor
	lesioned   []bool          // by vertex; nil: none
	zeros      []tensor.Tensor // by edge: what stands for the argument if it is cut; nil: none
}

// New returns a reference engine for cfg.
func New(cfg engine.Config) (*Engine, error) {
	cfg, err := cfg.Check()
	if err != nil {
		return nil, err
	}
	g := cfg.Graph
	e := &Engine{cfg: cfg, g: g, ctx: tensor.NewCtx(cfg.Compute), value: make([]tensor.Tensor, g.Len()),
		delta: make([]tensor.Tensor, g.Len()), feedback: make([]tensor.Tensor, g.Edges())}
	for v := range graph.VertexID(g.Len()) {
		typ := e.typeOf(v)
		switch g.Role(v) {
		case graph.Constant:
			e.value[v] = g.Constant(v).Convert(typ)
		case graph.Computed:
			e.value[v] = tensor.New(typ, g.Shape(v))
			if e.active(v) {
				e.delta[v] = tensor.New(typ, g.Shape(v))
			}
		}
	}
	for i := range graph.EdgeID(g.Edges()) {
		if from := g.From(i); e.active(g.To(i)) && g.Differentiable(from) && g.Level(from) >= 0 {
			e.feedback[i] = tensor.New(cfg.Type, g.Shape(from))
		}
	}
	for i, t := range cfg.Initial {
		leaf := g.Parameter(i)
		w := tensor.New(cfg.Type, leaf.Shape)
		w.ConvertFrom(t)
		e.params = append(e.params, engine.Param{Name: leaf.Name, Value: w})
		e.grads = append(e.grads, engine.Param{Name: leaf.Name, Value: tensor.New(cfg.Type, leaf.Shape)})
		if g.Observed(i) {
			e.plasticity = append(e.plasticity, synapse.Observation())
		} else {
			e.plasticity = append(e.plasticity, cfg.Plasticity.New())
		}
		if leaf.Vertex >= 0 {
			e.value[leaf.Vertex] = w
		}
	}
	e.cfg.Initial = nil // e.params are copies
	e.foldInPlace()
	for _, v := range g.Outputs() {
		e.outputs = append(e.outputs, e.value[v])
	}
	return e, nil
}

// foldInPlace lets δ of a vertex, and the gradient of a parameter, be where the feedback of its last port is, which nobody
// reads once it is folded.
func (e *Engine) foldInPlace() {
	last := func(v graph.VertexID) (t tensor.Tensor) {
		for _, out := range e.g.Out(v) {
			if e.feedback[out].Wanted() {
				t = e.feedback[out]
			}
		}
		return t
	}
	for v := range graph.VertexID(e.g.Len()) {
		if t := last(v); e.active(v) && v != e.g.Output() && t.Wanted() {
			e.delta[v] = t
		}
	}
	for i := range e.grads {
		if v := e.g.ParameterVertex(i); v >= 0 {
			if t := last(v); t.Wanted() {
				e.grads[i].Value = t
			}
		}
	}
}

func (e *Engine) typeOf(v graph.VertexID) tensor.Type {
	if t := e.g.Type(v); !t.IsFloat() {
		return t
	}
	return e.cfg.Type
}

// active reports whether δ of v is needed.
func (e *Engine) active(v graph.VertexID) bool {
	return e.g.Role(v) == graph.Computed && e.g.Type(v).IsFloat() && e.g.Level(v) >= 0
}

// forward computes all values.
func (e *Engine) forward(inputs []tensor.Tensor) {
	for i, t := range inputs {
		if v := e.g.InputVertex(i); v >= 0 {
			e.value[v] = t
		}
	}
	for v := range graph.VertexID(e.g.Len()) {
		if o := e.g.Op(v); o != nil {
			o.Forward(e.ctx, e.value[v], e.argsOf(v))
			if e.silent(v) {
				e.value[v].Zero()
			}
		}
	}
}

func (e *Engine) argsOf(v graph.VertexID) []tensor.Tensor {
	e.args = e.args[:0]
	for _, a := range e.g.Args(v) {
		e.args = append(e.args, e.value[a])
	}
	if e.zeros != nil {
		first, _ := e.g.In(v)
		for k := range e.args {
			if z := e.zeros[int(first)+k]; z.Wanted() {
				e.args[k] = z
			}
		}
	}
	return e.args
}

// backward computes δ of every vertex and the feedback of every edge. It returns the energy of the output.
func (e *Engine) backward(target tensor.Tensor) float64 {
	out := e.g.Output()
	loss := e.cfg.Loss.Energy(e.value[out], target)
	for v := graph.VertexID(e.g.Len() - 1); v >= 0; v-- {
		if !e.active(v) {
			continue
		}
		if v == out {
			e.cfg.Loss.Grad(e.delta[v], e.value[v], target)
		} else {
			e.ctx.Fold(e.delta[v], e.gather(v))
		}
		if e.silent(v) {
			e.delta[v].Zero()
			e.stop(v)
			continue
		}
		first, n := e.g.In(v)
		e.d = e.d[:0]
		wanted := false
		for k := range n {
			t := e.feedback[first+graph.EdgeID(k)]
			e.d = append(e.d, t)
			wanted = wanted || t.Wanted()
		}
		if wanted {
			e.g.Op(v).VJP(e.ctx, e.d, e.argsOf(v), e.value[v], e.delta[v])
		}
		if e.zeros != nil {
			e.stop(v)
		}
	}
	return loss
}

// gather returns the feedback of v's consumers, by port.
func (e *Engine) gather(v graph.VertexID) []tensor.Tensor {
	e.parts = e.parts[:0]
	for _, out := range e.g.Out(v) {
		e.parts = append(e.parts, e.feedback[out])
	}
	return e.parts
}

// fold sums the feedback of parameter i into grads. It reports whether there is any.
func (e *Engine) fold(i int, scale float64) bool {
	v := e.g.ParameterVertex(i)
	if v < 0 {
		return false
	}
	any := false
	for _, t := range e.gather(v) {
		any = any || t.Wanted()
	}
	if !any {
		return false
	}
	e.ctx.Fold(e.grads[i].Value, e.parts)
	if scale != 0 && scale != 1 && !e.g.Observed(i) {
		tensor.Scale(e.grads[i].Value, scale)
	}
	return true
}

func (e *Engine) update(ctx context.Context, s engine.Sample, learn bool) (engine.Result, error) {
	if err := ctx.Err(); err != nil {
		return engine.Result{}, err
	}
	if err := e.cfg.CheckSample(s); err != nil {
		return engine.Result{}, err
	}
	e.forward(s.Inputs)
	loss := e.backward(s.Target)
	for i := range e.params {
		if folded := e.fold(i, s.Scale); folded && learn {
			if e.kept != nil {
				e.kept[i].Value.CopyFrom(e.grads[i].Value)
			}
			e.plasticity[i].Learn(e.ctx, e.params[i].Value, e.grads[i].Value)
		}
	}
	return engine.Result{Loss: loss, Energy: loss}, nil
}

// Learn implements engine.Engine.
func (e *Engine) Learn(ctx context.Context, s engine.Sample) (engine.Result, error) {
	return e.update(ctx, s, true)
}

// Gradient implements engine.Engine.
func (e *Engine) Gradient(ctx context.Context, s engine.Sample) (engine.Params, engine.Result, error) {
	r, err := e.update(ctx, s, false)
	return e.grads, r, err
}

// Predict implements engine.Engine.
func (e *Engine) Predict(ctx context.Context, inputs []tensor.Tensor) ([]tensor.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := e.cfg.CheckInputs(inputs); err != nil {
		return nil, err
	}
	e.forward(inputs)
	return e.outputs, nil
}

// AppendState implements engine.Resumable.
func (e *Engine) AppendState(b []byte) []byte {
	w := &tensor.Encoder{B: b}
	for i := range e.params {
		w.Tensor(e.params[i].Value)
		w.Tensors(e.plasticity[i].Snapshot())
	}
	return w.B
}

// RestoreState implements engine.Resumable.
func (e *Engine) RestoreState(b []byte) (rest []byte, err error) {
	r := &tensor.Decoder{B: b}
	for i, p := range e.params {
		t := r.Tensor()
		var state []tensor.Tensor
		r.Tensors(&state)
		if r.Err == nil && (t.Type() != p.Value.Type() || t.Shape() != p.Value.Shape()) {
			r.Fail("bp: %s has shape %v, this configuration has %v", p.Name, t.Shape(), p.Value.Shape())
		}
		if r.Err != nil {
			return nil, r.Err
		}
		p.Value.CopyFrom(t)
		if err := e.plasticity[i].Restore(state); err != nil {
			return nil, err
		}
	}
	return r.B, nil
}

// KeepFeedback has the engine keep a copy of the feedback from which parameters learn, which it returns: after every Learn
// it is that of the update.
func (e *Engine) KeepFeedback() engine.Params {
	if e.kept == nil {
		e.kept = e.grads.Clone()
	}
	return e.kept
}

// Params implements engine.Engine.
func (e *Engine) Params() engine.Params { return e.params }

// Close implements engine.Engine.
func (e *Engine) Close() error {
	e.ctx.Close()
	return nil
}

var (
	_ engine.Engine    = (*Engine)(nil)
	_ engine.Resumable = (*Engine)(nil)
)

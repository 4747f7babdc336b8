package pc

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// A Config is what an engine of predictive coding is made of.
type Config struct {
	engine.Config
	Rule      neuron.Rule // the zero Rule is ZIL()
	Form      graph.Form  // how the graph is levelled; the default depends on the rule, see Levelled
	Unlevel   bool        // run the rule on the graph as it is, for study
	PadLeaves bool        // level the edges of leaves too, as in Fig. 4 of the paper

	Precision  []float64 // π by vertex of Graph: F = E + ½ Σ π ε²; nil: 1
	Step       []float64 // γ by vertex of Graph; nil: that of the rule
	FreeInputs []int     // inputs, by position, that are inferred instead of clamped
	HeldInputs []int     // of these: clamped until Population.Free
}

// Check returns the configuration with defaults filled in, the graph levelled as it says, and warnings for the user.
func (c Config) Check() (Config, *graph.Levelled, []string, error) {
	var err error
	if c.Config, err = c.Config.Check(); err != nil {
		return c, nil, nil, err
	}
	for _, list := range [][]float64{c.Precision, c.Step} {
		if n := c.Graph.Len(); list != nil && len(list) != n {
			return c, nil, nil, fmt.Errorf("pc: got precisions or steps for %d vertices, the graph has %d", len(list), n)
		}
	}
	for _, i := range c.FreeInputs {
		if i < 0 || i >= c.Graph.Inputs() {
			return c, nil, nil, fmt.Errorf("pc: input %d cannot be free: the graph has %d inputs", i, c.Graph.Inputs())
		}
	}
	if c.Rule.Gamma == 0 && c.Rule.Name == "" {
		c.Rule = ZIL()
	}
	if err := c.Rule.Check(); err != nil {
		return c, nil, nil, err
	}
	if c.Form == graph.Unlevelled && !c.Unlevel && needsLevels(c.Rule) {
		c.Form = graph.Identities
		if c.Rule.Sparse {
			c.Form = graph.Delays // the slots are the delay lines: nothing is added that computes
		}
	}
	l := graph.Level(c.Graph, c.Form, c.PadLeaves)
	var warnings []string
	if d := l.Depth(); c.Rule.Ticks > 0 && c.Rule.Ticks < d-1 {
		warnings = append(warnings, fmt.Sprintf("%s makes %d relaxations, and errors need %d to reach the lowest level: its parameters get no feedback", c.Rule.Name, c.Rule.Ticks, d-1))
	}
	return c, l, warnings, nil
}

// needsLevels reports whether the rule is meant for a levelled graph.
func needsLevels(r neuron.Rule) bool {
	return r.Event == neuron.Clocked && r.Gate != neuron.AtEnd && r.Gate != neuron.Incremental
}

// vertexValues maps values given for the vertices of the original graph to the levelled one; added identities get fill.
func vertexValues(l *graph.Levelled, list []float64, fill float64) []float64 {
	if list == nil {
		return nil
	}
	r := make([]float64, l.Len())
	for v := range r {
		r[v] = fill
		if o := l.Original(graph.VertexID(v)); o >= 0 {
			r[v] = list[o]
		}
	}
	return r
}

// Population returns the states of the vertices that c describes. The graph must be levelled by Check.
func (c Config) Population(l *graph.Levelled) (*neuron.Population, error) {
	return neuron.New(neuron.Config{Graph: l.Graph, Rule: c.Rule, Type: c.Type, Loss: c.Loss, Initial: c.Initial,
		Plasticity: c.Plasticity, FreeInputs: c.FreeInputs, HeldInputs: c.HeldInputs,
		Precision: vertexValues(l, c.Precision, 1), Step: vertexValues(l, c.Step, c.Rule.Gamma)})
}

// An Engine runs predictive coding on one goroutine. It implements engine.Engine.
type Engine struct {
	cfg      Config
	graph    *graph.Levelled
	pop      *neuron.Population
	worker   neuron.Worker
	ready    []firing // what can fire, oldest first
	head     int
	params   engine.Params
	grads    engine.Params
	outputs  []tensor.Tensor
	warnings []string
	observe  func(*neuron.Population)
	clock    Clock
	sent     int64 // messages before the update
	err      error
}

type firing struct {
	v graph.VertexID
	t neuron.Transition
}

// New returns an engine for cfg.
func New(cfg Config) (*Engine, error) {
	cfg, levelled, warnings, err := cfg.Check()
	if err != nil {
		return nil, err
	}
	pop, err := cfg.Population(levelled)
	if err != nil {
		return nil, err
	}
	cfg.Initial = nil // the population has copied it
	e := &Engine{cfg: cfg, graph: levelled, pop: pop, warnings: warnings}
	e.worker = neuron.Worker{Ctx: tensor.NewCtx(cfg.Compute), Router: e}
	e.outputs = make([]tensor.Tensor, len(levelled.Outputs()))
	return e, nil
}

// Send implements neuron.Router.
func (e *Engine) Send(_ *neuron.Worker, m neuron.Message) {
	if v, t := e.pop.DeliverAlone(m); t != neuron.None {
		e.ready = append(e.ready, firing{v, t})
	}
}

// drain fires what is ready until nothing is, and returns the number of acknowledgements.
func (e *Engine) drain() int {
	acks := 0
	for e.head < len(e.ready) {
		f := e.ready[e.head]
		e.head++
		if e.pop.Fire(&e.worker, f.v, f.t) {
			acks++
		}
	}
	e.ready, e.head = e.ready[:0], 0
	return acks
}

// stage gives every vertex that is due its turn and runs until no message is under way.
func (e *Engine) stage() error {
	for _, v := range e.pop.Due() {
		if t := e.pop.Turn(v); t != neuron.None {
			e.ready = append(e.ready, firing{v, t})
		}
	}
	if n, want := e.drain(), e.pop.Acks(); n != want && want >= 0 {
		return e.incomplete(n, want)
	}
	return nil
}

func (e *Engine) incomplete(got, want int) error {
	e.err = fmt.Errorf("pc: tick %d ended with %d acknowledgements of %d", e.pop.Now(), got, want)
	return e.err
}

// Observe has f called after every tick, with everything at rest. f must not modify anything.
func (e *Engine) Observe(f func(*neuron.Population)) { e.observe = f }

// Graph returns the levelled graph that the engine runs.
func (e *Engine) Graph() *graph.Levelled { return e.graph }

// Population returns the states of the vertices, to be read between calls.
func (e *Engine) Population() *neuron.Population { return e.pop }

// Warnings returns what a user should know about this configuration.
func (e *Engine) Warnings() []string { return e.warnings }

// Begin starts an update and makes its forward sweep. Next goes on with it.
func (e *Engine) Begin(s engine.Sample, mode neuron.Mode) error {
	if e.err != nil {
		return e.err
	}
	if err := e.cfg.CheckSample(s); err != nil {
		return err
	}
	e.sent = e.worker.Predictions + e.worker.Errors
	e.pop.Begin(mode, s.Inputs, s.Target, s.Scale)
	e.clock = NewClock(e.pop)
	return e.stage()
}

// Next goes on with the update by one stage: a tick, or the learning that follows it. It returns false when the update is
// over. Between two calls everything is at rest.
func (e *Engine) Next() (more bool, err error) {
	if e.err != nil {
		return false, e.err
	}
	if !e.clock.Next() {
		return false, nil
	}
	if err := e.stage(); err != nil {
		return false, err
	}
	if e.observe != nil && !e.clock.Learning() {
		e.observe(e.pop)
	}
	return true, nil
}

// Result returns what the last update came to.
func (e *Engine) Result() engine.Result {
	r := e.clock.Result()
	r.Messages = e.worker.Predictions + e.worker.Errors - e.sent
	return r
}

func (e *Engine) update(ctx context.Context, s engine.Sample, mode neuron.Mode) (engine.Result, error) {
	if err := e.Begin(s, mode); err != nil {
		return engine.Result{}, err
	}
	for {
		if err := ctx.Err(); err != nil {
			e.err = fmt.Errorf("pc: stopped at tick %d: %w", e.clock.Tick(), err)
			return engine.Result{}, err
		}
		more, err := e.Next()
		if err != nil {
			return engine.Result{}, err
		}
		if !more {
			return e.Result(), nil
		}
	}
}

// AppendState implements engine.Resumable, also in the middle of an update.
func (e *Engine) AppendState(b []byte) []byte {
	w := &tensor.Encoder{B: e.clock.AppendState(e.pop.AppendState(b))}
	for _, n := range []int64{e.worker.Predictions, e.worker.Errors, e.sent} {
		w.Int(n)
	}
	return w.B
}

// RestoreState implements engine.Resumable.
func (e *Engine) RestoreState(b []byte) (rest []byte, err error) {
	if b, err = e.pop.RestoreState(b); err == nil {
		b, err = e.clock.RestoreState(b, e.pop)
	}
	r := &tensor.Decoder{B: b, Err: err}
	for _, n := range []*int64{&e.worker.Predictions, &e.worker.Errors, &e.sent} {
		*n = r.Int()
	}
	e.err = r.Err
	return r.B, r.Err
}

// Learn implements engine.Engine.
func (e *Engine) Learn(ctx context.Context, s engine.Sample) (engine.Result, error) {
	return e.update(ctx, s, neuron.Learning)
}

// Gradient implements engine.Engine.
func (e *Engine) Gradient(ctx context.Context, s engine.Sample) (engine.Params, engine.Result, error) {
	r, err := e.update(ctx, s, neuron.Gradients)
	e.collect()
	return e.grads, r, err
}

// Predict implements engine.Engine.
func (e *Engine) Predict(ctx context.Context, inputs []tensor.Tensor) ([]tensor.Tensor, error) {
	if e.err != nil {
		return nil, e.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := e.cfg.CheckInputs(inputs); err != nil {
		return nil, err
	}
	e.pop.Begin(neuron.Inference, inputs, tensor.Tensor{}, 1)
	if err := e.stage(); err != nil {
		return nil, err
	}
	for i, v := range e.graph.Outputs() {
		e.outputs[i] = e.pop.Value(v)
	}
	return e.outputs, nil
}

// Params implements engine.Engine.
func (e *Engine) Params() engine.Params {
	e.collect()
	return e.params
}

// collect lists the parameters when they are first asked for: of millions the list alone is large.
func (e *Engine) collect() {
	if e.params == nil {
		e.params, e.grads = Collect(e.pop)
	}
}

// Close implements engine.Engine.
func (e *Engine) Close() error {
	e.worker.Ctx.Close()
	return nil
}

var (
	_ engine.Engine    = (*Engine)(nil)
	_ engine.Resumable = (*Engine)(nil)
)

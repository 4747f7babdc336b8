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
}

// Check returns the configuration with defaults filled in, the graph levelled as it says, and warnings for the user.
func (c Config) Check() (Config, *graph.Levelled, []string, error) {
	var err error
	if c.Config, err = c.Config.Check(); err != nil {
		return c, nil, nil, err
	}
	if c.Rule.Gamma == 0 && c.Rule.Name == "" {
		c.Rule = ZIL()
	}
	if err := c.Rule.Check(); err != nil {
		return c, nil, nil, err
	}
	if c.Form == graph.Unlevelled && !c.Unlevel && c.Rule.Gate != neuron.AtEnd {
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
	pop, err := neuron.New(neuron.Config{Graph: levelled.Graph, Rule: cfg.Rule, Type: cfg.Type, Loss: cfg.Loss,
		Initial: cfg.Initial, Plasticity: cfg.Plasticity})
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, graph: levelled, pop: pop, warnings: warnings}
	e.worker = neuron.Worker{Ctx: tensor.NewCtx(cfg.Compute), Router: e}
	e.params, e.grads = Collect(pop)
	e.outputs = make([]tensor.Tensor, len(levelled.Outputs()))
	return e, nil
}

// Send implements neuron.Router.
func (e *Engine) Send(_ *neuron.Worker, m neuron.Message) {
	if v, t := e.pop.Deliver(m); t != neuron.None {
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

func (e *Engine) sweep() error {
	for _, v := range e.pop.Leaves() {
		e.pop.Fire(&e.worker, v, neuron.Emit)
	}
	if n := e.drain(); n < e.pop.Readers() {
		return e.incomplete(n, e.pop.Readers())
	}
	return nil
}

// tick opens tick t for every vertex that is due and runs until no message is under way.
func (e *Engine) tick(t int, last bool) error {
	e.pop.Open(t, last)
	due := e.pop.Due(t)
	for _, v := range due {
		if tr := e.pop.Turn(v); tr != neuron.None {
			e.ready = append(e.ready, firing{v, tr})
		}
	}
	if n, want := e.drain(), e.pop.Acks(t, last); n != want {
		return e.incomplete(n, want)
	}
	if e.observe != nil {
		e.observe(e.pop)
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

func (e *Engine) update(ctx context.Context, s engine.Sample, mode neuron.Mode) (engine.Result, error) {
	if e.err != nil {
		return engine.Result{}, e.err
	}
	if err := e.cfg.CheckSample(s); err != nil {
		return engine.Result{}, err
	}
	p, w := e.pop, &e.worker
	sent := w.Predictions + w.Errors
	p.Begin(mode, s.Inputs, s.Target, s.Scale)
	if err := e.sweep(); err != nil {
		return engine.Result{}, err
	}
	clock := NewClock(p)
	for clock.Next() {
		if err := ctx.Err(); err != nil {
			e.err = fmt.Errorf("pc: stopped at tick %d: %w", clock.Tick(), err)
			return engine.Result{}, err
		}
		if err := e.tick(clock.Tick(), clock.Last()); err != nil {
			return engine.Result{}, err
		}
	}
	r := clock.Result()
	r.Messages = w.Predictions + w.Errors - sent
	return r, nil
}

// Learn implements engine.Engine.
func (e *Engine) Learn(ctx context.Context, s engine.Sample) (engine.Result, error) {
	return e.update(ctx, s, neuron.Learning)
}

// Gradient implements engine.Engine.
func (e *Engine) Gradient(ctx context.Context, s engine.Sample) (engine.Params, engine.Result, error) {
	r, err := e.update(ctx, s, neuron.Gradients)
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
	if err := e.sweep(); err != nil {
		return nil, err
	}
	for i, v := range e.graph.Outputs() {
		e.outputs[i] = e.pop.Value(v)
	}
	return e.outputs, nil
}

// Params implements engine.Engine.
func (e *Engine) Params() engine.Params { return e.params }

// Close implements engine.Engine.
func (e *Engine) Close() error {
	e.worker.Ctx.Close()
	return nil
}

var _ engine.Engine = (*Engine)(nil)

package sim

import (
	"context"
	"errors"
	"fmt"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// An Engine runs predictive coding in virtual time. It implements engine.Engine; Begin, Step and RunUntil let a caller
// go through an update event by event.
type Engine struct {
	cfg      Config
	free     bool // nobody waits: mode Free, or a rule that needs no clock in any mode
	graph    *graph.Levelled
	pop      *neuron.Population
	worker   neuron.Worker
	params   engine.Params
	grads    engine.Params
	outputs  []tensor.Tensor
	warnings []string

	now   int64
	queue queue
	stats Stats
	ready []firing // what fires at this moment
	head  int

	channel [2][]synapse.Channel // by kind and edge; nil: all ideal
	silence [2][]bool            // by kind and edge: OnLoss is Silence; nil: none
	serial  [2][]int32           // by kind and edge: lockstep, the stage, free-running, the tick of the message that came last

	clock    pc.Clock // lockstep: the stages
	opened   int64    // lockstep: when the present stage began
	stage    int32    // lockstep: number of the present stage in the engine's life
	missing  int      // acknowledgements
	flying   int      // lockstep: messages under way, second copies not counted
	complete bool     // lockstep: the next stage is in the queue
	clocks   []ticker // free-running: by vertex
	box      *parcels // free-running: payloads under way
	started  int64    // when the sample began
	ends     int64    // free-running: when it ends
	active   bool     // an update is under way
	closing  bool     // free-running: messages arrive at once, since the sample is over
	result   engine.Result
	before   Stats

	apart      Stats // of predictions: they are no updates
	apartUnits int64 // that they took

	journal *replay // of the sample that is being replayed; nil: none
	halted  *replay // of the sample before, of a stream that is being replayed
	plan    []Intervention
	lasting []int32 // what was carried out of the plan and is to be done again in an engine that is restored, in order
	updates int
	frozen  int // samples presented since the last update, at frozen weights
	observe func(*Engine)
	settled func(*Engine) // where changes accumulate: called when none is under way any more
	pass    func(from, until int64)
	tally   *neuron.Tally // nil: nobody counts by vertex
	err     error
}

type firing struct {
	v graph.VertexID
	t neuron.Transition
}

// New returns an engine for cfg.
func New(cfg Config) (*Engine, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	var l *graph.Levelled
	var warnings []string
	if cfg.Config, l, warnings, err = cfg.Config.Check(); err != nil {
		return nil, err
	}
	cfg.Rule.Free = cfg.Mode == Free && cfg.Rule.Event == neuron.Clocked
	cfg.Rule.Stream = cfg.Keep
	if cfg.Mode == Free {
		list, err := cfg.CheckFree()
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, list...)
	}
	pop, err := cfg.Population(l)
	if err != nil {
		return nil, err
	}
	cfg.Initial = nil // the population has copied it
	e := &Engine{cfg: cfg, graph: l, pop: pop, warnings: warnings, free: cfg.Mode == Free || cfg.Rule.Event == neuron.Delta}
	e.worker = neuron.Worker{Ctx: tensor.NewCtx(cfg.Compute), Router: e}
	e.outputs = make([]tensor.Tensor, len(l.Outputs()))
	for k := range e.serial {
		e.serial[k] = make([]int32, l.Edges())
	}
	if e.channel, e.silence, err = cfg.Lay(l); err != nil {
		e.worker.Ctx.Close()
		return nil, err
	}
	if e.free {
		e.box = newParcels(l.Graph, cfg.Type)
		if err := e.wind(); err != nil {
			e.worker.Ctx.Close()
			return nil, err
		}
	}
	return e, nil
}

// Send implements neuron.Router.
func (e *Engine) Send(_ *neuron.Worker, m neuron.Message) {
	e.stats.Sent++
	if e.free && m.Tick != neuron.Sweep {
		e.post(m)
		return
	}
	e.mail(m)
}

// Begin starts an update. Until it is over, Step goes on with it.
func (e *Engine) Begin(s engine.Sample, mode neuron.Mode) error {
	if e.err != nil {
		return e.err
	}
	if e.active {
		return errors.New("sim: an update is under way: go on with Step")
	}
	if mode != neuron.Inference {
		if err := e.cfg.CheckSample(s); err != nil {
			return err
		}
	} else if err := e.cfg.CheckInputs(s.Inputs); err != nil {
		return err
	}
	e.before = e.stats
	e.before.Predictions, e.before.Errors = e.worker.Predictions, e.worker.Errors
	e.started, e.active = e.now, true
	e.pop.Begin(mode, s.Inputs, s.Target, s.Scale)
	switch mode {
	case neuron.Learning:
		e.updates, e.frozen = e.updates+1, 0
		e.scheduleInterventions(e.updates)
	case neuron.Gradients:
		e.frozen++
		e.scheduleInterventions(0)
	}
	if e.free {
		e.beginFree(mode)
		return nil
	}
	e.openStage()
	return nil
}

// Step processes the next event of the update. It returns false when the update is over.
func (e *Engine) Step() (more bool, err error) {
	if !e.active || e.err != nil {
		return false, e.err
	}
	if e.queue.size() == 0 && !e.accumulates() {
		e.active = false
		e.err = e.stalled()
		return false, e.err
	}
	if e.accumulates() && e.stats.UnderWay == 0 {
		e.ends = e.now
		if e.settled != nil {
			e.settled(e)
		}
		e.finish()
		e.passed(e.now)
		return false, e.err
	}
	if e.pass != nil {
		e.passed(e.queue.next())
	}
	var ev event
	e.queue.pop(&ev)
	e.now = ev.time
	e.stats.Events++
	e.process(&ev)
	e.drain()
	if e.observe != nil {
		e.observe(e)
	}
	if !e.active {
		e.passed(e.now)
	}
	return e.active, nil
}

func (e *Engine) process(ev *event) {
	switch ev.class() {
	case intervene:
		e.intervene(int(ev.id))
	case deliver:
		if !ev.is(isVoid) {
			e.stats.UnderWay--
			if e.tally != nil {
				e.arrived(ev)
			}
		}
		if e.free {
			e.receive(ev)
		} else {
			e.arrive(ev)
		}
	case stage:
		e.nextStage()
	case compare:
		e.turn(graph.VertexID(ev.id))
	case relax:
		e.relax(graph.VertexID(ev.id))
	case finish:
		e.finish()
	}
}

// RunUntil goes on with the update until it is over or cond holds, which is asked after every event, so at least one is
// processed. It returns whether the update is still under way.
func (e *Engine) RunUntil(cond func() bool) (more bool, err error) {
	for more, err = e.Step(); more && err == nil && !cond(); more, err = e.Step() {
	}
	return more, err
}

// RunUntilTime goes on with the update until it is over or all that happens up to time t has happened: then it is time t.
// Events later than t are left alone. It returns whether the update is still under way.
func (e *Engine) RunUntilTime(t int64) (more bool, err error) {
	for e.active && e.err == nil && e.due(t) {
		if _, err := e.Step(); err != nil {
			return false, err
		}
	}
	if e.active && e.err == nil && t > e.now {
		e.passed(t)
		e.now, e.queue.now = t, max(t, e.queue.now)
	}
	return e.active, e.err
}

// due reports whether the next step happens at time t or before.
func (e *Engine) due(t int64) bool {
	return e.queue.size() == 0 || e.accumulates() && e.stats.UnderWay == 0 || e.queue.next() <= t
}

// run goes on until the update is over.
func (e *Engine) run(ctx context.Context) (engine.Result, error) {
	const stride = 1024 // events between two looks at ctx
	for n := 1; ; n++ {
		more, err := e.Step()
		if err != nil {
			return engine.Result{}, err
		}
		if (!more || n%stride == 0) && ctx.Err() != nil {
			e.err = fmt.Errorf("sim: stopped at time %d: %w", e.now, ctx.Err())
			return engine.Result{}, ctx.Err()
		}
		if !more {
			return e.Result(), nil
		}
	}
}

// Result returns what the last update came to.
func (e *Engine) Result() engine.Result {
	r := e.result
	s := e.Stats()
	r.Messages = s.Predictions + s.Errors - e.before.Predictions - e.before.Errors
	r.Lost = s.Lost - e.before.Lost
	return r
}

// Learn implements engine.Engine.
func (e *Engine) Learn(ctx context.Context, s engine.Sample) (engine.Result, error) {
	if err := e.begin(ctx, s, neuron.Learning); err != nil {
		return engine.Result{}, err
	}
	return e.run(ctx)
}

// Gradient implements engine.Engine.
func (e *Engine) Gradient(ctx context.Context, s engine.Sample) (engine.Params, engine.Result, error) {
	if err := e.begin(ctx, s, neuron.Gradients); err != nil {
		return nil, engine.Result{}, err
	}
	r, err := e.run(ctx)
	return e.Gradients(), r, err
}

// Predict implements engine.Engine. It is a forward sweep over ideal links, and takes no virtual time in free-running mode. A
// stream goes on as if nobody had asked.
func (e *Engine) Predict(ctx context.Context, inputs []tensor.Tensor) ([]tensor.Tensor, error) {
	if !e.cfg.Keep || e.active {
		return e.predict(ctx, inputs)
	}
	return e.pop.Aside(func() ([]tensor.Tensor, error) { return e.predict(ctx, inputs) })
}

func (e *Engine) predict(ctx context.Context, inputs []tensor.Tensor) ([]tensor.Tensor, error) {
	before, start := e.Stats(), e.now
	if err := e.begin(ctx, engine.Sample{Inputs: inputs}, neuron.Inference); err != nil {
		return nil, err
	}
	if _, err := e.run(ctx); err != nil {
		return nil, err
	}
	e.apart = e.apart.Plus(1, e.Stats()).Plus(-1, before)
	e.apartUnits += e.now - start
	for i, v := range e.graph.Outputs() {
		e.outputs[i] = e.pop.Value(v)
	}
	return e.outputs, nil
}

func (e *Engine) begin(ctx context.Context, s engine.Sample, mode neuron.Mode) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return e.Begin(s, mode)
}

// Params implements engine.Engine.
func (e *Engine) Params() engine.Params {
	e.collect()
	return e.params
}

// Gradients returns the feedback of every parameter after an update begun with neuron.Gradients.
func (e *Engine) Gradients() engine.Params {
	e.collect()
	return e.grads
}

// collect lists the parameters when they are first asked for: of millions the list alone is large.
func (e *Engine) collect() {
	if e.params == nil {
		e.params, e.grads = pc.Collect(e.pop)
	}
}

// Close implements engine.Engine.
func (e *Engine) Close() error {
	e.worker.Ctx.Close()
	return nil
}

// Now returns the virtual time in units.
func (e *Engine) Now() int64 { return e.now }

// Updates returns the number of updates that were begun.
func (e *Engine) Updates() int { return e.updates }

// Frozen returns the number of samples that were presented at frozen weights since the last update.
func (e *Engine) Frozen() int { return e.frozen }

// Graph returns the graph that runs.
func (e *Engine) Graph() *graph.Levelled { return e.graph }

// Population returns the states of the vertices, to be read between steps.
func (e *Engine) Population() *neuron.Population { return e.pop }

// Warnings returns what a user should know about this configuration.
func (e *Engine) Warnings() []string { return e.warnings }

// Observe has f called after every event. f must not modify anything.
func (e *Engine) Observe(f func(*Engine)) { e.observe = f }

var _ engine.Engine = (*Engine)(nil)

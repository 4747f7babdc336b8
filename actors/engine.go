package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// A Config is what an actors engine is made of.
type Config struct {
	pc.Config
	System  *actor.ActorSystem   // where the actors live; nil: a system of the engine's own
	Trace   func(neuron.Message) // called for every message, by the sending goroutine; nil: not at all
	Hosting Hosting              // whether vertices are actors or live in shards
	Shards  int                  // number of shard actors; 0: one per worker
}

// NewSystem returns an actor system without metrics that logs nothing. One serves any number of engines.
func NewSystem() *actor.ActorSystem {
	return actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
		return slog.New(slog.DiscardHandler)
	}))
}

// An Engine runs vertices as actors, or in shard actors. It implements engine.Engine.
type Engine struct {
	cfg      Config
	graph    *graph.Levelled
	pop      *neuron.Population
	ctx      *tensor.Ctx
	sched    *scheduler
	system   *actor.ActorSystem
	own      bool // system was made by New
	boxes    []mailbox
	procs    []actor.Process
	pids     []*actor.PID
	shards   []*shard // nil: vertices are actors of their own
	clock    clock
	params   engine.Params
	grads    engine.Params
	outputs  []tensor.Tensor
	warnings []string

	halted  atomic.Bool // no vertex fires any more
	failure chan error  // the first fault, capacity 1
	failed  sync.Once
	err     error // why the engine can only be closed
	closed  bool
	elapsed time.Duration
	observe func(*neuron.Population)
	drop    func(neuron.Message) bool      // for tests: loses a message
	mute    func(graph.VertexID, int) bool // for tests: loses an acknowledgement
	lose    func(*neuron.Batch) bool       // for tests: loses a batch
	least   int                            // see deferFrom; tests defer more
}

// ErrClosed is returned by the methods of a closed engine.
var ErrClosed = errors.New("actors: the engine is closed")

// New spawns the actors of the vertices, or of the shards that host them, and that of the clock.
func New(cfg Config) (*Engine, error) {
	checked, levelled, warnings, err := cfg.Check()
	if err != nil {
		return nil, err
	}
	cfg.Config = checked
	if cfg.Rule.Event == neuron.Delta || cfg.Rule.Free {
		return nil, fmt.Errorf("actors: rule %s does not say when a tick is over: use engine pc or sim", cfg.Rule.Name)
	}
	pop, err := cfg.Population(levelled)
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, graph: levelled, pop: pop, warnings: warnings, system: cfg.System, failure: make(chan error, 1), least: deferFrom}
	if e.system == nil {
		e.system, e.own = NewSystem(), true
	}
	e.ctx = tensor.NewCtx(cfg.Compute)
	e.cfg.Initial = nil // the population has copied it
	e.outputs = make([]tensor.Tensor, len(levelled.Outputs()))
	e.sched = newScheduler(e, e.ctx)
	spawn := e.spawn
	if cfg.Hosting.For(levelled.Len()) == HostShard {
		spawn = e.spawnShards
	}
	if err := spawn(); err != nil {
		_ = e.Close()
		return nil, err
	}
	e.sched.start()
	return e, nil
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
	if err := e.usable(ctx); err != nil {
		return nil, err
	}
	if err := e.cfg.CheckInputs(inputs); err != nil {
		return nil, err
	}
	e.pop.Begin(neuron.Inference, inputs, tensor.Tensor{}, 1)
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	for i, v := range e.graph.Outputs() {
		e.outputs[i] = e.pop.Value(v)
	}
	return e.outputs, nil
}

func (e *Engine) usable(ctx context.Context) error {
	switch {
	case e.closed:
		return ErrClosed
	case e.err != nil:
		return e.err
	}
	return ctx.Err()
}

func (e *Engine) update(ctx context.Context, s engine.Sample, mode neuron.Mode) (engine.Result, error) {
	if err := e.usable(ctx); err != nil {
		return engine.Result{}, err
	}
	if err := e.cfg.CheckSample(s); err != nil {
		return engine.Result{}, err
	}
	before := e.Stats()
	e.pop.Defer(e.deferring())
	e.pop.Begin(mode, s.Inputs, s.Target, s.Scale)
	if err := e.run(ctx); err != nil {
		return engine.Result{}, err
	}
	r := e.clock.schedule.Result()
	after := e.Stats()
	r.Messages = after.Messages() - before.Messages()
	r.Control = after.Control - before.Control
	return r, nil
}

// run starts the clock and waits until the update is over. On an error no vertex is running any more when it returns,
// and the engine can only be closed.
func (e *Engine) run(ctx context.Context) error {
	start := time.Now()
	e.sched.begin(e.clock.box)
	var err error
	select {
	case <-e.clock.done:
		e.sched.end()
		e.elapsed += time.Since(start)
		return nil
	case err = <-e.failure:
		e.err = err
	case <-ctx.Done():
		err = ctx.Err()
		e.err = fmt.Errorf("actors: stopped in the middle of an update: %w", err)
	}
	e.halt()
	return err
}

// halt ends the workers; what a vertex is doing is finished first.
func (e *Engine) halt() {
	e.halted.Store(true)
	e.sched.stop()
}

// fail reports the first fault of an update.
func (e *Engine) fail(err error) {
	e.failed.Do(func() {
		e.halted.Store(true)
		e.failure <- err
	})
}

// AppendState implements engine.Resumable, between updates.
func (e *Engine) AppendState(b []byte) []byte { return e.pop.AppendState(b) }

// RestoreState implements engine.Resumable.
func (e *Engine) RestoreState(b []byte) (rest []byte, err error) {
	if rest, err = e.pop.RestoreState(b); err != nil {
		e.err = err
	}
	return rest, err
}

// Params implements engine.Engine.
func (e *Engine) Params() engine.Params {
	e.collect()
	return e.params
}

// collect lists the parameters when they are first asked for: of millions the list alone is large.
func (e *Engine) collect() {
	if e.params == nil {
		e.params, e.grads = pc.Collect(e.pop)
	}
}

// Graph returns the levelled graph that the engine runs.
func (e *Engine) Graph() *graph.Levelled { return e.graph }

// Population returns the states of the vertices, to be read between calls.
func (e *Engine) Population() *neuron.Population { return e.pop }

// Warnings returns what a user should know about this configuration.
func (e *Engine) Warnings() []string { return e.warnings }

// Close stops all actors and workers. It may be called twice.
func (e *Engine) Close() error {
	if e.closed {
		return nil
	}
	e.closed = true
	e.halt()
	for i, p := range e.procs {
		if p != nil {
			p.Stop(e.pids[i])
		}
	}
	for _, s := range e.shards {
		s.proc.Stop(s.pid)
	}
	if e.clock.proc != nil {
		e.clock.proc.Stop(e.clock.pid)
	}
	if e.own {
		e.system.Shutdown()
	}
	e.ctx.Close()
	return nil
}

var _ engine.Engine = (*Engine)(nil)

package actors

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A FreeConfig is what a free-running actors engine is made of: a configuration of package sim, in mode Free, and how
// long its unit of time lasts on the wall.
type FreeConfig struct {
	sim.Config
	Unit    time.Duration        // wall time of one unit; 0 stands for a microsecond
	System  *actor.ActorSystem   // where the actors live; nil: a system of the engine's own
	Journal func([]neuron.Entry) // called after every sample with what happened in it, which is the callee's to keep; nil: not at all
}

// A Free engine runs every vertex as an actor on the clock of the wall: nobody waits for anybody. Two runs differ, since
// the machine's scheduler takes part. The journal of a run, replayed by sim.Engine.Replay, gives its bits again. It
// implements engine.Engine.
type Free struct {
	cfg     FreeConfig
	graph   *graph.Levelled
	pop     *neuron.Population
	ctx     *tensor.Ctx
	own     neuron.Worker       // of the goroutine that calls the engine
	workers chan *neuron.Worker // of the actors
	system  *actor.ActorSystem
	private bool
	nodes   []node
	post    *postman

	channel [2][]synapse.Channel
	silence [2][]bool
	ready   []firing
	live    bool // a sample runs: messages travel on the wall's clock
	tally   *neuron.Tally
	doubled atomic.Int64  // second copies that links made
	base    int64         // units that earlier samples took
	lasted  int64         // units that the last sample took
	apart   sim.Stats     // of predictions: they are no updates
	owed    atomic.Int64  // accumulating: what has not been taken, letters and turns
	quiet   chan struct{} // accumulating: nothing is owed
	plan    []sim.Intervention
	later   []parcel  // strikes whose time comes when the next sample runs
	updates int       // that were begun
	frozen  int       // samples presented since the last update, at frozen weights
	watcher *onlooker // nil: nobody looks
	faults  chan error
	params  engine.Params
	grads   engine.Params
	outputs []tensor.Tensor
	warn    []string
	err     error
	closed  bool
}

type firing struct {
	v graph.VertexID
	t neuron.Transition
}

// NewFree spawns an actor for every vertex.
func NewFree(cfg FreeConfig) (*Free, error) {
	if cfg.Unit <= 0 {
		cfg.Unit = time.Microsecond
	}
	cfg.Mode = sim.Free
	if cfg.Tick == 0 {
		cfg.Tick = sim.DefaultTick
	}
	notes, err := cfg.CheckFree()
	if err != nil {
		return nil, err
	}
	cfg.Rule.Free = cfg.Rule.Event == neuron.Clocked
	cfg.Rule.Stream = cfg.Keep
	checked, l, warnings, err := cfg.Config.Config.Check()
	if err != nil {
		return nil, err
	}
	cfg.Config.Config = checked
	pop, err := cfg.Population(l)
	if err != nil {
		return nil, err
	}
	f := &Free{cfg: cfg, graph: l, pop: pop, warn: append(warnings, notes...), system: cfg.System, faults: make(chan error, 1), quiet: make(chan struct{}, 1), tally: neuron.NewTally(l.Graph)}
	pop.Watch(f.tally)
	if f.system == nil {
		f.system, f.private = NewSystem(), true
	}
	if f.channel, f.silence, err = cfg.Lay(l); err != nil {
		return nil, err
	}
	f.cfg.Initial = nil // the population has copied it
	f.ctx = tensor.NewCtx(cfg.Compute)
	f.own = neuron.Worker{Ctx: f.ctx, Router: f}
	f.workers = make(chan *neuron.Worker, f.ctx.Workers())
	for range cap(f.workers) {
		f.workers <- &neuron.Worker{Ctx: f.ctx.Fork(), Router: f}
	}
	f.params, f.grads = pc.Collect(pop)
	f.outputs = make([]tensor.Tensor, len(l.Outputs()))
	f.post = newPostman(f)
	if err := f.spawn(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Send implements neuron.Router: at once between samples, on the wall's clock during one.
func (f *Free) Send(_ *neuron.Worker, m neuron.Message) {
	switch {
	case m.Tick == neuron.Sweep:
		if v, t := f.pop.Deliver(m); t != neuron.None {
			f.ready = append(f.ready, firing{v, t})
		}
	case f.live:
		f.mail(m)
	default: // the sample is over
		l := f.letter(m)
		f.nodes[f.receiver(m)].take(l)
	}
}

func (f *Free) receiver(m neuron.Message) graph.VertexID {
	if m.Kind == neuron.Prediction {
		return f.graph.To(m.Edge)
	}
	return f.graph.From(m.Edge)
}

// letter copies the payload of m, as the link lets it through.
func (f *Free) letter(m neuron.Message) *letter {
	l := &letter{m: m, payload: f.pop.Payload(m).Clone(), sent: f.post.now()}
	if ch := f.channel[m.Kind]; ch != nil && l.payload.Wanted() {
		ch[m.Edge].Distort(l.payload)
	}
	return l
}

// mail sends m over its link. Each channel is used by one vertex alone: the sender.
func (f *Free) mail(m neuron.Message) {
	now := f.post.now()
	n, at := 1, [2]int64{now}
	if ch := f.channel[m.Kind]; ch != nil {
		n, at = ch[m.Edge].Send(now)
	}
	detour := int64(f.graph.Delay(m.Edge)) * f.cfg.Tick // a delay line is a longer way
	to := f.receiver(m)
	for i := range n {
		f.tally.Away(to)
		l := f.letter(m)
		l.copied = i > 0
		f.owe(1)
		f.post.deliver(at[i]+detour, to, l)
	}
	if n > 1 {
		f.doubled.Add(1)
	}
	if n > 0 {
		return
	}
	f.tally.Add(neuron.CountLost, to, m.Kind)
	if f.silence[m.Kind] != nil && f.silence[m.Kind][m.Edge] && !f.accumulates() {
		f.post.deliver(at[0]+detour, to, &letter{m: m, void: true})
	}
}

// sweep makes a clean forward sweep on the calling goroutine; the actors are idle.
func (f *Free) sweep() {
	for _, v := range f.pop.Due() {
		f.pop.Fire(&f.own, v, neuron.Emit)
	}
	for len(f.ready) > 0 {
		r := f.ready[0]
		f.ready = f.ready[1:]
		f.pop.Fire(&f.own, r.v, r.t)
	}
	f.ready = nil
}

func (f *Free) update(ctx context.Context, s engine.Sample, mode neuron.Mode) (engine.Result, error) {
	if err := f.usable(ctx); err != nil {
		return engine.Result{}, err
	}
	if err := f.cfg.CheckSample(s); err != nil {
		return engine.Result{}, err
	}
	before := f.Stats()
	goesOn := f.cfg.Keep && f.updates+f.frozen > 0
	for v := range f.nodes {
		f.nodes[v].reset(goesOn)
	}
	f.pop.Begin(mode, s.Inputs, s.Target, s.Scale)
	if mode == neuron.Learning {
		f.updates, f.frozen = f.updates+1, 0
		f.intervene(f.updates)
	} else {
		f.frozen++
		f.intervene(0)
	}
	if goesOn {
		if err := f.pop.Rehearse(f.sweep); err != nil {
			f.err = err
			return engine.Result{}, err
		}
		f.pop.Continue()
	} else {
		f.sweep()
		f.pop.Open(0, false)
	}
	if err := f.present(ctx, goesOn); err != nil {
		f.err = err
		return engine.Result{}, err
	}
	ticks := int(f.lasted / f.cfg.Tick)
	f.pop.Open(ticks, true)
	if f.cfg.Rule.Gate == neuron.AtEnd {
		for _, v := range f.pop.Due() {
			f.pop.Fire(&f.own, v, neuron.Compare)
		}
	}
	r := engine.Result{Loss: f.pop.Loss(), Energy: f.pop.Energy(), Residual: f.pop.Residual(), Ticks: ticks + 1}
	f.pop.OpenLearning()
	for _, v := range f.pop.Due() {
		f.pop.Fire(&f.own, v, neuron.Learn)
	}
	after := f.Stats()
	r.Messages, r.Lost = after.Sent-before.Sent, after.Lost-before.Lost
	f.report()
	return r, nil
}

// report hands the journal of the sample over.
func (f *Free) report() {
	if f.cfg.Journal == nil {
		return
	}
	var all []neuron.Entry
	for v := range f.nodes {
		all = append(all, f.nodes[v].entries...)
	}
	f.cfg.Journal(all)
}

func (f *Free) usable(ctx context.Context) error {
	switch {
	case f.closed:
		return ErrClosed
	case f.err != nil:
		return f.err
	}
	return ctx.Err()
}

// Learn implements engine.Engine.
func (f *Free) Learn(ctx context.Context, s engine.Sample) (engine.Result, error) {
	return f.update(ctx, s, neuron.Learning)
}

// Gradient implements engine.Engine.
func (f *Free) Gradient(ctx context.Context, s engine.Sample) (engine.Params, engine.Result, error) {
	r, err := f.update(ctx, s, neuron.Gradients)
	return f.grads, r, err
}

// Predict implements engine.Engine. A stream goes on as if nobody had asked.
func (f *Free) Predict(ctx context.Context, inputs []tensor.Tensor) ([]tensor.Tensor, error) {
	if !f.cfg.Keep {
		return f.predict(ctx, inputs)
	}
	return f.pop.Aside(func() ([]tensor.Tensor, error) { return f.predict(ctx, inputs) })
}

func (f *Free) predict(ctx context.Context, inputs []tensor.Tensor) ([]tensor.Tensor, error) {
	if err := f.usable(ctx); err != nil {
		return nil, err
	}
	if err := f.cfg.CheckInputs(inputs); err != nil {
		return nil, err
	}
	before := f.Stats()
	f.pop.Begin(neuron.Inference, inputs, tensor.Tensor{}, 1)
	f.sweep()
	f.apart = f.apart.Plus(1, f.Stats()).Plus(-1, before)
	for i, v := range f.graph.Outputs() {
		f.outputs[i] = f.pop.Value(v)
	}
	return f.outputs, nil
}

// Params implements engine.Engine.
func (f *Free) Params() engine.Params { return f.params }

// Graph returns the graph that runs.
func (f *Free) Graph() *graph.Levelled { return f.graph }

// Warnings returns what a user should know about this configuration.
func (f *Free) Warnings() []string { return f.warn }

// Close implements engine.Engine.
func (f *Free) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	f.post.stop()
	var gone sync.WaitGroup
	for v := range f.nodes {
		if f.nodes[v].pid != nil {
			gone.Add(1)
			f.nodes[v].gone = gone.Done
			f.system.Root.Stop(f.nodes[v].pid)
		}
	}
	gone.Wait()
	if f.private {
		f.system.Shutdown()
	}
	f.ctx.Close()
	return nil
}

// fault ends the sample.
func (f *Free) fault(v graph.VertexID, reason any) {
	select {
	case f.faults <- fmt.Errorf("actors: vertex %s: panic: %v", f.graph.Name(v), reason):
	default:
	}
}

var _ engine.Engine = (*Free)(nil)

package study

import (
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/train"
)

// A tracer records what record.traces asks for. Its zero value records nothing.
type tracer struct {
	recorder   *record.Recorder // nil: none
	engine     engine.Engine
	population *neuron.Population // nil: bp
	tally      *neuron.Tally      // nil: nothing is counted by vertex
	millis     float64            // of a unit of the engine's time; NaN without
	active     bool               // an update is under way
	update     int                // from 0
	feedback   engine.Params      // nil: it is not recorded
}

// trace has the training c recorded, if the configuration asks for it. state is where a run that is resumed goes on.
func (r *run) trace(c *train.Config, state []byte) (*tracer, error) {
	t := &tracer{engine: r.engine, millis: math.NaN()}
	specs := r.Config.Record.Specs()
	if len(specs) == 0 {
		return t, nil
	}
	dir := r.folder.Path("traces")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return t, err
	}
	g := r.recorded()
	if e, ok := r.engine.(interface{ Population() *neuron.Population }); ok {
		t.population = e.Population()
	}
	t.watch(r.Config, specs, g)
	rest, err := t.restore(state)
	if err != nil {
		return t, err
	}
	wall := r.Config.Wall() // only there time goes on while the disk works
	t.recorder, err = record.NewRecorder(record.RecorderConfig{Dir: dir, Graph: g, Params: r.engine.Params(), Wait: !wall, Wall: wall,
		Ordered: r.Config.Time.Engine == "actors", Spool: r.Config.Record.Checkpoint > 0, Resume: rest}, specs...)
	if err != nil {
		return t, err
	}
	t.observe(r.Config)
	t.wrap(c)
	return t, nil
}

// recorded returns the graph whose vertices are recorded: the engine's.
func (r *run) recorded() *graph.Graph {
	if e, ok := r.engine.(config.Predictive); ok {
		return e.Graph().Graph
	}
	return r.Network.Graph
}

// watch has the engine keep what is to be recorded.
func (t *tracer) watch(c config.Config, specs []record.Spec, g *graph.Graph) {
	asked := func(has func(q record.Quantity, s record.Spec) bool) bool {
		return slices.ContainsFunc(specs, func(s record.Spec) bool {
			return slices.ContainsFunc(record.List(), func(q record.Quantity) bool { return slices.Contains(s.What, q.Name) && has(q, s) })
		})
	}
	if asked(func(q record.Quantity, _ record.Spec) bool { return q.Name == "feedback" }) {
		t.keepFeedback()
	}
	if t.population != nil && asked(func(q record.Quantity, s record.Spec) bool { return q.Counts() || s.Unit != record.Updates }) {
		t.count(g)
	}
	if c.Time.Engine == "sim" || c.Wall() {
		t.millis = c.Time.Resolution.Milliseconds()
	}
	if t.tally != nil && asked(func(_ record.Quantity, s record.Spec) bool { return s.Unit == record.Events }) {
		t.tally.Event = t.event
	}
}

// keepFeedback has the engine keep the feedback from which parameters learn.
func (t *tracer) keepFeedback() {
	if e, ok := t.engine.(*bp.Engine); ok {
		t.feedback = e.KeepFeedback()
		return
	}
	t.population.KeepFeedback()
	for i, p := range t.engine.Params() {
		t.feedback = append(t.feedback, engine.Param{Name: p.Name, Value: t.population.Feedback(i)})
	}
}

// count has the engine count what happens at every vertex.
func (t *tracer) count(g *graph.Graph) {
	switch e := t.engine.(type) {
	case *actors.Free:
		t.tally = e.Tally() // it counts always
	case *sim.Engine:
		t.tally = neuron.NewTally(g)
		e.Watch(t.tally)
	default:
		t.tally = neuron.NewTally(g)
		t.population.Watch(t.tally)
	}
}

// observe has the engine show its ticks, or free-running its events or its vertices now and then.
func (t *tracer) observe(c config.Config) {
	if !t.recorder.Wanted() {
		return
	}
	show := func(p *neuron.Population) { t.tick(p.Now()) }
	switch e := t.engine.(type) {
	case *pc.Engine:
		e.Observe(show)
	case *actors.Engine:
		e.Observe(show)
	case *actors.Free:
		if every := t.recorder.Interval() / t.millis; every > 0 {
			e.Observe(int64(every), t.glance)
		}
	case *sim.Engine:
		e.ObserveTicks(func(*sim.Engine) { t.tick(t.population.Now()) })
		if t.recorder.Interval() > 0 {
			e.ObserveTimes(t.pass)
		}
	}
}

// pass records what there is from a time until another.
func (t *tracer) pass(from, until int64) {
	if t.active {
		t.recorder.Pass(t.moment(t.population.Now()), from, until)
	}
}

func (t *tracer) tick(now int) {
	if t.active {
		t.recorder.Tick(t.moment(now))
	}
}

// glance records what free-running actors show at a time.
func (t *tracer) glance(now int64, b *actors.Board) {
	m := t.moment(0)
	m.State, m.Millis = b, t.millis*float64(now)
	t.recorder.Tick(m)
}

// event records what happened at a vertex in an update.
func (t *tracer) event(c neuron.Count, v graph.VertexID, k neuron.Kind) {
	if t.active {
		t.recorder.Happen(record.Event{Update: t.update, Tick: t.population.Now(), Millis: t.now(), What: c, Kind: k, Vertex: v})
	}
}

// now returns the engine's time in milliseconds, NaN if it has none.
func (t *tracer) now() float64 {
	if e, ok := t.engine.(interface{ Now() int64 }); ok {
		return t.millis * float64(e.Now())
	}
	return math.NaN()
}

// moment returns what there is to see now.
func (t *tracer) moment(tick int) record.Moment {
	m := record.Moment{Update: t.update, Tick: tick, Millis: t.now(), Params: t.engine.Params(), Feedback: t.feedback, Tally: t.tally, UnitMS: t.millis}
	if t.population != nil {
		m.State = t.population
	}
	if e, ok := t.engine.(*sim.Engine); ok {
		m.Counters = counters(e.Stats(), t.millis)
	}
	return m
}

// counters returns the totals of a simulation; a unit of its time lasts unit milliseconds.
func counters(s sim.Stats, unit float64) *record.Counters {
	c := &record.Counters{Sent: s.Sent, Predictions: s.Predictions, Errors: s.Errors, Delivered: s.Delivered, Lost: s.Lost, Late: s.Late, Stale: s.Stale,
		Duplicated: s.Duplicated, Expired: s.Expired, MaxAgeMS: unit * float64(s.MaxAge), Queue: s.UnderWay}
	if s.Delivered > 0 {
		c.AgeMS = unit * float64(s.Age) / float64(s.Delivered)
	}
	return c
}

// wrap has c tell when updates begin and end, beside whom it tells already.
func (t *tracer) wrap(c *train.Config) {
	before, after := c.Before, c.After
	c.Before = func(update int, s engine.Sample) error {
		if before != nil {
			if err := before(update, s); err != nil {
				return err
			}
		}
		t.update, t.active = update-1, true
		return nil
	}
	c.After = func(update int, s engine.Sample) error {
		t.active = false
		tick := 0
		if t.population != nil {
			tick = t.population.Now()
		}
		t.recorder.Update(t.moment(tick))
		if after != nil {
			return after(update, s)
		}
		return nil
	}
}

// state returns where recording is, for a checkpoint: everything recorded so far survives the end of the program.
func (t *tracer) state() ([]byte, error) {
	if t == nil || t.recorder == nil {
		return nil, nil
	}
	w := &tensor.Encoder{}
	var counts []byte
	if t.tally != nil {
		counts = t.tally.AppendState(nil)
	}
	w.Bytes(counts)
	return t.recorder.State(w.B)
}

// restore takes in the counts of a checkpoint, and returns the state of the recorder; nil if there is none.
func (t *tracer) restore(state []byte) (rest []byte, err error) {
	if state == nil {
		return nil, nil
	}
	d := &tensor.Decoder{B: state}
	n := d.Uint()
	if d.Err != nil || n > uint64(len(d.B)) || (n > 0) != (t.tally != nil) {
		return nil, fmt.Errorf("study: checkpoint: it was made with other recordings")
	}
	if t.tally != nil {
		_, err = t.tally.RestoreState(d.B[:n])
	}
	return d.B[n:], err
}

// close completes the files and says what became of them. If the run is to go on, it keeps what that needs.
func (t *tracer) close(goesOn bool) ([]record.Recording, error) {
	if t.recorder == nil {
		return nil, nil
	}
	return t.recorder.Close(goesOn)
}

package study

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/train"
)

// A tracer records what record.traces asks for. Its zero value records nothing.
type tracer struct {
	recorder *record.Recorder // nil: none
	engine   engine.Engine
	millis   float64 // of a unit of virtual time; NaN without
	active   bool    // an update is under way
	update   int     // from 0
	feedback engine.Params
}

// trace has the training c recorded, if the configuration asks for it.
func (r *run) trace(c *train.Config) (*tracer, error) {
	t := &tracer{engine: r.engine, millis: math.NaN()}
	specs := r.Config.Record.Specs()
	if len(specs) == 0 {
		return t, nil
	}
	dir := r.folder.Path("traces")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return t, err
	}
	g := r.Network.Graph
	if e, ok := r.engine.(config.Predictive); ok {
		g = e.Graph().Graph
	}
	prefix, err := part(dir)
	if err != nil {
		return t, err
	}
	// Only actors have a time that would not wait for the disk.
	t.recorder, err = record.NewRecorder(record.RecorderConfig{Dir: dir, Prefix: prefix, Graph: g, Params: r.engine.Params(), Wait: r.Config.Time.Engine != "actors"}, specs...)
	if err != nil {
		return t, err
	}
	if t.recorder.Wanted() {
		t.observe(r.Config)
	}
	t.wrap(c, slices.ContainsFunc(specs, func(s record.Spec) bool { return slices.Contains(s.What, "feedback") }))
	return t, nil
}

// part returns what the names of files begin with: nothing, or for a run that goes on "part2-" and so on.
func part(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for n := 2; ; n++ {
		prefix := fmt.Sprintf("part%d-", n)
		switch {
		case len(entries) == 0:
			return "", nil
		case !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), prefix) }):
			return prefix, nil
		}
	}
}

// observe has the engine show its ticks, or free-running its events.
func (t *tracer) observe(c config.Config) {
	switch e := t.engine.(type) {
	case *pc.Engine:
		e.Observe(func(*neuron.Population) { t.tick(e.Population().Now()) })
	case *sim.Engine:
		t.millis = c.Time.Resolution.Milliseconds()
		if c.Time.Mode == "free" {
			e.Observe(func(*sim.Engine) { t.tick(e.Population().Now()) })
			return
		}
		e.ObserveTicks(func(*sim.Engine) { t.tick(e.Population().Now()) })
	}
}

func (t *tracer) tick(now int) {
	if t.active {
		t.recorder.Tick(t.moment(now))
	}
}

// moment returns what there is to see now.
func (t *tracer) moment(tick int) record.Moment {
	m := record.Moment{Update: t.update, Tick: tick, Millis: math.NaN(), Params: t.engine.Params(), Feedback: t.feedback}
	if e, ok := t.engine.(interface{ Population() *neuron.Population }); ok {
		m.State = e.Population()
	}
	if e, ok := t.engine.(*sim.Engine); ok {
		m.Millis = t.millis * float64(e.Now())
		m.Counters = counters(e.Stats(), t.millis)
	}
	return m
}

// counters returns the totals of a simulation; a unit of its time lasts unit milliseconds.
func counters(s sim.Stats, unit float64) *record.Counters {
	c := &record.Counters{Sent: s.Sent, Predictions: s.Predictions, Errors: s.Errors, Delivered: s.Delivered, Lost: s.Lost, Late: s.Late, Stale: s.Stale,
		Duplicated: s.Duplicated, Expired: s.Expired, MaxAgeMS: unit * float64(s.MaxAge), Queue: int64(s.Pending)}
	if s.Delivered > 0 {
		c.AgeMS = unit * float64(s.Age) / float64(s.Delivered)
	}
	return c
}

// wrap has c tell when updates begin and end, beside whom it tells already. If feedback is recorded, it is computed before
// every update on the same sample, without learning.
func (t *tracer) wrap(c *train.Config, feedback bool) {
	before, after := c.Before, c.After
	c.Before = func(update int, s engine.Sample) error {
		if before != nil {
			if err := before(update, s); err != nil {
				return err
			}
		}
		t.update = update - 1
		if feedback {
			g, _, err := t.engine.Gradient(context.Background(), s)
			if err != nil {
				return err
			}
			t.feedback = g.Clone()
		}
		t.active = true
		return nil
	}
	c.After = func(update int, s engine.Sample) error {
		t.active = false
		tick := 0
		if e, ok := t.engine.(interface{ Population() *neuron.Population }); ok {
			tick = e.Population().Now()
		}
		t.recorder.Update(t.moment(tick))
		if after != nil {
			return after(update, s)
		}
		return nil
	}
}

// close completes the files and says what became of them.
func (t *tracer) close() ([]record.Recording, error) {
	if t.recorder == nil {
		return nil, nil
	}
	return t.recorder.Close()
}

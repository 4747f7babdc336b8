package neuron

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A driver runs a population: what can happen next (a turn, a delivery, a firing) is chosen at random, or oldest first.
type driver struct {
	p     *Population
	w     *Worker
	r     *rand.Rand // nil: oldest first
	todo  []event
	late  []event // deferred: at random also in a later stage
	wait  int     // parameters that have not learnt, of those that defer
	guard func(v graph.VertexID, t Transition) (after func())
}

// An event is a turn of v, a message under way, or a transition that is ready.
type event struct {
	v          graph.VertexID
	transition Transition // None: a turn or a message
	message    *Message   // nil: a turn
}

func (d *driver) Send(_ *Worker, m Message) { d.todo = append(d.todo, event{message: &m}) }

func (d *driver) next() event {
	k := 0
	if d.r != nil {
		k = d.r.IntN(len(d.todo))
	}
	e := d.todo[k]
	d.todo = append(d.todo[:k], d.todo[k+1:]...)
	return e
}

// stage runs until nothing is left to happen but what is deferred, and checks the number of acknowledgements.
func (d *driver) stage(t require.TestingT) {
	for _, v := range d.p.Due() {
		d.todo = append(d.todo, event{v: v})
	}
	require.Equal(t, d.p.Acks(), d.run(), "acknowledgements")
}

// run returns the number of acknowledgements, without those of parameters that defer.
func (d *driver) run() (acks int) {
	for len(d.todo) > 0 {
		if len(d.late) > 0 && d.r != nil && d.r.IntN(4) == 0 {
			d.pay()
		}
		switch e := d.next(); {
		case e.transition != None:
			acks += d.fire(e)
			continue
		case e.message != nil:
			d.ready(d.p.Deliver(*e.message))
		default:
			d.ready(e.v, d.p.Turn(e.v))
		}
	}
	return acks
}

func (d *driver) ready(v graph.VertexID, tr Transition) {
	switch e := (event{v: v, transition: tr}); {
	case tr == Learn && d.p.Deferring():
		d.late = append(d.late, e)
	case tr != None:
		d.todo = append(d.todo, e)
	}
}

// fire returns the number of acknowledgements: 0 or 1.
func (d *driver) fire(e event) (acks int) {
	if d.guard != nil {
		defer d.guard(e.v, e.transition)()
	}
	ack := d.p.Fire(d.w, e.v, e.transition)
	if e.transition == Feedback && d.p.Owes(e.v) {
		d.late = append(d.late, event{v: e.v, transition: Contribute})
	}
	switch {
	case ack && e.transition == Learn && d.p.Deferring():
		d.wait--
	case ack:
		return 1
	}
	return 0
}

// pay makes a deferred transition ready, whatever stage it is.
func (d *driver) pay() {
	k := 0
	if d.r != nil {
		k = d.r.IntN(len(d.late))
	}
	d.todo = append(d.todo, d.late[k])
	d.late = append(d.late[:k], d.late[k+1:]...)
}

func (d *driver) update(t require.TestingT, mode Mode, s engine.Sample) {
	p := d.p
	d.wait = len(p.Learners())
	p.Begin(mode, s.Inputs, s.Target, s.Scale)
	d.stage(t)
	for tick := range p.Ticks() {
		p.Open(tick, tick == p.Ticks()-1)
		d.stage(t)
		if p.LearnsNow() {
			p.OpenLearning()
			d.stage(t)
		}
	}
	if p.Deferring() {
		for len(d.late) > 0 {
			d.pay()
			d.run()
		}
		require.Zero(t, d.wait, "parameters that have not learnt")
	}
}

func newDriver(t require.TestingT, c enginetest.Case, rule Rule, form graph.Form, r *rand.Rand) *driver {
	loss := c.Loss
	if loss == nil {
		loss = op.HalfSquared{}
	}
	p, err := New(Config{Graph: graph.Level(c.Graph, form, false).Graph, Rule: rule, Type: tensor.Float64, Loss: loss,
		Initial: c.Initial, Plasticity: synapse.Rule{Name: "adam", Rate: 0.01}})
	require.NoError(t, err)
	d := &driver{p: p, r: r}
	d.w = &Worker{Ctx: tensor.NewCtx(tensor.Config{Workers: 1}), Router: d}
	return d
}

// params returns copies of all parameters.
func (d *driver) params() engine.Params {
	var list engine.Params
	for i := range d.p.Graph().Parameters() {
		list = append(list, engine.Param{Name: d.p.Graph().Parameter(i).Name, Value: d.p.Parameter(i).Clone()})
	}
	return list
}

type form struct {
	name   string
	rule   Rule
	form   graph.Form
	defers bool
}

// driver returns a driver of c in this form.
func (f form) driver(t require.TestingT, c enginetest.Case, r *rand.Rand) *driver {
	d := newDriver(t, c, f.rule, f.form, r)
	if f.defers {
		d.p.Defer(1)
	}
	return d
}

func forms() []form {
	return []form{
		{"sparse", Rule{Sparse: true, Gamma: 1}, graph.Delays, false},
		{"sparse, deferred", Rule{Sparse: true, Gamma: 1}, graph.Delays, true},
		{"sparse, identities", Rule{Sparse: true, Gamma: 1}, graph.Identities, false},
		{"gather", Rule{Sparse: true, Event: Gather, Gamma: 1}, graph.Unlevelled, false},
		{"gather, deferred", Rule{Sparse: true, Event: Gather, Gamma: 1}, graph.Unlevelled, true},
		{"dense, identities", Rule{Gamma: 1}, graph.Identities, false},
		{"dense, delays", Rule{Gamma: 1}, graph.Delays, false},
		{"dense, unlevelled", Rule{Gamma: 1}, graph.Unlevelled, false},
		{"wave", Rule{Gamma: 1, Gate: OnWave}, graph.Identities, false},
		{"value", Rule{Gamma: 1, Gate: OnValue}, graph.Delays, false},
		{"every tick", Rule{Gamma: 1, Gate: EveryTick}, graph.Identities, false},
		{"inference", Rule{Gamma: 0.1, Gate: AtEnd, Ticks: 7}, graph.Unlevelled, false},
		{"fixed prediction", Rule{Gamma: 0.5, Gate: AtEnd, Ticks: 7, Frozen: true}, graph.Unlevelled, false},
		{"incremental", Rule{Gamma: 0.1, Gate: Incremental, Ticks: 5}, graph.Unlevelled, false},
		{"noise", Rule{Gamma: 1, Noise: 0.1, Seed: 5}, graph.Identities, false},
		{"absolute", Rule{Gamma: 1, State: Absolute}, graph.Identities, false},
	}
}

// Deliveries commute: in whatever order messages arrive and vertices fire, every weight has the same bits.
func TestAnyOrderGivesTheSameBits(t *testing.T) {
	cases := append(enginetest.Architectures(), enginetest.Random(1), enginetest.Random(2))
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			defers := false
			for _, c := range cases {
				r := rand.New(rand.NewPCG(enginetest.Seed, 7))
				list := []engine.Sample{c.Sample(r, tensor.Float64), c.Sample(r, tensor.Float64)}
				straight := newDriver(t, c, f.rule, f.form, nil) // defers nothing
				for _, s := range list {
					straight.update(t, Learning, s)
				}
				want := straight.params()
				for seed := range uint64(3) {
					d := f.driver(t, c, rand.New(rand.NewPCG(enginetest.Seed, seed)))
					for _, s := range list {
						d.update(t, Learning, s)
					}
					defers = defers || d.p.Deferring()
					diff := engine.Diff(d.params(), want)
					require.True(t, diff.Equal(), "%s, order %d: %+v", c.Name, seed, diff)
				}
			}
			require.Equal(t, f.defers, defers)
		})
	}
}

// The same with graphs and orders that rapid draws and shrinks.
func TestAnyOrderOfARandomGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := enginetest.Random(rapid.Uint64Range(0, 1<<20).Draw(t, "graph"))
		f := rapid.SampledFrom(forms()).Draw(t, "form")
		order := rapid.Uint64().Draw(t, "order")
		s := c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 8)), tensor.Float64)
		var got [2]engine.Params
		for k, r := range []*rand.Rand{nil, rand.New(rand.NewPCG(enginetest.Seed, order))} {
			d := f.driver(t, c, r)
			d.update(t, Learning, s)
			got[k] = d.params()
		}
		require.True(t, engine.Diff(got[1], got[0]).Equal(), "%s, %s", c.Name, f.name)
	})
}

// A vertex reads its own state, its arguments' values and its own ports, and writes its own state and its arguments'
// ports: all the rest of the population's memory is filled with NaN while it fires, and must come out as it went in.
func TestAVertexTouchesOnlyItsNeighbourhood(t *testing.T) {
	cases := append(enginetest.Architectures(), enginetest.Random(3), enginetest.Random(4))
	if testing.Short() { // the race detector makes it twenty times slower
		cases = cases[:4]
	}
	for _, f := range forms() {
		if f.form == graph.Delays && !f.rule.Sparse { // its delay lines lie elsewhere
			continue
		}
		for _, c := range cases {
			s := c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 9)), tensor.Float64)
			open := f.driver(t, c, nil)
			open.update(t, Learning, s)
			open.update(t, Learning, s)

			d := f.driver(t, c, nil)
			d.guard = func(v graph.VertexID, tr Transition) func() { return isolate(t, d.p, v, tr, false) }
			d.update(t, Learning, s)
			d.update(t, Learning, s)
			diff := engine.Diff(d.params(), open.params())
			require.True(t, diff.Equal(), "%s, %s: %+v", f.name, c.Name, diff)
		}
	}
}

// Negative control: a vertex that is kept from its arguments' values learns something else.
func TestIsolationIsFelt(t *testing.T) {
	c := enginetest.Random(3)
	s := c.Sample(rand.New(rand.NewPCG(enginetest.Seed, 9)), tensor.Float64)
	for _, f := range forms() {
		if f.form == graph.Delays && !f.rule.Sparse {
			continue
		}
		open, d := f.driver(t, c, nil), f.driver(t, c, nil)
		d.guard = func(v graph.VertexID, tr Transition) func() { return isolate(t, d.p, v, tr, true) }
		open.update(t, Learning, s)
		d.update(t, Learning, s)
		require.False(t, engine.Diff(d.params(), open.params()).Equal(), f.name)
	}
}

// isolate poisons what v may not touch, and with blind its arguments' values too. It returns a function that checks and
// restores what was poisoned.
func isolate(t *testing.T, p *Population, v graph.VertexID, tr Transition, blind bool) func() {
	allowed := make([]bool, len(p.buf))
	allow := func(off []place, i int, owner graph.VertexID) {
		if off == nil || off[i] < 0 {
			return
		}
		for k := range p.g.Shape(owner).Len() * p.typeOf(owner).Size() {
			allowed[int(off[i])*p.typ.Size()+k] = true
		}
	}
	allow(p.value, int(v), v)
	if p.g.Role(v) == graph.Computed {
		for _, off := range [][]place{p.eps, p.mu, p.disp, p.x} {
			allow(off, int(v), v)
		}
	}
	first, n := p.g.In(v)
	for k := range n {
		e := first + graph.EdgeID(k)
		from := p.g.From(e)
		if !blind {
			allow(p.value, int(from), from)
		}
		if p.g.Role(from) == graph.Computed && !blind {
			allow(p.x, int(from), from)
		}
		allow(p.slot, int(e), from)
	}
	for _, e := range p.g.Out(v) {
		allow(p.slot, int(e), v)
	}
	saved := append([]byte(nil), p.buf...)
	for k, ok := range allowed {
		if !ok {
			p.buf[k] = 0xff
		}
	}
	return func() {
		for k, ok := range allowed {
			if ok {
				continue
			}
			if p.buf[k] != 0xff {
				t.Fatalf("%s: %v writes outside of its neighbourhood", p.g.Name(v), tr)
			}
			p.buf[k] = saved[k]
		}
	}
}

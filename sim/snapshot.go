package sim

import (
	"encoding/binary"
	"math"
	"math/rand/v2"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// AppendState implements engine.Resumable, after any event: values and errors, messages under way with their payloads,
// clocks, random streams, plasticities, the sample in progress. What a configuration says is not in it. Links that
// interventions have changed are changed again when the state is restored (Intervention.Again).
func (e *Engine) AppendState(b []byte) []byte {
	b = e.clock.AppendState(e.pop.AppendState(b))
	w := &tensor.Encoder{B: b}
	for _, n := range e.numbers() {
		w.Int(*n)
	}
	w.Bools([]bool{e.complete, e.active, e.closing})
	w.Floats([]float64{e.result.Loss, e.result.Energy, e.result.Residual})
	for _, n := range []int64{int64(e.result.Ticks), int64(e.result.Status), int64(e.stage), int64(e.missing), int64(e.flying), int64(e.updates), int64(e.frozen)} {
		w.Int(n)
	}
	w.Uint(uint64(len(e.lasting)))
	w.Ints(e.lasting)
	for k := range e.serial {
		w.Ints(e.serial[k])
		w.Uint(uint64(len(e.channel[k])))
		for i := range e.channel[k] {
			for _, x := range e.channel[k][i].Snapshot() {
				w.Uint(x)
			}
		}
	}
	for v := range e.clocks {
		e.clocks[v].save(w)
	}
	w.Uint(uint64(e.queue.size()))
	e.queue.each(func(ev *event) { e.saveEvent(w, ev) })
	return w.B
}

// numbers returns the engine's counters.
func (e *Engine) numbers() []*int64 {
	list := []*int64{&e.now, &e.queue.now, &e.queue.made, &e.opened, &e.started, &e.ends, &e.worker.Predictions, &e.worker.Errors, &e.apartUnits}
	for _, s := range []*Stats{&e.stats, &e.before, &e.apart} {
		list = append(append(list, s.sums()...), &s.MaxAge)
	}
	return list
}

func (c *ticker) save(w *tensor.Encoder) {
	raw, _ := c.rng.MarshalBinary()
	w.B = append(w.B, raw[len(raw)-16:]...)
	for _, n := range []int64{c.n, c.next, c.last, int64(c.relaxed)} {
		w.Int(n)
	}
	w.Bools([]bool{c.waiting})
}

func (c *ticker) restore(r *tensor.Decoder) {
	if len(r.B) < 16 {
		r.Fail("it ends too early")
		return
	}
	c.rng = *rand.NewPCG(binary.BigEndian.Uint64(r.B), binary.BigEndian.Uint64(r.B[8:]))
	r.B = r.B[16:]
	c.n, c.next, c.last, c.relaxed = r.Int(), r.Int(), r.Int(), int32(r.Int())
	flag := make([]bool, 1)
	r.Bools(&flag)
	c.waiting = r.Err == nil && flag[0]
}

// parcel reports whether ev carries a payload that lies in the box.
func (e *Engine) parcel(ev *event) bool {
	return e.free && ev.class() == deliver && !ev.is(isRest) && !ev.is(isVoid) && !e.box.scalar(e.graph.From(graph.EdgeID(ev.id)))
}

func (e *Engine) saveEvent(w *tensor.Encoder, ev *event) {
	for _, n := range []int64{ev.time, ev.rank, int64(ev.id), int64(ev.tick), ev.load} {
		w.Int(n)
	}
	if e.parcel(ev) {
		w.Tensor(e.box.unpack(e.graph.From(graph.EdgeID(ev.id)), ev.load))
	}
}

// RestoreState implements engine.Resumable.
func (e *Engine) RestoreState(b []byte) (rest []byte, err error) {
	if b, err = e.pop.RestoreState(b); err == nil {
		b, err = e.clock.RestoreState(b, e.pop)
	}
	if err != nil {
		e.err = err
		return nil, err
	}
	r := &tensor.Decoder{B: b}
	for _, n := range e.numbers() {
		*n = r.Int()
	}
	flags, sums := make([]bool, 3), []float64(nil)
	r.Bools(&flags)
	r.Floats(&sums)
	if r.Err == nil && len(sums) != 3 {
		r.Fail("sim: the sums of a result are missing")
	}
	var n [7]int64
	for i := range n {
		n[i] = r.Int()
	}
	e.again(r)
	e.restoreLinks(r)
	for v := range e.clocks {
		e.clocks[v].restore(r)
	}
	e.restoreEvents(r)
	if r.Err != nil {
		e.err = r.Err
		return nil, r.Err
	}
	e.complete, e.active, e.closing = flags[0], flags[1], flags[2]
	e.result = engine.Result{Loss: sums[0], Energy: sums[1], Residual: sums[2], Ticks: int(n[0]), Status: engine.Status(n[1])}
	e.stage, e.missing, e.flying, e.updates, e.frozen = int32(n[2]), int(n[3]), int(n[4]), int(n[5]), int(n[6])
	return r.B, nil
}

func (e *Engine) restoreLinks(r *tensor.Decoder) {
	for k := range e.serial {
		r.Ints(e.serial[k])
		m := r.Uint()
		if r.Err == nil && m != uint64(len(e.channel[k])) {
			r.Fail("sim: %d channels, this configuration has %d", m, len(e.channel[k]))
		}
		for i := range e.channel[k] {
			var s synapse.State
			for j := range s {
				s[j] = r.Uint()
			}
			if r.Err != nil {
				return
			}
			if err := e.channel[k][i].Restore(s); err != nil {
				r.Fail("%v", err)
			}
		}
	}
}

func (e *Engine) restoreEvents(r *tensor.Decoder) {
	now, made := e.queue.now, e.queue.made
	e.queue = queue{now: now, made: made}
	if e.free {
		e.box = newParcels(e.graph.Graph, e.cfg.Type)
	}
	for range r.Uint() {
		ev := event{time: r.Int(), rank: r.Int(), id: int32(r.Int()), tick: int32(r.Int()), load: r.Int()}
		if r.Err != nil || !e.possible(&ev) {
			r.Fail("sim: there is no such event")
			return
		}
		if e.parcel(&ev) {
			v, t := e.graph.From(graph.EdgeID(ev.id)), r.Tensor()
			if r.Err != nil || t.Type() != e.cfg.Type || t.Shape() != e.graph.Shape(v) {
				r.Fail("sim: the payload of a message is missing")
				return
			}
			ev.load = e.box.pack(v, t)
		}
		e.queue.insert(&ev)
	}
}

// possible reports whether ev names what the configuration has.
func (e *Engine) possible(ev *event) bool {
	limit := e.graph.Len()
	switch ev.class() {
	case deliver:
		limit = e.graph.Edges()
	case intervene:
		limit = len(e.plan)
	case stage, finish:
		limit = math.MaxInt32
	}
	return ev.time >= e.queue.now && ev.class() <= finish && ev.id >= 0 && int(ev.id) < limit
}

// again repeats the interventions whose effect no state holds, in the order in which they were carried out.
func (e *Engine) again(r *tensor.Decoder) {
	n := r.Uint()
	if r.Err == nil && n > uint64(len(e.plan)) {
		r.Fail("sim: %d interventions, %d are planned", n, len(e.plan))
	}
	if r.Err != nil {
		return
	}
	done := make([]int32, n)
	r.Ints(done)
	e.lasting = nil
	for _, k := range done {
		if k < 0 || int(k) >= len(e.plan) || !e.plan[k].Again {
			r.Fail("sim: there is no such intervention")
			return
		}
		if e.intervene(int(k)); e.err != nil {
			r.Fail("%v", e.err)
			return
		}
	}
}

// each calls f for all events, in no particular but a fixed order.
func (q *queue) each(f func(*event)) {
	for i := range q.heap {
		f(&q.heap[i])
	}
	for s := range q.wheel.slots {
		q.wheel.each(s, f)
	}
}

var _ engine.Resumable = (*Engine)(nil)

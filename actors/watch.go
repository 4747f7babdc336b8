package actors

import (
	"time"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/sim"
)

// An onlooker looks at the board from time to time while a sample runs.
type onlooker struct {
	every int64
	look  func(now int64, b *Board)
	board *Board
	quit  chan struct{}
	ended chan struct{}
}

// Observe has look called every so many units of time while a sample runs, on a goroutine of its own, with the time since
// the engine was made and what the vertices show. It is called as soon as possible where the machine cannot keep up. look
// must not modify anything. To be called between samples.
func (f *Free) Observe(every int64, look func(now int64, b *Board)) {
	f.watcher = &onlooker{every: max(every, 1), look: look, board: newBoard(f.pop)}
}

// start begins to look; the actors are idle still. Everybody shows what the sample begins with.
func (o *onlooker) start(f *Free) {
	for v := range o.board.panels {
		o.board.put(graph.VertexID(v))
	}
	o.quit, o.ended = make(chan struct{}), make(chan struct{})
	go o.loop(f)
}

func (o *onlooker) loop(f *Free) {
	defer close(o.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-o.quit:
			return
		case <-timer.C:
		}
		now := f.base + f.post.now() - f.post.from
		o.board.Look()
		o.look(now, o.board)
		next := (now/o.every + 1) * o.every
		timer.Reset(time.Duration(next-f.base)*f.cfg.Unit - time.Since(f.post.begun))
	}
}

// stop ends it. When it returns nobody looks.
func (o *onlooker) stop() {
	close(o.quit)
	<-o.ended
}

// Now returns the time in units that samples have taken so far. Any goroutine may ask while a sample runs.
func (f *Free) Now() int64 {
	if !f.post.open() {
		return f.base
	}
	return f.base + f.post.now() - f.post.from
}

// Behind returns how many units turns of periodic clocks have come after their times, at most: the machine does not keep up
// with the clock of the wall. To be called between samples.
func (f *Free) Behind() (units int64) {
	for v := range f.nodes {
		units = max(units, f.nodes[v].behind)
	}
	return units
}

// Tally returns what is counted of every vertex. Its Event may be set between samples.
func (f *Free) Tally() *neuron.Tally { return f.tally }

// Population returns the states of the vertices, to be read between samples.
func (f *Free) Population() *neuron.Population { return f.pop }

// Traffic returns what updates and gradients alone came to, and the units of time that they took: Stats without Predict.
func (f *Free) Traffic() (units int64, s sim.Stats) { return f.base, f.Stats().Plus(-1, f.apart) }

// Stats returns the totals so far, between samples. Events, Voided, Pending and MaxPending are not counted.
func (f *Free) Stats() sim.Stats {
	var n [neuron.Counts]int64
	s := sim.Stats{Doubled: f.doubled.Load()}
	for v := range graph.VertexID(f.graph.Len()) {
		for c := range neuron.Counts {
			n[c] += f.tally.Of(neuron.Count(c), v)
		}
		sum, longest := f.tally.Travel(v)
		s.Age, s.MaxAge, s.UnderWay = s.Age+sum, max(s.MaxAge, longest), s.UnderWay+f.tally.Waiting(v)
	}
	s.Predictions, s.Errors, s.Delivered, s.Lost = n[neuron.CountPredictions], n[neuron.CountErrors], n[neuron.CountDelivered], n[neuron.CountLost]
	s.Late, s.Stale, s.Duplicated, s.Expired = n[neuron.CountLate], n[neuron.CountStale], n[neuron.CountDuplicated], n[neuron.CountExpired]
	s.Sent = s.Predictions + s.Errors
	return s
}

// expire counts what was under way when the sample ended. The next begins at time 0 again, with empty links.
func (f *Free) expire() {
	for _, p := range f.post.bag {
		switch m := p.msg.(type) {
		case *letter:
			f.expired(m)
		case *strike: // its time comes in the next sample
			p.at -= f.lasted
			f.later = append(f.later, p)
		}
	}
	f.post.bag = f.post.bag[:0]
	for _, list := range f.channel {
		for i := range list {
			list[i].Expire()
		}
	}
}

// expired counts a letter that comes too late for its sample.
func (f *Free) expired(l *letter) {
	if to := f.receiver(l.m); !l.void {
		f.tally.Arrived(to)
		f.tally.Add(neuron.CountExpired, to, l.m.Kind)
	}
}

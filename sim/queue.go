package sim

import "math"

// class orders events of the same time.
type class uint8

const (
	intervene class = iota // what the experimenter does
	deliver                // a message arrives
	stage                  // lockstep: the clock opens the next stage
	relax                  // free-running: second half of a vertex's tick
	compare                // free-running: first half of a vertex's tick
	finish                 // free-running: the sample is over
)

// An event is something that happens at a time. It takes 32 bytes.
type event struct {
	time int64
	rank int64 // from the top: class, 8 bits; the order in which events were made, 51 bits; flags, 5 bits
	id   int32 // edge, vertex or intervention
	tick int32 // of a message
	load int64 // free-running: payload of a message, see parcels; lockstep: its stage
}

// Flags of a message.
const (
	isError int64 = 1 << iota
	isRest
	isVoid // the message is lost, and its slot falls back to zero
	isCopy // the second copy of a message
	isWave

	flagBits = iota
)

func (e *event) class() class { return class(e.rank >> 56) }

// is reports whether the message has the flag.
func (e *event) is(flag int64) bool { return e.rank&flag != 0 }

func (e *event) before(f *event) bool {
	return e.time < f.time || e.time == f.time && e.rank < f.rank
}

// A queue gives events in the order of (time, class, sequence). Messages that arrive soon, nearly all, wait in a wheel;
// everything else in a 4-ary heap.
type queue struct {
	heap  []event
	wheel wheel
	now   int64 // time of the event popped last: none is pushed that is earlier
	made  int64
	one   event // that filter asks for
}

// size returns the number of events.
func (q *queue) size() int { return len(q.heap) + q.wheel.count }

// push adds e, as one of class c with the given flags.
func (q *queue) push(c class, e event, flags int64) {
	e.rank = int64(c)<<56 | q.made<<flagBits | flags
	q.made++
	q.insert(&e)
}

// insert adds an event that has its rank already.
func (q *queue) insert(e *event) {
	if e.class() == deliver && uint64(e.time-q.now) < span && q.wheel.add(e) {
		return
	}
	q.sift(e)
}

// next returns the time of the earliest event. The queue must not be empty.
func (q *queue) next() int64 {
	t := int64(math.MaxInt64)
	if len(q.heap) > 0 {
		t = q.heap[0].time
	}
	if q.wheel.count > 0 {
		t = min(t, q.wheel.first(q.wheel.earliest(q.now)).time)
	}
	return t
}

// pop removes the earliest event and writes it to e. The queue must not be empty.
func (q *queue) pop(e *event) {
	if q.wheel.count > 0 {
		slot := q.wheel.earliest(q.now)
		first := q.wheel.first(slot)
		if len(q.heap) == 0 || first.before(&q.heap[0]) {
			*e = *first
			q.now = max(q.now, e.time)
			q.wheel.drop(slot)
			return
		}
	}
	*e = q.heap[0]
	q.now = max(q.now, e.time)
	q.shrink()
}

// sift adds e to the heap.
func (q *queue) sift(e *event) {
	q.heap = append(q.heap, *e)
	i := len(q.heap) - 1
	for i > 0 && e.before(&q.heap[(i-1)/4]) {
		q.heap[i] = q.heap[(i-1)/4]
		i = (i - 1) / 4
	}
	q.heap[i] = *e
}

// shrink removes the first event of the heap.
func (q *queue) shrink() {
	n := len(q.heap) - 1
	last := q.heap[n]
	q.heap = q.heap[:n]
	if n == 0 {
		return
	}
	h := q.heap
	i := 0
	for {
		down := 4*i + 1
		if down >= n {
			break
		}
		best := down
		for k := down + 1; k < min(down+4, n); k++ {
			if h[k].before(&h[best]) {
				best = k
			}
		}
		if !h[best].before(&last) {
			break
		}
		h[i] = h[best]
		i = best
	}
	h[i] = last
}

// filter removes the events that keep refuses. It asks for all messages on the wheel first.
func (q *queue) filter(keep func(*event) bool) {
	q.wheel.filter(q.now, keep)
	all := q.heap
	q.heap = q.heap[:0] // sift writes at or before the place that is being read
	for i := range all {
		q.one = all[i]
		if keep(&q.one) {
			q.sift(&q.one)
		}
	}
}

package sim

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
	time  int64
	seq   int64 // class in the upper 8 bits, then the order in which events were made
	id    int32 // edge, vertex or intervention
	tick  int32 // of a message
	what  uint32
	place int32 // of the payload, -1 for none
}

// Bits of event.what.
const (
	isError uint32 = 1 << iota
	isRest
	isVoid // the message is lost, and its slot falls back to zero
	isCopy // the second copy of a message
)

func (e *event) class() class { return class(e.seq >> 56) }

func (e *event) before(f *event) bool {
	return e.time < f.time || e.time == f.time && e.seq < f.seq
}

// A queue is a 4-ary heap of events.
type queue struct {
	heap []event
	made int64
}

// push adds e, as one of class c.
func (q *queue) push(c class, e event) {
	e.seq = int64(c)<<56 | q.made
	q.made++
	q.insert(e)
}

// pop removes the earliest event. The queue must not be empty.
func (q *queue) pop() event {
	first := q.heap[0]
	n := len(q.heap) - 1
	last := q.heap[n]
	q.heap = q.heap[:n]
	if n == 0 {
		return first
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
	return first
}

// filter removes the events that keep refuses.
func (q *queue) filter(keep func(*event) bool) {
	all := q.heap
	q.heap = q.heap[:0] // insert writes at or before the place that is being read
	for i := range all {
		if e := all[i]; keep(&e) {
			q.insert(e)
		}
	}
}

// insert adds an event that has its place in the order already.
func (q *queue) insert(e event) {
	q.heap = append(q.heap, e)
	i := len(q.heap) - 1
	for i > 0 && e.before(&q.heap[(i-1)/4]) {
		q.heap[i] = q.heap[(i-1)/4]
		i = (i - 1) / 4
	}
	q.heap[i] = e
}

package sim

import "unsafe"

// Stats are totals since the engine was made, but for what waits now. Nothing gets out of sight:
//
//	Sent + Resent + Doubled = Delivered + Lost + Stale + Duplicated + Expired + UnderWay
type Stats struct {
	Events      int64 // processed
	Sent        int64 // messages that left a vertex
	Predictions int64 // of these
	Errors      int64
	Resent      int64 // lockstep: times that a lost message was sent again
	Doubled     int64 // second copies that links made
	Delivered   int64
	Lost        int64 // by links
	Voided      int64 // free-running: losses that emptied a slot
	Duplicated  int64 // copies that arrived and were recognised
	Stale       int64 // free-running: arrived after a later message of the same edge, and discarded
	Late        int64 // free-running: delivered after the turn that it was meant for
	Expired     int64 // still under way when the sample ended
	UnderWay    int64 // messages under way now, copies included
	Age         int64 // sum over messages and copies of the time that they travel, in units
	MaxAge      int64
	Pending     int // events that wait now
	MaxPending  int
}

// LateShare returns the share of delivered messages that were late, from 0 to 1.
func (s Stats) LateShare() float64 {
	if s.Delivered == 0 {
		return 0
	}
	return float64(s.Late) / float64(s.Delivered)
}

// sums returns the fields that add up over time.
func (s *Stats) sums() []*int64 {
	return []*int64{&s.Events, &s.Sent, &s.Predictions, &s.Errors, &s.Resent, &s.Doubled, &s.Delivered, &s.Lost, &s.Voided,
		&s.Duplicated, &s.Stale, &s.Late, &s.Expired, &s.UnderWay, &s.Age}
}

// Plus returns s with the sums of b added, k times.
func (s Stats) Plus(k int64, b Stats) Stats {
	other := b.sums()
	for i, n := range s.sums() {
		*n += k * *other[i]
	}
	return s
}

// Traffic returns what updates and gradients alone came to, and the units of time that they took: Stats without Predict.
func (e *Engine) Traffic() (units int64, s Stats) {
	return e.now - e.apartUnits, e.Stats().Plus(-1, e.apart)
}

// Stats returns the totals so far, those of Predict among them.
func (e *Engine) Stats() Stats {
	s := e.stats
	s.Predictions, s.Errors = e.worker.Predictions, e.worker.Errors
	s.Pending = e.queue.size()
	return s
}

// PendingBytes returns the memory that waiting events and the payloads under way take, slack included.
func (e *Engine) PendingBytes() int {
	n := cap(e.queue.heap)*int(unsafe.Sizeof(event{})) + cap(e.queue.wheel.blocks)*int(unsafe.Sizeof([blockLen]event{}))
	if e.box != nil {
		n += e.box.bytes()
	}
	return n
}

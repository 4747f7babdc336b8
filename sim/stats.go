package sim

// Stats are totals since the engine was made.
type Stats struct {
	Events      int64 // processed
	Sent        int64 // messages that left a vertex
	Predictions int64 // of these
	Errors      int64
	Delivered   int64
	Lost        int64 // by links; in lockstep each was sent again
	Duplicated  int64 // second copies that arrived and were recognised
	Stale       int64 // free-running: arrived after a later message of the same edge, and discarded
	Late        int64 // free-running: arrived after the turn that it was meant for
	Expired     int64 // free-running: still under way when the sample ended
	Age         int64 // free-running: sum over delivered messages of the time since they left, in units
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

package actors

// Stats are totals since the engine was made.
type Stats struct {
	Updates      int
	Predictions  int64   // messages from inputs to consumers
	Errors       int64   // messages from consumers to inputs
	Control      int64   // turns and acknowledgements between the clock and the vertices, or the shards
	Batches      int64   // sent from shard to shard; each carries many predictions or errors
	Seconds      float64 // spent in updates and predictions
	ClockSeconds float64 // of these, in the clock actor
}

// Messages returns the number of messages that crossed edges.
func (s Stats) Messages() int64 { return s.Predictions + s.Errors }

// ClockShare returns the share of the time that the clock actor took, from 0 to 1.
func (s Stats) ClockShare() float64 {
	if s.Seconds == 0 {
		return 0
	}
	return s.ClockSeconds / s.Seconds
}

// Stats returns the totals so far. Not to be called during an update.
func (e *Engine) Stats() Stats {
	s := Stats{Updates: int(e.clock.updates), Seconds: e.elapsed.Seconds(), ClockSeconds: e.clock.spent.Seconds()}
	for _, w := range e.sched.workers {
		s.Predictions += w.neuron.Predictions
		s.Errors += w.neuron.Errors
		s.Control += w.acks + w.turns
		s.Batches += w.batches
	}
	for _, b := range e.shards {
		s.Predictions += b.Predictions
		s.Errors += b.Errors
	}
	return s
}

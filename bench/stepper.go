package bench

import (
	"context"

	"github.com/retrodict/retrodict/engine"
)

// A Stepper measures one entry of a job, a repetition at a time, so that others can take turns with it, other programs
// too.
type Stepper struct {
	r      *runner
	sample engine.Sample
}

// NewStepper builds the job of cfg and warms the engine of e up. Entries and Reps of cfg do not count.
func NewStepper(ctx context.Context, cfg Config, e Entry) (*Stepper, error) {
	net, err := cfg.Job.Build()
	if err != nil {
		return nil, err
	}
	r, err := newRunner(e, net, cfg)
	if err != nil {
		return nil, err
	}
	s := &Stepper{r: r, sample: cfg.Job.sample(net, cfg.Type)}
	if err := r.warmUp(ctx, s.sample); err != nil {
		r.engine.Close()
		return nil, err
	}
	return s, nil
}

// Measure returns the milliseconds of an update, averaged over a repetition of some 50 ms.
func (s *Stepper) Measure(ctx context.Context) (float64, error) {
	if err := s.r.measure(ctx, s.sample); err != nil {
		return 0, err
	}
	return s.r.row.Millis[len(s.r.row.Millis)-1], nil
}

// Row returns what was measured so far; its Ratio is not set.
func (s *Stepper) Row() Row {
	s.r.finish()
	return s.r.row
}

// Close closes the engine.
func (s *Stepper) Close() error { return s.r.engine.Close() }

package study

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/retrodict/retrodict/config"
)

// A DryReport says what a study will take.
type DryReport struct {
	Points  int    `json:"points"`
	Updates int    `json:"updates"` // of each
	Samples int    `json:"samples"` // at frozen weights, of each
	Jobs    int    `json:"jobs"`
	Events  Number `json:"events"` // of all; 0: engines that count none
	Hours   Number `json:"hours"`
	Probes  int    `json:"probes"` // points that were tried, shortened

	Warnings []string `json:"warnings,omitempty"` // of all points, each once
}

// maxProbes is how many points are tried, unless more are needed to try every value once.
const maxProbes = 12

// Rehearse says how long a study will take, from a few of its points that are cut short. It writes nothing.
func Rehearse(ctx context.Context, o SweepOptions) (r DryReport, err error) {
	s, err := newSweep(o)
	if err != nil {
		return r, err
	}
	defer s.Progress.Hide()
	r = DryReport{Points: len(s.points), Jobs: s.Jobs, Warnings: s.warnings}
	table := s.combinations()
	probes := stratify(table, s.strong(), maxProbes)
	cost := make([][2]float64, len(probes))
	for i, k := range probes {
		setup, err := s.open(k * s.seeds())
		if err != nil {
			return r, err
		}
		if cost[i][0], cost[i][1], err = s.probe(ctx, setup, &r); err != nil {
			return r, err
		}
		r.Probes++
		s.Progress.Show("probing", r.Probes, len(probes))
	}
	seconds, events := 0.0, 0.0
	for k := range table {
		c := expected(table, s.strong(), k, probes, cost)
		seconds, events = seconds+c[0]*float64(s.seeds()), events+c[1]*float64(s.seeds())
	}
	r.Events = Number(events)
	r.Hours = Number(seconds / float64(min(s.Jobs, r.Points, runtime.NumCPU())) / 3600)
	return r, nil
}

// probe runs a point with few updates and samples, and returns what the whole of it will take: time that grows with their
// number apart from the rest.
func (s *sweep) probe(ctx context.Context, setup *config.Setup, r *DryReport) (secs, events float64, err error) {
	c := &setup.Config
	updates := c.Learning.Updates
	if updates == 0 && c.Learning.Epochs > 0 {
		updates = c.Learning.Epochs * (setup.Train.Len() / c.Data.Batch)
	}
	n := presented(setup)
	r.Updates, r.Samples = max(r.Updates, updates), max(r.Samples, n)
	units := updates + n // both are one presentation each
	var t [2]float64
	var e [2]float64
	sizes := [2]int{1, 1 + min(9, units)}
	for k, n := range sizes {
		c.Learning.Updates, c.Learning.Epochs, c.Sweep.Samples = 0, 0, n
		if t[k], e[k], err = s.quickest(ctx, setup); err != nil {
			return 0, 0, err
		}
	}
	d := float64(sizes[1] - sizes[0])
	grow := func(x [2]float64) float64 {
		slope := max(0, (x[1]-x[0])/d)
		return max(0, x[0]-slope) + slope*float64(units)
	}
	return grow(t), grow(e), nil
}

// quickest measures a point several times, unless that takes long, and returns the least time and the events: time of the
// processor, so that other programs do not matter, or on the wall's clock, where samples last as long as that says.
func (s *sweep) quickest(ctx context.Context, setup *config.Setup) (secs, events float64, err error) {
	const times, enough = 3, 2 * time.Second
	secs = math.Inf(1)
	begun := time.Now()
	now := func() time.Duration { return processorTime(begun) }
	if setup.Config.Wall() {
		now = func() time.Duration { return time.Since(begun) }
	}
	for k := 0; k < times && (k == 0 || time.Since(begun) < enough); k++ {
		start := now()
		m, err := measure(ctx, setup, s.measures)
		if err != nil {
			return 0, 0, err
		}
		secs, events = min(secs, (now()-start).Seconds()), float64(m.events)
	}
	return secs, events, nil
}

// Text returns the report in a line or two.
func (r DryReport) Text() string {
	events := ""
	if r.Events > 0 { // engines without virtual time count none
		events = metric(float64(r.Events)) + " events, "
	}
	return warningText(r.Warnings) + fmt.Sprintf("%s points of %s updates and %s samples each\n%san estimated %.2g hours with %d at a time, on this machine when it does nothing else (from %d points, cut short)\n",
		whole(r.Points), whole(r.Updates), whole(r.Samples), events, float64(r.Hours), r.Jobs, r.Probes)
}

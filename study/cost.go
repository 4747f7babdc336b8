package study

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/retrodict/retrodict/train"
)

// showCost says what the engine costs compared with backprop.
func (r *run) showCost(ctx context.Context) {
	p := &r.page
	var own, twin []float64
	var messages, control, updates int64
	total := 0.0
	for _, e := range r.epochs {
		total += e.Time.Seconds()
		messages, control, updates = messages+e.Messages, control+e.Control, updates+int64(e.Updates)
		if e.Updates > 0 {
			own = append(own, e.Time.Seconds()/float64(e.Updates))
			twin = append(twin, e.TwinTime.Seconds()/float64(e.Updates))
		}
	}
	if len(own) == 0 {
		return
	}
	r.Progress.Hide()
	p.line()
	of := "one epoch"
	if len(own) > 1 {
		of = fmt.Sprintf("medians of %d epochs", len(own))
	}
	p.line("What it costs (", of, ")")
	p.pair("update", fmt.Sprintf("%s for a batch of %d rows", seconds(median(own)), r.Config.Data.Batch))
	if r.twin != nil {
		p.pair("", times(median(own)/median(twin), 2)+" × backprop on the same graph")
	}
	switch layers, err := r.byLayers(ctx); {
	case err != nil: // it is only a line: the run is what it is
		p.pair("", "plain backprop, whole layers as matrix products, could not be timed: "+err.Error())
	case layers > 0:
		p.pair("", times(median(own)/layers, 1)+" × plain backprop, whole layers as matrix products")
	}
	if messages > 0 {
		p.pair("messages", fmt.Sprintf("%s an update, %s a second", whole(messages/updates), metric(float64(messages)/total)))
	}
	if control > 0 {
		p.pair("clock", fmt.Sprintf("%s of the time, %s control messages an update", percent(float64(r.report.ClockShare)), whole(control/updates)))
	}
}

// byLayers returns the seconds of one update of backprop at the grain of layers, 0 if that is what runs anyway.
func (r *run) byLayers(ctx context.Context) (float64, error) {
	s, err := r.Coarse()
	if s == nil || err != nil {
		return 0, err
	}
	e, err := s.Engine("bp", s.Rule)
	if err != nil {
		return 0, err
	}
	var times []float64
	plain := &run{Setup: s}
	c := plain.trainConfig(e, nil)
	c.Epochs, c.Test = 3, nil
	c.OnEpoch = func(e train.Epoch) error {
		times = append(times, e.Time.Seconds()/float64(e.Updates))
		return nil
	}
	err = train.Run(ctx, c)
	if errors.Is(err, train.ErrInterrupted) {
		err = nil
	}
	if err = errors.Join(err, e.Close()); err != nil || len(times) == 0 {
		return 0, err
	}
	return median(times), nil
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return s[len(s)/2]
}

package study

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
)

// rows returns a row for every combination of engine, schedule and type on a shape. Each is built once under the first seed:
// one that cannot exist says why, before anything is compared.
func (o VerifyOptions) rows(shape [2]string) ([]VerifyResult, error) {
	rows := make([]VerifyResult, 0, len(o.Engines)*len(o.Schedules)*len(o.Dtypes))
	for _, e := range o.Engines {
		for _, c := range o.Schedules {
			for _, d := range o.Dtypes {
				rows = append(rows, VerifyResult{Engine: e, Schedule: c, Dtype: d, Arch: shape[0], Grain: shape[1], Hosting: "none", Equal: true})
			}
		}
	}
	for _, d := range o.Dtypes {
		p, err := o.problem(shape, o.First, d)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if rows[i].Dtype != d {
				continue
			}
			rows[i].Arch, rows[i].Grain, rows[i].BLAS = p.arch, p.grain, p.backend()
			e, _, err := p.build(&rows[i])
			if e != nil {
				err = e.Close()
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// build returns the engine of v, or nil if there is no such engine: then v has the reason.
func (p *problem) build(v *VerifyResult) (engine.Engine, neuron.Rule, error) {
	rule, err := p.rule(v.Schedule)
	if err != nil {
		v.DoesNotApply = err.Error()
		return nil, rule, nil
	}
	e, err := p.engine(v.Engine, rule)
	if err != nil {
		v.DoesNotApply = err.Error()
		return nil, rule, nil
	}
	return e, rule, nil
}

// none returns an error if no combination can exist.
func none(all [][]VerifyResult) error {
	var why []string
	for _, rows := range all {
		for _, v := range rows {
			if v.DoesNotApply == "" {
				return nil
			}
			why = append(why, fmt.Sprintf("%s, %s: %s", v.Engine, v.Schedule, v.DoesNotApply))
		}
	}
	return refuse("none of these combinations exists: %s", strings.Join(why, "; "))
}

// growth is how many times the first feedback of backprop, or 1, a feedback may be before learning counts as diverged.
const growth = 1e6

// diverged reports whether learning went beyond all bounds, in the engine or in backprop: then a difference says nothing.
func (t trace) diverged(f engine.Params, k int) bool {
	bound := growth * max(1, largest(t.feedback[0]))
	return !(largest(f) <= bound && largest(t.feedback[k]) <= bound)
}

// largest returns the largest magnitude in p, NaN if there is one.
func largest(p engine.Params) (m float64) {
	for _, x := range p {
		for i := range x.Value.Len() {
			m = max(m, math.Abs(x.Value.Float(i)))
		}
	}
	return m
}

// gentle returns a learning rate at which a first step of backprop is no longer than rate, so that learning does not diverge
// where a network's loss is large.
func (p *problem) gentle(rate float64) (float64, error) {
	e, err := config.NewEngine("bp", p.base, neuron.Rule{}, actors.HostAuto)
	if err != nil {
		return 0, err
	}
	s, err := p.sample(0)
	if err != nil {
		return 0, err
	}
	f, _, err := e.Gradient(context.Background(), s)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, x := range f {
		for i := range x.Value.Len() {
			sum += float64(x.Value.Float(i) * x.Value.Float(i))
		}
	}
	return rate / max(1, math.Sqrt(sum)), e.Close()
}

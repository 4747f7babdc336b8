package neuron

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRulesThatContradictThemselves(t *testing.T) {
	sparse := Rule{Name: "s", Sparse: true, Gamma: 1}
	assert.NoError(t, sparse.Check())
	with := func(change func(*Rule)) Rule {
		r := sparse
		change(&r)
		return r
	}
	for what, c := range map[string]struct {
		rule Rule
		want string
	}{
		"no step":             {Rule{}, "γ is 0"},
		"a negative step":     {Rule{Gamma: -1}, "γ is -1"},
		"a step of NaN":       {Rule{Gamma: math.NaN()}, "γ is NaN"},
		"an infinite step":    {Rule{Gamma: math.Inf(1)}, "γ is +Inf"},
		"negative ticks":      {Rule{Gamma: 1, Ticks: -1}, "-1 ticks"},
		"negative tolerance":  {Rule{Gamma: 1, Tol: -1}, "must not be negative"},
		"a tolerance of NaN":  {Rule{Gamma: 1, Tol: math.NaN()}, "must not be negative"},
		"negative noise":      {Rule{Gamma: 1, Noise: -1}, "must not be negative"},
		"infinite noise":      {Rule{Gamma: 1, Noise: math.Inf(1)}, "must not be negative"},
		"sparse, γ":           {with(func(r *Rule) { r.Gamma = 0.5 }), "use the dense form"},
		"sparse, gate":        {with(func(r *Rule) { r.Gate = EveryTick }), "use the dense form"},
		"sparse, noise":       {with(func(r *Rule) { r.Noise = 1 }), "use the dense form"},
		"sparse, absolute":    {with(func(r *Rule) { r.State = Absolute }), "use the dense form"},
		"sparse, relaxations": {with(func(r *Rule) { r.Ticks = 3 }), "use the dense form"},
		"sparse, tolerance":   {with(func(r *Rule) { r.Tol = 1 }), "use the dense form"},
	} {
		assert.ErrorContains(t, c.rule.Check(), c.want, what)
		_, err := New(Config{Rule: c.rule})
		assert.Error(t, err, what)
	}
}

func TestWords(t *testing.T) {
	assert.Equal(t, "at-level", AtLevel.String())
	assert.Equal(t, "at-end", AtEnd.String())
	assert.Equal(t, "every-tick", EveryTick.String())
	assert.Equal(t, "prediction", Prediction.String())
	assert.Equal(t, "error", Error.String())
	for t0, name := range []string{"none", "emit", "predict", "compare", "relax", "feedback", "learn"} {
		assert.Equal(t, name, Transition(t0).String())
	}
}

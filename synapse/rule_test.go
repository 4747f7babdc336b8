package synapse

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestZeroRuleIsPlainDescent(t *testing.T) {
	require.NoError(t, Rule{}.Check())
	assert.Equal(t, sgd{rate: 0.01}, Rule{}.New())
	assert.Equal(t, "sgd(rate=0.01)", Rule{}.String())
	assert.Equal(t, "none", Rule{Name: "none"}.String())
	assert.Equal(t, "momentum(rate=0.5 momentum=0.9 nesterov=true decay=0.001)",
		Rule{Name: "momentum", Rate: 0.5, Nesterov: true, Decay: 1e-3}.String())
}

func TestNamesAreAllRules(t *testing.T) {
	for _, name := range Names() {
		r := Rule{Name: name}
		require.NoError(t, r.Check(), name)
		assert.NotNil(t, r.New(), name)
		assert.Contains(t, r.String(), name)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want string
	}{
		{Rule{Name: "sdg"}, `unknown rule "sdg"`},
		{Rule{Rate: -1}, "rate is -1"},
		{Rule{Rate: math.NaN()}, "rate is NaN"},
		{Rule{Rate: math.Inf(1)}, "rate is +Inf"},
		{Rule{Decay: -1}, "decay is -1"},
		{Rule{Momentum: 0.9}, `"sgd" has no momentum`},
		{Rule{Nesterov: true}, `"sgd" has no nesterov`},
		{Rule{Name: "none", Rate: 1}, `"none" has no rate`},
		{Rule{Name: "momentum", Momentum: 1}, "momentum is 1"},
		{Rule{Name: "momentum", Beta1: 0.5}, `"momentum" has no beta1`},
		{Rule{Name: "adam", Momentum: 0.5}, `"adam" has no momentum`},
		{Rule{Name: "adam", Beta1: 1}, "beta1 is 1"},
		{Rule{Name: "adamw", Beta2: math.NaN()}, "beta2 is NaN"},
		{Rule{Name: "adamw", Epsilon: -1}, "epsilon is -1"},
	} {
		assert.ErrorContains(t, c.rule.Check(), c.want)
		assert.Panics(t, func() { c.rule.New() })
	}
}

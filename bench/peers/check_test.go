package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Mistakes are found before anything is started.
func TestMistakes(t *testing.T) {
	good := config{jobs: []string{"mlp20"}, dtypes: []string{"f32", "f64"}, reps: 1, script: "../torch_bp.py"}
	assert.NoError(t, good.check(nil))
	assert.ErrorContains(t, good.check([]string{"mlp20"}), "unexpected argument mlp20")
	for want, spoil := range map[string]func(*config){
		"-reps: got 0":          func(c *config) { c.reps = 0 },
		"-reps: got -1":         func(c *config) { c.reps = -1 },
		`unknown job "nothing"`: func(c *config) { c.jobs = []string{"mlp20", "nothing"} },
		`unknown job ""`:        func(c *config) { c.jobs = []string{""} },
		"-dtypes: use f32":      func(c *config) { c.dtypes = []string{"f16"} },
		"-script: ":             func(c *config) { c.script = "none.py" },
	} {
		c := good
		spoil(&c)
		assert.ErrorContains(t, c.check(nil), want)
	}
}

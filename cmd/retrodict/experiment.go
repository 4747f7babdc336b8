package main

import (
	"encoding/json"
	"strconv"

	"github.com/retrodict/retrodict/config"
)

// experiment are the flags of every command that reads a configuration.
type experiment struct {
	Config string   `arg:"" optional:"" help:"Experiment file (YAML). Without one: the embedded digits experiment."`
	Set    []string `placeholder:"KEY=VALUE" sep:"none" help:"Override a key of the experiment, such as learning.epochs=5. May be repeated."`
	Seed   *uint64  `placeholder:"N" help:"Override the seed."`
}

// load reads and checks the configuration. more are overrides that other flags stand for; they come last.
func (e *experiment) load(more ...string) (*config.Loaded, error) {
	o := append([]string(nil), e.Set...)
	if e.Seed != nil {
		o = append(o, "seed="+strconv.FormatUint(*e.Seed, 10))
	}
	l, err := config.Load(e.Config, append(o, more...)...)
	return l, usage(err)
}

// printJSON writes one JSON object.
func (t *terminal) printJSON(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return failed(e.Encode(v))
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/study"
)

type verifyCommand struct {
	experiment
	Arch     []string `placeholder:"NAME,…" help:"Architectures: ${archs}. Default: mlp, or the experiment's."`
	Grain    []string `placeholder:"NAME,…" help:"Grains of mlp: layer, neuron, synapse. Default: layer, or the experiment's."`
	Engine   []string `placeholder:"NAME,…" help:"Engines: pc, actors. Default: both."`
	Schedule []string `placeholder:"NAME,…" help:"Schedules: zil, zil-dense, il. Default: zil,il."`
	Dtype    []string `placeholder:"NAME,…" help:"Types: f64, f32. Default: f64."`
	Steps    int      `default:"3" placeholder:"N" help:"Updates for every seed (default ${default})."`
	Seeds    int      `default:"3" placeholder:"N" help:"Number of seeds (default ${default})."`
	JSON     bool     `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *verifyCommand) Run(t *terminal) error {
	if err := c.check(); err != nil {
		return usage(err)
	}
	o := study.VerifyOptions{Archs: c.Arch, Grains: c.Grain, Engines: c.Engine, Schedules: c.Schedule, Dtypes: c.Dtype,
		Steps: c.Steps, Seeds: c.Seeds, Progress: newProgress(t.err)}
	if c.Seed != nil {
		o.First = *c.Seed
	}
	if c.Config != "" || len(c.Set) > 0 {
		l, err := c.load()
		if err != nil {
			return err
		}
		if _, err := l.Open(); err != nil && len(c.Arch) == 0 {
			return usage(err)
		}
		o.First, o.Load = l.Seed, c.load
		if len(o.Dtypes) == 0 {
			o.Dtypes = []string{l.Dtype}
		}
	}
	r, err := study.Verify(t.ctx, o)
	if err == nil || t.ctx.Err() != nil {
		err = errors.Join(err, c.print(t, r))
	}
	var bad *config.Error
	switch {
	case errors.As(err, &bad):
		return usage(err)
	case err != nil:
		return failed(err)
	case !r.Kept():
		return &exit{code: exitFailed}
	}
	return nil
}

func (c *verifyCommand) print(t *terminal, r study.VerifyReport) error {
	if c.JSON {
		if r.Results == nil {
			r.Results = []study.VerifyResult{}
		}
		return t.printJSON(r)
	}
	return r.WriteText(t.out)
}

// check returns an error if a flag names something that does not exist.
func (c *verifyCommand) check() error {
	for _, f := range []struct {
		flag  string
		given []string
		names []string
	}{
		{"arch", c.Arch, network.Names()},
		{"grain", c.Grain, []string{"layer", "neuron", "synapse"}},
		{"engine", c.Engine, config.Engines()},
		{"schedule", c.Schedule, []string{"zil", "zil-dense", "il"}},
		{"dtype", c.Dtype, []string{"f64", "f32"}},
	} {
		for _, g := range f.given {
			if !slices.Contains(f.names, g) {
				return fmt.Errorf("--%s: unknown name %q: use one of %s", f.flag, g, strings.Join(f.names, ", "))
			}
		}
		if n := len(f.given); n > 0 && !slices.Contains(f.given, "layer") && f.flag == "grain" && slices.ContainsFunc(c.Arch, func(a string) bool { return a != "mlp" }) {
			return fmt.Errorf("--grain: %s is only for mlp: the other architectures are built of layers", f.given[0])
		}
	}
	if c.Steps < 1 || c.Seeds < 1 {
		return fmt.Errorf("--steps and --seeds: want 1 or more")
	}
	return nil
}

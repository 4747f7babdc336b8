package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/study"
	"github.com/retrodict/retrodict/tensor"
)

type verifyCommand struct {
	experiment
	machineFlags
	ownModel
	Target   string   `placeholder:"FILE" help:"With --onnx: what the output is compared with. Without it and --input: random numbers."`
	Loss     string   `default:"mse" placeholder:"NAME" enum:"mse,cross-entropy" help:"With --onnx: mse or cross-entropy (default ${default})."`
	Arch     []string `placeholder:"NAME,…" help:"Architectures: ${archs}. Default: mlp, or the experiment's."`
	Grain    []string `placeholder:"NAME,…" help:"Grains of mlp: layer, neuron, synapse. Default: layer, or the experiment's."`
	Engine   []string `placeholder:"NAME,…" help:"Engines: pc, actors, sim (lockstep with random delays), bp. Default: pc,actors."`
	Schedule []string `placeholder:"NAME,…" help:"Schedules: ${schedules}. Default: zil,il."`
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
	blas, hosting, err := c.machineFlags.parse()
	if err != nil {
		return err
	}
	o := study.VerifyOptions{Archs: c.Arch, Grains: c.Grain, Engines: c.Engine, Schedules: c.Schedule, Dtypes: c.Dtype,
		Steps: c.Steps, Seeds: c.Seeds, Progress: newProgress(t.err), BLAS: blas, Hosting: hosting}
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
	if c.ONNX != "" {
		if err := c.openModel(&o); err != nil {
			return usage(err)
		}
	}
	r, err := study.Verify(t.ctx, o)
	if err == nil || t.ctx.Err() != nil {
		err = errors.Join(err, c.print(t, r))
	}
	switch {
	case err != nil:
		return located(err)
	case !r.Kept():
		return &exit{code: exitFailed}
	}
	return nil
}

// load reads the configuration, with what the flags change.
func (c *verifyCommand) load(more ...string) (*config.Loaded, error) {
	return c.experiment.load(slices.Concat(c.blasFlag.settings(), c.hostingFlag.settings(), more)...)
}

// openModel binds the model to its inputs, given or drawn.
func (c *verifyCommand) openModel(o *study.VerifyOptions) (err error) {
	r := rand.New(rand.NewPCG(max(o.First, 1), 0x6f6e6e7800)) // "onnx"
	if o.Model, err = c.bind(max(o.First, 1), nil, r); err != nil {
		return err
	}
	if c.Target != "" {
		o.Target = func(typ tensor.Type) (model.Target, error) { return readTarget(c.Target, c.Loss, typ, o.Model) }
	} else {
		seed := r.Uint64()
		o.Target = func(typ tensor.Type) (model.Target, error) {
			return o.Model.RandomTarget(rand.New(rand.NewPCG(seed, 0)), c.Loss, typ)
		}
	}
	_, err = o.Target(tensor.Float64)
	return err
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
	if c.ONNX == "" && (len(c.Input) > 0 || c.Target != "") {
		return fmt.Errorf("--input and --target are of a model: add --onnx FILE")
	}
	if c.ONNX != "" && (c.Config != "" || len(c.Set) > 0 || len(c.Arch) > 0 || len(c.Grain) > 0) {
		return fmt.Errorf("--onnx is a network of its own: leave out the experiment, --set, --arch and --grain")
	}
	for _, f := range []struct {
		flag  string
		given []string
		names []string
	}{
		{"arch", c.Arch, network.Names()},
		{"grain", c.Grain, []string{"layer", "neuron", "synapse"}},
		{"engine", c.Engine, config.Engines()},
		{"schedule", c.Schedule, schedules()},
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

// schedules returns the names of the rules.
func schedules() []string {
	var names []string
	for _, r := range pc.Rules() {
		names = append(names, r.Name)
	}
	return names
}

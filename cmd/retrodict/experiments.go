package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/retrodict/retrodict/experiments"
)

type experimentsCommand struct {
	List experimentList `cmd:"" help:"List the experiments: what each claims, and its source."`
	Run  experimentRun  `cmd:"" help:"Run an experiment: write its results, and check its claim."`
}

type experimentList struct {
	JSON bool `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *experimentList) Run(t *terminal) error {
	type entry struct {
		Name   string `json:"name"`
		About  string `json:"about"`
		Source string `json:"source"`
	}
	var list []entry
	for _, e := range experiments.All() {
		list = append(list, entry{e.Name, e.About, e.Source})
	}
	if c.JSON {
		return t.printJSON(struct {
			Experiments []entry `json:"experiments"`
		}{list})
	}
	for _, e := range list {
		if _, err := fmt.Fprintf(t.out, "%-24s %s\n%-24s %s\n", e.Name, e.About, "", e.Source); err != nil {
			return failed(err)
		}
	}
	return nil
}

type experimentRun struct {
	machineFlags
	Name  string  `arg:"" help:"Name of the experiment, see list."`
	Out   string  `placeholder:"DIR" help:"Where to write the results; files of the same name are replaced. Default: runs/experiments/NAME."`
	Quick bool    `help:"Small networks and few updates: seconds."`
	Seed  *uint64 `placeholder:"N" help:"Seed of initial weights and data. Default: 1, as in the committed results."`
	Data  string  `placeholder:"DIR" help:"Where the files of Fashion-MNIST are. Default: where Debian's package puts them."`
}

// Run implements the command.
func (c *experimentRun) Run(t *terminal) error {
	e, err := experiments.Find(c.Name)
	if err != nil {
		return usage(err)
	}
	blas, hosting, err := c.machineFlags.parse()
	if err != nil {
		return err
	}
	cfg := experiments.Config{Dir: c.Out, Seed: 1, Quick: c.Quick, Data: c.Data, Backend: blas, Hosting: hosting}
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join("runs", "experiments", e.Name)
	}
	if c.Seed != nil {
		cfg.Seed = max(*c.Seed, 1)
	}
	if p := newProgress(t.err); p != nil {
		cfg.Progress = p.Show
		defer p.Hide()
	}
	err = e.Run(t.ctx, cfg)
	if errors.Is(err, experiments.ErrData) {
		return usage(err)
	}
	if err != nil {
		return failed(err)
	}
	_, err = fmt.Fprintf(t.out, "%s: the claim holds: %s\nseed %d, matrix products by %s, hosting of actors: %s; results in %s\n", e.Name, e.About, cfg.Seed, blas.Name(), cfg.Hosts(), cfg.Dir)
	return failed(err)
}

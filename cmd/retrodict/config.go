package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/study"
)

type configCommand struct {
	Show     configShowCommand     `cmd:"" default:"withargs" help:"Print an experiment with all defaults written out, or what is not default."`
	Check    configCheckCommand    `cmd:"" help:"Check experiments: keys, values, data, network."`
	Defaults configDefaultsCommand `cmd:"" help:"Print the experiment that an empty file stands for."`
	Schema   configSchemaCommand   `cmd:"" help:"Print the JSON Schema of experiments, for editors."`
}

type configShowCommand struct {
	experiment
	Changed bool `help:"Only keys that are given and not default, with the place where they were written."`
	JSON    bool `name:"json" help:"With --changed: print one JSON array instead of text."`
}

// Run implements the command.
func (c *configShowCommand) Run(t *terminal) error {
	l, err := c.load()
	if err != nil {
		return err
	}
	if c.JSON && !c.Changed {
		return usage(fmt.Errorf("--json is for --changed: a configuration is YAML"))
	}
	if !c.Changed {
		return t.printConfig(l.Config)
	}
	list, err := l.Changes()
	if err != nil {
		return failed(err)
	}
	if c.JSON {
		type change struct {
			Key     string `json:"key"`
			Value   string `json:"value"`
			Default string `json:"default"`
			Where   string `json:"where"`
		}
		out := []change{}
		for _, x := range list {
			out = append(out, change{x.Key, x.Value, x.Default, x.Where.String()})
		}
		return t.printJSON(out)
	}
	if len(list) == 0 {
		_, err = io.WriteString(t.out, "all keys have their defaults\n")
		return failed(err)
	}
	w := tabwriter.NewWriter(t.out, 0, 8, 3, ' ', 0)
	for _, x := range list {
		fmt.Fprintf(w, "%s\t%s\n", x, x.Where)
	}
	return failed(w.Flush())
}

func (t *terminal) printConfig(c config.Config) error {
	text, err := c.Marshal()
	if err == nil {
		_, err = t.out.Write(text)
	}
	return failed(err)
}

type configCheckCommand struct {
	Configs []string `arg:"" name:"config" help:"Experiment files."`
	Set     []string `placeholder:"KEY=VALUE" sep:"none" help:"Override a key of all of them. May be repeated."`
}

// Run implements the command: all files are checked, and the first mistake of each is shown.
func (c *configCheckCommand) Run(t *terminal) error {
	wrong := 0
	for _, path := range c.Configs {
		l, err := config.Load(path, c.Set...)
		var s *config.Setup
		if err == nil {
			s, err = l.Open()
		}
		if err == nil && !l.Sweep.IsZero() {
			err = study.Check(func(more ...string) (*config.Loaded, error) { return config.Load(path, slices.Concat(c.Set, more)...) })
		}
		if err != nil {
			wrong++
			fmt.Fprintln(t.err, err)
			continue
		}
		n := 0
		for _, p := range s.Network.Initial {
			n += p.Len()
		}
		fmt.Fprintf(t.out, "%s: ok: %s, %d parameters, %d rows to learn from\n", path, s.Network.Name, n, s.Train.Len())
		for _, w := range s.Notes() {
			fmt.Fprintf(t.out, "%s: warning: %s\n", path, w)
		}
	}
	if wrong > 0 {
		return usage(fmt.Errorf("%d of %d experiments cannot be run", wrong, len(c.Configs)))
	}
	return nil
}

type configDefaultsCommand struct{}

// Run implements the command.
func (c *configDefaultsCommand) Run(t *terminal) error {
	l, err := config.Load("")
	if err != nil {
		return failed(err)
	}
	return t.printConfig(l.Config)
}

type configSchemaCommand struct{}

// Run implements the command.
func (c *configSchemaCommand) Run(t *terminal) error {
	_, err := io.WriteString(t.out, config.Schema())
	return failed(err)
}

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/study"
)

type graphCommand struct {
	experiment
	Arch  string `placeholder:"NAME" help:"Architecture: ${archs}."`
	Grain string `placeholder:"NAME" help:"Grain of mlp: layer, neuron or synapse."`
	Level string `default:"none" placeholder:"FORM" enum:"none,identity,delay" help:"Level the graph: by identity vertices or by delays (identity, delay)."`
	Dot   string `placeholder:"FILE" help:"Write the graph for graphviz; - is standard output, in place of the table."`
	JSON  bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *graphCommand) Run(t *terminal) error {
	var more []string
	if c.Arch != "" {
		more = append(more, "network.arch="+c.Arch)
	}
	if c.Grain != "" {
		more = append(more, "network.grain="+c.Grain)
	}
	l, err := c.load(more...)
	if err != nil {
		return err
	}
	form, err := study.Form(c.Level)
	if err != nil {
		return usage(err)
	}
	if c.JSON && c.Dot == "-" {
		return usage(fmt.Errorf("--json and --dot - both want standard output"))
	}
	var n *network.Network
	if c.Config != "" || len(c.Set) > 0 {
		s, err := l.Open()
		if err != nil {
			return usage(err)
		}
		n = s.Network
	} else if n, err = l.OpenNetwork(l.Data.Batch); err != nil {
		return usage(err)
	}
	r, g := study.Graph(n, form)
	switch {
	case c.Dot == "-":
		return failed(g.WriteDOT(t.out))
	case c.Dot != "":
		if err := writeFile(c.Dot, g.WriteDOT); err != nil {
			return usage(err)
		}
	}
	if c.JSON {
		return t.printJSON(r)
	}
	return failed(r.WriteText(t.out))
}

// writeFile creates or replaces a file.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

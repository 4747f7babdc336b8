package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/study"
)

type graphCommand struct {
	experiment
	Arch  string `placeholder:"NAME" help:"Architecture: ${archs}."`
	ONNX  string `name:"onnx" placeholder:"FILE" help:"A model of yours, in place of an experiment."`
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
	if c.ONNX != "" {
		more = append(more, "network.onnx="+strconv.Quote(c.ONNX))
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
	} else if n, err = l.OpenNetwork(rows(l)); err != nil {
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

// rows returns the rows of a mini-batch, 0 for a model, which knows better.
func rows(l *config.Loaded) int {
	if l.Network.ONNX != "" {
		return 0
	}
	return l.Data.Batch
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

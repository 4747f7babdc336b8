package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/retrodict/retrodict/encoding/onnx"
	"github.com/retrodict/retrodict/op"
)

type opsCommand struct {
	JSON bool `name:"json" help:"Print one JSON object instead of text."`
}

// opsReport lists everything that a graph can be made of.
type opsReport struct {
	Operators []operator `json:"operators"`
	Functions []function `json:"functions"`
	Losses    []string   `json:"losses"`
}

type operator struct {
	ONNX    string `json:"onnx"`
	First   int64  `json:"opset_first"`
	Last    int64  `json:"opset_last"`
	Becomes string `json:"becomes"`
}

type function struct {
	Name   string `json:"name"`
	Family string `json:"family"`
}

// Run implements the command.
func (c *opsCommand) Run(t *terminal) error {
	var r opsReport
	for _, e := range onnx.Table() {
		r.Operators = append(r.Operators, operator{e.Name, e.From, e.To, e.Doc})
	}
	for _, f := range op.Families() {
		for _, n := range f.Ops {
			r.Functions = append(r.Functions, function{n, f.Name})
		}
	}
	for _, l := range op.Losses() {
		r.Losses = append(r.Losses, l.Name())
	}
	if c.JSON {
		return t.printJSON(r)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d ONNX operators\topsets\tbecome\n", len(r.Operators))
	for _, o := range r.Operators {
		fmt.Fprintf(w, "  %s\t%d–%d\t%s\n", o.ONNX, o.First, o.Last, o.Becomes)
	}
	if err := w.Flush(); err != nil {
		return failed(err)
	}
	fmt.Fprintf(t.out, "\n%d elementary functions, each with its vector–Jacobian product\n", len(r.Functions))
	for _, f := range op.Families() {
		fmt.Fprintf(t.out, "  %s: %s\n", f.Name, strings.Join(f.Ops, ", "))
	}
	_, err := fmt.Fprintf(t.out, "\nlosses: %s\n", strings.Join(r.Losses, ", "))
	return failed(err)
}

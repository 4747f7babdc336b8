package main

import (
	"fmt"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/study"
	"github.com/retrodict/retrodict/tensor"
)

type inferCommand struct {
	ownModel
	blasFlag
	Dtype string `default:"f64" placeholder:"NAME" enum:"f64,f32" help:"What floats are computed in: f64 or f32 (default ${default})."`
	Seed  uint64 `default:"1" placeholder:"N" help:"Of the masks of dropout, if the model is in training mode (default ${default})."`
	Out   string `placeholder:"FILE" required:"" help:"The NPZ file to write: every output by its name."`
	JSON  bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *inferCommand) Run(t *terminal) error {
	blas, err := c.backend()
	if err != nil {
		return err
	}
	b, err := c.bind(c.Seed, nil, nil)
	if err != nil {
		return usage(err)
	}
	if err := ready(c.Out); err != nil {
		return usage(err)
	}
	typ, _ := tensor.ParseType(c.Dtype)
	list, err := study.Infer(t.ctx, b, typ, blas)
	if err != nil {
		return failed(err)
	}
	if err := npy.WriteArchiveFile(c.Out, list, false); err != nil {
		return failed(err)
	}
	type output struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		Shape []int  `json:"shape"`
	}
	var outputs []output
	for _, a := range list {
		outputs = append(outputs, output{a.Name, a.Tensor.Type().String(), append([]int{}, a.Tensor.Shape().Slice()...)})
	}
	if c.JSON {
		return t.printJSON(struct {
			Model   string   `json:"model"`
			BLAS    string   `json:"blas"`
			Outputs []output `json:"outputs"`
		}{b.Name, blas.Name(), outputs})
	}
	for _, o := range outputs {
		if _, err := fmt.Fprintf(t.out, "  %-24s %s%v\n", o.Name, o.Type, o.Shape); err != nil {
			return failed(err)
		}
	}
	if _, err := fmt.Fprintf(t.out, "  matrix products by %s\n", blas.Name()); err != nil {
		return failed(err)
	}
	return failed(t.wrote(c.Out))
}

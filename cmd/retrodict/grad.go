package main

import (
	"errors"
	"fmt"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/study"
	"github.com/retrodict/retrodict/tensor"
)

type gradCommand struct {
	ownModel
	machineFlags
	Target   string `placeholder:"FILE" help:"What the output is compared with: an NPY file."`
	Loss     string `default:"mse" placeholder:"NAME" help:"mse: half the sum of squared differences, divided by the size of axis 0. cross-entropy: mean over rows of −log softmax(output)[label]. Default: mse."`
	Output   string `placeholder:"NAME" help:"The output that the loss is of. Default: the first of float type."`
	Engine   string `default:"bp" placeholder:"NAME" enum:"bp,pc,actors" help:"bp, pc or actors (default ${default})."`
	Schedule string `default:"zil" placeholder:"NAME" help:"Schedule of pc and actors (default ${default})."`
	Dtype    string `default:"f64" placeholder:"NAME" enum:"f64,f32" help:"f64 or f32 (default ${default})."`
	Seed     uint64 `default:"1" placeholder:"N" help:"Of the masks of dropout, if the model is in training mode (default ${default})."`
	Out      string `placeholder:"FILE" required:"" help:"The NPZ file to write: the gradient of every float initializer by its name, loss and output."`
	JSON     bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *gradCommand) Run(t *terminal) error {
	blas, hosting, err := c.machineFlags.parse()
	if err != nil {
		return err
	}
	b, target, err := c.open()
	if err != nil {
		return usage(err)
	}
	rule, err := pc.ParseSchedule(c.Schedule)
	if err != nil {
		return usage(err)
	}
	if err := ready(c.Out); err != nil {
		return usage(err)
	}
	typ, _ := tensor.ParseType(c.Dtype)
	r, err := study.Grad(t.ctx, b, study.GradOptions{Engine: c.Engine, Rule: rule, Dtype: typ, BLAS: blas, Hosting: hosting, Target: target})
	if err != nil {
		return failed(err)
	}
	if err := npy.WriteArchiveFile(c.Out, r.Arrays, false); err != nil {
		return failed(err)
	}
	if c.JSON {
		return t.printJSON(r)
	}
	return failed(errors.Join(r.WriteText(t.out), t.wrote(c.Out)))
}

// open reads the model, its inputs and the target.
func (c *gradCommand) open() (*model.Bound, model.Target, error) {
	b, err := c.bind(c.Seed, func(m *model.Model) error {
		if c.Output == "" {
			return nil
		}
		return m.Choose(c.Output)
	}, nil)
	if err != nil {
		return nil, model.Target{}, err
	}
	if c.Target == "" {
		return nil, model.Target{}, fmt.Errorf("no target: add --target FILE")
	}
	typ, _ := tensor.ParseType(c.Dtype)
	target, err := readTarget(c.Target, c.Loss, typ, b)
	return b, target, err
}

// readTarget reads what the output of b is compared with.
func readTarget(path, loss string, typ tensor.Type, b *model.Bound) (model.Target, error) {
	list, err := readArrays(path)
	if err != nil {
		return model.Target{}, fmt.Errorf("--target: %w", err)
	}
	y, err := one(path, list, "target")
	if err != nil {
		return model.Target{}, fmt.Errorf("--target: %w", err)
	}
	return b.Target(loss, y, typ)
}

// wrote says that a file has been written.
func (t *terminal) wrote(path string) error {
	_, err := fmt.Fprintf(t.out, "  written in %s\n", path)
	return err
}

package main

import (
	"io"
	"slices"
	"strconv"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/study"
)

type runCommand struct {
	experiment
	machineFlags
	Out    string `placeholder:"DIR" help:"Where to make the run folder; overrides record.dir."`
	Resume string `placeholder:"RUN" help:"Go on with a run that was interrupted or killed, from its last checkpoint (record.checkpoint), in its folder."`
	JSON   bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *runCommand) Run(t *terminal) error {
	open := c.open
	if c.Resume != "" {
		open = c.resume
	}
	s, resume, err := open()
	if err != nil {
		return err
	}
	text := t.out
	if c.JSON {
		text = io.Discard
	}
	r, err := study.Run(t.ctx, s, study.RunOptions{Text: text, Progress: newProgress(t.err), Command: t.args, Resume: resume})
	if err != nil {
		return located(err)
	}
	if c.JSON {
		if err := t.printJSON(r); err != nil {
			return err
		}
	}
	if r.Interrupted {
		return &exit{code: exitInterrupted}
	}
	return failed(r.Err())
}

// load reads the configuration, with what the flags change.
func (c *runCommand) load(more ...string) (*config.Loaded, error) {
	return c.experiment.load(slices.Concat(more, c.settings())...)
}

// open returns the setup of a new run.
func (c *runCommand) open() (*config.Setup, *study.Resumption, error) {
	var more []string
	if c.Out != "" {
		more = append(more, "record.dir="+strconv.Quote(c.Out))
	}
	l, err := c.load(more...)
	if err != nil {
		return nil, nil, err
	}
	s, err := l.Open()
	return s, nil, usage(err)
}

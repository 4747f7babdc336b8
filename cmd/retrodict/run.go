package main

import (
	"io"
	"strconv"

	"github.com/retrodict/retrodict/study"
)

type runCommand struct {
	experiment
	Out  string `placeholder:"DIR" help:"Where to make the run folder; overrides record.dir."`
	JSON bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *runCommand) Run(t *terminal) error {
	var more []string
	if c.Out != "" {
		more = append(more, "record.dir="+strconv.Quote(c.Out))
	}
	l, err := c.load(more...)
	if err != nil {
		return err
	}
	s, err := l.Open()
	if err != nil {
		return usage(err)
	}
	text := t.out
	if c.JSON {
		text = io.Discard
	}
	r, err := study.Run(t.ctx, s, study.RunOptions{Text: text, Progress: newProgress(t.err), Command: t.args})
	if err != nil {
		return failed(err)
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

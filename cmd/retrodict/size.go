package main

import "github.com/retrodict/retrodict/study"

type sizeCommand struct {
	experiment
	machineFlags
	JSON bool `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *sizeCommand) Run(t *terminal) error {
	l, err := c.load(c.settings()...)
	if err != nil {
		return err
	}
	s, err := l.Open()
	if err != nil {
		return usage(err)
	}
	r, err := study.Size(t.ctx, s)
	if err != nil {
		return failed(err)
	}
	if c.JSON {
		return t.printJSON(r)
	}
	return failed(r.WriteText(t.out))
}

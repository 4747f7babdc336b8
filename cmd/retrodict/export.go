package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/retrodict/retrodict/catalog"
)

type exportCommand struct {
	Which string `arg:"" name:"run" help:"A run: its folder, its name, the beginning of it, or last."`
	runsFlags
	Output string `short:"o" placeholder:"FILE" help:"Archive to write (default: the run's name and .zip)."`
	JSON   bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *exportCommand) Run(t *terminal) error {
	r, err := c.find(c.Which)
	if err != nil {
		return err
	}
	if c.Output == "" {
		c.Output = r.ID + ".zip"
	}
	var a catalog.Archive
	err = writeFile(c.Output, func(w io.Writer) (err error) {
		a, err = catalog.Export(w, r, ".")
		return err
	})
	var path *fs.PathError
	if errors.As(err, &path) {
		return usage(err)
	}
	if err != nil {
		return failed(err)
	}
	if c.JSON {
		return t.printJSON(struct {
			File string `json:"file"`
			catalog.Archive
		}{c.Output, a})
	}
	if len(a.Missing) > 0 {
		fmt.Fprintf(t.out, "not there any more: %s\n", strings.Join(a.Missing, ", "))
	}
	_, err = fmt.Fprintf(t.out, "%s: %d files; to run it again, unpacked:\n  %s\n", c.Output, a.Files, a.Command)
	return failed(err)
}

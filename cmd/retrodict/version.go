package main

import (
	"fmt"
	"strings"

	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/tensor"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *versionCommand) Run(t *terminal) error {
	b, m := record.ThisBuild(), record.ThisMachine(tensor.Default().Name())
	if c.JSON {
		return t.printJSON(struct {
			record.Build
			record.Machine
		}{b, m})
	}
	rev := ""
	if b.Revision != "" {
		rev = " " + b.Revision
		if b.Modified {
			rev += " (modified)"
		}
	}
	_, err := fmt.Fprintf(t.out, "retrodict %s%s\n%s\n%s, %d cores; matrix products: %s\n", b.Version, rev,
		strings.TrimSpace(fmt.Sprintf("%s %s/%s %s", b.Go, b.OS, b.Arch, b.Level)), m.CPU, m.Cores, m.Backend)
	return failed(err)
}

package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/retrodict/retrodict/record"
)

type recordCommand struct {
	List bool `help:"List everything that can be recorded (the default)."`
	JSON bool `name:"json" help:"Print one JSON array instead of text."`
}

// Run implements the command.
func (c *recordCommand) Run(t *terminal) error {
	if c.JSON {
		return t.printJSON(record.List())
	}
	w := tabwriter.NewWriter(t.out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(w, "what\tof\tunit\tevents\t")
	for _, q := range record.List() {
		of := map[string]string{"vertex": "vertices, levels", "total": "vertices, levels, network", "parameter": "parameters"}[q.Of]
		events := ""
		if q.Happens() {
			events = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", q.Name, of, q.Unit, events, q.Text)
	}
	return failed(w.Flush())
}

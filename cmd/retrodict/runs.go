package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/retrodict/retrodict/catalog"
	"github.com/retrodict/retrodict/record"
)

// runsFlags are the flags of every command that looks for runs.
type runsFlags struct {
	Dir string `default:"runs" placeholder:"DIR" help:"Where the run folders are (default ${default})."`
}

// open returns the index of the runs.
func (f runsFlags) open() (*catalog.Index, error) {
	x, err := catalog.Open(f.Dir)
	return x, failed(err)
}

// find returns a run by its name; see catalog.Index.Find.
func (f runsFlags) find(name string) (catalog.Run, error) {
	x, err := f.open()
	if err != nil {
		return catalog.Run{}, err
	}
	r, err := x.Find(name)
	return r, usage(errors.Join(err, x.Close()))
}

type runsCommand struct {
	List runsListCommand `cmd:"" default:"withargs" help:"List the runs."`
	Show runsShowCommand `cmd:"" help:"Show what a run was, where it was made and what came of it."`
	Diff runsDiffCommand `cmd:"" help:"Show in what two runs differ: configuration, program and machine, results."`
	Rm   runsRmCommand   `cmd:"" help:"Remove run folders."`
}

type runsListCommand struct {
	runsFlags
	Name   string `placeholder:"NAME" help:"Only runs of the experiment of that name."`
	Status string `placeholder:"STATUS" enum:",running,completed,interrupted,failed,killed" default:"" help:"Only runs that are so: running, completed, interrupted, failed, killed."`
	Last   int    `placeholder:"N" help:"Only the newest N."`
	JSON   bool   `name:"json" help:"Print one JSON array instead of text."`
}

// Run implements the command.
func (c *runsListCommand) Run(t *terminal) error {
	if c.Last < 0 {
		return usage(fmt.Errorf("--last: want 1 or more"))
	}
	x, err := c.open()
	if err != nil {
		return err
	}
	list, err := x.List(catalog.Query{Name: c.Name, Status: c.Status, Last: c.Last})
	if err = errors.Join(err, x.Close()); err != nil {
		return failed(err)
	}
	if c.JSON {
		return t.printJSON(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(t.out, "no runs under %s\n", c.Dir)
		return failed(err)
	}
	w := tabwriter.NewWriter(t.out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(w, "run\tstatus\tepochs\tloss\taccuracy\tnetwork")
	for _, r := range list {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", r.ID, r.Manifest.Status, r.Manifest.Epochs, number(r.Loss, 1, 4, ""), number(r.Accuracy, 100, 1, " %"), r.Manifest.Network)
	}
	return failed(w.Flush())
}

// number returns factor·x with some decimals and a unit, "–" for nil.
func number(x *float64, factor float64, decimals int, unit string) string {
	if x == nil {
		return "–"
	}
	return strconv.FormatFloat(factor**x, 'f', decimals, 64) + unit
}

type runsShowCommand struct {
	Which string `arg:"" name:"run" default:"last" help:"A run: its folder, its name, the beginning of it, or last."`
	runsFlags
	JSON bool `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *runsShowCommand) Run(t *terminal) error {
	r, err := c.find(c.Which)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.printJSON(r)
	}
	return failed(showRun(t.out, r))
}

// showRun writes what there is to know of a run.
func showRun(out io.Writer, r catalog.Run) error {
	m := r.Manifest
	w := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	pair := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	pair("run", r.Path)
	pair("status", m.Status+" "+m.Error)
	pair("command", m.CommandLine())
	pair("seed", strconv.FormatUint(m.Seed, 10))
	pair("network", fmt.Sprintf("%s, %d parameters, %s", m.Network, m.Parameters, m.Dtype))
	pair("data", m.Data)
	pair("started", m.Started.Format(time.RFC3339))
	if !m.Ended.IsZero() {
		pair("ended", m.Ended.Format(time.RFC3339))
	}
	pair("seconds", fmt.Sprintf("%.1f to build, %.1f to learn", m.SecondsBuild, m.SecondsTrain))
	pair("version", strings.TrimSpace(m.Build.Version+" "+m.Build.Revision))
	pair("system", fmt.Sprintf("%s, %s/%s %s", m.Build.Go, m.Build.OS, m.Build.Arch, m.Build.Level))
	pair("machine", fmt.Sprintf("%s, %d cores; matrix products: %s", m.Machine.CPU, m.Machine.Cores, m.Machine.Backend))
	pair("hosting", m.Hosting)
	pair("epochs", strconv.Itoa(m.Epochs))
	pair("loss", number(r.Loss, 1, 4, ""))
	pair("test loss", number(r.TestLoss, 1, 4, ""))
	pair("accuracy", number(r.Accuracy, 100, 1, " %"))
	pair("hash", m.Hash)
	pair("hash of the twin", m.TwinHash)
	pair("size", fmt.Sprintf("%.1f kB", float64(r.Bytes)/1000))
	f, _, err := record.Open(r.Path)
	if err != nil {
		return err
	}
	recordings, err := f.Recordings()
	if err != nil {
		return err
	}
	for _, path := range recordings {
		pair("recording", path)
	}
	return w.Flush()
}

type runsDiffCommand struct {
	A string `arg:"" help:"A run."`
	B string `arg:"" help:"Another."`
	runsFlags
	JSON bool `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *runsDiffCommand) Run(t *terminal) error {
	x, err := c.open()
	if err != nil {
		return err
	}
	a, err := x.Find(c.A)
	b, err2 := x.Find(c.B)
	if err = errors.Join(err, err2, x.Close()); err != nil {
		return usage(err)
	}
	d, err := catalog.Diff(a, b)
	if err != nil {
		return failed(err)
	}
	if c.JSON {
		return t.printJSON(d)
	}
	w := tabwriter.NewWriter(t.out, 0, 8, 3, ' ', 0)
	fmt.Fprintf(w, "\t%s\t%s\n", d.A, d.B)
	for _, part := range []struct {
		name string
		list []catalog.Change
	}{{"configuration", d.Config}, {"made by", d.Made}, {"results", d.Results}} {
		if len(part.list) > 0 {
			fmt.Fprintf(w, "%s\t\t\n", part.name)
		}
		for _, k := range part.list {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", k.Key, k.A, k.B)
		}
	}
	if err := w.Flush(); err != nil {
		return failed(err)
	}
	verdict := "The parameters at the end differ."
	switch {
	case d.Same:
		verdict = "The parameters at the end are equal, bit by bit."
	case a.Manifest.Hash == "" || b.Manifest.Hash == "":
		verdict = "Not both runs have ended: their parameters cannot be compared."
	}
	_, err = fmt.Fprintln(t.out, verdict)
	return failed(err)
}

type runsRmCommand struct {
	Runs []string `arg:"" help:"Runs to remove, with everything in their folders."`
	runsFlags
	Force bool `help:"Remove runs that have not ended, too."`
}

// Run implements the command.
func (c *runsRmCommand) Run(t *terminal) error {
	x, err := c.open()
	if err != nil {
		return err
	}
	var list []catalog.Run
	for _, name := range c.Runs { // all or none
		r, e := x.Find(name)
		list, err = append(list, r), errors.Join(err, e)
	}
	if err != nil {
		return usage(errors.Join(err, x.Close()))
	}
	for _, r := range list {
		if err = x.Remove(r, c.Force); err != nil {
			break
		}
		fmt.Fprintf(t.out, "removed %s\n", r.Path)
	}
	if err != nil {
		return usage(errors.Join(err, x.Close()))
	}
	return failed(x.Close())
}

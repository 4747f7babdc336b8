package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/study"
)

type studyCommand struct {
	experiment
	machineFlags
	Out    string `placeholder:"DIR" help:"Where to keep the table and the figures. Default: NAME-study in record.dir."`
	Jobs   int    `placeholder:"N" help:"Points at a time, each on one core. Default: one for every core."`
	DryRun bool   `name:"dry-run" help:"Say how many runs, events and hours it takes, from a few points that are cut short."`
	Resume bool   `help:"Go on with a study that was stopped. One that is complete stays as it is."`
	Redraw bool   `help:"Make the figures (again) from points or a table that are complete."`
	JSON   bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *studyCommand) Run(t *terminal) error {
	if c.Jobs < 0 {
		return usage(fmt.Errorf("--jobs: got %d, want 1 or more, or 0 for one for every core", c.Jobs))
	}
	o := study.SweepOptions{Out: c.Out, Jobs: c.Jobs, Resume: c.Resume, Redraw: c.Redraw, Load: func(more ...string) (*config.Loaded, error) { return c.load(slices.Concat(c.settings(), more)...) }, Progress: newProgress(t.err), Text: t.out}
	if c.JSON {
		o.Text = io.Discard
	}
	if c.DryRun {
		r, err := study.Rehearse(t.ctx, o)
		if err != nil {
			return located(err)
		}
		if c.JSON {
			return t.printJSON(r)
		}
		_, err = io.WriteString(t.out, r.Text())
		return failed(err)
	}
	r, err := study.Sweep(t.ctx, o)
	switch {
	case err != nil:
		return located(err)
	case c.JSON:
		return t.printJSON(r)
	case r.Finished:
		_, err = fmt.Fprintf(t.out, "all %d points were there already, and nothing was run. Kept in %s; its figures are made again by --redraw\n", r.Points, r.Folder)
		return failed(err)
	}
	hosting := ""
	if len(r.Hosting) > 0 { // something was run
		hosting = "; hosting: " + strings.Join(r.Hosting, ", ")
	}
	_, err = fmt.Fprintf(t.out, "%d points, %d of them there already; %d figures; matrix products by %s%s. Kept in %s\n", r.Points, r.Skipped, len(r.Figures)/3, strings.Join(r.BLAS, ", "), hosting, r.Folder)
	return failed(err)
}

// located returns err as bad input if it is about the configuration or about what is there already, otherwise as a failure.
func located(err error) error {
	var bad *config.Error
	var no *study.Refusal
	if errors.As(err, &bad) || errors.As(err, &no) {
		return usage(err)
	}
	return failed(err)
}

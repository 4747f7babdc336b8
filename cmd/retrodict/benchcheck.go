package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/retrodict/retrodict/bench"
)

// check returns an error unless everything that was asked for can be measured, before anything is.
func (c *benchCommand) check() error {
	for _, job := range c.Jobs {
		if _, err := bench.FindJob(job); err != nil && !slices.Contains([]string{"neurons", "async", "scaling"}, job) {
			return fmt.Errorf("%w, neurons, async or scaling", err)
		}
	}
	if _, err := c.types(""); err != nil {
		return err
	}
	switch {
	case c.Reps < 1:
		return fmt.Errorf("--reps: got %d, want 1 or more", c.Reps)
	case c.Workers < 0:
		return fmt.Errorf("--workers: got %d, want 1 or more, or 0 for one per core", c.Workers)
	case len(c.Engine) == 0:
		return errors.New("--engine: no engine: use bp, pc or actors")
	case len(c.Schedule) == 0:
		return errors.New("--schedule: no schedule: zil, for example")
	}
	for _, e := range c.entries() {
		if err := e.Check(); err != nil {
			return fmt.Errorf("--engine %s --schedule %s: %w", e.Engine, e.Schedule, err)
		}
	}
	if !slices.Contains(c.Jobs, "neurons") {
		return nil
	}
	if len(c.entries("bp")) == 0 {
		return errors.New("--engine: neurons measures pc or actors, each beside a plain loop: add one of them")
	}
	if c.Depth >= 1 && c.Fanin >= 1 && c.Vertices >= c.Depth && c.Vertices%c.Depth != 0 {
		n := c.Vertices - c.Vertices%c.Depth
		return fmt.Errorf("--vertices: got %d, want a multiple of --depth, %d: every layer has the same number, so %d or %d", c.Vertices, c.Depth, n, n+c.Depth)
	}
	if err := (bench.Neurons{Vertices: c.Vertices, FanIn: c.Fanin, Depth: c.Depth}).Check(); err != nil {
		return fmt.Errorf("--vertices %d --fanin %d --depth %d: %w", c.Vertices, c.Fanin, c.Depth, err)
	}
	return nil
}

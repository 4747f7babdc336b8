package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bench"
	"github.com/retrodict/retrodict/tensor"
)

type benchCommand struct {
	machineFlags
	Jobs     []string `arg:"" optional:"" help:"Jobs: ${jobs}, neurons, async, scaling; without any mlp20 and mlp128."`
	Engine   []string `default:"bp,pc,actors" help:"Engines, the first being what the others are compared with."`
	Schedule []string `default:"zil" help:"Schedules of the engines other than bp: zil, il, …"`
	DType    []string `name:"dtype" help:"Types: f32, f64. Default: both; neurons: f32."`
	Reps     int      `default:"31" help:"Repetitions; engines take turns."`
	Workers  int      `help:"Workers; 0: one per core."`
	Vertices int      `default:"1000000" help:"neurons: single units, a multiple of the layers."`
	Fanin    int      `default:"10" help:"neurons: inputs of a unit."`
	Depth    int      `default:"10" help:"neurons: layers."`
	NoFloor  bool     `help:"neurons: without the plain loop beside."`
	JSON     bool     `name:"json" help:"Print one JSON object a line."`
}

// A machine is what computes, and how actors host vertices.
type machine struct {
	compute tensor.Config
	hosting actors.Hosting
}

// Run implements the command.
func (c *benchCommand) Run(t *terminal) error {
	if len(c.Jobs) == 0 {
		c.Jobs = []string{"mlp20", "mlp128"}
	}
	blas, hosting, err := c.machineFlags.parse()
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return usage(err)
	}
	m := machine{tensor.Config{Workers: c.Workers, Backend: blas}, hosting}
	for _, job := range c.Jobs {
		types, err := c.types(job)
		if err != nil {
			return err
		}
		for _, typ := range types {
			switch job {
			case "neurons":
				err = c.neurons(t, typ, m)
			case "async":
				err = c.async(t, typ, m)
			case "scaling":
				err = c.scaling(t, typ, m)
			default:
				err = c.job(t, job, typ, m)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// types returns the types that a job is measured in.
func (c *benchCommand) types(job string) ([]tensor.Type, error) {
	switch {
	case len(c.DType) == 0 && job == "neurons":
		return []tensor.Type{tensor.Float32}, nil
	case len(c.DType) == 0:
		return []tensor.Type{tensor.Float32, tensor.Float64}, nil
	}
	list := make([]tensor.Type, len(c.DType))
	for i, name := range c.DType {
		var err error
		if list[i], err = tensor.ParseType(name); err != nil || !list[i].IsFloat() {
			return nil, fmt.Errorf("--dtype: use f32 or f64, not %q", name)
		}
	}
	return list, nil
}

// entries returns what is measured, in order; without leaves engines out.
func (c *benchCommand) entries(without ...string) []bench.Entry {
	var list []bench.Entry
	for _, e := range c.Engine {
		switch {
		case slices.Contains(without, e):
		case e == "bp":
			list = append(list, bench.Entry{Engine: e})
		default:
			for _, s := range c.Schedule {
				list = append(list, bench.Entry{Engine: e, Schedule: s})
			}
		}
	}
	return list
}

func (c *benchCommand) job(t *terminal, name string, typ tensor.Type, m machine) error {
	j, err := bench.FindJob(name)
	if err != nil {
		return failed(err)
	}
	rows, err := bench.Run(t.ctx, bench.Config{Job: j, Type: typ, Entries: c.entries(), Reps: c.Reps, Compute: m.compute, Hosting: m.hosting})
	if err != nil {
		return failed(err)
	}
	if !c.JSON {
		return failed(bench.WriteTable(t.out, rows))
	}
	lines := make([]bench.Line, len(rows))
	for i, r := range rows {
		lines[i] = r.Line()
	}
	return failed(bench.WriteJSON(t.out, lines))
}

func (c *benchCommand) async(t *terminal, typ tensor.Type, m machine) error {
	a, err := bench.MeasureAsync(t.ctx, typ, c.Reps, m.compute)
	if err != nil {
		return failed(err)
	}
	if c.JSON {
		return failed(json.NewEncoder(t.out).Encode(a))
	}
	_, err = fmt.Fprintf(t.out, "async %s, matrix products by %s, hosting %s: %.3g M events a second [%.3g, %.3g], %d pending, %.0f B each, %.2g allocations an event\n",
		a.DType, a.BLAS, a.Hosting, a.EventsPerSecond/1e6, float64(a.Events)/a.Max/1e3, float64(a.Events)/a.Min/1e3, a.Pending, a.BytesPerPending, a.Allocs/float64(a.Events))
	return failed(err)
}

func (c *benchCommand) neurons(t *terminal, typ tensor.Type, m machine) error {
	job := bench.Neurons{Vertices: c.Vertices, FanIn: c.Fanin, Depth: c.Depth, Type: typ, Reps: c.Reps, NoFloor: c.NoFloor, Compute: m.compute, Hosting: m.hosting}
	for _, job.Entry = range c.entries("bp") {
		row, scale, err := job.Run(t.ctx)
		if err != nil {
			return failed(err)
		}
		line := row.Line()
		line.Scale = &scale
		if c.JSON {
			err = bench.WriteJSON(t.out, []bench.Line{line})
		} else {
			err = bench.WriteNeurons(t.out, line)
		}
		if err != nil {
			return failed(err)
		}
	}
	return nil
}

func (c *benchCommand) scaling(t *terminal, typ tensor.Type, m machine) error {
	for _, entry := range c.entries() {
		points, err := bench.Scaling{Type: typ, Entry: entry, Reps: c.Reps, Compute: m.compute, Hosting: m.hosting}.Run(t.ctx)
		if err != nil {
			return failed(err)
		}
		if c.JSON {
			err = bench.WritePoints(t.out, points)
		} else {
			err = bench.WriteScaling(t.out, points)
		}
		if err != nil {
			return failed(err)
		}
	}
	return nil
}

// jobNames lists the jobs for the command's help.
func jobNames() string {
	var names []string
	for _, j := range bench.Jobs() {
		names = append(names, j.Name)
	}
	return strings.Join(names, ", ")
}

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/retrodict/retrodict/bench"
)

func main() {
	c := config{}
	jobs := flag.String("jobs", strings.Join(names(), ","), "jobs, separated by commas")
	dtypes := flag.String("dtypes", "f32,f64", "types")
	flag.IntVar(&c.reps, "reps", 31, "turns")
	flag.StringVar(&c.python, "python", "/usr/bin/python3", "a Python that has PyTorch")
	flag.StringVar(&c.script, "script", "bench/torch_bp.py", "the jobs in PyTorch")
	write := flag.String("write", "", "Markdown file whose tables to replace")
	grains := flag.Bool("grains", true, "measure what actors cost at each grain, too")
	one := flag.String("grain", "", "measure single units of one kind alone, without PyTorch: shard, actor or loop")
	flag.Parse()
	c.jobs, c.dtypes = strings.Split(*jobs, ","), strings.Split(*dtypes, ",")
	if err := c.check(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if *one != "" {
		err = printGrain(ctx, *one, c.reps)
	} else {
		err = run(ctx, c, *grains, *write)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// check returns an error unless all of c can be measured; args are what is left of the command line.
func (c config) check(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %s: jobs are named by -jobs", args[0])
	}
	if c.reps < 1 {
		return fmt.Errorf("-reps: got %d, want 1 or more", c.reps)
	}
	for _, job := range c.jobs {
		if _, err := bench.FindJob(job); err != nil {
			return fmt.Errorf("-jobs: %w", err)
		}
	}
	for _, dtype := range c.dtypes {
		if dtype != "f32" && dtype != "f64" {
			return fmt.Errorf("-dtypes: use f32 or f64, not %q", dtype)
		}
	}
	if _, err := os.Stat(c.script); err != nil {
		return fmt.Errorf("-script: %w", err)
	}
	return nil
}

func names() []string {
	var list []string
	for _, j := range bench.Jobs() {
		list = append(list, j.Name)
	}
	return list
}

func run(ctx context.Context, c config, grains bool, write string) error {
	if err := present(c.python); err != nil {
		fmt.Fprintln(os.Stderr, "peers: skipped:", err)
		return nil
	}
	out := json.NewEncoder(os.Stdout)
	libraries, err := inspect(c.python)
	if err != nil {
		return err
	}
	r := report{machine: measureMachine()}
	r.machine.Software = libraries
	if err := out.Encode(r.machine); err != nil {
		return err
	}
	for _, job := range c.jobs {
		for _, dtype := range c.dtypes {
			row, err := c.compare(ctx, job, dtype)
			if err != nil {
				return fmt.Errorf("%s %s: %w", job, dtype, err)
			}
			r.rows = append(r.rows, row)
			if err := out.Encode(row); err != nil {
				return err
			}
		}
	}
	if grains {
		if err := r.measureGrains(ctx, c.reps); err != nil {
			return err
		}
		for _, g := range r.grains {
			if err := out.Encode(g); err != nil {
				return err
			}
		}
	}
	if write == "" {
		return nil
	}
	return r.write(write)
}

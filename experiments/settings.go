package experiments

import (
	"context"
	"fmt"
	"io"

	"github.com/retrodict/retrodict/tensor"
)

// settings returns what an experiment was run with, as config.yaml holds it. What is not here, such as sizes and rates, is
// part of the experiment: its README says it, and it cannot be changed without being another experiment.
func settings(name string, c Config) string {
	size := "full"
	if c.Quick {
		size = "quick"
	}
	blas := tensor.Default()
	if c.Backend != nil {
		blas = c.Backend
	}
	return fmt.Sprintf("# retrodict experiment run %s --seed %d\nexperiment: %s\nseed: %d\nsize: %s\nblas: %s\nhosting: %s\n", name, c.seed(), name, c.seed(), size, blas.Name(), c.Hosts())
}

// configured returns the experiments such that each writes its settings beside its results.
func configured(list []Experiment) []Experiment {
	for i := range list {
		name, run := list[i].Name, list[i].Run
		list[i].Run = func(ctx context.Context, c Config) error {
			err := create(c.Dir, "config.yaml", func(w io.Writer) error {
				_, err := io.WriteString(w, settings(name, c))
				return err
			})
			if err != nil {
				return err
			}
			return run(ctx, c)
		}
	}
	return list
}

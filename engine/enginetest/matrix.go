package enginetest

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/tensor/openblas"
)

// TestMatrix checks that neither GOMAXPROCS nor the number of workers changes a bit, with every backend of matrix products:
// on every architecture, in variants of all rules that promise it, an engine with as many workers as processors, 1, 2 and 4,
// does what backprop does by one worker on one processor with the same backend. OpenBLAS is skipped where it cannot be had.
func TestMatrix(t *testing.T, f Factory) {
	for _, open := range []func() (tensor.Backend, error){
		func() (tensor.Backend, error) { return tensor.Builtin{}, nil },
		func() (tensor.Backend, error) { return tensor.Gonum{}, nil },
		func() (tensor.Backend, error) { return openblas.Open() },
	} {
		b, err := open()
		name := "openblas"
		if err == nil {
			name = b.Name()
		}
		t.Run(name, func(t *testing.T) {
			if err != nil {
				t.Skip(err)
			}
			if err := checkMatrix(f, b); err != nil {
				t.Errorf("%v (seed %d; repeat with -run '%s')", err, Seed, t.Name())
			}
		})
	}
}

func checkMatrix(f Factory, b tensor.Backend) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	list := exact()
	for _, c := range append(Architectures(), wide()) {
		for _, typ := range types() {
			cfg := c.Config(typ)
			cfg.Plasticity = synapse.Rule{Rate: 0.1}
			cfg.Compute = tensor.Config{Backend: b, Workers: 1}
			sample := samples(c, typ, 1)
			runtime.GOMAXPROCS(1)
			want, err := learnt(cfg, sample)
			if err != nil {
				return fmt.Errorf("%s, %v: reference: %w", c.Name, typ, err)
			}
			for _, n := range []int{1, 2, 4} {
				runtime.GOMAXPROCS(n)
				cfg.Compute.Workers = n
				for _, v := range []variant{list[0], list[4], list[6], list[8]} {
					err := with(f, v.set, cfg, func(e engine.Engine) error { return want.followedBy(e, sample) })
					if err != nil {
						return fmt.Errorf("%s, %v, %s, %d processors: %w", c.Name, typ, v.name, n, err)
					}
				}
			}
		}
	}
	return nil
}

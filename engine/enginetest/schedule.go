package enginetest

import (
	"context"
	"fmt"
	"runtime"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// wide is large enough for kernels to split their work.
func wide() Case {
	w := newWeaver(20)
	h := w.layer("h", w.input("x", 72, 33), 130, op.Tanh())
	k := w.layer("k", h, 130, op.Tanh())
	return w.done("wide", w.layer("out", w.Apply("sum", op.Add(), h, k), 10, nil))
}

// checkSchedule: E2. Processors, workers and partitions change no bit.
func checkSchedule(f Factory) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []Case{wide(), residual(), multiEdges(), Random(2000), Random(2001)} {
		for _, s := range []Setup{{Schedule: "zil"}, {Schedule: "zil-dense"}, {Schedule: "fazil"}, {Schedule: "event"}, {Schedule: "il", Ticks: 6, Gamma: 0.05}} {
			var want string
			for _, p := range [][3]int{{1, 1, 1}, {2, 2, 1}, {8, 8, 1}, {1, 8, 2}, {2, 1, 5}, {8, 2, 3}} {
				runtime.GOMAXPROCS(p[0])
				cfg := c.Config(tensor.Float32)
				cfg.Plasticity = synapse.Rule{Name: "adam"}
				cfg.Compute.Workers = p[1]
				s.Partitions = p[2]
				err := with(f, s, cfg, func(e engine.Engine) error {
					for _, x := range samples(c, tensor.Float32, 2) {
						if _, err := e.Learn(context.Background(), x); err != nil {
							return err
						}
					}
					got := e.Params().Hash()
					if want == "" {
						want = got
					}
					if got != want {
						return fmt.Errorf("other bits than with one of each")
					}
					return nil
				})
				if err != nil {
					return fmt.Errorf("%s, %s, %d processors, %d workers, %d partitions: %w", c.Name, s.Schedule, p[0], p[1], p[2], err)
				}
			}
		}
	}
	return nil
}

package enginetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func schedules() []Setup {
	return []Setup{{Schedule: "zil"}, {Schedule: "zil-dense"}, {Schedule: "fazil"}, {Schedule: "event"}, {Schedule: "il", Ticks: 5, Gamma: 0.05}}
}

// cancelling returns c with functions of which the first to run ends the context.
func cancelling(c Case, cancel context.CancelFunc, armed *atomic.Bool) Case {
	return c.rebuild(func(_ graph.VertexID, o op.Op) op.Op {
		return hooked{Op: o, forward: func(op.Op, tensor.Tensor, []tensor.Tensor) {
			if armed.Load() {
				cancel()
			}
		}}
	})
}

// checkCancel: E7. A context that ends, before a call or in the middle of one, ends the call with its error; afterwards the
// engine refuses to work and can be closed.
func checkCancel(f Factory) error {
	for _, s := range schedules() {
		ctx, cancel := context.WithCancel(context.Background())
		var armed atomic.Bool
		c := cancelling(residual(), cancel, &armed)
		list := samples(c, tensor.Float64, 1)
		err := with(f, s, c.Config(tensor.Float64), func(e engine.Engine) error {
			if _, err := e.Learn(ctx, list[0]); err != nil {
				return err
			}
			armed.Store(true)
			if _, err := e.Learn(ctx, list[0]); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("the context ended during Learn, which returned %v", err)
			}
			if _, err := e.Learn(context.Background(), list[0]); err == nil {
				return fmt.Errorf("engine learns after a call that was cut off")
			}
			return nil
		})
		cancel()
		if err == nil {
			err = cancelledBefore(f, s, ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.Schedule, err)
		}
	}
	return nil
}

func cancelledBefore(f Factory, s Setup, ended context.Context) error {
	c := residual()
	x := samples(c, tensor.Float64, 1)[0]
	for name, call := range map[string]func(engine.Engine) error{
		"Learn":    func(e engine.Engine) error { _, err := e.Learn(ended, x); return err },
		"Gradient": func(e engine.Engine) error { _, _, err := e.Gradient(ended, x); return err },
		"Predict":  func(e engine.Engine) error { _, err := e.Predict(ended, x.Inputs); return err },
	} {
		err := with(f, s, c.Config(tensor.Float64), func(e engine.Engine) error {
			if err := call(e); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("%s with a context that has ended returned %v", name, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkClose: E7. Close may be called twice, before and after work.
func checkClose(f Factory) error {
	c := diamond()
	for _, s := range schedules() {
		for updates := range 2 {
			err := with(f, s, c.Config(tensor.Float64), func(e engine.Engine) error {
				for _, x := range samples(c, tensor.Float64, updates) {
					if _, err := e.Learn(context.Background(), x); err != nil {
						return err
					}
				}
				return e.Close()
			})
			if err != nil {
				return fmt.Errorf("%s, %d updates: %w", s.Schedule, updates, err)
			}
		}
	}
	return nil
}

// badSamples returns samples that do not fit c, by what is wrong.
func badSamples(c Case) []struct {
	what string
	s    engine.Sample
} {
	type bad = struct {
		what string
		s    engine.Sample
	}
	good := samples(c, tensor.Float64, 1)[0]
	in := good.Inputs[0]
	with := func(inputs []tensor.Tensor, target tensor.Tensor) engine.Sample {
		return engine.Sample{Inputs: inputs, Target: target}
	}
	list := []bad{
		{"no inputs", with(nil, good.Target)},
		{"an input too many", with([]tensor.Tensor{in, in}, good.Target)},
		{"an input without storage", with([]tensor.Tensor{{}}, good.Target)},
		{"an input of another shape", with([]tensor.Tensor{tensor.New(tensor.Float64, tensor.Dims(1, 1))}, good.Target)},
		{"an input of another type", with([]tensor.Tensor{in.Convert(tensor.Float32)}, good.Target)},
		{"no target", with(good.Inputs, tensor.Tensor{})},
		{"a target of another shape", with(good.Inputs, tensor.New(good.Target.Type(), tensor.Dims(1, 1, 1)))},
	}
	label := good.Target.Clone()
	if label.Type() == tensor.Int64 {
		label.Int64s()[0] = int64(c.Graph.Shape(c.Graph.Output()).Dim(-1))
		list = append(list, bad{"a label that is no class", with(good.Inputs, label)})
		label = label.Clone()
		label.Int64s()[0] = -1
		list = append(list, bad{"a negative label", with(good.Inputs, label)})
	} else {
		list = append(list, bad{"a target of another type", with(good.Inputs, label.Convert(tensor.Float32))})
	}
	return list
}

// checkBadSample: E7. A sample that does not fit is refused by an error, and the engine goes on as if it had not come.
func checkBadSample(f Factory) error {
	for _, c := range []Case{residual(), classifier()} {
		for _, s := range []Setup{{Schedule: "zil"}, {Schedule: "zil-dense"}} {
			cfg := c.Config(tensor.Float64)
			err := with(f, s, cfg, func(e engine.Engine) error {
				for _, bad := range badSamples(c) {
					if _, err := e.Learn(context.Background(), bad.s); err == nil {
						return fmt.Errorf("a sample with %s is accepted by Learn", bad.what)
					}
					if _, _, err := e.Gradient(context.Background(), bad.s); err == nil {
						return fmt.Errorf("a sample with %s is accepted by Gradient", bad.what)
					}
				}
				if _, err := e.Predict(context.Background(), nil); err == nil {
					return fmt.Errorf("no inputs are accepted by Predict")
				}
				return follows(e, cfg, samples(c, tensor.Float64, 2))
			})
			if err != nil {
				return fmt.Errorf("%s, %s: %w", c.Name, s.Schedule, err)
			}
		}
	}
	return nil
}

// checkGoroutines: E7. After Close no goroutine is left, whether the engine worked, was cut off or did nothing.
func checkGoroutines(f Factory) error {
	before := runtime.NumGoroutine()
	for _, s := range schedules() {
		for _, updates := range []int{0, 2} {
			c := wide()
			cfg := c.Config(tensor.Float32)
			cfg.Compute.Workers = 4
			s.Partitions = 3
			err := with(f, s, cfg, func(e engine.Engine) error {
				for _, x := range samples(c, tensor.Float32, updates) {
					if _, err := e.Learn(context.Background(), x); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	if err := checkCancel(f); err != nil {
		return err
	}
	for range 1 << 20 { // what has ended still has to leave the scheduler
		if runtime.NumGoroutine() <= before {
			return nil
		}
		runtime.Gosched()
	}
	return fmt.Errorf("%d goroutines are left after Close", runtime.NumGoroutine()-before)
}

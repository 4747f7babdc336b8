package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
)

// A Model turns the features of a batch into the inputs of a graph. *network.Network is one.
type Model interface {
	NewInputs(typ tensor.Type) []tensor.Tensor
	Inputs(x tensor.Tensor, dst []tensor.Tensor) error
}

// An Energy is the loss of an output, summed over its rows. An op.Loss is one.
type Energy interface {
	Energy(mu, target tensor.Tensor) float64
}

// When says how often engine and twin are compared.
type When uint8

const (
	EveryEpoch  When = iota // after every epoch
	EveryUpdate             // after every update too
	AtEnd                   // after the last epoch only
)

// A Config is a training run.
type Config struct {
	Engine  engine.Engine
	Twin    engine.Engine // learns the same batches; nil: none
	Eval    engine.Engine // predicts with Engine's parameters when held-out rows are evaluated; nil: Engine does
	Compare When
	Model   Model
	Loss    Energy
	Train   *data.Set
	Test    *data.Set // nil: nothing is evaluated
	Batches data.Batches
	Seed    uint64 // of the order of rows
	Epochs  int
	Updates int // end after so many updates, whatever Epochs is; 0: after Epochs

	Before   func(update int, s engine.Sample) error // before every update, counted from 1 over all epochs; nil: not called
	After    func(update int, s engine.Sample) error // after it; s is the same
	OnUpdate func(epoch, update, updates int)        // after every update; nil: not called
	OnEpoch  func(Epoch) error                       // after every epoch; an error ends the run; nil: not called

	Every        int                      // updates between two checkpoints, which is made too when ctx ends; 0: none are made
	OnCheckpoint func(state []byte) error // is given checkpoints; an error ends the run; nil: not called
	Resume       []byte                   // a checkpoint to go on from; epochs before it are handed to OnEpoch again. nil: from the start
}

// An Epoch is what an epoch came to.
type Epoch struct {
	Number   int     // from 1
	Loss     float64 // mean over the rows learnt, each at the weights before its update
	TestLoss float64 // mean over the held-out rows; NaN without
	Accuracy float64 // share of held-out labels that are predicted; NaN without labels
	Updates  int
	Rows     int // rows learnt
	Partial  bool
	Restored bool // from a checkpoint: not made by this run

	Compared       bool
	Difference     engine.Difference // engine against twin, after the epoch
	FirstDiffering int               // the first update of the epoch after which they differed, from 1; 0: none, or not looked at

	Ticks        int
	Messages     int64
	Control      int64
	Lost         int64
	NotConverged int           // updates that ended above their tolerance
	Residual     float64       // of the last update
	Time         time.Duration // spent in the engine's updates
	TwinTime     time.Duration // spent in the twin's
}

// ErrInterrupted is returned, wrapped with the cause, by a run whose context ended.
var ErrInterrupted = errors.New("train: interrupted")

type trainer struct {
	Config
	loader *data.Loader
	test   *data.Loader
	inputs []tensor.Tensor

	updates int      // so far
	past    []Epoch  // that are over
	kept    position // of the last checkpoint
}

// Run trains. It returns an error that wraps ErrInterrupted if ctx ended before the last update: the update under way
// was finished, and the epoch was evaluated and handed to OnEpoch as a partial one.
func Run(ctx context.Context, c Config) error {
	if c.Batches.Type == tensor.None {
		c.Batches.Type = tensor.Float64
	}
	t := &trainer{Config: c, inputs: c.Model.NewInputs(c.Batches.Type)}
	var err error
	if t.loader, err = data.NewLoader(c.Train, c.Batches); err != nil {
		return err
	}
	if c.Test != nil {
		if t.test, err = data.NewLoader(c.Test, c.Batches); err != nil {
			return err
		}
	}
	if t.loader.Steps() == 0 {
		return fmt.Errorf("train: %s has %d rows, fewer than one batch of %d", c.Train.Name, c.Train.Len(), c.Batches.Size)
	}
	if c.Updates > 0 {
		t.Epochs = (c.Updates + t.loader.Steps() - 1) / t.loader.Steps()
	}
	first := Epoch{Number: 1}
	if c.Resume != nil {
		if first, err = t.restore(c.Resume); err != nil {
			return err
		}
		if err := t.again(); err != nil {
			return err
		}
	}
	for n := first.Number; n <= t.Epochs; n++ {
		if n > first.Number {
			first = Epoch{Number: n}
		}
		e, err := t.epoch(ctx, first)
		if err != nil {
			return err
		}
		t.past = append(t.past, e)
		if e.Updates > 0 && c.OnEpoch != nil {
			if err := c.OnEpoch(e); err != nil {
				return err
			}
		}
		if e.Partial || ctx.Err() != nil && n < t.Epochs {
			if !e.Partial {
				if err := t.keep(&Epoch{Number: n + 1}); err != nil {
					return err
				}
			}
			return fmt.Errorf("%w after update %d of epoch %d: %w", ErrInterrupted, e.Updates, n, context.Cause(ctx))
		}
	}
	return nil
}

// again hands the epochs of a checkpoint over.
func (t *trainer) again() error {
	for _, e := range t.past {
		e.Restored = true
		if t.OnEpoch == nil {
			continue
		}
		if err := t.OnEpoch(e); err != nil {
			return err
		}
	}
	return nil
}

// epoch makes the updates of one epoch that e does not have yet, compares and evaluates. Updates run under a context that
// does not end: an engine that is stopped in the middle of one cannot go on.
func (t *trainer) epoch(ctx context.Context, e Epoch) (Epoch, error) {
	n, done := e.Number, e.Updates
	whole := context.WithoutCancel(ctx)
	for b := range t.loader.Train(t.Seed, uint64(n)) {
		if b.Index < done {
			continue
		}
		if ctx.Err() != nil {
			if err := t.keep(&e); err != nil {
				return e, err
			}
			e.Partial = true
			break
		}
		if t.Updates > 0 && t.updates >= t.Updates {
			break
		}
		if err := t.update(whole, &e, b); err != nil {
			return e, fmt.Errorf("train: epoch %d, update %d: %w", n, b.Index+1, err)
		}
		if t.OnUpdate != nil {
			t.OnUpdate(n, e.Updates, t.loader.Steps())
		}
		if err := t.checkpoint(&e); err != nil {
			return e, err
		}
	}
	if e.Updates == 0 {
		return e, nil
	}
	e.Loss /= float64(e.Rows)
	if t.Twin != nil && (t.Compare != AtEnd || n == t.Epochs || e.Partial) {
		e.Compared, e.Difference = true, engine.Diff(t.Engine.Params(), t.Twin.Params())
	}
	err := t.evaluate(whole, &e)
	return e, err
}

func (t *trainer) update(ctx context.Context, e *Epoch, b data.Batch) error {
	if err := t.Model.Inputs(b.X, t.inputs); err != nil {
		return err
	}
	s := engine.Sample{Inputs: t.inputs, Target: b.Y, Scale: 1 / float64(t.Batches.Size)}
	if t.Before != nil {
		if err := t.Before(t.updates+1, s); err != nil {
			return err
		}
	}
	start := time.Now()
	r, err := t.Engine.Learn(ctx, s)
	e.Time += time.Since(start)
	if err != nil {
		return err
	}
	if t.After != nil {
		if err := t.After(t.updates+1, s); err != nil {
			return err
		}
	}
	if t.Twin != nil {
		start = time.Now()
		if _, err := t.Twin.Learn(ctx, s); err != nil {
			return fmt.Errorf("twin: %w", err)
		}
		e.TwinTime += time.Since(start)
	}
	e.Updates++
	e.Rows += t.Batches.Size
	e.Loss += r.Loss
	e.Ticks += r.Ticks
	e.Messages += r.Messages
	e.Control += r.Control
	e.Lost += r.Lost
	e.Residual = r.Residual
	if r.Status == engine.NotConverged {
		e.NotConverged++
	}
	if t.Twin != nil && t.Compare == EveryUpdate && e.FirstDiffering == 0 && !engine.Diff(t.Engine.Params(), t.Twin.Params()).Equal() {
		e.FirstDiffering = e.Updates
	}
	return nil
}

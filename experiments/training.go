package experiments

import (
	"context"
	"errors"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/train"
)

// A twins is a training with actors and Z-IL, and with backprop on the same batches.
type twins struct {
	epochs         []train.Epoch
	hash, twinHash string
	params         engine.Params // of the actors
}

// trainTwins fills Engine, Twin, OnUpdate and OnEpoch of c, and runs it.
func trainTwins(ctx context.Context, cfg Config, base engine.Config, c train.Config) (t twins, err error) {
	e, err := actors.New(actors.Config{Config: pc.Config{Config: base, Rule: pc.ZIL()}, Hosting: cfg.Hosts()})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	twin, err := bp.New(base)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, twin.Close()) }()
	c.Engine, c.Twin = e, twin
	c.OnUpdate = func(epoch, update, updates int) { cfg.show("learning", (epoch-1)*updates+update, c.Epochs*updates) }
	c.OnEpoch = func(e train.Epoch) error { t.epochs = append(t.epochs, e); return nil }
	if err := train.Run(ctx, c); err != nil {
		return t, err
	}
	t.hash, t.twinHash, t.params = e.Params().Hash(), twin.Params().Hash(), e.Params().Clone()
	return t, nil
}

// write writes an epoch a line. perRow divides losses: the number of predictions in a row.
func (t twins) write(dir string, perRow float64) error {
	out := newResults("epoch", "updates", "loss", "test_loss", "accuracy", "differing", "max_abs", "messages")
	for _, e := range t.epochs {
		out.add(e.Number, e.Updates, e.Loss/perRow, e.TestLoss/perRow, e.Accuracy, e.Difference.Differing, e.Difference.MaxAbs, e.Messages)
	}
	if err := out.write(dir, "results.csv"); err != nil {
		return err
	}
	hashes := newResults("engine", "parameters", "sha256")
	hashes.add("actors, Z-IL", t.params.Len(), t.hash)
	hashes.add("backprop", t.params.Len(), t.twinHash)
	return hashes.write(dir, "hashes.csv")
}

// check returns an error unless no bit ever differed and learning took place.
func (t twins) check() error {
	for _, e := range t.epochs {
		if !e.Compared || !e.Difference.Equal() {
			return contradicted("after epoch %d %d parameters differ", e.Number, e.Difference.Differing)
		}
	}
	if t.hash != t.twinHash {
		return contradicted("the hashes of the final parameters differ")
	}
	if last := len(t.epochs) - 1; last > 0 && t.epochs[last].Loss >= t.epochs[0].Loss {
		return contradicted("the loss did not fall")
	}
	return nil
}

// curves returns learnt and held-out loss by epoch.
func (t twins) curves(perRow float64) []series {
	learnt, held := series{name: "learning"}, series{name: "held out", color: 1, dashed: true}
	for _, e := range t.epochs {
		learnt.x, learnt.y = append(learnt.x, float64(e.Number)), append(learnt.y, e.Loss/perRow)
		held.x, held.y = append(held.x, float64(e.Number)), append(held.y, e.TestLoss/perRow)
	}
	return []series{learnt, held}
}

package experiments

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/train"
)

func runFashion(ctx context.Context, cfg Config) error {
	learn, test, err := data.FashionMNIST(cfg.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("experiments: %w: %w", ErrData, err)
	}
	if err != nil {
		return err
	}
	epochs := 10
	if cfg.Quick {
		learn, test, epochs = learn.Head(2000), test.Head(500), 2
	}
	const batch = 20
	net, err := network.MLP{Layers: []int{784, 128, 128, 10}, Activation: "relu", Batch: batch, Init: network.Init{Rule: "he", Seed: cfg.seed()}}.Build()
	if err != nil {
		return err
	}
	base := engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: op.CrossEntropy{}, Plasticity: synapse.Rule{Rate: 0.05}}
	t, err := trainTwins(ctx, cfg, base, train.Config{Model: net, Loss: base.Loss, Train: learn.Flatten(), Test: test.Flatten(),
		Batches: data.Batches{Size: batch}, Seed: cfg.seed(), Epochs: epochs})
	if err != nil {
		return err
	}
	if err := t.write(cfg.Dir, 1); err != nil {
		return err
	}
	f := figure{title: "Fashion-MNIST: perceptron 784-128-128-10, actors with Z-IL", x: "epoch", y: "cross-entropy", series: t.curves(1)}
	if err := f.write(cfg.Dir); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	if a := t.epochs[len(t.epochs)-1].Accuracy; !cfg.Quick && a < 0.85 {
		return contradicted("accuracy %.3f, expected is more than 0.85", a)
	}
	return nil
}

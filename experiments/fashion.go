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

// fashion returns the data and the network: Fashion-MNIST, or in the quick form the embedded digits.
func fashion(cfg Config, batch int) (learn, test *data.Set, net *network.Network, err error) {
	layers := []int{784, 128, 128, 10}
	if cfg.Quick {
		layers = []int{64, 24, 24, 10}
		var all *data.Set
		if all, err = data.Digits(); err == nil {
			learn, test, err = all.Split(0.2, cfg.seed())
		}
	} else if learn, test, err = data.FashionMNIST(cfg.Data); errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("experiments: %w: %w", ErrData, err)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	net, err = network.MLP{Layers: layers, Activation: "relu", Batch: batch, Init: network.Init{Rule: "he", Seed: cfg.seed()}}.Build()
	return learn.Flatten(), test.Flatten(), net, err
}

func runFashion(ctx context.Context, cfg Config) error {
	const batch = 20
	learn, test, net, err := fashion(cfg, batch)
	if err != nil {
		return err
	}
	epochs := 10
	if cfg.Quick {
		epochs = 3
	}
	base := engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: op.CrossEntropy{}, Plasticity: synapse.Rule{Rate: 0.05}, Compute: cfg.compute()}
	t, err := trainTwins(ctx, cfg, base, train.Config{Model: net, Loss: base.Loss, Train: learn, Test: test,
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

package actors_test

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// A network of actors learns exclusive-or next to backprop: after 100 updates no bit of any parameter differs.
func Example() {
	x := tensor.From(tensor.Dims(4, 2), []float64{0, 0, 0, 1, 1, 0, 1, 1})
	y := tensor.From(tensor.Dims(4, 1), []float64{0, 1, 1, 0})
	xor := engine.Sample{Inputs: []tensor.Tensor{x}, Target: y, Scale: 0.25}
	learn := func(e engine.Engine) engine.Params {
		for range 100 {
			if _, err := e.Learn(context.Background(), xor); err != nil {
				fmt.Println(err)
			}
		}
		return e.Params()
	}

	net, _ := network.MLP{Layers: []int{2, 8, 1}, Activation: "tanh", Batch: 4}.Build()
	cfg := engine.Config{Graph: net.Graph, Initial: net.Initial}
	backprop, _ := bp.New(cfg)
	coding, _ := actors.New(actors.Config{Config: pc.Config{Config: cfg}})
	fmt.Println(engine.Diff(learn(coding), learn(backprop)).Differing, "of", net.Parameters(), "parameters differ")
	// Output: 0 of 33 parameters differ
}

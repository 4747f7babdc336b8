package pc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// differing returns on how many of the cases the rule differs from backprop in any bit, and of how many.
func differing(t *testing.T, list []enginetest.Case, cfg Config) (wrong int) {
	for k, c := range list {
		s := sampleOf(c, uint64(k))
		g, _ := gradientOf(t, c, cfg, s)
		if !engine.Diff(g, backprop(t, c, s)).Equal() {
			wrong++
		}
	}
	return wrong
}

// unequal returns random graphs that are not levelled as they are.
func unequal(n int) []enginetest.Case {
	var list []enginetest.Case
	for seed := uint64(7000); len(list) < n; seed++ {
		c := enginetest.Random(seed)
		if finite(c) && !c.Singular && graph.Level(c.Graph, graph.Identities, false).Identities > 0 {
			list = append(list, c)
		}
	}
	return list
}

// Reference: [Song et al. 2020], the trigger of Fa-Z-IL made explicit. A weight that learns once per sample, when the first
// wave of errors passes, learns backprop's update on every levelled graph; unlevelled, the wave arrives more than once
// and nearly all graphs go wrong.
func TestFaZILByWave(t *testing.T) {
	list := unequal(150)
	assert.Zero(t, differing(t, list, Config{Rule: FaZIL()}))
	assert.Zero(t, differing(t, list, Config{Rule: FaZIL(), Form: graph.Delays}))
	wrong := differing(t, list, Config{Rule: FaZIL(), Unlevel: true})
	t.Logf("unlevelled: %d of %d differ", wrong, len(list))
	assert.Greater(t, wrong, len(list)*9/10)
}

// scalars returns a random graph of scalar vertices with smooth functions, none of which has an error that is 0 by
// structure: sums, products, tanh and sigmoid of scalars, with scalar parameters.
func scalars(seed uint64) enginetest.Case {
	r := rand.New(rand.NewPCG(enginetest.Seed, seed))
	b := graph.NewBuilder()
	c := enginetest.Case{Name: "scalars"}
	pool := []graph.VertexID{b.Input("x", tensor.Float64, tensor.Dims()), b.Input("y", tensor.Float64, tensor.Dims())}
	pick := func() graph.VertexID { return pool[max(r.IntN(len(pool)), r.IntN(len(pool)))] }
	param := func() graph.VertexID {
		c.Initial = append(c.Initial, scalar(r.NormFloat64()))
		return b.Parameter("", tensor.Dims())
	}
	for range 6 + r.IntN(15) {
		switch r.IntN(4) {
		case 0:
			pool = append(pool, b.Apply("", op.Mul(), b.Apply("", op.Sigmoid(), pick()), pick()))
		case 1:
			pool = append(pool, b.Apply("", op.Tanh(), b.Apply("", op.Add(), pick(), param())))
		case 2:
			pool = append(pool, b.Apply("", op.Mul(), pick(), param()))
		case 3:
			pool = append(pool, b.Apply("", op.Add(), pick(), pick()))
		}
	}
	last := pool[len(pool)-1]
	b.Output(b.Apply("out", op.Mul(), last, param()))
	g, err := b.Build()
	if err != nil {
		panic(err)
	}
	c.Graph = g
	return c
}

// Reference: [Song et al. 2020], Fa-Z-IL as published, triggered by an error that turns from 0, with a once-per-sample
// latch. Exact on levelled graphs of smooth scalar functions; wrong on ReLU networks, where the error of a dead unit is 0
// when the wave passes and turns from 0 later, or never; wrong on unlevelled graphs.
func TestFaZILByValue(t *testing.T) {
	var smooth []enginetest.Case
	for seed := range uint64(150) {
		smooth = append(smooth, scalars(seed))
	}
	assert.Zero(t, differing(t, smooth, Config{Rule: FaZILValue()}))

	var rectified, deep []enginetest.Case
	for seed := range uint64(100) {
		n := network.Config{Arch: "mlp", Layers: []int{3, 4, 4, 4, 2}, Activation: "relu", Grain: network.Synapse, Init: network.Init{Seed: seed}}
		rectified = append(rectified, build(t, n))
		n.Activation = "tanh"
		deep = append(deep, build(t, n))
	}
	wrong := differing(t, rectified, Config{Rule: FaZILValue()})
	t.Logf("ReLU: %d of %d differ", wrong, len(rectified))
	assert.Greater(t, wrong, len(rectified)/2)
	assert.Zero(t, differing(t, rectified, Config{Rule: FaZIL()}), "by wave")
	assert.Zero(t, differing(t, deep, Config{Rule: FaZILValue()}), "tanh")

	list := unequal(100)
	wrong = differing(t, list, Config{Rule: FaZILValue(), Unlevel: true})
	t.Logf("unlevelled: %d of %d differ", wrong, len(list))
	assert.Greater(t, wrong, len(list)*9/10)
}

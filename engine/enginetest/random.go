package enginetest

import "github.com/retrodict/retrodict/network"

// Random returns a random branching graph that seed determines (see network.Random): arms of unequal length, vertices
// used many times and twice by one consumer, parameters shared between levels. Every third has additive masks of −Inf,
// every fourth branches that reach no output, every eighth divides by ±0.
func Random(seed uint64) Case {
	n, err := network.Random{Seed: seed, Width: 3, Batch: 2, Gain: 1.2, Masks: seed%3 == 0, Dead: seed%4 == 1, Singular: seed%8 == 7}.Build()
	if err != nil {
		panic("enginetest: " + err.Error())
	}
	return Case{Name: n.Name, Graph: n.Graph, Initial: n.Initial, Singular: seed%8 == 7}
}

// Package model opens a network that was made elsewhere: an ONNX file, with arrays for its inputs and a target for its
// output. It is what a user brings along instead of an architecture of package network.
//
//	m, err := model.Open("mine.onnx")          // decoded, checked against nothing yet
//	b, err := m.Bind([]npy.Array{{"x", x}})    // imported for these inputs, whose shapes become the graph's
//	cfg, err := b.Config(tensor.Float64, op.HalfSquared{})
//
// The first output of float type, or the one that Choose names, is where the energy is measured.
//
// What it is not: it runs nothing but the few vertices that decide whether indices are in range. Engines do the rest.
package model

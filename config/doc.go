// Package config is the one file that every command reads: YAML in, a typed and checked configuration out, and what it
// stands for (data, network, engines) wired together.
//
//	name: digits
//	seed: 1
//	dtype: f64
//	network: {arch: mlp, layers: [64, 48, 10], activation: tanh, grain: neuron, init: {rule: glorot}}
//	data: {set: digits, batch: 20, test: 0.2}
//	learning: {schedule: zil, loss: cross-entropy, plasticity: {rule: sgd, rate: 0.3}, epochs: 20}
//	time: {engine: actors}
//	record: {dir: runs}
//	compare: {reference: bp, every: epoch}
//
// The network may be a model of the user's own, with the user's data and weights:
//
//	network: {onnx: mine.onnx, init: {from: weights.safetensors}}
//	data: {npz: mine.npz, x: X, y: Y, batch: 20}
//
// Every key has a default; an empty file is the experiment above. A key that does not exist, a value of the wrong type
// and a value out of range are errors that name file, line and column. Keys can be overridden one by one ("a.b=value").
// The resolved configuration, with all defaults written out, marshals to the same bytes every time and loads again.
//
// A file may build on others: include names one, or a list, relative to itself; sections are merged, lists are replaced,
// and the file itself has the last word. Schema is for editors.
//
// Other paths in a configuration are relative to the working directory, as they are in a shell.
package config

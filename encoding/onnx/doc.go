// Package onnx reads models in the ONNX format (Open Neural Network Exchange, operator sets 9 to 20 of the default
// domain) and turns them into computational graphs.
//
// Decode and Read parse the protocol-buffer file into a Model: small structs that hold what the importer needs, in the
// order of the file. Import turns a Model into a graph: float initializers that reach a differentiable argument become
// parameters, graph inputs become inputs, constants and shape arithmetic are computed at import, recurrent nodes are
// unrolled into elementary vertices. What is not supported is one error that names every unsupported operator of the
// file, before anything runs. Table lists what is supported.
//
// Float attributes are stored as float32 in the file. They are read as the shortest decimal number that has this
// float32, so that a slope written as 0.01 is 0.01 in a float64 graph too; in a float32 graph this changes nothing.
//
// Source: the ONNX specification, https://onnx.ai/onnx/repo-docs/IR.html and Operators.html; field numbers from
// onnx.proto3 of IR version 8.
//
// What it is not: it writes only the small models that tests need (Encode), runs no shape inference on symbolic
// dimensions (the caller gives the shapes of the inputs), and does not touch the file system but through an fs.FS.
package onnx

// Package onnx reads models in the ONNX format (Open Neural Network Exchange, operator sets up to 20 of the default
// domain) and turns them into computational graphs.
//
// Decode and Read parse the protocol-buffer file into a Model: small structs that hold what the importer needs, in the
// order of the file. Import turns a Model into a graph: float initializers that reach a differentiable argument become
// parameters, graph inputs become inputs, constants and shape arithmetic are computed at import, recurrent nodes are
// unrolled into elementary vertices. What is not supported is one error that names every unsupported operator of the
// file, before anything runs. Table lists what is supported.
//
// Float attributes and constants of rank 0 are stored as float32 in the file. They are read as the shortest decimal number
// that has this float32 (or as 1/k, √k, 1/√k or √(2/π), if no short decimal is), so that a slope written as 0.01 is 0.01
// in a float64 graph too; in a float32 graph this changes nothing.
//
// The operators on integers and truth values are vertices too, which nothing is learned through. Half-precision weights
// are read exactly and computed with in the float type of the engine; nothing is rounded to 16 bits.
//
// Source: the ONNX specification, https://onnx.ai/onnx/repo-docs/IR.html and Operators.html; field numbers from
// onnx.proto3 of IR version 8.
//
// What it is not: it writes only the small models that tests need (Encode), runs no shape inference on symbolic
// dimensions (the caller gives the shapes of the inputs), and does not touch the file system but through an fs.FS.
package onnx

// Package data gives data sets: embedded ones, files in the usual formats, and seeded generators; and hands them out in
// batches.
//
// A Set is a pair of tensors whose first axis counts the rows: inputs X and labels or targets Y. Embedded are the 8×8
// digits, Iris, and a part of Newton's Opticks; read are IDX (MNIST, Fashion-MNIST), the binary layout of CIFAR-10,
// CSV, NPY and NPZ, and text, each of them also compressed with gzip except NPY and NPZ; generated are XOR, a sine,
// blobs and strings of the Reber grammar.
//
// Everything random comes from a seed passed in, through PCG and a shuffle written out here, so that an order of rows
// is the same on every machine and with every version of Go. Nothing in a file is believed: sizes are checked against a
// Limit and against the bytes that are there, and a wrong file gives one error with its name and the line and column,
// or the offset.
//
// What it is not: nothing is downloaded, and there is no augmentation.
package data

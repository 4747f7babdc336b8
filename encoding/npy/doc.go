// Package npy reads and writes NumPy's array files: NPY, one array, and NPZ, a zip archive of named arrays.
//
// Read are the format versions 1, 2 and 3, little and big endian, C and Fortran order (converted to row-major), rank 0 to
// 6, and the elements f8, f4, f2 (to Float32), i1 to i8 and u1 to u8 (to Int64) and b1. Written is version 1, little
// endian, C order, so that the same tensors always give the same bytes.
//
// A size in a header is a claim. It is checked against the Limit, and against the bytes that are there before memory is
// taken for them; a wrong file gives one error that names the file, the array, and the part of the header or the offset.
//
// Source: "NumPy Enhancement Proposal 1: a simple file format for NumPy arrays", and numpy.lib.format.
//
// What it is not: no structured, object, string, date or complex arrays, and nothing is ever unpickled.
package npy

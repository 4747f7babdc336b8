// Package safetensors reads and writes safetensors files: named tensors and a few strings, without executable content.
//
// A file is the length of the header (8 bytes, little endian), the header, a JSON object that gives each tensor's dtype,
// shape and data_offsets, and the data. Written is the canonical form: the metadata first, then the names in byte order;
// the header padded with spaces so that the data start on a multiple of 8; wide elements laid out before narrow ones, so
// that every tensor is aligned to its elements. The same tensors give the same bytes, in whatever order they come.
//
// Read are F64, F32, F16 and BF16 (to Float32), I8 to I64 and U8 to U64 (to Int64), and BOOL. Nothing in a file is
// believed: duplicate names, unknown keys, offsets that overlap, leave a gap or lie outside the file, shapes that
// contradict their offsets and oversized headers are errors that name the file, the tensor and the place.
//
// Source: the format's description at github.com/huggingface/safetensors.
//
// What it is not: no F8 or F4 elements, no sharded index files, no memory mapping.
package safetensors

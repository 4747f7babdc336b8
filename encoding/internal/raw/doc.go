// Package raw converts between the elements of a tensor and their bytes in a file: a Kind is how a number is stored,
// an order is little or big endian. Wider types are kept, narrower ones are widened: half precision becomes Float32 and
// every integer Int64, always without rounding.
//
// Nothing here trusts a size that a file claims: Read grows the tensor as bytes arrive.
package raw

package npy

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// A Limit bounds what a file may claim. The zero Limit is the default.
type Limit struct {
	Elements int64 // of one array and of all arrays of an archive together; 0 means 2³⁰, and 2³¹−1 is the most
	Header   int   // bytes of one header; 0 means 65,536
	Arrays   int   // arrays in an archive; 0 means 65,536
}

// filled returns l with its defaults filled in.
func (l Limit) filled() Limit {
	if l.Elements <= 0 {
		l.Elements = 1 << 30
	}
	l.Elements = min(l.Elements, math.MaxInt32)
	if l.Header <= 0 {
		l.Header = 1 << 16
	}
	if l.Arrays <= 0 {
		l.Arrays = 1 << 16
	}
	return l
}

// An Array is a tensor and its name in an archive, without the suffix ".npy".
type Array struct {
	Name   string
	Tensor tensor.Tensor
}

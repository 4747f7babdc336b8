package safetensors

import (
	"cmp"
	"math"
	"slices"

	"github.com/retrodict/retrodict/encoding/internal/raw"
	"github.com/retrodict/retrodict/tensor"
)

// An Array is a tensor and its name.
type Array struct {
	Name   string
	Tensor tensor.Tensor
}

// A Pair is an entry of the metadata.
type Pair struct{ Key, Value string }

// A File is the content of a file.
type File struct {
	Arrays   []Array // in byte order of their names when read; written from any order
	Metadata []Pair  // in the file's order
}

// Find returns the tensor of that name, a tensor without storage if there is none. It is quick where the arrays are
// sorted by name, as they are when read.
func (f File) Find(name string) tensor.Tensor {
	i, ok := slices.BinarySearchFunc(f.Arrays, name, func(a Array, n string) int { return cmp.Compare(a.Name, n) })
	if ok {
		return f.Arrays[i].Tensor
	}
	for _, a := range f.Arrays {
		if a.Name == name {
			return a.Tensor
		}
	}
	return tensor.Tensor{}
}

// Value returns the metadata of that key, empty if there are none.
func (f File) Value(key string) string {
	for _, p := range f.Metadata {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// A Limit bounds what a file may claim. The zero Limit is the default.
type Limit struct {
	Header   int64 // bytes of the header; 0 means 100,000,000, as in the reference implementation
	Elements int64 // of all tensors together; 0 means 2³⁰, and 2³¹−1 is the most
}

func (l Limit) filled() Limit {
	if l.Header <= 0 {
		l.Header = 100_000_000
	}
	if l.Elements <= 0 {
		l.Elements = 1 << 30
	}
	l.Elements = min(l.Elements, math.MaxInt32)
	return l
}

// metadataKey is the only key of a header that names no tensor.
const metadataKey = "__metadata__"

// kind returns the representation that a dtype names, None if it cannot be read.
func kind(dtype string) raw.Kind {
	switch dtype {
	case "F64":
		return raw.F64
	case "F32":
		return raw.F32
	case "F16":
		return raw.F16
	case "BF16":
		return raw.BF16
	case "I64":
		return raw.I64
	case "I32":
		return raw.I32
	case "I16":
		return raw.I16
	case "I8":
		return raw.I8
	case "U64":
		return raw.U64
	case "U32":
		return raw.U32
	case "U16":
		return raw.U16
	case "U8":
		return raw.U8
	case "BOOL":
		return raw.Bool
	}
	return raw.None
}

// dtype returns the name of t in a header.
func dtype(t tensor.Type) string {
	switch t {
	case tensor.Float64:
		return "F64"
	case tensor.Float32:
		return "F32"
	case tensor.Int64:
		return "I64"
	case tensor.Bool:
		return "BOOL"
	}
	return ""
}

package raw

import "github.com/retrodict/retrodict/tensor"

// A Kind is a representation of numbers in a file. The zero Kind is none.
type Kind uint8

const (
	None Kind = iota
	F64       // IEEE 754 binary64
	F32       // IEEE 754 binary32
	F16       // IEEE 754 binary16
	BF16      // the upper half of a binary32
	I64
	I32
	I16
	I8
	U64 // values above the largest Int64 are refused
	U32
	U16
	U8
	Bool // one byte, 0 or 1
)

// Size returns the bytes of one element.
func (k Kind) Size() int {
	switch k {
	case F64, I64, U64:
		return 8
	case F32, I32, U32:
		return 4
	case F16, BF16, I16, U16:
		return 2
	case I8, U8, Bool:
		return 1
	}
	return 0
}

// Type returns the element type of the tensor that holds such numbers.
func (k Kind) Type() tensor.Type {
	switch k {
	case None:
		return tensor.None
	case F64:
		return tensor.Float64
	case F32, F16, BF16:
		return tensor.Float32
	case Bool:
		return tensor.Bool
	}
	return tensor.Int64
}

// KindOf returns the Kind that elements of type t are written as.
func KindOf(t tensor.Type) Kind {
	switch t {
	case tensor.Float64:
		return F64
	case tensor.Float32:
		return F32
	case tensor.Int64:
		return I64
	case tensor.Bool:
		return Bool
	}
	return None
}

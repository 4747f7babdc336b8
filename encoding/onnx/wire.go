package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field is one field of a message on the wire: n holds varints and fixed-width numbers, b length-delimited bytes.
type field struct {
	num protowire.Number
	typ protowire.Type
	n   uint64
	b   []byte
}

var errWire = errors.New("truncated or malformed protocol buffer")

// walk calls visit for every field of the message b, in order. Groups are skipped.
func walk(b []byte, visit func(f field) error) error {
	for len(b) > 0 {
		num, typ, k := protowire.ConsumeTag(b)
		if k < 0 {
			return errWire
		}
		b = b[k:]
		f := field{num: num, typ: typ}
		switch typ {
		case protowire.VarintType:
			f.n, k = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, k = protowire.ConsumeFixed32(b)
			f.n = uint64(v)
		case protowire.Fixed64Type:
			f.n, k = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			f.b, k = protowire.ConsumeBytes(b)
		default:
			k = protowire.ConsumeFieldValue(num, typ, b)
		}
		if k < 0 {
			return errWire
		}
		b = b[k:]
		if typ == protowire.StartGroupType {
			continue
		}
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// want returns an error if the field does not have the wire type of its declaration.
func (f field) want(typ protowire.Type) error {
	if f.typ != typ {
		return fmt.Errorf("field %d has wire type %d, want %d", f.num, f.typ, typ)
	}
	return nil
}

// str returns a string or bytes field.
func (f field) str(dst *string) error {
	*dst = string(f.b)
	return f.want(protowire.BytesType)
}

// addStr appends a repeated string.
func (f field) addStr(dst *[]string) error {
	*dst = append(*dst, string(f.b))
	return f.want(protowire.BytesType)
}

// int returns a varint field.
func (f field) int(dst *int64) error {
	*dst = int64(f.n)
	return f.want(protowire.VarintType)
}

// float returns a float field.
func (f field) float(dst *float32) error {
	*dst = math.Float32frombits(uint32(f.n))
	return f.want(protowire.Fixed32Type)
}

// numbers appends a repeated numeric field, packed or not, as the raw bits of its elements of wire type typ.
func (f field) numbers(typ protowire.Type, dst *[]uint64) error {
	if f.typ == typ {
		*dst = append(*dst, f.n)
		return nil
	}
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	for b := f.b; len(b) > 0; {
		var v uint64
		var k int
		switch typ {
		case protowire.VarintType:
			v, k = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var w uint32
			w, k = protowire.ConsumeFixed32(b)
			v = uint64(w)
		default:
			v, k = protowire.ConsumeFixed64(b)
		}
		if k < 0 {
			return errWire
		}
		*dst = append(*dst, v)
		b = b[k:]
	}
	return nil
}

// ints appends a repeated integer field.
func (f field) ints(dst *[]int64) error {
	var v []uint64
	err := f.numbers(protowire.VarintType, &v)
	for _, x := range v {
		*dst = append(*dst, int64(x))
	}
	return err
}

// floats appends a repeated float field.
func (f field) floats(dst *[]float32) error {
	var v []uint64
	err := f.numbers(protowire.Fixed32Type, &v)
	for _, x := range v {
		*dst = append(*dst, math.Float32frombits(uint32(x)))
	}
	return err
}

package raw

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// Decode converts src, a whole number of elements of kind k, to the elements of dst from number at on. dst has the
// type k.Type() and room for them. The error of a number that does not fit names its place in dst.
func Decode(dst tensor.Tensor, at int, src []byte, k Kind, order binary.ByteOrder) error {
	n := len(src) / k.Size()
	switch k.Type() {
	case tensor.Float64:
		d := dst.Float64s()[at : at+n]
		for i := range d {
			d[i] = math.Float64frombits(order.Uint64(src[8*i:]))
		}
	case tensor.Float32:
		decodeFloat32(dst.Float32s()[at:at+n], src, k, order)
	case tensor.Int64:
		return decodeInt64(dst.Int64s()[at:at+n], at, src, k, order)
	case tensor.Bool:
		d := dst.Bools()[at : at+n]
		for i := range d {
			if src[i] > 1 {
				return fmt.Errorf("element %d: the byte %d is not a bool, want 0 or 1", at+i, src[i])
			}
			d[i] = src[i] == 1
		}
	}
	return nil
}

func decodeFloat32(d []float32, src []byte, k Kind, order binary.ByteOrder) {
	switch k {
	case F32:
		for i := range d {
			d[i] = math.Float32frombits(order.Uint32(src[4*i:]))
		}
	case F16:
		for i := range d {
			d[i] = Half(order.Uint16(src[2*i:]))
		}
	case BF16:
		for i := range d {
			d[i] = math.Float32frombits(uint32(order.Uint16(src[2*i:])) << 16)
		}
	}
}

func decodeInt64(d []int64, at int, src []byte, k Kind, order binary.ByteOrder) error {
	w := k.Size()
	for i := range d {
		b := src[w*i:]
		switch k {
		case I64:
			d[i] = int64(order.Uint64(b))
		case I32:
			d[i] = int64(int32(order.Uint32(b)))
		case I16:
			d[i] = int64(int16(order.Uint16(b)))
		case I8:
			d[i] = int64(int8(b[0]))
		case U64:
			u := order.Uint64(b)
			if u > math.MaxInt64 {
				return fmt.Errorf("element %d: %d does not fit an int64", at+i, u)
			}
			d[i] = int64(u)
		case U32:
			d[i] = int64(order.Uint32(b))
		case U16:
			d[i] = int64(order.Uint16(b))
		case U8:
			d[i] = int64(b[0])
		}
	}
	return nil
}

// Half returns the number with the given IEEE 754 binary16 bits: exact, since every binary16 is a binary32.
func Half(bits uint16) float32 {
	sign := uint32(bits>>15) << 31
	exp, frac := uint32(bits>>10)&31, uint32(bits)&1023
	switch exp {
	case 0: // zero or subnormal: frac · 2⁻²⁴
		f := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(f))
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// Encode appends the little-endian bytes of elements lo to hi of t to b and returns it. The Kind is KindOf(t.Type()).
func Encode(b []byte, t tensor.Tensor, lo, hi int) []byte {
	le := binary.LittleEndian
	switch t.Type() {
	case tensor.Float64:
		for _, x := range t.Float64s()[lo:hi] {
			b = le.AppendUint64(b, math.Float64bits(x))
		}
	case tensor.Float32:
		for _, x := range t.Float32s()[lo:hi] {
			b = le.AppendUint32(b, math.Float32bits(x))
		}
	case tensor.Int64:
		for _, x := range t.Int64s()[lo:hi] {
			b = le.AppendUint64(b, uint64(x))
		}
	case tensor.Bool:
		for _, x := range t.Bools()[lo:hi] {
			c := byte(0)
			if x {
				c = 1
			}
			b = append(b, c)
		}
	}
	return b
}

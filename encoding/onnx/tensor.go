package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/retrodict/retrodict/tensor"
	"google.golang.org/protobuf/encoding/protowire"
)

// A proto is a TensorProto as it is on the wire.
type proto struct {
	name     string
	dims     []int64
	typ      int64
	raw      []byte
	hasRaw   bool
	typed    []uint64 // float_data, int32_data, int64_data, double_data or uint64_data: raw bits
	source   protowire.Number
	strings  []string
	external bool
	entries  [][2]string // of external_data
}

// tensor decodes a TensorProto.
func (d *decoder) tensor(b []byte) (Tensor, error) {
	if err := d.count(); err != nil {
		return Tensor{}, err
	}
	var p proto
	err := walk(b, func(f field) error { return d.tensorField(&p, f) })
	t := Tensor{Name: p.name, Type: DataType(p.typ)}
	if err == nil {
		err = d.build(&p, &t)
	}
	if err != nil {
		return t, fmt.Errorf("tensor %q: %w", p.name, err)
	}
	return t, nil
}

func (d *decoder) tensorField(p *proto, f field) error {
	switch f.num {
	case 1:
		return f.ints(&p.dims)
	case 2:
		return f.int(&p.typ)
	case 3:
		return errors.New("tensors in segments are not supported")
	case 4:
		return p.add(f, protowire.Fixed32Type)
	case 5, 7, 11:
		return p.add(f, protowire.VarintType)
	case 6:
		return f.addStr(&p.strings)
	case 8:
		return f.str(&p.name)
	case 9:
		p.raw, p.hasRaw = f.b, true
		return f.want(protowire.BytesType)
	case 10:
		return p.add(f, protowire.Fixed64Type)
	case 13:
		var kv [2]string
		err := d.sub(f, func(f field) error {
			if f.num == 1 || f.num == 2 {
				return f.str(&kv[f.num-1])
			}
			return nil
		})
		p.entries = append(p.entries, kv)
		return err
	case 14:
		var where int64
		err := f.int(&where)
		p.external = where == 1
		return err
	}
	return nil
}

// add appends typed data; a tensor has typed data of one kind.
func (p *proto) add(f field, typ protowire.Type) error {
	if p.source != 0 && p.source != f.num {
		return fmt.Errorf("typed data in fields %d and %d", p.source, f.num)
	}
	p.source = f.num
	return f.numbers(typ, &p.typed)
}

// build checks the header against the data before it allocates anything.
func (d *decoder) build(p *proto, t *Tensor) error {
	if p.typ == int64(Undefined) {
		return errors.New("no element type: is this an ONNX tensor?")
	}
	s, err := tensor.CheckDims(p.dims, math.MaxInt32)
	if err != nil {
		return err
	}
	t.Shape = s
	if t.Type == String {
		t.Strings = p.strings
		return lengths(len(p.strings), s)
	}
	if t.Type.Storage() == tensor.None {
		return fmt.Errorf("element type %v is not supported", t.Type)
	}
	if p.external {
		if p.raw, err = d.files.read(p.entries, int64(s.Len())*int64(t.Type.width())); err != nil {
			return err
		}
		p.hasRaw = true
	}
	if p.hasRaw && len(p.typed) > 0 {
		return errors.New("both raw and typed data")
	}
	if p.hasRaw {
		return t.fromRaw(p.raw)
	}
	return t.fromTyped(p)
}

// lengths returns an error if n values do not fill a tensor of shape s.
func lengths(n int, s tensor.Shape) error {
	if n != s.Len() {
		return fmt.Errorf("%d values for shape %v", n, s)
	}
	return nil
}

// width returns the bytes of one element of raw data, 0 for types that have none.
func (d DataType) width() int {
	switch d {
	case Bool, Uint8, Int8:
		return 1
	case Uint16, Int16, Float16, BFloat16:
		return 2
	case Float, Int32, Uint32:
		return 4
	case Double, Int64, Uint64:
		return 8
	}
	return 0
}

// fromRaw fills t from little-endian elements.
func (t *Tensor) fromRaw(b []byte) error {
	w := t.Type.width()
	if len(b) != t.Shape.Len()*w {
		return fmt.Errorf("%d bytes of raw data for %v of shape %v", len(b), t.Type, t.Shape)
	}
	t.Value = tensor.New(t.Type.Storage(), t.Shape)
	for i := range t.Shape.Len() {
		var bits uint64
		switch w {
		case 1:
			bits = uint64(b[i])
		case 2:
			bits = uint64(binary.LittleEndian.Uint16(b[2*i:]))
		case 4:
			bits = uint64(binary.LittleEndian.Uint32(b[4*i:]))
		case 8:
			bits = binary.LittleEndian.Uint64(b[8*i:])
		}
		if err := t.set(i, bits); err != nil {
			return err
		}
	}
	return nil
}

// fromTyped fills t from typed data, in the field that the specification gives for its type.
func (t *Tensor) fromTyped(p *proto) error {
	if err := lengths(len(p.typed), t.Shape); err != nil {
		return err
	}
	if want := t.Type.source(); p.source != 0 && p.source != want {
		return fmt.Errorf("%v data in field %d, want %d", t.Type, p.source, want)
	}
	t.Value = tensor.New(t.Type.Storage(), t.Shape)
	for i, bits := range p.typed {
		if err := t.set(i, bits); err != nil {
			return err
		}
	}
	return nil
}

// source returns the number of the field that holds typed data of type d.
func (d DataType) source() protowire.Number {
	switch d {
	case Float:
		return 4
	case Int64:
		return 7
	case Double:
		return 10
	case Uint32, Uint64:
		return 11
	}
	return 5
}

// set stores element i from its bits.
func (t *Tensor) set(i int, bits uint64) error {
	switch t.Type {
	case Float:
		t.Value.Float32s()[i] = math.Float32frombits(uint32(bits))
	case Float16:
		t.Value.Float32s()[i] = half(uint16(bits))
	case BFloat16:
		t.Value.Float32s()[i] = math.Float32frombits(uint32(uint16(bits)) << 16)
	case Double:
		t.Value.Float64s()[i] = math.Float64frombits(bits)
	case Bool:
		t.Value.Bools()[i] = bits != 0
	case Uint64:
		if bits > math.MaxInt64 {
			return fmt.Errorf("element %d is %d: unsigned numbers above 2^63 are not supported", i, bits)
		}
		t.Value.Int64s()[i] = int64(bits)
	default:
		t.Value.Int64s()[i] = t.Type.wrap(int64(bits))
	}
	return nil
}

// wrap returns x reduced to the range of the integer type d, as two's complement arithmetic does.
func (d DataType) wrap(x int64) int64 {
	switch d {
	case Uint8:
		return int64(uint8(x))
	case Int8:
		return int64(int8(x))
	case Uint16:
		return int64(uint16(x))
	case Int16:
		return int64(int16(x))
	case Int32:
		return int64(int32(x))
	case Uint32:
		return int64(uint32(x))
	}
	return x
}

// half returns the number with the IEEE 754 binary16 bits h, exactly.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 0: // zero or subnormal: frac·2⁻²⁴
		x := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(x) | sign)
	case 31:
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

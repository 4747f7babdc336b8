package onnx

import (
	"encoding/binary"
	"math"

	"github.com/retrodict/retrodict/tensor"
	"google.golang.org/protobuf/encoding/protowire"
)

// Encode returns the file of a model, with raw tensor data. It writes what Decode reads, for tests and small tools;
// sequences, optionals and functions are not written. Tensors of 16-bit floats are written as float.
func Encode(m *Model) []byte {
	var e encoder
	e.int(1, m.IRVersion)
	e.str(2, m.Producer)
	e.str(3, m.ProducerVersion)
	if m.Graph != nil {
		e.message(7, func(e *encoder) { e.graph(m.Graph) })
	}
	for _, o := range m.Opsets {
		e.message(8, func(e *encoder) {
			e.str(1, o.Domain)
			e.int(2, o.Version)
		})
	}
	return e.b
}

// EncodeTensor returns the file of one tensor.
func EncodeTensor(t Tensor) []byte {
	var e encoder
	e.tensor(t)
	return e.b
}

// TensorOf returns an ONNX tensor that holds v: float, double, int64 or bool.
func TensorOf(name string, v tensor.Tensor) Tensor {
	t := Tensor{Name: name, Shape: v.Shape(), Value: v}
	switch v.Type() {
	case tensor.Float64:
		t.Type = Double
	case tensor.Float32:
		t.Type = Float
	case tensor.Int64:
		t.Type = Int64
	case tensor.Bool:
		t.Type = Bool
	}
	return t
}

type encoder struct{ b []byte }

func (e *encoder) int(num protowire.Number, x int64) {
	e.b = protowire.AppendVarint(protowire.AppendTag(e.b, num, protowire.VarintType), uint64(x))
}

func (e *encoder) str(num protowire.Number, s string) {
	if s != "" {
		e.must(num, s)
	}
}

// must writes a string that may be empty, as elements of lists are.
func (e *encoder) must(num protowire.Number, s string) {
	e.b = protowire.AppendString(protowire.AppendTag(e.b, num, protowire.BytesType), s)
}

func (e *encoder) float(num protowire.Number, x float32) {
	e.b = protowire.AppendFixed32(protowire.AppendTag(e.b, num, protowire.Fixed32Type), math.Float32bits(x))
}

func (e *encoder) message(num protowire.Number, write func(e *encoder)) {
	var sub encoder
	write(&sub)
	e.b = protowire.AppendBytes(protowire.AppendTag(e.b, num, protowire.BytesType), sub.b)
}

func (e *encoder) graph(g *Graph) {
	for i := range g.Nodes {
		e.message(1, func(e *encoder) { e.node(&g.Nodes[i]) })
	}
	e.str(2, g.Name)
	for _, t := range g.Initializers {
		e.message(5, func(e *encoder) { e.tensor(t) })
	}
	for _, l := range []struct {
		num  protowire.Number
		list []ValueInfo
	}{{11, g.Inputs}, {12, g.Outputs}, {13, g.Values}} {
		for _, v := range l.list {
			e.message(l.num, func(e *encoder) { e.value(v) })
		}
	}
}

func (e *encoder) node(n *Node) {
	for _, s := range n.Inputs {
		e.must(1, s)
	}
	for _, s := range n.Outputs {
		e.must(2, s)
	}
	e.str(3, n.Name)
	e.str(4, n.Op)
	for i := range n.Attributes {
		e.message(5, func(e *encoder) { e.attribute(&n.Attributes[i]) })
	}
	e.str(7, n.Domain)
}

func (e *encoder) attribute(a *Attribute) {
	e.str(1, a.Name)
	switch a.Type {
	case AttrFloat:
		e.float(2, a.Float)
	case AttrInt:
		e.int(3, a.Int)
	case AttrString:
		e.must(4, a.String)
	case AttrTensor:
		e.message(5, func(e *encoder) { e.tensor(*a.Tensor) })
	case AttrGraph:
		e.message(6, func(e *encoder) { e.graph(a.Graph) })
	case AttrFloats:
		for _, x := range a.Floats {
			e.float(7, x)
		}
	case AttrInts:
		for _, x := range a.Ints {
			e.int(8, x)
		}
	case AttrStrings:
		for _, s := range a.Strings {
			e.must(9, s)
		}
	}
	for _, t := range a.Tensors {
		e.message(10, func(e *encoder) { e.tensor(t) })
	}
	for _, g := range a.Graphs {
		e.message(11, func(e *encoder) { e.graph(g) })
	}
	e.int(20, int64(a.Type))
	e.str(21, a.Ref)
}

func (e *encoder) value(v ValueInfo) {
	e.str(1, v.Name)
	if v.Kind != "tensor" {
		return
	}
	e.message(2, func(e *encoder) {
		e.message(1, func(e *encoder) {
			e.int(1, int64(v.Type))
			if v.Known {
				e.message(2, func(e *encoder) { e.dims(v.Dims) })
			}
		})
	})
}

func (e *encoder) dims(dims []Dim) {
	for _, d := range dims {
		e.message(1, func(e *encoder) {
			if d.Size >= 0 {
				e.int(1, d.Size)
			}
			e.str(2, d.Param)
		})
	}
}

func (e *encoder) tensor(t Tensor) {
	for _, d := range t.Shape.Slice() {
		e.int(1, int64(d))
	}
	typ := t.Type
	if typ == Float16 || typ == BFloat16 {
		typ = Float
	}
	e.int(2, int64(typ))
	for _, s := range t.Strings {
		e.must(6, s)
	}
	e.str(8, t.Name)
	if t.Value.Wanted() {
		e.must(9, string(raw(typ, t.Value)))
	}
}

// raw returns the little-endian elements of v, whose storage is that of typ.
func raw(typ DataType, v tensor.Tensor) []byte {
	var b []byte
	for i := range v.Len() {
		bits := v.Bits(i)
		switch typ.width() {
		case 1:
			b = append(b, byte(bits))
		case 2:
			b = binary.LittleEndian.AppendUint16(b, uint16(bits))
		case 4:
			b = binary.LittleEndian.AppendUint32(b, uint32(bits))
		case 8:
			b = binary.LittleEndian.AppendUint64(b, bits)
		}
	}
	return b
}

package onnx

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// A DataType is an ONNX element type, with the numbers of TensorProto.DataType.
type DataType int32

// The element types of ONNX.
const (
	Undefined DataType = iota
	Float
	Uint8
	Int8
	Uint16
	Int16
	Int32
	Int64
	String
	Bool
	Float16
	Double
	Uint32
	Uint64
	Complex64
	Complex128
	BFloat16
)

// String returns the name of the type in the specification, in lower case.
func (d DataType) String() string {
	names := [...]string{"undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool",
		"float16", "double", "uint32", "uint64", "complex64", "complex128", "bfloat16"}
	if d >= 0 && int(d) < len(names) {
		return names[d]
	}
	return "type" + strconv.Itoa(int(d))
}

// Storage returns the type of the tensor that holds elements of type d: Float32 for the floats of 16 and 32 bits,
// Int64 for every integer, and None for strings, complex numbers and what is unknown.
func (d DataType) Storage() tensor.Type {
	switch d {
	case Float, Float16, BFloat16:
		return tensor.Float32
	case Double:
		return tensor.Float64
	case Uint8, Int8, Uint16, Int16, Int32, Int64, Uint32, Uint64:
		return tensor.Int64
	case Bool:
		return tensor.Bool
	}
	return tensor.None
}

// IsFloat reports whether d is a floating-point type that can be stored.
func (d DataType) IsFloat() bool { return d.Storage().IsFloat() }

// IsInt reports whether d is an integer type.
func (d DataType) IsInt() bool { return d.Storage() == tensor.Int64 }

// A Model is a decoded ONNX file.
type Model struct {
	IRVersion       int64
	Producer        string
	ProducerVersion string
	Opsets          []Opset // in the order of the file
	Graph           *Graph
	Functions       []string // names of model-local functions, which are not decoded further
}

// Opset returns the version of the operator set of a domain ("" and "ai.onnx" are the same), 0 if the model does not
// import it.
func (m *Model) Opset(domain string) int64 {
	for _, o := range m.Opsets {
		if defaultDomain(o.Domain) == defaultDomain(domain) {
			return o.Version
		}
	}
	return 0
}

func defaultDomain(d string) string {
	if d == "ai.onnx" {
		return ""
	}
	return d
}

// An Opset is the version of one domain's operator set.
type Opset struct {
	Domain  string
	Version int64
}

// A Graph is a list of nodes in topological order, with the tensors and the names they use.
type Graph struct {
	Name         string
	Nodes        []Node
	Initializers []Tensor
	Inputs       []ValueInfo // files of IR version 3 list the initializers here too
	Outputs      []ValueInfo
	Values       []ValueInfo // what the exporter knew of intermediate values
}

// A Node applies an operator. An empty input name is an optional input left out; an empty output name an output that
// nothing uses.
type Node struct {
	Name, Op, Domain string
	Inputs, Outputs  []string
	Attributes       []Attribute
}

// Attribute returns the attribute called name, nil if the node does not have it.
func (n *Node) Attribute(name string) *Attribute {
	i := slices.IndexFunc(n.Attributes, func(a Attribute) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &n.Attributes[i]
}

// String returns the operator and the name of the node, or of its first output if it has none.
func (n *Node) String() string {
	name := n.Name
	if name == "" && len(n.Outputs) > 0 {
		name = n.Outputs[0]
	}
	if d := defaultDomain(n.Domain); d != "" {
		return fmt.Sprintf("%s.%s %q", d, n.Op, name)
	}
	return fmt.Sprintf("%s %q", n.Op, name)
}

// An AttributeType says which field of an Attribute is meant, with the numbers of AttributeProto.AttributeType.
type AttributeType int32

// The attribute types that are decoded.
const (
	AttrUndefined AttributeType = iota
	AttrFloat
	AttrInt
	AttrString
	AttrTensor
	AttrGraph
	AttrFloats
	AttrInts
	AttrStrings
	AttrTensors
	AttrGraphs
)

// An Attribute is a named constant of a node.
type Attribute struct {
	Name    string
	Type    AttributeType
	Float   float32
	Int     int64
	String  string
	Tensor  *Tensor
	Graph   *Graph
	Floats  []float32
	Ints    []int64
	Strings []string
	Tensors []Tensor
	Graphs  []*Graph
	Ref     string // an attribute of the enclosing function, which is not supported
}

// A ValueInfo is the name and type of a value of a graph.
type ValueInfo struct {
	Name  string
	Kind  string // "tensor", "sequence", "optional", "map", "sparse", or "" if the file does not say
	Type  DataType
	Dims  []Dim
	Known bool // whether the file gives Dims
}

// A Dim is one dimension: a number, or −1 and perhaps a name if it is known only when the model runs.
type Dim struct {
	Size  int64
	Param string
}

// String returns the number, the name, or "?".
func (d Dim) String() string {
	switch {
	case d.Size >= 0:
		return strconv.FormatInt(d.Size, 10)
	case d.Param != "":
		return d.Param
	}
	return "?"
}

// A Tensor is a constant of a model. Value has the type that Type.Storage gives; strings are in Strings instead.
type Tensor struct {
	Name    string
	Type    DataType
	Shape   tensor.Shape
	Value   tensor.Tensor
	Strings []string
}

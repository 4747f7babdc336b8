package onnx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A Config says what a model is imported for. The zero Config imports a model whose inputs have fixed shapes.
type Config struct {
	Inputs []Input // what is known of graph inputs, in any order
}

// An Input is what the caller knows of one graph input.
type Input struct {
	Name string

	// Shape takes the place of the dimensions in the file, with which it must agree where they are numbers. It is used if
	// Sized is set or Value is given.
	Shape tensor.Shape
	Sized bool

	// Value, if it has storage, may be made part of the graph where the model needs a number at import, such as the
	// shape given to Reshape. Imported.Frozen says for which inputs this was done. It is not modified.
	Value tensor.Tensor
}

// An Imported model is a graph with what belongs to its leaves.
type Imported struct {
	// Graph is nil if every output is a constant.
	Graph *graph.Graph

	// Parameters are the float initializers that reach a vertex, in the order of Graph.Parameter. Initializers that were
	// needed as numbers at import, such as the running statistics of a batch normalization, are not among them.
	Parameters []Parameter

	Inputs  []Leaf   // in the order of Graph.Input; frozen inputs are missing
	Outputs []Output // in the order of the file
	Frozen  []string // names of inputs whose Value became part of the graph, in the order of the file
}

// A Parameter is a leaf that learns: an initializer, and its value in the file.
type Parameter struct {
	Name  string
	Type  DataType
	Value tensor.Tensor // not to be modified
}

// A Leaf is an input of the graph: one of the model's, or the mask of a Dropout node in training, which the caller
// draws anew for every sample: each element is true with probability Keep.
type Leaf struct {
	Name  string
	Type  DataType
	Shape tensor.Shape
	Keep  float64 // 0 for an input of the model
}

// An Output is one graph output: vertex Graph.Outputs()[Index], or a constant if Index is negative.
type Output struct {
	Name  string
	Type  DataType
	Index int
	Value tensor.Tensor
}

// Import turns a model into a graph. Operators outside Table, and attributes that are not supported, are one error of
// type *Unsupported that names all of them; a model that contradicts the specification is another error. Nothing of the
// model is modified; parameter values and constants refer to its tensors.
func Import(m *Model, cfg Config) (*Imported, error) {
	r, err := load(m, cfg)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return r, nil
}

func load(m *Model, cfg Config) (*Imported, error) {
	if err := checkModel(m); err != nil {
		return nil, err
	}
	table := index(m.Opset(""))
	if err := scan(m, table); err != nil {
		return nil, err
	}
	inputs, err := declare(m.Graph, cfg)
	if err != nil {
		return nil, err
	}
	for {
		im := newImporter(m, table, inputs)
		r, err := im.run()
		if err != nil {
			return nil, err
		}
		if im.freeze == 0 {
			return r, nil
		}
		for i := range inputs { // once more, with these inputs as constants; each time there are more of them
			inputs[i].frozen = inputs[i].frozen || im.freeze>>inputBit(i)&1 == 1 && inputs[i].value.Wanted()
		}
	}
}

func checkModel(m *Model) error {
	switch v := m.Opset(""); {
	case len(m.Functions) > 0:
		return fmt.Errorf("model-local functions (%q, …) are not supported: export without them, or inline them first", m.Functions[0])
	case v == 0 && len(m.Opsets) > 0:
		return fmt.Errorf("the model does not use the default operator set: %v", m.Opsets)
	case v < 0 || v > MaxOpset:
		return fmt.Errorf("opset %d is outside 1 to %d: export with opset_version=%d", v, MaxOpset, MaxOpset)
	}
	return nil
}

// A declared input is a graph input with the shape it has in this import.
type declared struct {
	Leaf
	value  tensor.Tensor
	frozen bool
}

// declare joins what the file says of its inputs with what the caller knows.
func declare(g *Graph, cfg Config) ([]declared, error) {
	initial := map[string]bool{}
	for _, t := range g.Initializers {
		initial[t.Name] = true
	}
	if err := checkNames(g, initial, cfg); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	var list []declared
	for _, v := range g.Inputs {
		if initial[v.Name] {
			continue
		}
		if known[v.Name] {
			return nil, fmt.Errorf("two inputs are called %q", v.Name)
		}
		known[v.Name] = true
		i := slices.IndexFunc(cfg.Inputs, func(in Input) bool { return in.Name == v.Name })
		var in Input
		if i >= 0 {
			in = cfg.Inputs[i]
		}
		d, err := declareInput(v, in)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", v.Name, err)
		}
		list = append(list, d)
	}
	return list, nil
}

// checkNames returns an error if the caller knows of an input that the model does not have.
func checkNames(g *Graph, initial map[string]bool, cfg Config) error {
	names, known := "", map[string]bool{}
	for _, v := range g.Inputs {
		if initial[v.Name] {
			continue
		}
		known[v.Name] = true
		names += fmt.Sprintf(", %q", v.Name)
	}
	for _, in := range cfg.Inputs {
		if !known[in.Name] {
			return fmt.Errorf("the model has no input %q; its inputs are %s", in.Name, strings.TrimPrefix(names, ", "))
		}
	}
	return nil
}

func declareInput(v ValueInfo, in Input) (declared, error) {
	d := declared{Leaf: Leaf{Name: v.Name, Type: v.Type}, value: in.Value}
	if v.Kind != "tensor" || v.Type.Storage() == tensor.None {
		return d, fmt.Errorf("a %s of %v is not supported", v.Kind, v.Type)
	}
	if in.Value.Wanted() {
		if t := in.Value.Type(); t != v.Type.Storage() && !(t.IsFloat() && v.Type.IsFloat()) {
			return d, fmt.Errorf("got %v, the model wants %v", t, v.Type)
		}
		in.Shape, in.Sized = in.Value.Shape(), true
	}
	dims := make([]int64, len(v.Dims))
	for i, x := range v.Dims {
		dims[i] = x.Size
		if in.Sized && (in.Shape.Rank() != len(dims) || x.Size >= 0 && int64(in.Shape.Dim(i)) != x.Size) {
			return d, fmt.Errorf("got shape %v, the model wants %v", in.Shape, v.Dims)
		}
		if !in.Sized && x.Size < 0 {
			return d, fmt.Errorf("its shape %v is not fixed: give it", v.Dims)
		}
	}
	if v.Known && in.Sized && in.Shape.Rank() != len(dims) || !v.Known && !in.Sized {
		return d, fmt.Errorf("got shape %v, the model wants %v: give it", in.Shape, v.Dims)
	}
	if in.Sized {
		dims = dims[:0]
		for _, n := range in.Shape.Slice() {
			dims = append(dims, int64(n))
		}
	}
	var err error
	d.Shape, err = tensor.CheckDims(dims, maxElements)
	return d, err
}

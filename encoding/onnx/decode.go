package onnx

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds on what a file may make the decoder build. The memory used is a small multiple of the length of the file.
const (
	maxDepth    = 32      // graphs within attributes of nodes of graphs
	maxMessages = 4 << 20 // nodes, attributes, tensors, values and dimensions together
)

// Decode parses a model. Tensors whose data is in other files are an error: use Read. Unknown fields are skipped.
// Nothing of b is kept.
func Decode(b []byte) (*Model, error) {
	d := &decoder{}
	m, err := d.model(b)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return m, nil
}

// DecodeTensor parses a file that holds one tensor (a TensorProto, as in the data sets that come with ONNX models).
func DecodeTensor(b []byte) (Tensor, error) {
	d := &decoder{}
	t, err := d.tensor(b)
	if err != nil {
		return Tensor{}, fmt.Errorf("onnx: %w", err)
	}
	return t, nil
}

// A decoder counts what it builds and fetches external data; files may be nil.
type decoder struct {
	messages int
	files    *files
}

// count accounts for one message of the kind that grows when decoded.
func (d *decoder) count() error {
	if d.messages++; d.messages > maxMessages {
		return fmt.Errorf("more than %d messages", maxMessages)
	}
	return nil
}

// sub decodes a length-delimited message after counting it.
func (d *decoder) sub(f field, visit func(f field) error) error {
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	if err := d.count(); err != nil {
		return err
	}
	return walk(f.b, visit)
}

func (d *decoder) model(b []byte) (*Model, error) {
	m := &Model{}
	err := walk(b, func(f field) error {
		switch f.num {
		case 1:
			return f.int(&m.IRVersion)
		case 2:
			return f.str(&m.Producer)
		case 3:
			return f.str(&m.ProducerVersion)
		case 7:
			if m.Graph != nil {
				return errors.New("the model has two graphs")
			}
			g, err := d.graph(f, 0)
			m.Graph = g
			return err
		case 8:
			var o Opset
			err := d.sub(f, func(f field) error { return o.field(f) })
			m.Opsets = append(m.Opsets, o)
			return err
		case 25:
			var name string
			err := d.sub(f, func(f field) error { return functionName(f, &name) })
			m.Functions = append(m.Functions, name)
			return err
		}
		return nil
	})
	if err == nil && m.Graph == nil {
		err = errors.New("the model has no graph: is this an ONNX file?")
	}
	return m, err
}

func functionName(f field, name *string) error {
	if f.num == 1 {
		return f.str(name)
	}
	return nil
}

func (o *Opset) field(f field) error {
	switch f.num {
	case 1:
		return f.str(&o.Domain)
	case 2:
		return f.int(&o.Version)
	}
	return nil
}

func (d *decoder) graph(f field, depth int) (*Graph, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("graphs are nested deeper than %d", maxDepth)
	}
	g := &Graph{}
	err := d.sub(f, func(f field) error {
		switch f.num {
		case 1:
			n, err := d.node(f, depth)
			g.Nodes = append(g.Nodes, n)
			if err != nil {
				return fmt.Errorf("node %d (%s): %w", len(g.Nodes)-1, &n, err)
			}
		case 2:
			return f.str(&g.Name)
		case 5:
			return d.addTensor(f, &g.Initializers)
		case 11:
			return d.addValue(f, &g.Inputs)
		case 12:
			return d.addValue(f, &g.Outputs)
		case 13:
			return d.addValue(f, &g.Values)
		case 15:
			return errors.New("sparse initializers are not supported")
		}
		return nil
	})
	return g, err
}

func (d *decoder) addTensor(f field, dst *[]Tensor) error {
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	t, err := d.tensor(f.b)
	*dst = append(*dst, t)
	return err
}

func (d *decoder) node(f field, depth int) (Node, error) {
	var n Node
	err := d.sub(f, func(f field) error {
		switch f.num {
		case 1:
			return f.addStr(&n.Inputs)
		case 2:
			return f.addStr(&n.Outputs)
		case 3:
			return f.str(&n.Name)
		case 4:
			return f.str(&n.Op)
		case 5:
			a, err := d.attribute(f, depth)
			n.Attributes = append(n.Attributes, a)
			if err != nil {
				return fmt.Errorf("attribute %q: %w", a.Name, err)
			}
		case 7:
			return f.str(&n.Domain)
		}
		return nil
	})
	return n, err
}

func (d *decoder) attribute(f field, depth int) (Attribute, error) {
	var a Attribute
	err := d.sub(f, func(f field) error {
		switch f.num {
		case 1:
			return f.str(&a.Name)
		case 20:
			var t int64
			err := f.int(&t)
			a.Type = AttributeType(t)
			return err
		case 21:
			return f.str(&a.Ref)
		case 5, 6, 10, 11:
			return d.nested(&a, f, depth)
		}
		return a.scalar(f)
	})
	if a.Type == AttrUndefined {
		a.Type = a.guess()
	}
	return a, err
}

// scalar decodes the fields of an attribute that are numbers, strings, and lists of them.
func (a *Attribute) scalar(f field) error {
	switch f.num {
	case 2:
		return f.float(&a.Float)
	case 3:
		return f.int(&a.Int)
	case 4:
		return f.str(&a.String)
	case 7:
		return f.floats(&a.Floats)
	case 8:
		return f.ints(&a.Ints)
	case 9:
		return f.addStr(&a.Strings)
	}
	return nil
}

// nested decodes the fields of an attribute that are tensors and graphs.
func (d *decoder) nested(a *Attribute, f field, depth int) error {
	if err := f.want(protowire.BytesType); err != nil {
		return err
	}
	switch f.num {
	case 5:
		t, err := d.tensor(f.b)
		a.Tensor = &t
		return err
	case 6:
		g, err := d.graph(f, depth+1)
		a.Graph = g
		return err
	case 10:
		return d.addTensor(f, &a.Tensors)
	}
	g, err := d.graph(f, depth+1)
	a.Graphs = append(a.Graphs, g)
	return err
}

// guess returns the type of an attribute from the fields it has: files of IR version 1 do not say it.
func (a *Attribute) guess() AttributeType {
	switch {
	case a.Tensor != nil:
		return AttrTensor
	case a.Graph != nil:
		return AttrGraph
	case a.Floats != nil:
		return AttrFloats
	case a.Ints != nil:
		return AttrInts
	case a.Strings != nil:
		return AttrStrings
	case a.String != "":
		return AttrString
	case a.Float != 0:
		return AttrFloat
	}
	return AttrInt
}

func (d *decoder) addValue(f field, dst *[]ValueInfo) error {
	var v ValueInfo
	err := d.sub(f, func(f field) error {
		switch f.num {
		case 1:
			return f.str(&v.Name)
		case 2:
			return d.sub(f, func(f field) error { return d.typ(f, &v) })
		}
		return nil
	})
	*dst = append(*dst, v)
	if err != nil {
		return fmt.Errorf("value %q: %w", v.Name, err)
	}
	return nil
}

// typ decodes a field of a TypeProto. What is not a tensor is noted, not decoded.
func (d *decoder) typ(f field, v *ValueInfo) error {
	switch f.num {
	case 1:
		v.Kind = "tensor"
		return d.sub(f, func(f field) error {
			switch f.num {
			case 1:
				var t int64
				err := f.int(&t)
				v.Type = DataType(t)
				return err
			case 2:
				v.Known = true
				return d.sub(f, func(f field) error { return d.dim(f, v) })
			}
			return nil
		})
	case 4:
		v.Kind = "sequence"
	case 5:
		v.Kind = "map"
	case 8:
		v.Kind = "sparse"
	case 9:
		v.Kind = "optional"
	}
	return nil
}

// dim decodes a field of a TensorShapeProto.
func (d *decoder) dim(f field, v *ValueInfo) error {
	if f.num != 1 {
		return nil
	}
	x := Dim{Size: -1}
	err := d.sub(f, func(f field) error {
		switch f.num {
		case 1:
			return f.int(&x.Size)
		case 2:
			return f.str(&x.Param)
		}
		return nil
	})
	if x.Size < -1 {
		return fmt.Errorf("dimension %d is %d", len(v.Dims), x.Size)
	}
	v.Dims = append(v.Dims, x)
	return err
}

package model

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/encoding/onnx"
	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/tensor"
)

// A Model is an ONNX file, decoded.
type Model struct {
	Name string // of the file, without folder and suffix

	file *onnx.Model
}

// Open reads the model at path, and the files beside it that hold its tensors.
func Open(path string) (*Model, error) {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file", path)
	} else if err != nil {
		return nil, err
	}
	if info, err := os.Stat(real); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	root, err := os.OpenRoot(filepath.Dir(real))
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	f, err := onnx.Read(root.FS(), filepath.Base(real))
	if err != nil {
		return nil, err
	}
	if f.Graph == nil {
		return nil, fmt.Errorf("%s: the file holds no graph", path)
	}
	return &Model{Name: strings.TrimSuffix(filepath.Base(path), ".onnx"), file: f}, nil
}

// Inputs returns the inputs that a caller gives, in the order of the file: those that no initializer stands for.
func (m *Model) Inputs() []onnx.ValueInfo {
	var list []onnx.ValueInfo
	for _, v := range m.file.Graph.Inputs {
		if m.initializer(v.Name) == nil {
			list = append(list, v)
		}
	}
	return list
}

// Initializers returns the names of the float initializers, in the order of the file.
func (m *Model) Initializers() []string {
	var list []string
	for _, t := range m.file.Graph.Initializers {
		if t.Type.IsFloat() {
			list = append(list, t.Name)
		}
	}
	return list
}

func (m *Model) initializer(name string) *onnx.Tensor {
	for i := range m.file.Graph.Initializers {
		if t := &m.file.Graph.Initializers[i]; t.Name == name {
			return t
		}
	}
	return nil
}

// Choose makes the output of that name the one at which the energy is measured.
func (m *Model) Choose(output string) error {
	list := m.file.Graph.Outputs
	i := slices.IndexFunc(list, func(v onnx.ValueInfo) bool { return v.Name == output })
	if i < 0 {
		return fmt.Errorf("the model has no output %q; its outputs are %s", output, names(list))
	}
	list = slices.Concat(list[i:i+1], list[:i], list[i+1:])
	m.file.Graph.Outputs = list
	return nil
}

// Load replaces initializers by the tensors of their names in f. Tensors that the model does not have, and those whose
// shape is another, are errors; initializers that f does not have stay as they are in the model.
func (m *Model) Load(f safetensors.File) error {
	if len(f.Arrays) == 0 {
		return fmt.Errorf("there are no tensors in it")
	}
	for _, a := range f.Arrays {
		t := m.initializer(a.Name)
		if t == nil { // a graph that has two of a name, or a name like that of a neuron, changes it so
			t = m.initializer(strings.TrimRight(a.Name, ".'"))
		}
		if t == nil && !a.Tensor.Type().IsFloat() {
			continue // a count of batches and the like
		}
		switch {
		case t == nil:
			return fmt.Errorf("the model has no initializer %q; its float initializers are %s", a.Name, few(m.Initializers()))
		case t.Shape != a.Tensor.Shape() || t.Type.IsFloat() != a.Tensor.Type().IsFloat():
			return fmt.Errorf("tensor %q is %v%v, the model has %v%v", a.Name, a.Tensor.Type(), a.Tensor.Shape(), t.Type, t.Shape)
		}
		t.Value = a.Tensor
	}
	return nil
}

// names lists what values are called, for messages.
func names(list []onnx.ValueInfo) string {
	var s []string
	for _, v := range list {
		s = append(s, v.Name)
	}
	return few(s)
}

// few lists names, for messages, not more than fit on a line or two.
func few(list []string) string {
	s := ""
	for i, n := range list {
		if i > 0 {
			s += ", "
		}
		if i == 12 {
			return s + "…"
		}
		s += fmt.Sprintf("%q", n)
	}
	if s == "" {
		return "none"
	}
	return s
}

// fits returns t as the model wants an input of element type d: integers may stand for floats, nothing else for another.
func fits(t tensor.Tensor, d onnx.DataType) (tensor.Tensor, error) {
	want := d.Storage()
	switch {
	case want == tensor.None:
		return t, fmt.Errorf("the model wants %v, which is not supported", d)
	case t.Type() == want || t.Type().IsFloat() && want.IsFloat():
		return t, nil
	case t.Type() == tensor.Int64 && want.IsFloat():
		return t.Convert(tensor.Float64), nil
	}
	return t, fmt.Errorf("got %v, the model wants %v", kind(t.Type()), d)
}

// kind names a type as it is called in array files.
func kind(t tensor.Type) string {
	switch t {
	case tensor.Int64:
		return "integers"
	case tensor.Bool:
		return "bools"
	}
	return "floats"
}

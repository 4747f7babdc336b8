package model

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/onnx"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Bound model is imported for the inputs that were given: a graph and everything that an engine needs.
type Bound struct {
	onnx.Imported
	Name   string
	Values []tensor.Tensor // by input of the graph; masks of dropout are drawn, see Draw
	Zeros  []npy.Array     // initializers of float type that nothing is learned by, as zeros of their shape
}

// Bind imports the model for the given inputs. An array without a name is for the only input. Every input must be given;
// one that is needed as a number at import, such as a shape, becomes part of the graph. Indices are checked: those that
// would be out of range are an error here.
func (m *Model) Bind(arrays []npy.Array, seed uint64) (*Bound, error) {
	in := m.Inputs()
	given := map[string]tensor.Tensor{}
	for _, a := range arrays {
		if a.Name == "" && len(in) == 1 {
			a.Name = in[0].Name
		}
		if a.Name == "" {
			return nil, fmt.Errorf("the model has %d inputs, %s: say which, as in NAME=FILE", len(in), names(in))
		}
		if given[a.Name].Wanted() {
			return nil, fmt.Errorf("input %q is given twice", a.Name)
		}
		given[a.Name] = a.Tensor
	}
	var cfg onnx.Config
	for _, v := range in {
		t := given[v.Name]
		if !t.Wanted() {
			return nil, fmt.Errorf("input %q is missing: the model has the inputs %s", v.Name, names(in))
		}
		t, err := fits(t, v.Type)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", v.Name, err)
		}
		given[v.Name] = t
		cfg.Inputs = append(cfg.Inputs, onnx.Input{Name: v.Name, Value: t})
	}
	for _, a := range arrays {
		if a.Name != "" && !known(in, a.Name) {
			return nil, fmt.Errorf("the model has no input %q; its inputs are %s", a.Name, names(in))
		}
	}
	b, err := m.bind(cfg, func(l onnx.Leaf) tensor.Tensor { return given[l.Name] })
	if err != nil {
		return nil, err
	}
	b.Draw(seed)
	return b, b.checkIndices()
}

func known(in []onnx.ValueInfo, name string) bool {
	for _, v := range in {
		if v.Name == name {
			return true
		}
	}
	return false
}

// bind imports the model and gives its leaves their values.
func (m *Model) bind(cfg onnx.Config, value func(onnx.Leaf) tensor.Tensor) (*Bound, error) {
	r, err := onnx.Import(m.file, cfg)
	if err != nil {
		return nil, err
	}
	b := &Bound{Imported: *r, Name: m.Name}
	for _, l := range b.Inputs {
		t := tensor.Tensor{}
		if l.Keep == 0 {
			t = value(l)
		}
		b.Values = append(b.Values, t)
	}
	learns := map[string]bool{}
	for _, p := range b.Parameters {
		learns[p.Name] = true
	}
	for _, t := range m.file.Graph.Initializers {
		if t.Type.IsFloat() && !learns[t.Name] {
			b.Zeros = append(b.Zeros, npy.Array{Name: t.Name, Tensor: tensor.New(tensor.Float64, t.Shape)})
		}
	}
	return b, nil
}

// Draw draws the masks of dropout anew, from the seed and the place of the mask alone.
func (b *Bound) Draw(seed uint64) {
	for i, l := range b.Inputs {
		if l.Keep == 0 {
			continue
		}
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		mask := tensor.New(l.Type.Storage(), l.Shape)
		for k := range mask.Len() {
			if r.Float64() < l.Keep {
				mask.SetFloat(k, 1)
			}
		}
		b.Values[i] = mask
	}
}

// Random reports whether there are masks to draw.
func (b *Bound) Random() bool {
	return slices.ContainsFunc(b.Inputs, func(l onnx.Leaf) bool { return l.Keep != 0 })
}

// Config returns what an engine needs to run the model in float type typ.
func (b *Bound) Config(typ tensor.Type, loss op.Loss) (engine.Config, error) {
	c := engine.Config{Graph: b.Graph, Type: typ, Loss: loss}
	if b.Graph == nil {
		return c, errConstant
	}
	for _, p := range b.Parameters {
		c.Initial = append(c.Initial, p.Value)
	}
	return c, nil
}

// As returns the values of the inputs with floats of type typ, as engines want them.
func (b *Bound) As(typ tensor.Type) []tensor.Tensor {
	list := make([]tensor.Tensor, len(b.Values))
	for i, t := range b.Values {
		if list[i] = t; t.Type().IsFloat() {
			list[i] = t.Convert(typ)
		}
	}
	return list
}

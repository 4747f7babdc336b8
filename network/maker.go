package network

import (
	"fmt"
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A maker is a graph's Builder that draws the initial value of every parameter which it declares. Like the Builder, it
// keeps the first mistake.
type maker struct {
	*graph.Builder
	init    Init
	batch   int
	initial []tensor.Tensor
	blank   bool // weights are zeros: their initial values come from elsewhere
	err     error
}

// newMaker returns a maker for mini-batches of batch rows, 0 standing for 1.
func newMaker(init Init, batch int) *maker {
	m := &maker{Builder: graph.NewBuilder(), init: init, batch: batch}
	if batch == 0 {
		m.batch = 1
	}
	if batch < 0 {
		m.fail(fmt.Errorf("network: the batch has %d rows, want 1 or more", batch))
	}
	m.fail(init.Check())
	return m
}

func (m *maker) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

// param declares a parameter with the given initial value.
func (m *maker) param(name string, value tensor.Tensor) graph.VertexID {
	m.initial = append(m.initial, value)
	return m.Parameter(name, value.Shape())
}

// weight declares a parameter that is drawn by its name.
func (m *maker) weight(name string, in, out int, dims ...int) graph.VertexID {
	if m.blank {
		return m.filled(name, 0, dims...)
	}
	return m.param(name, m.init.draw(name, tensor.Dims(dims...), in, out))
}

// filled declares a parameter that starts at x everywhere.
func (m *maker) filled(name string, x float64, dims ...int) graph.VertexID {
	t := tensor.New(tensor.Float64, tensor.Dims(dims...))
	if x != 0 {
		t.Fill(x)
	}
	return m.param(name, t)
}

// statistic declares a parameter that observes, and starts at x everywhere.
func (m *maker) statistic(name string, x float64, dims ...int) graph.VertexID {
	t := tensor.New(tensor.Float64, tensor.Dims(dims...))
	if x != 0 {
		t.Fill(x)
	}
	m.initial = append(m.initial, t)
	return m.Statistic(name, t.Shape())
}

// linear declares the vertex x·W + b with parameters name/w [in, out] and name/b [out]. at is the vertex's own name.
func (m *maker) linear(name, at string, x graph.VertexID, out int) graph.VertexID {
	in := m.Shape(x).Dim(-1)
	w := m.weight(name+"/w", in, out, in, out)
	return m.Apply(at, op.Linear(), x, w, m.filled(name+"/b", 0, out))
}

// layer declares a linear vertex and its activation: name/pre and name, or name alone if the activation is the identity.
func (m *maker) layer(name string, x graph.VertexID, out int, activation op.Op) graph.VertexID {
	if isIdentity(activation) {
		return m.linear(name, name, x, out)
	}
	return m.Apply(name, activation, m.linear(name, name+"/pre", x, out))
}

func isIdentity(o op.Op) bool { return o.Name() == op.Identity().Name() }

// activation returns the function with the given name, "" standing for def.
func (m *maker) activation(name, def string) op.Op {
	if name == "" {
		name = def
	}
	o, err := op.Activation(name)
	if err != nil {
		m.fail(fmt.Errorf("network: %w", err))
		return op.Identity()
	}
	return o
}

// finish builds the graph with the given output.
func (m *maker) finish(out graph.VertexID, n Network) (*Network, error) {
	if m.err != nil {
		return nil, m.err
	}
	m.Output(out)
	g, err := m.Build()
	if err != nil {
		return nil, fmt.Errorf("network: %s: %w", n.Name, err)
	}
	n.Graph, n.Initial, n.Batch = g, m.initial, m.batch
	return &n, nil
}

// checkSizes returns an error if the sizes of layers are too few, not positive, or beyond what a graph can number.
func checkSizes(sizes []int, atLeast int) error {
	if len(sizes) < atLeast {
		return fmt.Errorf("network: layers %v: want at least %d sizes, from inputs to outputs", sizes, atLeast)
	}
	total := 0
	for k, n := range sizes {
		if n < 1 || n > math.MaxInt32>>2 {
			return fmt.Errorf("network: layers %v: size %d is %d, want 1 or more", sizes, k, n)
		}
		if k > 0 {
			if n >= (math.MaxInt32>>2)/(sizes[k-1]+1) {
				return fmt.Errorf("network: layers %v: too many weights between layers %d and %d", sizes, k-1, k)
			}
			if total += n * (sizes[k-1] + 1); total > math.MaxInt32>>2 {
				return fmt.Errorf("network: layers %v: more than %d weights", sizes, math.MaxInt32>>2)
			}
		}
	}
	return nil
}

package enginetest

import (
	"math/rand/v2"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Case is a graph with initial parameters and a loss.
type Case struct {
	Name     string
	Graph    *graph.Graph
	Initial  []tensor.Tensor // float64
	Loss     op.Loss
	Unequal  bool // the paths to some vertex differ in length: without levelling Z-IL goes wrong
	Singular bool // values or gradients are not finite
}

// Config returns the part of a Setup that the case determines.
func (c Case) Config(typ tensor.Type) engine.Config {
	return engine.Config{Graph: c.Graph, Initial: c.Initial, Loss: c.Loss, Type: typ}
}

// Sample returns a sample that r determines: normal features, and normal targets or uniform labels as the loss wants.
func (c Case) Sample(r *rand.Rand, typ tensor.Type) engine.Sample {
	var s engine.Sample
	rows := 1
	for i := range c.Graph.Inputs() {
		in := c.Graph.Input(i)
		if in.Shape.Rank() > 0 {
			rows = max(rows, in.Shape.Dim(0))
		}
		s.Inputs = append(s.Inputs, normal(r, typ, in.Shape))
	}
	out := c.Graph.Shape(c.Graph.Output())
	if c.Loss != nil && c.Loss.Name() == (op.CrossEntropy{}).Name() {
		s.Target = tensor.New(tensor.Int64, tensor.Dims(out.Dim(0)))
		for i := range s.Target.Int64s() {
			s.Target.Int64s()[i] = r.Int64N(int64(out.Dim(1)))
		}
	} else {
		s.Target = normal(r, typ, out)
	}
	s.Scale = 1 / float64(rows)
	return s
}

// normal draws a float64 and converts it, so that both types see the same numbers.
func normal(r *rand.Rand, typ tensor.Type, s tensor.Shape) tensor.Tensor {
	t := tensor.New(typ, s)
	for i := range t.Len() {
		t.SetFloat(i, tensor.Normal(r.Uint64()))
	}
	return t
}

// weaver builds a Case: a graph.Builder that draws the parameters it declares.
type weaver struct {
	*graph.Builder
	r       *rand.Rand
	initial []tensor.Tensor
}

func newWeaver(seed uint64) *weaver {
	return &weaver{Builder: graph.NewBuilder(), r: rand.New(rand.NewPCG(Seed, seed))}
}

// param declares a parameter with normal values of standard deviation std.
func (w *weaver) param(name string, std float64, dims ...int) graph.VertexID {
	t := normal(w.r, tensor.Float64, tensor.Dims(dims...))
	for i := range t.Len() {
		t.SetFloat(i, std*t.Float(i))
	}
	w.initial = append(w.initial, t)
	return w.Parameter(name, t.Shape())
}

func (w *weaver) input(name string, dims ...int) graph.VertexID {
	return w.Input(name, tensor.Float64, tensor.Dims(dims...))
}

// layer is f(x·W + b) with parameters of its own.
func (w *weaver) layer(name string, x graph.VertexID, out int, f op.Op) graph.VertexID {
	in := w.Shape(x).Dim(-1)
	wt, b := w.param(name+".w", 0.8, in, out), w.param(name+".b", 0.3, out)
	y := w.Apply(name+".pre", op.Linear(), x, wt, b)
	if f == nil {
		return y
	}
	return w.Apply(name, f, y)
}

// done returns the case with output v. A mistake in the suite's own graphs is a panic.
func (w *weaver) done(name string, v graph.VertexID, more ...graph.VertexID) Case {
	w.Output(v)
	for _, u := range more {
		w.Output(u)
	}
	g, err := w.Build()
	if err != nil {
		panic("enginetest: " + name + ": " + err.Error())
	}
	return Case{Name: name, Graph: g, Initial: w.initial}
}

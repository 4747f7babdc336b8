package network

import (
	"fmt"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Recurrent is a recurrent network, unrolled over its steps; all steps share their parameters. The state before the
// first step is 0. With σ the logistic function and ⊙ the elementwise product:
//
//	rnn   h' = f(x W + b + h U)
//	lstm  i, f, o = σ(x W + b + h U) each with weights of its own; g = tanh(x W_g + b_g + h U_g);
//	      c' = f ⊙ c + i ⊙ g;  h' = o ⊙ tanh c'                              Hochreiter and Schmidhuber 1997, Gers et al. 2000
//	gru   r, z = σ(x W + b + h U) likewise; g = tanh(x W_g + b_g + r ⊙ (h U_g + c_g));
//	      h' = g + z ⊙ (h − g)                                              Cho et al. 2014, in the form of cuDNN
//
// A gate is four vertices: linear, matmul, their sum, the function. The bias of the LSTM's forget gate starts at 1.
//
// Names: input/t [Batch, Inputs]; parameters cell/w, cell/b, cell/u, or of each gate cell/i/w …; vertices of step t:
// cell/x/t, cell/u/t, cell/sum/t (for gates cell/i/x/t …, and cell/i/t their value), memory/t, state/t; output, or with
// EveryStep output/t and readout.
type Recurrent struct {
	Cell       string // "rnn", "lstm" or "gru"; "" stands for "rnn"
	Inputs     int
	Hidden     int
	Outputs    int
	Steps      int
	EveryStep  bool   // read out every state: the output has shape [Batch, Steps, Outputs] instead of [Batch, Outputs]
	Activation string // rnn only; "" stands for "tanh"
	Batch      int    // rows of a mini-batch; 0 stands for 1
	Init       Init
}

// Build returns the network, or an error that names the field that is wrong. Its features have shape [Batch, Steps, Inputs].
func (c Recurrent) Build() (*Network, error) {
	if c.Cell == "" {
		c.Cell = "rnn"
	}
	for _, n := range []int{c.Inputs, c.Hidden, c.Outputs, c.Steps} {
		if n < 1 || n > 1<<16 {
			return nil, fmt.Errorf("network: %s: %d inputs, %d hidden units, %d outputs, %d steps: want 1 to 65536 of each", c.Cell, c.Inputs, c.Hidden, c.Outputs, c.Steps)
		}
	}
	m := newMaker(c.Init, c.Batch)
	if m.err != nil {
		return nil, m.err
	}
	r := &recurrence{maker: m, Recurrent: c, params: map[string]graph.VertexID{}}
	step := map[string]func(int, graph.VertexID) graph.VertexID{"rnn": r.simple, "lstm": r.lstm, "gru": r.gru}[c.Cell]
	if step == nil {
		return nil, fmt.Errorf("network: unknown cell %q: use rnn, lstm or gru", c.Cell)
	}
	if c.Activation != "" && c.Cell != "rnn" {
		return nil, fmt.Errorf("network: a cell of type %s has its own activations: leave activation out", c.Cell)
	}
	r.f = m.activation(c.Activation, "tanh")
	n := Network{Name: fmt.Sprintf("%s %d-%d-%d, %d steps", c.Cell, c.Inputs, c.Hidden, c.Outputs, c.Steps),
		X: tensor.Dims(m.batch, c.Steps, c.Inputs), split: true}
	inputs := make([]graph.VertexID, c.Steps)
	for t := range inputs {
		inputs[t] = m.Input("input/"+strconv.Itoa(t), tensor.Float64, tensor.Dims(m.batch, c.Inputs))
	}
	zero := tensor.New(tensor.Float64, tensor.Dims(m.batch, c.Hidden))
	r.h = m.Constant("zero", zero)
	r.c = r.h
	var outs []graph.VertexID
	for t, x := range inputs {
		r.h = step(t, x)
		if c.EveryStep {
			outs = append(outs, r.affine("output", "output/"+strconv.Itoa(t), r.h, c.Outputs))
		}
	}
	if !c.EveryStep {
		return m.finish(r.affine("output", "output", r.h, c.Outputs), n)
	}
	return m.finish(m.Apply("readout", op.Transpose(0, 2, 1), m.Apply("stack", op.Stack(), outs...)), n)
}

// recurrence unrolls a cell.
type recurrence struct {
	*maker
	Recurrent
	f      op.Op
	h, c   graph.VertexID // state and memory
	params map[string]graph.VertexID
}

// shared returns the parameter with the given name, which the first step declares.
func (r *recurrence) shared(name string, declare func() graph.VertexID) graph.VertexID {
	v, ok := r.params[name]
	if !ok {
		v = declare()
		r.params[name] = v
	}
	return v
}

// affine is x·W + b with shared parameters name/w and name/b.
func (r *recurrence) affine(name, at string, x graph.VertexID, out int) graph.VertexID {
	in := r.Shape(x).Dim(-1)
	w := r.shared(name+"/w", func() graph.VertexID { return r.weight(name+"/w", in, out, in, out) })
	b := r.shared(name+"/b", func() graph.VertexID {
		start := 0.0
		if name == "cell/f" {
			start = 1
		}
		return r.filled(name+"/b", start, out)
	})
	return r.Apply(at, op.Linear(), x, w, b)
}

// feedback is h·U with shared parameter name/u.
func (r *recurrence) feedback(name, at string) graph.VertexID {
	u := r.shared(name+"/u", func() graph.VertexID { return r.weight(name+"/u", r.Hidden, r.Hidden, r.Hidden, r.Hidden) })
	return r.Apply(at, op.MatMul(), r.h, u)
}

// gate is f(x W + b + h U).
func (r *recurrence) gate(name, at, step string, f op.Op, x graph.VertexID) graph.VertexID {
	a, b := r.affine(name, name+"/x"+step, x, r.Hidden), r.feedback(name, name+"/u"+step)
	return r.Apply(at+step, f, r.Apply(name+"/sum"+step, op.Add(), a, b))
}

func (r *recurrence) simple(t int, x graph.VertexID) graph.VertexID {
	return r.gate("cell", "state", "/"+strconv.Itoa(t), r.f, x)
}

func (r *recurrence) lstm(t int, x graph.VertexID) graph.VertexID {
	at := "/" + strconv.Itoa(t)
	i := r.gate("cell/i", "cell/i", at, op.Sigmoid(), x)
	f := r.gate("cell/f", "cell/f", at, op.Sigmoid(), x)
	g := r.gate("cell/g", "cell/g", at, op.Tanh(), x)
	o := r.gate("cell/o", "cell/o", at, op.Sigmoid(), x)
	kept, added := r.Apply("cell/kept"+at, op.Mul(), f, r.c), r.Apply("cell/added"+at, op.Mul(), i, g)
	r.c = r.Apply("memory"+at, op.Add(), kept, added)
	return r.Apply("state"+at, op.Mul(), o, r.Apply("cell/tanh"+at, op.Tanh(), r.c))
}

func (r *recurrence) gru(t int, x graph.VertexID) graph.VertexID {
	at := "/" + strconv.Itoa(t)
	reset := r.gate("cell/r", "cell/r", at, op.Sigmoid(), x)
	z := r.gate("cell/z", "cell/z", at, op.Sigmoid(), x)
	back := r.feedback("cell/g", "cell/g/u"+at)
	c := r.shared("cell/g/c", func() graph.VertexID { return r.filled("cell/g/c", 0, r.Hidden) })
	back = r.Apply("cell/g/reset"+at, op.Mul(), reset, r.Apply("cell/g/c"+at, op.Add(), back, c))
	g := r.affine("cell/g", "cell/g/x"+at, x, r.Hidden)
	g = r.Apply("cell/g"+at, op.Tanh(), r.Apply("cell/g/sum"+at, op.Add(), g, back))
	return r.Apply("state"+at, op.Add(), g, r.Apply("cell/mixed"+at, op.Mul(), z, r.Apply("cell/less"+at, op.Sub(), r.h, g)))
}

package engine

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A Sample is what one update learns from. The engine reads it and keeps nothing of it after the call.
type Sample struct {
	Inputs []tensor.Tensor // by position: input i of the graph; floats of the engine's type
	Target tensor.Tensor   // what the output is compared with, as the loss wants it
	Scale  float64         // multiplies every parameter's feedback: 1/B for the mean over a batch of B rows; 0 stands for 1
}

// A Status says how an update ended.
type Status uint8

const (
	Done         Status = iota // all ticks were made
	Converged                  // the residual fell to the tolerance
	NotConverged               // all ticks were made, and the residual is above the tolerance asked for
)

// String returns "done", "converged" or "not converged".
func (s Status) String() string { return [...]string{"done", "converged", "not converged"}[s] }

// A Result describes one update.
type Result struct {
	Loss     float64 // E at the clean forward sweep, summed over rows
	Energy   float64 // F = E + ½ Σ ε² over the other vertices at the last tick; equal to Loss where inference is not run
	Residual float64 // ‖∂F/∂x‖₂ over all free values, at the last relaxation
	Ticks    int     // ticks of the schedule, 0 for backprop
	Messages int64   // predictions and errors that crossed edges
	Control  int64   // messages between the clock and the vertices
	Lost     int64   // slots that were forced because their message did not come
	Status   Status
}

// An Engine makes updates. It is used by one goroutine at a time.
type Engine interface {
	// Learn makes one update: every parameter leaf applies its plasticity. When ctx ends, it returns ctx.Err() and the
	// engine can only be closed.
	Learn(ctx context.Context, s Sample) (Result, error)
	// Gradient returns the feedback of every parameter, scaled, without learning. The tensors belong to the engine and
	// are valid until its next call.
	Gradient(ctx context.Context, s Sample) (Params, Result, error)
	// Predict returns the values of the graph's outputs for the given inputs. The tensors belong to the engine and are
	// valid until its next call.
	Predict(ctx context.Context, inputs []tensor.Tensor) ([]tensor.Tensor, error)
	// Params returns the parameters, in the order in which the graph declares them. The tensors belong to the engine:
	// read them between calls, and Clone to keep them.
	Params() Params
	// Close releases what the engine holds and ends its goroutines. It may be called twice.
	Close() error
}

// A Resumable engine can be stopped and go on later, in another process, with the same bits.
type Resumable interface {
	// AppendState appends the engine's whole state to b: parameters, the state of plasticities, and whatever else it will
	// ever read again. It may be called between updates; engines that can be stepped allow it between steps.
	AppendState(b []byte) []byte
	// RestoreState makes the engine what it was when AppendState was called, and returns what follows in b. The engine
	// must have been made of the same configuration; if b shows that it was not, or is damaged, that is an error, and the
	// engine can only be closed.
	RestoreState(b []byte) (rest []byte, err error)
}

// A Config is what every engine is made of. Its zero values are defaults, except for Graph and Initial.
type Config struct {
	Graph      *graph.Graph
	Initial    []tensor.Tensor // value of parameter i; converted to Type and copied
	Type       tensor.Type     // float type that the engine computes in; None: Float64
	Loss       op.Loss         // nil: op.HalfSquared
	Plasticity synapse.Rule    // how parameters learn; the zero Rule is plain gradient descent with rate 0.01
	Compute    tensor.Config   // backend and workers
}

// Check returns the configuration with defaults filled in, or an error that says what does not fit.
func (c Config) Check() (Config, error) {
	if c.Graph == nil {
		return c, fmt.Errorf("engine: no graph")
	}
	if c.Type == tensor.None {
		c.Type = tensor.Float64
	}
	if !c.Type.IsFloat() {
		return c, fmt.Errorf("engine: type %v cannot learn: use f64 or f32", c.Type)
	}
	if c.Loss == nil {
		c.Loss = op.HalfSquared{}
	}
	if n := c.Graph.Parameters(); len(c.Initial) != n {
		return c, fmt.Errorf("engine: got initial values for %d parameters, the graph has %d", len(c.Initial), n)
	}
	for i, t := range c.Initial {
		p := c.Graph.Parameter(i)
		if !t.Type().IsFloat() || t.Shape() != p.Shape {
			return c, fmt.Errorf("engine: initial value of %q is %v%v, want floats of shape %v", p.Name, t.Type(), t.Shape(), p.Shape)
		}
	}
	if err := c.Plasticity.Check(); err != nil {
		return c, err
	}
	return c, nil
}

// CheckSample returns an error if s does not fit the graph and the loss.
func (c Config) CheckSample(s Sample) error {
	if err := c.CheckInputs(s.Inputs); err != nil {
		return err
	}
	out := c.Graph.Shape(c.Graph.Output())
	if t := s.Target.Type(); t.IsFloat() && t != c.Type {
		return fmt.Errorf("engine: target has type %v, the engine computes in %v", t, c.Type)
	}
	if err := c.Loss.Check(out, s.Target.Type(), s.Target.Shape()); err != nil {
		return fmt.Errorf("engine: target: %w", err)
	}
	if err := op.CheckLabels(out, s.Target); err != nil {
		return fmt.Errorf("engine: target: %w", err)
	}
	return nil
}

// CheckInputs returns an error if the inputs do not fit the graph.
func (c Config) CheckInputs(inputs []tensor.Tensor) error {
	if n := c.Graph.Inputs(); len(inputs) != n {
		return fmt.Errorf("engine: got %d inputs, the graph has %d", len(inputs), n)
	}
	for i, t := range inputs {
		if v := c.Graph.InputVertex(i); v >= 0 && t.Shape() == c.Graph.Shape(v) && t.Type() == c.typeOf(c.Graph.Type(v)) {
			continue // as a rule; what follows makes a name
		}
		in := c.Graph.Input(i)
		if want := c.typeOf(in.Type); t.Type() != want || t.Shape() != in.Shape {
			return fmt.Errorf("engine: input %q is %v%v, want %v%v", in.Name, t.Type(), t.Shape(), want, in.Shape)
		}
	}
	return nil
}

// typeOf returns the type that a tensor of a graph's type has under this configuration.
func (c Config) typeOf(t tensor.Type) tensor.Type {
	if t.IsFloat() {
		return c.Type
	}
	return t
}

package study

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// GradOptions say how the gradient of a model is computed.
type GradOptions struct {
	Engine string      // bp, pc or actors
	Rule   neuron.Rule // of pc and actors
	Dtype  tensor.Type
	BLAS   tensor.Backend // nil: the built-in one
	Target model.Target

	Hosting actors.Hosting // of engine actors
}

// A GradReport says what a gradient is of. The gradients themselves are in Arrays.
type GradReport struct {
	Model      string      `json:"model"`
	Engine     string      `json:"engine"`
	Schedule   string      `json:"schedule,omitempty"`
	Dtype      string      `json:"dtype"`
	BLAS       string      `json:"blas"`
	Hosting    string      `json:"hosting"` // of vertices: actor, shard, or none if the engine has no actors
	Loss       Number      `json:"loss"`
	Gradients  int         `json:"gradients"`  // tensors
	Parameters int         `json:"parameters"` // numbers in them
	Observed   []string    `json:"observed"`   // float initializers that nothing is learned by: their arrays are zeros
	Warnings   []string    `json:"warnings"`
	NonFinite  int         `json:"non_finite,omitempty"`
	Arrays     []npy.Array `json:"-"` // "loss", "output", and the gradient of every float initializer by its name
}

// Grad computes the gradient of the loss of b with respect to every float initializer.
func Grad(ctx context.Context, b *model.Bound, o GradOptions) (r GradReport, err error) {
	base, err := b.Config(o.Dtype, o.Target.Loss)
	if err != nil {
		return r, err
	}
	if o.BLAS == nil {
		o.BLAS = tensor.Default()
	}
	base.Compute.Backend = o.BLAS
	e, err := config.NewEngine(o.Engine, base, o.Rule, o.Hosting)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	inputs := b.As(o.Dtype)
	out, err := e.Predict(ctx, inputs)
	if err != nil {
		return r, err
	}
	output := out[0].Clone()
	grads, result, err := e.Gradient(ctx, o.Target.Sample(inputs))
	if err != nil {
		return r, err
	}
	hosting, _ := config.Hosting(e)
	loss := result.Loss / float64(o.Target.Rows)
	r = GradReport{Model: b.Name, Engine: o.Engine, Dtype: o.Dtype.String(), BLAS: o.BLAS.Name(), Hosting: hosting, Loss: Number(loss), Gradients: len(grads), Parameters: grads.Len(),
		Observed: []string{}, Warnings: append([]string{}, b.Graph.Warnings()...)}
	if o.Engine != "bp" {
		r.Schedule = o.Rule.Name
	}
	r.NonFinite = nonFinite(r.Loss)
	r.Arrays = []npy.Array{{Name: "loss", Tensor: tensor.From(tensor.Shape{}, []float64{loss})}, {Name: "output", Tensor: output}}
	for i, p := range b.Parameters {
		r.add(p.Name, grads[i].Value.Clone())
	}
	for _, a := range b.Zeros {
		r.add(a.Name, a.Tensor.Convert(o.Dtype))
		r.Observed = append(r.Observed, a.Name)
	}
	return r, nil
}

// add adds a gradient. An initializer may have the name of another array; it keeps it, with a prefix.
func (r *GradReport) add(name string, t tensor.Tensor) {
	for _, a := range r.Arrays {
		if a.Name == name {
			r.Warnings = append(r.Warnings, fmt.Sprintf("another array is called %q: the gradient of the initializer is called %q", name, "grad:"+name))
			name = "grad:" + name
		}
	}
	r.Arrays = append(r.Arrays, npy.Array{Name: name, Tensor: t})
}

// WriteText writes the report for people.
func (r GradReport) WriteText(w io.Writer) error {
	p := page{w: w}
	p.line(r.Model, " · ", carrier(r.Engine, r.Hosting), " · ", r.Dtype)
	p.line()
	p.pair("loss", fmt.Sprintf("%.12g", float64(r.Loss)))
	p.pair("blas", r.BLAS)
	p.pair("hosting", r.Hosting)
	p.pair("gradients", fmt.Sprintf("%s tensors, %s numbers", whole(r.Gradients), whole(r.Parameters)))
	if len(r.Observed) > 0 {
		p.pair("observed", fmt.Sprintf("%s: constants of the graph, or reaching no output; their arrays are zeros", fewNames(r.Observed)))
	}
	for _, s := range r.Warnings {
		p.line("Warning: ", s)
	}
	return p.err
}

func fewNames(list []string) string {
	s := ""
	for i, n := range list {
		if i == 8 {
			return s + fmt.Sprintf(" and %d more", len(list)-i)
		}
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}

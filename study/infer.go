package study

import (
	"context"
	"errors"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Infer returns the outputs of b by their names, in the order of the file: floats of type typ, in which it is computed,
// integers as Int64, truth values as Bool. Matrices are multiplied by blas; nil is the built-in backend.
func Infer(ctx context.Context, b *model.Bound, typ tensor.Type, blas tensor.Backend) (list []npy.Array, err error) {
	var out []tensor.Tensor
	if b.Graph != nil {
		base, err := b.Config(typ, op.LinearLoss{})
		if err != nil {
			return nil, err
		}
		base.Compute.Backend = blas
		e, err := config.NewEngine("bp", base, neuron.Rule{}, actors.HostAuto)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, e.Close()) }()
		if out, err = e.Predict(ctx, b.As(typ)); err != nil {
			return nil, err
		}
	}
	for _, o := range b.Outputs {
		t := o.Value
		if o.Index >= 0 {
			t = out[o.Index]
		}
		if t.Type().IsFloat() {
			t = t.Convert(typ)
		}
		list = append(list, npy.Array{Name: o.Name, Tensor: t.Clone()})
	}
	return list, nil
}

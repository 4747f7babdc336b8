package study

import (
	"context"
	"errors"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/train"
)

// contrast learns one epoch from the same seed with each condition of zero divergence broken.
func (r *run) contrast(ctx context.Context) error {
	_, predictive := r.engine.(config.Predictive)
	if !r.Config.Compare.Contrast || r.twin == nil || !predictive || !r.report.Promised {
		return nil
	}
	list := pc.Ablations(r.Config.Seed)
	for i, a := range list {
		b, err := r.broken(ctx, a, i, len(list))
		if errors.Is(err, train.ErrInterrupted) {
			r.report.Interrupted = true
			return nil
		}
		if err != nil {
			return err
		}
		r.report.Contrast = append(r.report.Contrast, b)
	}
	r.showContrast()
	return nil
}

// broken learns one epoch under ablation number i of n, and compares with a twin of its own.
func (r *run) broken(ctx context.Context, a pc.Ablation, i, n int) (b BrokenReport, err error) {
	e, err := r.Engine(r.Config.Time.Engine, a.Rule)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	twin, err := r.Engine(r.Config.Compare.Reference, a.Rule)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, twin.Close()) }()
	before := twin.Params().Clone()
	c := r.trainConfig(e, twin)
	c.Epochs, c.Compare, c.Test = 1, train.AtEnd, nil
	c.OnUpdate = func(_, update, updates int) { r.Progress.Show("contrast", i*updates+update, n*updates) }
	partial := false
	c.OnEpoch = func(e train.Epoch) error {
		b = BrokenReport{Broken: a.Name, Differing: e.Difference.Differing}
		partial = e.Partial
		return nil
	}
	if err := train.Run(ctx, c); err != nil || partial {
		return b, err
	}
	b.Cosine = Number(engine.Diff(change(e.Params(), before), change(twin.Params(), before)).Cosine)
	return b, nil
}

// change returns after − before.
func change(after, before engine.Params) engine.Params {
	d := make(engine.Params, len(after))
	for k := range after {
		a, b := after[k].Value, before[k].Value
		t := tensor.New(tensor.Float64, a.Shape())
		for i := range t.Len() {
			t.SetFloat(i, a.Float(i)-b.Float(i))
		}
		d[k] = engine.Param{Name: after[k].Name, Value: t}
	}
	return d
}

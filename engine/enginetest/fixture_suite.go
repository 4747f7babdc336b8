package enginetest

import (
	"context"
	"math"
	"testing"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
)

// Tolerances of the comparison with PyTorch: relative to the loss, to the largest element of a parameter's gradient, and
// to the largest element of a parameter after training or 1.
const (
	lossTolerance     = 1e-12
	gradientTolerance = 1e-10
	paramTolerance    = 1e-9
	roundingError     = 1e-15 // absolute: the gradient of the bias of attention's keys is 0 but for rounding
)

// TestFixtures checks that the engine which open makes computes the losses, outputs and gradients that PyTorch computes,
// and trains to the same parameters, for every fixture. The engine must promise to compute backprop's gradients.
func TestFixtures(t *testing.T, open func(engine.Config) (engine.Engine, error)) {
	for _, f := range Fixtures(t) {
		t.Run(f.Name, func(t *testing.T) { f.Test(t, open) })
	}
}

// Test checks one fixture.
func (f *Fixture) Test(t *testing.T, open func(engine.Config) (engine.Engine, error)) {
	t.Helper()
	e, err := open(f.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx := context.Background()
	if f.Output.Wanted() {
		out, err := e.Predict(ctx, f.Sample.Inputs)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "output", out[0], f.Output, gradientTolerance)
	}
	g, _, err := e.Gradient(ctx, f.Sample)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range g {
		near(t, "gradient of "+p.Name, p.Value, f.Gradient[i].Value, gradientTolerance)
	}
	for k, want := range f.Losses[:len(f.Losses)-1] {
		r, err := e.Learn(ctx, f.Sample)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Loss * f.Sample.Scale; !(math.Abs(got-want) <= lossTolerance*math.Abs(want)) {
			t.Errorf("loss before step %d is %v, PyTorch has %v", k+1, got, want)
		}
	}
	for i, p := range e.Params() {
		near(t, p.Name+" after training", p.Value, f.After[i].Value, paramTolerance)
	}
}

// near reports if an element of got differs from want by more than tolerance times the largest of them.
func near(t *testing.T, what string, got, want tensor.Tensor, tolerance float64) {
	t.Helper()
	if got.Len() != want.Len() {
		t.Errorf("%s has shape %v, want %v", what, got.Shape(), want.Shape())
		return
	}
	top, worst := 0.0, 0.0
	for i := range want.Len() {
		top = max(top, math.Abs(want.Float(i)))
		d := math.Abs(got.Float(i) - want.Float(i))
		if math.IsNaN(d) {
			d = math.Inf(1)
		}
		worst = max(worst, d)
	}
	if worst > tolerance*top+roundingError {
		t.Errorf("%s is off by %.3g, the largest element is %.3g", what, worst, top)
	}
}

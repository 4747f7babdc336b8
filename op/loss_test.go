package op_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A lossCase is a loss with a target of each kind that it takes.
type lossCase struct {
	loss   op.Loss
	mu     tensor.Tensor
	target tensor.Tensor
}

func lossCases(f tensor.Type) []lossCase {
	rnd := rand.New(rand.NewPCG(7, 7))
	random := func(lo, hi float64) tensor.Tensor {
		t := tensor.New(f, tensor.Dims(2, 3, 4))
		for i := range t.Len() {
			t.SetFloat(i, lo+(hi-lo)*rnd.Float64())
		}
		return t
	}
	labels := tensor.From(tensor.Dims(2, 3), []int64{0, 3, 1, 2, 3, 0})
	return []lossCase{
		{op.HalfSquared{}, random(-2, 2), random(-2, 2)},
		{op.CrossEntropy{}, random(-3, 3), labels},
		{op.CrossEntropy{}, random(-3, 3), random(0, 1)},
		{op.LinearLoss{}, random(-2, 2), tensor.Tensor{}},
		{op.NLL{}, random(-3, 0), labels},
		{op.BCEWithLogits{}, random(-3, 3), random(0, 1)},
	}
}

// Grad is ∂E/∂μ by central differences, overwrites what was there, and allocates nothing.
func TestGradIsDerivativeOfEnergy(t *testing.T) {
	for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
		step, tol := 1e-5, 1e-8
		if f == tensor.Float32 {
			step, tol = 1.0/128, 1e-3
		}
		for _, tc := range lossCases(f) {
			if err := tc.loss.Check(tc.mu.Shape(), tc.target.Type(), tc.target.Shape()); err != nil {
				t.Error(err)
			}
			g := tensor.New(f, tc.mu.Shape())
			g.Fill(math.NaN())
			tc.loss.Grad(g, tc.mu, tc.target)
			for i := range g.Len() {
				x := tc.mu.Float(i)
				tc.mu.SetFloat(i, x+step)
				want := tc.loss.Energy(tc.mu, tc.target)
				tc.mu.SetFloat(i, x-step)
				want = (want - tc.loss.Energy(tc.mu, tc.target)) / (2 * step)
				tc.mu.SetFloat(i, x)
				if !(math.Abs(g.Float(i)-want) <= tol) {
					t.Errorf("%v %s: element %d: got %.12g, central differences give %.12g", f, tc.loss.Name(), i, g.Float(i), want)
				}
			}
			if n := testing.AllocsPerRun(3, func() { tc.loss.Energy(tc.mu, tc.target); tc.loss.Grad(g, tc.mu, tc.target) }); n != 0 {
				t.Errorf("%v %s: %v allocations", f, tc.loss.Name(), n)
			}
		}
	}
}

func vec(x ...float64) tensor.Tensor { return tensor.From(tensor.Dims(len(x)), x) }

// Large logits overflow nothing, and a masked class has probability 0.
func TestLossesAreStable(t *testing.T) {
	label := tensor.From(tensor.Dims(), []int64{1})
	inf := math.Inf(-1)
	for _, tc := range []struct {
		loss       op.Loss
		mu, target tensor.Tensor
		energy     float64
		grad       []float64
	}{
		{op.CrossEntropy{}, vec(1000, 0), label, 1000, []float64{1, -1}},
		{op.CrossEntropy{}, vec(inf, 0, inf), label, 0, []float64{0, 0, 0}},
		{op.CrossEntropy{}, vec(inf, 0), vec(0, 1), 0, []float64{0, 0}},
		{op.BCEWithLogits{}, vec(1000, -1000), vec(0, 1), 2000, []float64{1, -1}},
		{op.BCEWithLogits{}, vec(1000, -1000), vec(1, 0), 0, []float64{0, 0}},
	} {
		if e := tc.loss.Energy(tc.mu, tc.target); e != tc.energy {
			t.Errorf("%s%v: energy %v, want %v", tc.loss.Name(), tc.mu, e, tc.energy)
		}
		g := tensor.New(tensor.Float64, tc.mu.Shape())
		tc.loss.Grad(g, tc.mu, tc.target)
		for i, want := range tc.grad {
			if g.Float(i) != want {
				t.Errorf("%s%v: gradient %v, want %v", tc.loss.Name(), tc.mu, g, tc.grad)
			}
		}
	}
}

func TestTargetsThatDoNotFitAreRefused(t *testing.T) {
	d := tensor.Dims
	for _, tc := range []struct {
		loss   op.Loss
		mu     tensor.Shape
		typ    tensor.Type
		target tensor.Shape
	}{
		{op.HalfSquared{}, d(2, 3), tensor.Float64, d(3)},
		{op.HalfSquared{}, d(2, 3), tensor.Int64, d(2, 3)},
		{op.CrossEntropy{}, d(2, 3), tensor.Int64, d(2, 3)},
		{op.CrossEntropy{}, d(2, 3), tensor.Float64, d(2)},
		{op.CrossEntropy{}, d(), tensor.Int64, d()},
		{op.CrossEntropy{}, d(2, 0), tensor.Int64, d(2)},
		{op.NLL{}, d(2, 3), tensor.Float64, d(2, 3)},
		{op.BCEWithLogits{}, d(2), tensor.Bool, d(2)},
	} {
		if err := tc.loss.Check(tc.mu, tc.typ, tc.target); err == nil || !strings.HasPrefix(err.Error(), tc.loss.Name()+": ") {
			t.Errorf("%s: μ %v, target %v%v: %v", tc.loss.Name(), tc.mu, tc.typ, tc.target, err)
		}
	}
}

func TestCheckLabels(t *testing.T) {
	mu := tensor.Dims(3, 4)
	for _, bad := range []int64{-1, 4} {
		err := op.CheckLabels(mu, tensor.From(tensor.Dims(3), []int64{0, 3, bad}))
		if err == nil || !strings.Contains(err.Error(), "row 2") {
			t.Errorf("label %d: %v", bad, err)
		}
	}
	if err := op.CheckLabels(mu, tensor.From(tensor.Dims(3), []int64{0, 3, 1})); err != nil {
		t.Error(err)
	}
	if err := op.CheckLabels(mu, vec(1)); err != nil {
		t.Error(err)
	}
}

func TestParseLoss(t *testing.T) {
	for _, l := range op.Losses() {
		if got, err := op.ParseLoss(l.Name()); err != nil || got != l {
			t.Errorf("%s: %v, %v", l.Name(), got, err)
		}
	}
	if _, err := op.ParseLoss("mse"); err == nil || !strings.Contains(err.Error(), "half-squared-error") {
		t.Error(err)
	}
}

// A layer is its neurons: Linear and tanh have the values of Stack over Units up to the order of summation.
func TestUnitsAreALayer(t *testing.T) {
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	rnd := rand.New(rand.NewPCG(1, 2))
	const batch, in, out = 5, 7, 3
	x, w, b := tensor.New(tensor.Float64, tensor.Dims(batch, in)), tensor.New(tensor.Float64, tensor.Dims(in, out)), vec(1, 2, 3)
	for _, m := range []tensor.Tensor{x, w} {
		for i := range m.Len() {
			m.SetFloat(i, rnd.NormFloat64())
		}
	}
	want := tensor.New(tensor.Float64, tensor.Dims(batch, out))
	op.Linear().Forward(c, want, []tensor.Tensor{x, w, b})
	op.Tanh().Forward(c, want, []tensor.Tensor{want.Clone()})
	unit, err := op.Unit("tanh")
	if err != nil {
		t.Fatal(err)
	}
	for j := range out {
		args := make([]tensor.Tensor, in+1)
		args[in] = tensor.New(tensor.Float64, tensor.Dims(in+1))
		for k := range in {
			args[k] = tensor.New(tensor.Float64, tensor.Dims(batch))
			for r := range batch {
				args[k].SetFloat(r, x.Float(r*in+k))
			}
			args[in].SetFloat(k, w.Float(k*out+j))
		}
		args[in].SetFloat(in, b.Float(j))
		y := tensor.New(tensor.Float64, tensor.Dims(batch))
		unit.Forward(c, y, args)
		for r := range batch {
			if got := y.Float(r); math.Abs(got-want.Float(r*out+j)) > 1e-14 {
				t.Errorf("unit %d, row %d: %v, want %v", j, r, got, want.Float(r*out+j))
			}
		}
	}
}

func TestActivationNames(t *testing.T) {
	for _, name := range op.ActivationNames() {
		if _, err := op.Activation(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := op.Unit("nothing"); err == nil || !strings.Contains(err.Error(), "tanh") {
		t.Error(err)
	}
}

package enginetest_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func openBP(c engine.Config) (engine.Engine, error) { return bp.New(c) }

func TestBackpropAgreesWithPyTorch(t *testing.T) {
	assert.Len(t, enginetest.Fixtures(t), 24)
	enginetest.TestFixtures(t, openBP)
}

// Torch2PC's exact form and its fixed prediction with a step of 1 are backprop; its other forms are not.
func TestBackpropAgreesWithTorch2PC(t *testing.T) {
	f, runs := enginetest.Torch2PC(t)
	e, err := bp.New(f.Config())
	require.NoError(t, err)
	defer e.Close()
	g, _, err := e.Gradient(context.Background(), f.Sample)
	require.NoError(t, err)
	want := map[string]bool{"Exact_n1_eta1.0": true, "FixedPred_n3_eta1.0": true, "FixedPred_n20_eta0.1": false, "Strict_n20_eta0.1": false, "Strict_n100_eta0.1": false}
	require.Len(t, runs, len(want))
	for _, r := range runs {
		d := engine.Diff(g, r.Gradient)
		assert.Equal(t, want[r.Name], d.RelativeL2 < 1e-12, "%s: %g", r.Name, d.RelativeL2)
	}
}

// The vertices of the fixture's network relax as its file says: a reference of a few lines, without any engine.
func TestTrajectoryIsSelfConsistent(t *testing.T) {
	f := enginetest.TanhTrajectory(t)
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	layer, p := enginetest.Layer(op.Tanh()), f.Initial
	w, b := [3]tensor.Tensor{p[0], p[2], p[4]}, [3]tensor.Tensor{p[1], p[3], p[5]}
	apply := func(o op.Op, x tensor.Tensor, k int) tensor.Tensor {
		dst := tensor.New(tensor.Float64, tensor.Dims(x.Shape().Dim(0), w[k].Shape().Dim(1)))
		o.Forward(c, dst, []tensor.Tensor{x, w[k], b[k]})
		return dst
	}
	back := func(o op.Op, x tensor.Tensor, k int, out, eps tensor.Tensor) tensor.Tensor {
		d := tensor.New(tensor.Float64, x.Shape())
		o.VJP(c, []tensor.Tensor{d, {}, {}}, []tensor.Tensor{x, w[k], b[k]}, out, eps)
		return d
	}
	minus := func(a, b tensor.Tensor) tensor.Tensor {
		r := a.Clone()
		for i, x := range b.Float64s() {
			r.Float64s()[i] -= x
		}
		return r
	}
	x := f.Sample.Inputs[0]
	v1 := apply(layer, x, 0)
	v2 := apply(layer, v1, 1)
	for k := range f.Values {
		m1, m2, m3 := apply(layer, x, 0), apply(layer, v1, 1), apply(op.Linear(), v2, 2)
		e1, e2, e3 := minus(m1, v1), minus(m2, v2), minus(m3, f.Sample.Target)
		energy := 0.0
		for _, e := range []tensor.Tensor{e1, e2, e3} {
			for _, x := range e.Float64s() {
				energy += x * x / 2
			}
		}
		require.InEpsilon(t, f.Energies[k], energy*f.Sample.Scale, 1e-13)
		d1, d2 := minus(e1, back(layer, v1, 1, m2, e2)), minus(e2, back(op.Linear(), v2, 2, m3, e3))
		for i, d := range d1.Float64s() {
			v1.Float64s()[i] += f.Gamma * d
			require.InDelta(t, f.Values[k][0].Float(i), v1.Float(i), 1e-14)
		}
		for i, d := range d2.Float64s() {
			v2.Float64s()[i] += f.Gamma * d
			require.InDelta(t, f.Values[k][1].Float(i), v2.Float(i), 1e-14)
		}
	}
	assert.False(t, math.IsNaN(v1.Float(0)))
}

package onnx

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// distance returns ‖a − b‖₂ / ‖b‖₂.
func distance(a, b tensor.Tensor) float64 {
	d, n := 0.0, 0.0
	for i := range b.Len() {
		x, y := a.Float(i), b.Float(i)
		d, n = d+(x-y)*(x-y), n+y*y
	}
	if d == 0 {
		return 0
	}
	return math.Sqrt(d / n)
}

// The gradients of models exported by PyTorch (testdata/torch/export.py) are those of its autograd, in float64, for
// every parameter of the model.
func TestTorch(t *testing.T) {
	files, err := filepath.Glob("testdata/torch/*.onnx")
	require.NoError(t, err)
	require.Len(t, files, 11)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".onnx"), func(t *testing.T) { checkTorch(t, file) })
	}
}

func checkTorch(t *testing.T, file string) {
	arrays, err := npy.ReadArchiveFile(strings.TrimSuffix(file, ".onnx")+".npz", npy.Limit{})
	require.NoError(t, err)
	data, grads := map[string]tensor.Tensor{}, 0
	for _, a := range arrays {
		data[a.Name] = a.Tensor
		if strings.HasPrefix(a.Name, "grad:") {
			grads++
		}
	}
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	m, err := Decode(b)
	require.NoError(t, err)
	r, err := Import(m, Config{Inputs: []Input{{Name: "input", Shape: data["input"].Shape(), Sized: true}}})
	require.NoError(t, err)
	require.Len(t, r.Inputs, 1)

	var initial []tensor.Tensor
	for _, p := range r.Parameters {
		initial = append(initial, p.Value)
	}
	e, err := bp.New(engine.Config{Graph: r.Graph, Initial: initial, Compute: tensor.Config{Workers: 1}})
	require.NoError(t, err)
	defer e.Close()
	sample := engine.Sample{Inputs: []tensor.Tensor{data["input"]}, Target: data["target"]}
	out, err := e.Predict(context.Background(), sample.Inputs)
	require.NoError(t, err)
	assert.Less(t, distance(out[0], data["output"]), 1e-12, "output")
	feedback, _, err := e.Gradient(context.Background(), sample)
	require.NoError(t, err)
	require.Len(t, feedback, grads, "parameters")
	worst := 0.0
	for i, p := range r.Parameters {
		want, ok := data["grad:"+p.Name]
		require.True(t, ok, "parameter %q", p.Name)
		d := distance(feedback[i].Value, want)
		assert.Less(t, d, 1e-11, p.Name)
		worst = max(worst, d)
	}
	t.Logf("%d vertices, %d parameters, worst relative difference %.1e", r.Graph.Len(), grads, worst)
}

package model

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/onnx"
	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/tensor"
)

// open returns a model that Encode wrote.
func open(t *testing.T, g *onnx.Graph) *Model {
	path := filepath.Join(t.TempDir(), "test.onnx")
	b := onnx.Encode(&onnx.Model{IRVersion: 8, Opsets: []onnx.Opset{{Version: 15}}, Graph: g})
	require.NoError(t, os.WriteFile(path, b, 0o600))
	m, err := Open(path)
	require.NoError(t, err)
	assert.Equal(t, "test", m.Name)
	return m
}

func input(name string, typ onnx.DataType, dims ...int64) onnx.ValueInfo {
	v := onnx.ValueInfo{Name: name, Kind: "tensor", Type: typ, Known: true}
	for _, d := range dims {
		v.Dims = append(v.Dims, onnx.Dim{Size: d})
	}
	return v
}

func floats(dims ...int) tensor.Tensor {
	t := tensor.New(tensor.Float32, tensor.Dims(dims...))
	for i := range t.Len() {
		t.SetFloat(i, float64(i+1))
	}
	return t
}

func ints(s tensor.Shape, x ...int64) tensor.Tensor { return tensor.From(s, x) }

// affine is y = x·w, z = −y, with x of shape [batch, 3]; v is in the file, and nothing uses it.
func affine(t *testing.T, batch int64) *Model {
	return open(t, &onnx.Graph{Inputs: []onnx.ValueInfo{input("x", onnx.Float, batch, 3)},
		Outputs:      []onnx.ValueInfo{input("y", onnx.Float, batch, 2), input("z", onnx.Float, batch, 2)},
		Initializers: []onnx.Tensor{onnx.TensorOf("w", floats(3, 2)), onnx.TensorOf("v", floats(4))},
		Nodes: []onnx.Node{{Op: "MatMul", Inputs: []string{"x", "w"}, Outputs: []string{"y"}},
			{Op: "Neg", Inputs: []string{"y"}, Outputs: []string{"z"}}}})
}

// lookup is y = table[i], with i of shape [batch, steps] and a table of five rows.
func lookup(t *testing.T) *Model {
	return open(t, &onnx.Graph{Inputs: []onnx.ValueInfo{input("i", onnx.Int64, -1, -1)},
		Outputs:      []onnx.ValueInfo{input("y", onnx.Float, -1, -1, 2)},
		Initializers: []onnx.Tensor{onnx.TensorOf("table", floats(5, 2))},
		Nodes:        []onnx.Node{{Op: "Gather", Inputs: []string{"table", "i"}, Outputs: []string{"y"}}}})
}

func one(t tensor.Tensor) []npy.Array { return []npy.Array{{Tensor: t}} }

func TestBind(t *testing.T) {
	m := affine(t, -1)
	b, err := m.Bind(one(floats(4, 3)), 1)
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(4, 2), b.Graph.Shape(b.Graph.Output()))
	require.Len(t, b.Parameters, 1)
	require.Len(t, b.Zeros, 1, "an initializer that nothing uses has a gradient all the same")
	assert.Equal(t, "v", b.Zeros[0].Name)
	assert.Equal(t, tensor.Float64, b.As(tensor.Float64)[0].Type())
	assert.Equal(t, []string{"w", "v"}, m.Initializers())

	whole, err := m.Bind(one(ints(tensor.Dims(1, 3), 1, 2, 3)), 1)
	require.NoError(t, err, "whole numbers are numbers")
	assert.True(t, whole.Values[0].Type().IsFloat())

	require.NoError(t, m.Choose("z"))
	b, err = m.Bind(one(floats(1, 3)), 1)
	require.NoError(t, err)
	assert.Equal(t, "z", b.Outputs[0].Name)
	assert.Zero(t, b.Outputs[0].Index)
}

func TestBindErrors(t *testing.T) {
	for want, in := range map[string][]npy.Array{
		`input "x" is missing: the model has the inputs "x"`: nil,
		`the model has no input "q"; its inputs are "x"`:     {{Name: "q", Tensor: floats(1)}, {Name: "x", Tensor: floats(1, 3)}},
		`input "x" is given twice`:                           {{Name: "x", Tensor: floats(1, 3)}, {Tensor: floats(1, 3)}},
		`got shape [3], the model wants [? 3]`:               one(floats(3)),
		`input "x": got bools, the model wants float`:        one(tensor.New(tensor.Bool, tensor.Dims(1, 3))),
	} {
		_, err := affine(t, -1).Bind(in, 1)
		assert.ErrorContains(t, err, want)
	}
	assert.ErrorContains(t, affine(t, -1).Choose("q"), `no output "q"; its outputs are "y", "z"`)
}

func TestIndicesOutOfRangeAreErrors(t *testing.T) {
	m := lookup(t)
	_, err := m.Bind(one(ints(tensor.Dims(2, 2), 0, 4, -5, 1)), 1)
	require.NoError(t, err)
	_, err = m.Bind(one(ints(tensor.Dims(2, 2), 0, 4, 5, 1)), 1)
	assert.ErrorContains(t, err, `indices from 0 to 5 in "i", into "table" of shape [5 2]`)
	_, err = m.Bind(one(ints(tensor.Dims(2, 2), 0, -6, 3, 1)), 1)
	assert.ErrorContains(t, err, "indices from -6 to 3")
	_, err = m.Bind(one(floats(2, 2)), 1)
	assert.ErrorContains(t, err, "got floats, the model wants int64")
}

func TestTarget(t *testing.T) {
	b, err := affine(t, -1).Bind(one(floats(4, 3)), 1)
	require.NoError(t, err)
	y, err := b.Target("mse", floats(4, 2), tensor.Float64)
	require.NoError(t, err)
	assert.Equal(t, 4, y.Rows)
	assert.Equal(t, 0.25, y.Sample(nil).Scale)
	y, err = b.Target("cross-entropy", ints(tensor.Dims(4, 1), 0, 1, 0, 1), tensor.Float64)
	require.NoError(t, err, "one list of labels, in any shape")
	assert.Equal(t, tensor.Dims(4), y.Value.Shape())
	assert.Equal(t, 4, y.Rows)
	for want, bad := range map[string]struct {
		loss   string
		target tensor.Tensor
	}{
		"the target has shape [4 3], the prediction [4 2]": {"mse", floats(4, 3)},
		"wants integer labels":                             {"cross-entropy", floats(4)},
		"row 2 has label 2, outside [0, 2)":                {"cross-entropy", ints(tensor.Dims(4), 0, 1, 2, 0)},
		"the labels have shape [3]":                        {"cross-entropy", ints(tensor.Dims(3), 0, 1, 0)},
		`unknown loss "hinge": use mse or cross-entropy`:   {"hinge", floats(4, 2)},
	} {
		_, err := b.Target(bad.loss, bad.target, tensor.Float64)
		assert.ErrorContains(t, err, want)
	}
	c, err := lookup(t).Bind(one(ints(tensor.Dims(2, 3), 0, 1, 2, 3, 4, 0)), 1)
	require.NoError(t, err)
	y, err = c.Target("cross-entropy", ints(tensor.Dims(2, 3), 0, 1, 0, 1, 0, 1), tensor.Float64)
	require.NoError(t, err)
	assert.Equal(t, 6, y.Rows, "the mean is over all rows")
	y, err = c.Target("mse", floats(2, 3, 2), tensor.Float64)
	require.NoError(t, err)
	assert.Equal(t, 2, y.Rows, "the mean is over axis 0")
}

func TestNetwork(t *testing.T) {
	n, err := affine(t, -1).Network(7, []int{3})
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(7, 3), n.X)
	assert.Equal(t, tensor.Dims(7, 2), n.Output())
	assert.Equal(t, 6, n.Parameters())
	n, err = affine(t, 5).Network(0, nil)
	require.NoError(t, err)
	assert.Equal(t, 5, n.Batch)
	_, err = affine(t, 5).Network(4, []int{3})
	assert.ErrorContains(t, err, "made for batches of 5 rows, not 4: set data.batch to 5")

	n, err = lookup(t).Network(2, []int{6})
	require.NoError(t, err)
	assert.Equal(t, 5, n.Tokens)
	assert.Equal(t, tensor.Dims(2, 6), n.X)
	_, err = lookup(t).Network(2, nil)
	assert.ErrorContains(t, err, "axis 1 (?) has no fixed size: data are needed")
	_, err = lookup(t).Network(2, []int{6, 2})
	assert.ErrorContains(t, err, "a row of the data has the shape [6 2], not 1 axes")
}

func TestLoad(t *testing.T) {
	m := affine(t, -1)
	w := floats(3, 2)
	w.Fill(7)
	require.NoError(t, m.Load(safetensors.File{Arrays: []safetensors.Array{{Name: "w", Tensor: w},
		{Name: "count", Tensor: ints(tensor.Dims(1), 3)}}}), "integers that the model does not have are counts of batches")
	b, err := m.Bind(one(floats(1, 3)), 1)
	require.NoError(t, err)
	assert.Equal(t, 7.0, b.Parameters[0].Value.Float(0))
	assert.ErrorContains(t, m.Load(safetensors.File{}), "no tensors")
	assert.ErrorContains(t, m.Load(safetensors.File{Arrays: []safetensors.Array{{Name: "q", Tensor: w}}}), `no initializer "q"; its float initializers are "w", "v"`)
	assert.ErrorContains(t, m.Load(safetensors.File{Arrays: []safetensors.Array{{Name: "v", Tensor: w}}}), "the model has float[4]")
}

// What is drawn depends on the generator alone.
func TestRandom(t *testing.T) {
	draw := func(m *Model, loss string) ([]npy.Array, Target) {
		in, err := m.RandomInputs(rand.New(rand.NewPCG(1, 2)), 3)
		require.NoError(t, err)
		b, err := m.Bind(in, 1)
		require.NoError(t, err)
		y, err := b.RandomTarget(rand.New(rand.NewPCG(3, 4)), loss, tensor.Float64)
		require.NoError(t, err)
		return in, y
	}
	for _, loss := range Losses() {
		x1, y1 := draw(affine(t, -1), loss)
		x2, y2 := draw(affine(t, -1), loss)
		assert.Equal(t, tensor.Dims(3, 3), x1[0].Tensor.Shape())
		assert.Zero(t, tensor.Differing(x1[0].Tensor, x2[0].Tensor))
		assert.Zero(t, tensor.Differing(y1.Value, y2.Value))
	}
	_, err := lookup(t).RandomInputs(rand.New(rand.NewPCG(1, 2)), 3)
	assert.ErrorContains(t, err, `input "i" has no fixed shape`)
}

func TestDropoutMasks(t *testing.T) {
	yes := tensor.From(tensor.Shape{}, []bool{true})
	m := open(t, &onnx.Graph{Inputs: []onnx.ValueInfo{input("x", onnx.Float, 100, 3)}, Outputs: []onnx.ValueInfo{input("y", onnx.Float, 100, 3)},
		Initializers: []onnx.Tensor{onnx.TensorOf("ratio", tensor.From(tensor.Shape{}, []float32{0.25})), onnx.TensorOf("training", yes), onnx.TensorOf("w", floats(3))},
		Nodes: []onnx.Node{{Op: "Mul", Inputs: []string{"x", "w"}, Outputs: []string{"h"}},
			{Op: "Dropout", Inputs: []string{"h", "ratio", "training"}, Outputs: []string{"y"}}}})
	b, err := m.Bind(one(floats(100, 3)), 1)
	require.NoError(t, err)
	require.True(t, b.Random())
	first := b.Values[1]
	kept := 0.0
	for i := range first.Len() {
		kept += first.Float(i)
	}
	assert.InDelta(t, 225, kept, 30)
	b.Draw(1)
	assert.Zero(t, tensor.Differing(first, b.Values[1]))
	b.Draw(2)
	assert.NotZero(t, tensor.Differing(first, b.Values[1]))
	_, err = m.Network(100, []int{3})
	assert.ErrorContains(t, err, "export it in evaluation mode")
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "none.onnx"))
	assert.ErrorContains(t, err, "none.onnx: no such file")
	_, err = Open(dir)
	assert.ErrorContains(t, err, "is not a regular file")
	bad := filepath.Join(dir, "bad.onnx")
	require.NoError(t, os.WriteFile(bad, []byte("no model"), 0o600))
	_, err = Open(bad)
	assert.Error(t, err)
	require.NoError(t, os.Symlink(bad, filepath.Join(dir, "link.onnx")))
	_, err = Open(filepath.Join(dir, "link.onnx"))
	assert.ErrorContains(t, err, "bad.onnx")
}

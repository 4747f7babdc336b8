package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/onnx"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

const casesDir = "/usr/share/libonnx-testdata/data" // of Debian's libonnx-testdata

// caseInputs reads the inputs of a case in the order of the model's.
func caseInputs(dir string, m *model.Model) ([]npy.Array, error) {
	var list []npy.Array
	for i, v := range m.Inputs() {
		b, err := os.ReadFile(filepath.Join(dir, "test_data_set_0", fmt.Sprintf("input_%d.pb", i)))
		if err != nil {
			return nil, err
		}
		t, err := onnx.DecodeTensor(b)
		if err != nil {
			return nil, err
		}
		if !t.Value.Wanted() {
			return nil, errors.New("not of numbers")
		}
		list = append(list, npy.Array{Name: v.Name, Tensor: t.Value})
	}
	return list, nil
}

// Every case of ONNX that can be bound gives the same gradient by backprop and by predictive coding, and its outputs are
// computed: indices that are in range are not refused, and no kernel panics.
func TestCasesOfONNX(t *testing.T) {
	if _, err := os.Stat(casesDir); err != nil {
		t.Skip("libonnx-testdata is not installed")
	}
	ran, learned := 0, 0
	for _, group := range []string{"node", "simple", "pytorch-converted", "pytorch-operator"} {
		dirs, err := filepath.Glob(filepath.Join(casesDir, group, "*"))
		require.NoError(t, err)
		for _, dir := range dirs {
			m, err := model.Open(filepath.Join(dir, "model.onnx"))
			if err != nil {
				continue // declared unsupported: package onnx has the list
			}
			in, err := caseInputs(dir, m)
			if err != nil {
				continue
			}
			b, err := m.Bind(in, 1)
			if err != nil {
				assert.NotContains(t, err.Error(), "out of range", dir)
				continue
			}
			ran++
			_, err = Infer(context.Background(), b, tensor.Float32, nil)
			require.NoError(t, err, dir)
			if b.Graph != nil && len(b.Parameters) > 0 {
				learned++
				same(t, dir, b)
			}
		}
	}
	t.Logf("%d cases ran, %d of them have parameters", ran, learned)
	require.Greater(t, ran, 400)
	require.Greater(t, learned, 40)
}

// same requires equal gradients of the sum of the output from bp and pc.
func same(t *testing.T, dir string, b *model.Bound) {
	var got []GradReport
	for _, name := range []string{"bp", "pc"} {
		rule, err := pc.ParseSchedule("zil")
		require.NoError(t, err)
		r, err := Grad(context.Background(), b, GradOptions{Engine: name, Rule: rule, Dtype: tensor.Float64, Target: model.Target{Loss: op.LinearLoss{}, Rows: 1}})
		require.NoError(t, err, "%s: %s", name, dir)
		got = append(got, r)
	}
	var p, q engine.Params
	for i, a := range got[0].Arrays {
		p, q = append(p, engine.Param{Name: a.Name, Value: a.Tensor}), append(q, engine.Param{Name: a.Name, Value: got[1].Arrays[i].Tensor})
	}
	assert.True(t, engine.Diff(p[1:], q[1:]).Equal(), dir)
}

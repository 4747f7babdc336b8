package npy

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/tensor"
)

// Arrays that grow in turns by rows of any size come back as they were, and leave nothing behind.
func TestArchiveStream(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	path := filepath.Join(dir, "traces.npz")
	a, err := CreateArchive(path)
	require.NoError(t, err)
	rows := []tensor.Shape{tensor.Dims(), tensor.Dims(3), tensor.Dims(50, 60), tensor.Dims(2)} // the third is larger than the buffer
	want := make([][]float64, len(rows))
	var writers []*StreamWriter
	for i, s := range rows {
		w, err := a.Array(fmt.Sprintf("hidden/%d.value", i), tensor.Float64, s)
		require.NoError(t, err)
		writers = append(writers, w)
	}
	for step := range 3000 {
		i := r.IntN(3) // the last stays empty
		x := tensor.New(tensor.Float64, rows[i])
		for k := range x.Len() {
			x.SetFloat(k, r.NormFloat64())
		}
		want[i] = append(want[i], x.Float64s()...)
		require.NoError(t, writers[i].Append(x))
		if step == 1500 {
			require.NoError(t, a.Flush())
			part, err := ReadFile(filepath.Join(path+".parts", "000001.npy"), Limit{})
			require.NoError(t, err)
			assert.Equal(t, want[1], part.Float64s())
			assert.NoFileExists(t, path)
		}
	}
	require.NoError(t, a.Close())
	assert.Error(t, writers[0].Append(tensor.New(tensor.Float64, rows[0])))
	got, err := ReadArchiveFile(path, Limit{})
	require.NoError(t, err)
	require.Len(t, got, len(rows))
	for i, g := range got {
		assert.Equal(t, fmt.Sprintf("hidden/%d.value", i), g.Name)
		assert.Equal(t, append([]int{len(want[i]) / rows[i].Len()}, rows[i].Slice()...), g.Tensor.Shape().Slice())
		assert.Equal(t, append([]float64{}, want[i]...), append([]float64{}, g.Tensor.Float64s()...))
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestArchiveStreamRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.npz")
	a, err := CreateArchive(path)
	require.NoError(t, err)
	_, err = a.Array("x", tensor.Float32, tensor.Dims(2))
	require.NoError(t, err)
	for _, name := range []string{"x", "", "../x"} {
		_, err = a.Array(name, tensor.Float32, tensor.Dims(2))
		assert.ErrorContains(t, err, "npy: ")
	}
	_, err = a.Array("y", tensor.None, tensor.Dims(2))
	assert.Error(t, err)
	require.NoError(t, a.Abort())
	assert.NoDirExists(t, path+".parts")
	assert.NoFileExists(t, path)
	_, err = CreateArchive(filepath.Join(t.TempDir(), "none", "x.npz"))
	assert.ErrorContains(t, err, "npy: ")
}

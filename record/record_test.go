package record

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
)

func at() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

func TestAFolderIsNeverUsedTwice(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a", "runs")
	for _, want := range []string{"20260304-050607-digits-s1", "20260304-050607-digits-s1-2", "20260304-050607-digits-s1-3"} {
		f, err := Create(root, "digits", 1, at())
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(root, want), f.Path())
		entries, err := os.ReadDir(f.Path())
		require.NoError(t, err)
		assert.Empty(t, entries)
		require.NoError(t, f.WriteManifest(Manifest{}))
	}
	_, err := Create(filepath.Join(root, "20260304-050607-digits-s1", "manifest.json"), "x", 1, at())
	assert.ErrorContains(t, err, "record: ")
}

// A file appears whole or not at all, and nothing else is left.
func TestWriteIsAllOrNothing(t *testing.T) {
	f, err := Create(t.TempDir(), "x", 1, at())
	require.NoError(t, err)
	require.NoError(t, f.Write("a.txt", func(w io.Writer) error { _, err := io.WriteString(w, "first"); return err }))
	full := errors.New("full")
	err = f.Write("a.txt", func(w io.Writer) error { _, _ = io.WriteString(w, "sec"); return full })
	require.ErrorIs(t, err, full)
	assert.ErrorContains(t, err, f.Path("a.txt"))
	text, err := os.ReadFile(f.Path("a.txt"))
	require.NoError(t, err)
	assert.Equal(t, "first", string(text))
	entries, err := os.ReadDir(f.Path())
	require.NoError(t, err)
	assert.Len(t, entries, 1)
	require.NoError(t, os.RemoveAll(f.Path()))
	assert.ErrorContains(t, f.Write("a.txt", func(io.Writer) error { return nil }), "record: ")
}

func TestMetrics(t *testing.T) {
	f, err := Create(t.TempDir(), "x", 1, at())
	require.NoError(t, err)
	m, err := f.Metrics()
	require.NoError(t, err)
	require.NoError(t, m.Add(Epoch{Epoch: 1, Loss: 0.5, TestLoss: math.NaN(), Accuracy: 0.25, Compared: true, Differing: 3, MaxAbs: math.Inf(1),
		Cosine: 1, Updates: 4, Ticks: 12, Messages: 1 << 40, Control: 5, Lost: 0, Seconds: 1e-3, Reference: 2}))
	want := "epoch,loss,test_loss,accuracy,differing,max_abs,cosine,updates,ticks,messages,control,lost,seconds,reference_seconds\n" +
		"1,0.5,,0.25,3,,1,4,12,1099511627776,5,0,0.001,2\n"
	text, err := os.ReadFile(f.Path("metrics.csv"))
	require.NoError(t, err)
	assert.Equal(t, want, string(text), "a row is in the file at once")
	require.NoError(t, m.Add(Epoch{Epoch: 2}))
	require.NoError(t, m.Close())
	text, err = os.ReadFile(f.Path("metrics.csv"))
	require.NoError(t, err)
	assert.Equal(t, want+"2,0,0,0,,,,0,0,0,0,0,0,0\n", string(text), "no comparison, no numbers")
	_, err = f.Metrics()
	assert.ErrorIs(t, err, os.ErrExist)
	assert.Error(t, m.Add(Epoch{}))
	assert.Error(t, m.Close())
}

func TestManifest(t *testing.T) {
	f, err := Create(t.TempDir(), "x", 1, at())
	require.NoError(t, err)
	m := Manifest{Name: "x", Seed: 1 << 63, Command: []string{"retrodict", "run"}, Build: ThisBuild(), Machine: ThisMachine("builtin"), Started: at(), Status: "running", Scope: Scope("builtin")}
	require.NoError(t, f.WriteManifest(m))
	text, err := os.ReadFile(f.Path("manifest.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "ended")
	var back Manifest
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, m, back)
	m.Ended, m.Status = at().Add(time.Minute), "completed"
	require.NoError(t, f.WriteManifest(m))
	text, err = os.ReadFile(f.Path("manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, m, back)
	assert.NotEmpty(t, m.Build.Go)
	assert.NotEmpty(t, m.Machine.CPU)
	assert.Positive(t, m.Machine.Cores)
}

func TestParameters(t *testing.T) {
	f, err := Create(t.TempDir(), "x", 1, at())
	require.NoError(t, err)
	p := engine.Params{{Name: "w", Value: tensor.From(tensor.Dims(2), []float64{1, -2})}, {Name: "b", Value: tensor.From(tensor.Dims(), []float64{3})}}
	require.NoError(t, f.WriteParameters(p, safetensors.Pair{Key: "seed", Value: "1"}))
	file, err := safetensors.ReadFile(f.Path("parameters.safetensors"), safetensors.Limit{})
	require.NoError(t, err)
	assert.Equal(t, "1", file.Value("seed"))
	for _, x := range p {
		assert.Zero(t, tensor.Differing(x.Value, file.Find(x.Name)))
	}
	assert.ErrorContains(t, f.WriteParameters(append(p, p[0])), "record: ")
}

package study

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/record"
)

// open returns the setup of the digits experiment with overrides, which is recorded in a directory of its own.
func open(t *testing.T, overrides ...string) *config.Setup {
	l, err := config.Load("", append([]string{"record.dir='" + t.TempDir() + "'", "learning.epochs=2"}, overrides...)...)
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	return s
}

func TestRunOfEveryEngineAndGrain(t *testing.T) {
	hashes := map[string]string{}
	for _, c := range [][]string{
		{"time.engine=actors", "network.grain=neuron"}, {"time.engine=pc", "network.grain=neuron"}, {"time.engine=bp", "network.grain=neuron"},
		{"time.engine=actors", "network.grain=layer"}, {"time.engine=pc", "network.grain=layer", "learning.schedule=zil-dense"},
		{"time.engine=actors", "dtype=f32", "network.layers=[64, 12, 10]", "learning.plasticity={rule: adam, rate: 0.01}"},
		{"time.engine=actors", "network={arch: residual, layers: [64, 12, 12, 10]}", "compare.every=update"},
	} {
		var text bytes.Buffer
		r, err := Run(context.Background(), open(t, c...), RunOptions{Text: &text})
		require.NoError(t, err)
		assert.True(t, r.Promised && r.Equal, c)
		assert.NoError(t, r.Err())
		assert.Equal(t, r.TwinHash, r.Hash, c)
		require.Len(t, r.Epochs, 2)
		assert.True(t, r.Epochs[1].TwinEqual)
		assert.Greater(t, float64(r.TestAccuracy), 0.5, c)
		if c[0] != "time.engine=bp" {
			require.Len(t, r.Contrast, 3)
			for _, b := range r.Contrast {
				assert.Positive(t, b.Differing, "%v: %s", c, b.Broken)
			}
		}
		if len(c) == 2 {
			hashes[c[1]+r.Hash] = c[0]
		}
		for _, want := range []string{"epoch", "parameters that differ from backprop", r.Hash, "equal", "What it costs", "Try next", r.Run} {
			assert.Contains(t, text.String(), want)
		}
	}
	assert.Len(t, hashes, 2, "a hash for each grain, whatever the engine")
}

func TestWhatIsNotPromisedIsNotAnError(t *testing.T) {
	var text bytes.Buffer
	r, err := Run(context.Background(), open(t, "learning.schedule=il", "learning.il.ticks=1", "time.engine=pc"), RunOptions{Text: &text})
	require.NoError(t, err)
	assert.False(t, r.Promised)
	assert.False(t, r.Equal)
	assert.NoError(t, r.Err())
	assert.NotEqual(t, r.TwinHash, r.Hash)
	assert.Positive(t, r.Epochs[0].Differing)
	assert.Empty(t, r.Contrast)
	assert.Contains(t, text.String(), "warning")
	assert.Contains(t, text.String(), "not equal")
	assert.Error(t, RunReport{Promised: true}.Err(), "a broken promise is")
}

func TestRunWithoutReference(t *testing.T) {
	r, err := Run(context.Background(), open(t, "compare.reference=none", "time.engine=pc"), RunOptions{})
	require.NoError(t, err)
	assert.Empty(t, r.TwinHash)
	assert.False(t, r.Promised)
	assert.Empty(t, r.Contrast)
}

func TestRegressionIsNullInJSON(t *testing.T) {
	r, err := Run(context.Background(), open(t, "data.set=sine", "time.engine=pc", "learning.epochs=1", "compare.contrast=false"), RunOptions{})
	require.NoError(t, err)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var m map[string]any
	require.NoError(t, json.Unmarshal(text, &m))
	assert.Nil(t, m["test_accuracy"])
	assert.EqualValues(t, 2, m["non_finite"], "of the epoch and of the end")
}

// The folder holds what is needed to make the run again, and a run made from it comes to the same bits.
func TestTheFolderRepeatsTheRun(t *testing.T) {
	s := open(t, "time.engine=pc")
	r, err := Run(context.Background(), s, RunOptions{Command: []string{"retrodict", "run"}})
	require.NoError(t, err)
	l, err := config.Load(filepath.Join(r.Run, "config.yaml"))
	require.NoError(t, err)
	again, err := l.Open()
	require.NoError(t, err)
	r2, err := Run(context.Background(), again, RunOptions{})
	require.NoError(t, err)
	assert.Equal(t, r.Hash, r2.Hash)
	assert.NotEqual(t, r.Run, r2.Run)
	for _, name := range []string{"metrics.csv", "learning-curve.svg"} {
		assert.FileExists(t, filepath.Join(r.Run, name))
	}
	var m record.Manifest
	text, err := os.ReadFile(filepath.Join(r.Run, "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &m))
	assert.Equal(t, "completed", m.Status)
	assert.Equal(t, r.Hash, m.Hash)
	assert.Equal(t, 2, m.Epochs)
	assert.NotEqual(t, m.Initial, m.Hash)

	l, err = config.Load("", "network.init={from: '"+filepath.Join(r.Run, "parameters.safetensors")+"'}")
	require.NoError(t, err)
	n, err := l.OpenNetwork(20)
	require.NoError(t, err)
	var p engine.Params
	for i, w := range n.Initial {
		p = append(p, engine.Param{Name: n.Graph.Parameter(i).Name, Value: w})
	}
	assert.Equal(t, r.Hash, p.Hash())
}

func TestNothingButWhatIsAskedForIsKept(t *testing.T) {
	r, err := Run(context.Background(), open(t, "time.engine=pc", "record.plots=false", "record.parameters=false"), RunOptions{})
	require.NoError(t, err)
	entries, err := os.ReadDir(r.Run)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	assert.Equal(t, []string{"config.yaml", "log.txt", "manifest.json", "metrics.csv"}, names)
}

// stopper ends a context at an update.
type stopper struct {
	what   string
	at     int
	cancel context.CancelFunc
}

func (s stopper) Show(what string, done, _ int) {
	if what == s.what && done == s.at {
		s.cancel()
	}
}
func (s stopper) Hide() {}

func TestInterruptedRunsKeepWhatThereIs(t *testing.T) {
	for _, c := range []struct {
		what   string
		epochs int
	}{{"learning", 2}, {"contrast", 2}} {
		ctx, cancel := context.WithCancel(context.Background())
		var text bytes.Buffer
		r, err := Run(ctx, open(t), RunOptions{Text: &text, Progress: stopper{c.what, 80, cancel}})
		cancel()
		require.NoError(t, err)
		assert.True(t, r.Interrupted)
		assert.Len(t, r.Epochs, c.epochs)
		assert.Equal(t, r.TwinHash, r.Hash)
		file, err := safetensors.ReadFile(filepath.Join(r.Run, "parameters.safetensors"), safetensors.Limit{})
		require.NoError(t, err)
		assert.Equal(t, r.Hash, file.Value("hash"))
		var m record.Manifest
		manifest, err := os.ReadFile(filepath.Join(r.Run, "manifest.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(manifest, &m))
		assert.Equal(t, "interrupted", m.Status)
		if c.what == "learning" {
			assert.Contains(t, text.String(), "interrupted after 9 updates of this epoch")
		}
	}
}

func TestRunThatCannotBeRecorded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Run(context.Background(), open(t, "record.dir='"+file+"'"), RunOptions{})
	assert.ErrorContains(t, err, "record: ")
}

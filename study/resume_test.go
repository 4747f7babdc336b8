package study

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/catalog"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/record"
)

// quitter ends a run after some updates.
type quitter struct {
	left int
	stop context.CancelFunc
}

func (s *quitter) Show(string, int, int) {
	if s.left--; s.left == 0 {
		s.stop()
	}
}

func (s *quitter) Hide() {}

// files returns what is in some files of a run.
func files(t *testing.T, run string, names ...string) map[string]string {
	m := map[string]string{}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(run, name))
		require.NoError(t, err)
		m[name] = string(b)
	}
	return m
}

// Interrupted and resumed again and again, a run comes to the same parameters and the same distances of single updates.
func TestResumedRunsComeToTheSame(t *testing.T) {
	for _, engine := range []string{"engine: pc", "engine: sim", "engine: sim, mode: free"} {
		text := []byte(`{name: r, network: {layers: [4, 6, 3]}, data: {set: iris, batch: 10}, record: {checkpoint: 7, plots: false},
			learning: {schedule: il, epochs: 3, plasticity: {rule: momentum, rate: 0.05}}, compare: {every: 5, measures: [cosine, accuracy]}, time: {` + engine + `}}`)
		dir := t.TempDir()
		setup := func() *config.Setup {
			l, err := config.Parse("x.yaml", text, "record.dir='"+dir+"'")
			require.NoError(t, err)
			s, err := l.Open()
			require.NoError(t, err)
			return s
		}
		want, err := Run(context.Background(), setup(), RunOptions{})
		require.NoError(t, err)
		var got RunReport
		o := RunOptions{}
		for n := 0; ; n++ {
			ctx, cancel := context.WithCancel(context.Background())
			o.Progress = &quitter{9 + n, cancel}
			got, err = Run(ctx, setup(), o)
			cancel()
			require.NoError(t, err)
			if !got.Interrupted {
				assert.Equal(t, 3, n, "36 updates")
				break
			}
			o.Resume, err = Resume(setup(), got.Run)
			require.NoError(t, err)
			require.NotNil(t, o.Resume.state)
		}
		assert.Equal(t, want.Hash, got.Hash, engine)
		assert.NotEqual(t, want.Run, got.Run)
		assert.Equal(t, want.TestAccuracy, got.TestAccuracy)
		assert.Equal(t, want.Equal, got.Equal)
		assert.Equal(t, files(t, want.Run, "distance.csv"), files(t, got.Run, "distance.csv"), engine)
		_, err = Resume(setup(), got.Run)
		assert.ErrorContains(t, err, "is complete")
	}
}

// A checkpoint of another version of the program is bad input: the run stays what it was.
func TestCheckpointOfAnotherVersion(t *testing.T) {
	dir := t.TempDir()
	l, err := config.Parse("x.yaml", []byte(`{name: r, network: {layers: [4, 3]}, data: {set: iris, batch: 10}, time: {engine: pc}, learning: {epochs: 2},
		record: {checkpoint: 7, traces: [{what: [value], of: "*", every: update}]}}`), "record.dir='"+dir+"'")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	r, err := Run(ctx, s, RunOptions{Progress: &quitter{14, cancel}})
	require.NoError(t, err)
	f, _, err := record.Open(r.Run)
	require.NoError(t, err)
	whole, err := f.ReadCheckpoint()
	require.NoError(t, err)
	e, err := (&run{Setup: s}).newEngine()
	require.NoError(t, err)
	version := bytes.Index(whole.State, e.(engine.Resumable).AppendState(nil)[:3])
	require.Positive(t, version)
	before := files(t, r.Run, "manifest.json", "metrics.csv", "parameters.safetensors")
	for name, change := range map[string]func(b []byte) []byte{
		"snapshot":   func(b []byte) []byte { b[version]++; return b },
		"training":   func(b []byte) []byte { return bytes.Replace(b, []byte("checkpoint 1"), []byte("checkpoint 2"), 1) },
		"recordings": func(b []byte) []byte { return b[:len(b)-1] },
	} {
		b := append([]byte{}, whole.State...)
		require.NoError(t, f.WriteCheckpoint(record.Checkpoint{Config: whole.Config, State: change(b)}))
		o, err := Resume(s, r.Run)
		require.NoError(t, err)
		_, err = Run(context.Background(), s, RunOptions{Resume: o})
		var no *Refusal
		require.ErrorAs(t, err, &no, name)
		assert.ErrorContains(t, err, "go on with the version that made it", name)
		assert.Equal(t, before, files(t, r.Run, "manifest.json", "metrics.csv", "parameters.safetensors"), name)
	}
	require.NoError(t, f.WriteCheckpoint(whole))
	o, err := Resume(s, r.Run)
	require.NoError(t, err)
	last, err := Run(context.Background(), s, RunOptions{Resume: o})
	require.NoError(t, err)
	assert.Len(t, last.Epochs, 2, "it goes on all the same")
}

// A run that is under way is nobody else's to go on with, or to remove.
func TestRunIsOnesAlone(t *testing.T) {
	dir := t.TempDir()
	l, err := config.Parse("x.yaml", []byte(`{name: r, network: {layers: [4, 3]}, data: {set: iris, batch: 10}, record: {checkpoint: 7, plots: false}, learning: {epochs: 2}}`), "record.dir='"+dir+"'")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	under := func(path string) {
		_, err := Resume(s, path)
		assert.ErrorIs(t, err, record.ErrLocked)
		x, err := catalog.Open(dir)
		require.NoError(t, err)
		run, err := x.Find("last")
		require.NoError(t, err)
		assert.ErrorIs(t, x.Remove(run, true), record.ErrLocked)
		require.NoError(t, x.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	r, err := Run(ctx, s, RunOptions{Progress: watcher(func() {
		if seen++; seen == 3 {
			list, err := filepath.Glob(filepath.Join(dir, "*", "manifest.json"))
			require.NoError(t, err)
			require.Len(t, list, 1)
			under(filepath.Dir(list[0]))
			cancel()
		}
	})})
	require.NoError(t, err)
	require.True(t, r.Interrupted)
	o, err := Resume(s, r.Run)
	require.NoError(t, err)
	under(r.Run)
	r, err = Run(context.Background(), s, RunOptions{Resume: o})
	require.NoError(t, err)
	_, err = Resume(s, r.Run)
	assert.ErrorContains(t, err, "is complete")
	assert.NoFileExists(t, filepath.Join(r.Run, ".lock"))
}

// A watcher is called after every update.
type watcher func()

func (w watcher) Show(string, int, int) { w() }
func (w watcher) Hide()                 {}

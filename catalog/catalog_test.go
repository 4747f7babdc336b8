package catalog

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/record"
)

// newRun returns a new run folder under root.
func newRun(t *testing.T, root, name string, seed uint64, hour int, status, config string, losses ...float64) *record.Folder {
	at := time.Date(2026, 3, 4, hour, 0, 0, 0, time.UTC)
	f, err := record.Create(root, name, seed, at)
	require.NoError(t, err)
	require.NoError(t, f.WriteManifest(record.Manifest{Name: name, Seed: seed, Status: status, Started: at, Hash: "abc", Command: []string{"retrodict", "run", "x.yaml"}, Build: record.Build{Version: "v1", Go: "go1.26"}}))
	require.NoError(t, f.Write("config.yaml", func(w io.Writer) error { _, err := io.WriteString(w, config); return err }))
	m, err := f.Metrics()
	require.NoError(t, err)
	for i, l := range losses {
		require.NoError(t, m.Add(record.Epoch{Epoch: i + 1, Loss: l, TestLoss: math.NaN(), Accuracy: 1 - l}))
	}
	require.NoError(t, m.Close())
	return f
}

func names(list []Run) (s []string) {
	for _, r := range list {
		s = append(s, r.ID)
	}
	return s
}

func opened(t *testing.T, root string) *Index {
	x, err := Open(root)
	require.NoError(t, err)
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func TestIndexFollowsTheFolders(t *testing.T) {
	root := t.TempDir()
	b := newRun(t, root, "digits", 2, 9, "running", "seed: 2\n", 0.5, 0.25)
	newRun(t, root, "digits", 1, 8, "completed", "seed: 1\n", 0.5)
	newRun(t, root, "iris", 1, 7, "failed", "seed: 1\n")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "other"), 0o755))
	x := opened(t, root)
	all, err := x.List(Query{})
	require.NoError(t, err)
	assert.Equal(t, []string{"20260304-070000-iris-s1", "20260304-080000-digits-s1", "20260304-090000-digits-s2"}, names(all))
	assert.Equal(t, 0.25, *all[2].Loss)
	assert.Equal(t, 0.75, *all[2].Accuracy)
	assert.Nil(t, all[2].TestLoss)
	assert.Nil(t, all[0].Loss)
	assert.Positive(t, all[2].Bytes)
	one, err := x.List(Query{Name: "digits", Last: 1})
	require.NoError(t, err)
	assert.Equal(t, []string{"20260304-090000-digits-s2"}, names(one))
	done, err := x.List(Query{Status: "completed"})
	require.NoError(t, err)
	assert.Equal(t, []string{"20260304-080000-digits-s1"}, names(done))

	// A run ends, another is removed by hand, a third appears.
	_, m, err := record.Open(b.Path())
	require.NoError(t, err)
	m.Status = "completed"
	require.NoError(t, b.WriteManifest(m))
	require.NoError(t, os.RemoveAll(all[0].Path))
	newRun(t, root, "new", 3, 10, "completed", "")
	require.NoError(t, x.Update())
	done, err = x.List(Query{Status: "completed"})
	require.NoError(t, err)
	assert.Equal(t, []string{"20260304-080000-digits-s1", "20260304-090000-digits-s2", "20260304-100000-new-s3"}, names(done))
}

// The index is a cache: whatever happens to its file, it says the same.
func TestIndexIsRebuilt(t *testing.T) {
	root := t.TempDir()
	for seed := range uint64(3) {
		newRun(t, root, "digits", seed, int(seed), "completed", "")
	}
	want, err := opened(t, root).List(Query{})
	require.NoError(t, err)
	require.Len(t, want, 3)
	path := filepath.Join(root, fileName)
	for _, text := range []string{"", "no database at all", string(bytes.Repeat([]byte{0xff}, 5000))} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		got, err := opened(t, root).List(Query{})
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	x := opened(t, root)
	_, err = x.db.Exec("PRAGMA user_version = 99")
	require.NoError(t, err)
	require.NoError(t, x.Close())
	got, err := opened(t, root).List(Query{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	none, err := opened(t, filepath.Join(root, "no", "such")).List(Query{})
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	a := newRun(t, root, "digits", 1, 8, "completed", "")
	newRun(t, root, "digits", 2, 9, "completed", "")
	x := opened(t, root)
	for name, want := range map[string]string{"last": "20260304-090000-digits-s2", "20260304-08": "20260304-080000-digits-s1",
		"20260304-080000-digits-s1": "20260304-080000-digits-s1", a.Path(): "20260304-080000-digits-s1"} {
		r, err := x.Find(name)
		require.NoError(t, err, name)
		assert.Equal(t, want, r.ID)
	}
	_, err := x.Find("2026")
	assert.ErrorContains(t, err, "the beginning of 2 names")
	_, err = x.Find("nothing")
	assert.ErrorContains(t, err, "no run \"nothing\"")
}

func TestRemove(t *testing.T) {
	root := t.TempDir()
	f := newRun(t, root, "digits", 1, 8, "running", "")
	x := opened(t, root)
	r, err := x.Find("last")
	require.NoError(t, err)
	require.Equal(t, Killed, r.Manifest.Status, "nobody is writing it")
	lock, err := record.LockFolder(f.Path())
	require.NoError(t, err)
	for status, n := range map[string]int{"": 1, "running": 1, Killed: 0} {
		list, err := x.List(Query{Status: status})
		require.NoError(t, err)
		assert.Len(t, list, n, status)
	}
	require.NoError(t, lock.Release())
	for status, n := range map[string]int{"": 1, "running": 0, Killed: 1} {
		list, err := x.List(Query{Status: status, Last: 1})
		require.NoError(t, err)
		assert.Len(t, list, n, status)
	}
	assert.ErrorContains(t, x.Remove(r, false), "has not ended")
	require.DirExists(t, f.Path())
	require.NoError(t, x.Remove(r, true))
	require.NoDirExists(t, f.Path())
	list, err := x.List(Query{})
	require.NoError(t, err)
	assert.Empty(t, list)
	assert.ErrorContains(t, x.Remove(r, true), "is no run")
	assert.Error(t, x.Remove(Run{Path: root}, true), "a folder that is no run is never removed")
	require.DirExists(t, root)
}

func TestDiff(t *testing.T) {
	root := t.TempDir()
	const c = "name: digits\nseed: 1\nlearning:\n  plasticity: {rule: sgd, rate: 0.3}\nlayers: [64, 48, 10]\nlinks:\n- {match: \"* -> *\", loss: 0.5}\n"
	newRun(t, root, "a", 1, 1, "completed", c, 0.5)
	newRun(t, root, "b", 1, 2, "completed", "name: digits\nseed: 1\nlearning:\n  plasticity: {rule: adam, beta1: 0.9}\nlayers: [64, 10]\nlinks:\n- {match: \"* -> *\", loss: 0.25}\n", 0.25)
	x := opened(t, root)
	list, err := x.List(Query{})
	require.NoError(t, err)
	d, err := Diff(list[0], list[1])
	require.NoError(t, err)
	assert.Equal(t, []Change{{"learning.plasticity.rule", "sgd", "adam"}, {"learning.plasticity.rate", "0.3", missing}, {"layers", "[64 48 10]", "[64 10]"},
		{"links[0].loss", "0.5", "0.25"}, {"learning.plasticity.beta1", missing, "0.9"}}, d.Config)
	assert.Equal(t, []Change{{"loss", "0.5", "0.25"}, {"accuracy", "0.5", "0.75"}}, d.Results)
	assert.Empty(t, d.Made)
	assert.True(t, d.Same, "the hashes are equal")
	same, err := Diff(list[0], list[0])
	require.NoError(t, err)
	assert.Empty(t, append(same.Config, same.Results...))
}

func TestExport(t *testing.T) {
	root, base := t.TempDir(), t.TempDir()
	f := newRun(t, root, "digits", 1, 8, "completed", "name: digits\ndata: {csv: my data.csv, labels: gone.idx}\n", 0.5)
	require.NoError(t, os.MkdirAll(f.Path("traces", "01.npz.parts"), 0o755))
	for name, text := range map[string]string{f.Path("traces", "a.csv"): "x", f.Path("traces", "01.npz.parts", "0.npy"): "half", f.Path(".tmp"): "x", filepath.Join(base, "my data.csv"): "1,2\n"} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	r, err := Read(f.Path())
	require.NoError(t, err)
	var one, two bytes.Buffer
	a, err := Export(&one, r, base)
	require.NoError(t, err)
	assert.Equal(t, Archive{Command: "retrodict run config.yaml --set data.csv=inputs/data.csv.csv", Files: 5, Missing: []string{"gone.idx"}}, a)
	_, err = Export(&two, r, base)
	require.NoError(t, err)
	assert.Equal(t, one.Bytes(), two.Bytes())

	z, err := zip.NewReader(bytes.NewReader(one.Bytes()), int64(one.Len()))
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range z.File {
		rc, err := e.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(rc)
		require.NoError(t, err)
		files[e.Name] = string(b)
	}
	assert.Len(t, files, 6)
	assert.Equal(t, "1,2\n", files[r.ID+"/inputs/data.csv.csv"])
	assert.Contains(t, files[r.ID+"/RERUN.txt"], "    "+a.Command+"\n")
	assert.Contains(t, files[r.ID+"/RERUN.txt"], "SHA-256 of all parameters at the end: abc")
	assert.Contains(t, files[r.ID+"/RERUN.txt"], "data.labels was read from gone.idx")
	assert.NotContains(t, files, r.ID+"/.tmp")
}

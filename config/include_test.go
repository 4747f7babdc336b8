package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// files writes files of the given names and texts, and returns their directory.
func files(t *testing.T, list ...string) string {
	dir := t.TempDir()
	for i := 0; i < len(list); i += 2 {
		path := filepath.Join(dir, list[i])
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(list[i+1]), 0o644))
	}
	return dir
}

func TestInclude(t *testing.T) {
	dir := files(t,
		"main.yaml", "include: [sub/base.yaml, other.yaml]\nname: mine\nlearning: {epochs: 3}\nseed: $s\n",
		"sub/base.yaml", "include: deeper.yaml\nname: base\nlearning: {epochs: 9, plasticity: {rate: 0.5}}\nknobs: {s: 4}\n",
		"sub/deeper.yaml", "name: deeper\ndata: {batch: 5}\nnetwork: {layers: [64, 9, 10], activation: relu}\n",
		"other.yaml", "knobs: {s: 7, u: 1}\nnetwork: {layers: [64, 10]}\n", "empty.yaml", "# nothing\n")
	l, err := Load(filepath.Join(dir, "main.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "mine", l.Name, "the file itself has the last word")
	assert.Equal(t, 3, l.Learning.Epochs)
	assert.Equal(t, 0.5, l.Learning.Plasticity.Rate)
	assert.Equal(t, 5, l.Data.Batch)
	assert.Equal(t, []int{64, 10}, l.Network.Layers, "lists are replaced")
	assert.Equal(t, "relu", l.Network.Activation, "sections are merged")
	assert.Equal(t, uint64(7), l.Seed, "a knob of a file that is included")
	assert.Equal(t, filepath.Join(dir, "sub/deeper.yaml")+":2:15", l.where.at("data.batch").String())

	// The resolved copy includes nothing and is the same.
	text, err := l.Marshal()
	require.NoError(t, err)
	assert.NotContains(t, string(text), "include")
	again, err := Parse("copy.yaml", text)
	require.NoError(t, err)
	assert.Equal(t, l.Config, again.Config)

	o, err := Load(filepath.Join(dir, "main.yaml"), "knobs.s=11", "name=set")
	require.NoError(t, err)
	assert.Equal(t, uint64(11), o.Seed)
	assert.Equal(t, "set", o.Name)
	e, err := Parse(filepath.Join(dir, "x.yaml"), []byte("include: "+filepath.Join(dir, "empty.yaml")))
	require.NoError(t, err)
	assert.Equal(t, Default().Name, e.Name)
}

func TestIncludesThatAreRefused(t *testing.T) {
	many := make([]string, 80)
	for i := range many {
		many[i] = "leaf.yaml"
	}
	dir := files(t, "self.yaml", "include: self.yaml\n", "a.yaml", "name: a\ninclude: [leaf.yaml, sub/b.yaml]\n", "sub/b.yaml", "include: ../a.yaml\n",
		"gone.yaml", "seed: 1\ninclude: nowhere.yaml\n", "type.yaml", "include: {a: b}\n", "number.yaml", "include: [3]\n", "leaf.yaml", "seed: 2\n",
		"bad.yaml", "include: wrong.yaml\n", "wrong.yaml", "name: x\nlerning: {}\n", "broken.yaml", "include: syntax.yaml\n", "syntax.yaml", "a: [\n",
		"many.yaml", "include: ["+strings.Join(many, ", ")+"]\n", "inner.yaml", "data: {include: leaf.yaml}\n")
	for name, message := range map[string]string{
		"self.yaml":   "self.yaml:1:10: include: DIR/self.yaml includes itself: DIR/self.yaml -> DIR/self.yaml",
		"a.yaml":      "sub/b.yaml:1:10: include: DIR/a.yaml includes itself: DIR/a.yaml -> DIR/sub/b.yaml -> DIR/a.yaml",
		"gone.yaml":   "gone.yaml:2:10: include: DIR/nowhere.yaml: no such file or directory",
		"type.yaml":   "type.yaml:1:",
		"number.yaml": "number.yaml:1:11: include: got 3, want the path of a file",
		"bad.yaml":    "wrong.yaml:2:1: lerning: unknown key; did you mean learning?",
		"broken.yaml": "syntax.yaml:1:4: ",
		"many.yaml":   "more than 64 files",
		"inner.yaml":  "data.include: unknown key",
	} {
		_, err := Load(filepath.Join(dir, name))
		assert.ErrorContains(t, err, strings.ReplaceAll(message, "DIR", dir), name)
	}
}

func TestChanges(t *testing.T) {
	l, err := Parse("x.yaml", []byte("seed: 1\nlearning: {epochs: 7, schedule: zil}\nnetwork: {layers: [64, 10]}\ndata: {batch: 20}\n"), "learning.plasticity.rate=0.25")
	require.NoError(t, err)
	list, err := l.Changes()
	require.NoError(t, err)
	var got []string
	for _, c := range list {
		got = append(got, c.String()+" @"+c.Where.String())
	}
	assert.Equal(t, []string{"network.layers = [64 10] @x.yaml:3:19", "learning.plasticity.rate = 0.25 (default 0.3) @--set learning.plasticity.rate=0.25",
		"learning.epochs = 7 (default 20) @x.yaml:2:20"}, got)
	none, err := Parse("", nil)
	require.NoError(t, err)
	list, err = none.Changes()
	require.NoError(t, err)
	assert.Empty(t, list)
}

// The sweep is a section like others: keys that are given replace what an included file says of them, and no more.
func TestSweepsAreMerged(t *testing.T) {
	dir := files(t, "base.yaml", "sweep:\n  seed: [1, 2]\n  time.engine: [pc, actors]\n  cases: {a: {dtype: f32}, b: {dtype: f64}}\n  seeds: 3\n  samples: 7\n  plots: [{x: time.engine, y: cosine}]\n",
		"main.yaml", "include: base.yaml\nsweep:\n  time.engine: [bp]\n  seed: null\n  samples: 9\n  learning.schedule: [zil, il]\n  cases: {c: {dtype: f32}}\n")
	l, err := Load(filepath.Join(dir, "main.yaml"))
	require.NoError(t, err)
	assert.Equal(t, []Axis{{"time.engine", []string{"bp"}}, {"learning.schedule", []string{"zil", "il"}}}, l.Sweep.Axes)
	assert.Equal(t, []Case{{"c", []Setting{{"dtype", "f32"}}}}, l.Sweep.Cases)
	assert.Equal(t, []int{3, 9, 1}, []int{l.Sweep.Seeds, l.Sweep.Samples, len(l.Sweep.Plots)})
	_, err = Load(filepath.Join(dir, "main.yaml"), "sweep.nothing=null")
	assert.ErrorContains(t, err, "sweep.nothing: got nothing, want a list of values")
}

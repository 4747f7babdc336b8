package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDefaultIsTheDigitsExperiment(t *testing.T) {
	l, err := Load("")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	text, err := s.Config.Marshal()
	require.NoError(t, err)
	assert.Equal(t, `name: digits
seed: 1
dtype: f64
network:
  arch: mlp
  layers: [64, 48, 10]
  activation: tanh
  grain: neuron
  init:
    rule: glorot
data:
  set: digits
  batch: 20
  test: 0.2
learning:
  schedule: zil
  loss: cross-entropy
  plasticity:
    rule: sgd
    rate: 0.3
  epochs: 20
time:
  engine: actors
  blas: builtin
  hosting: auto
record:
  dir: runs
  plots: true
  parameters: true
compare:
  reference: bp
  every: epoch
  contrast: true
`, string(text))
}

// A resolved configuration is a fixed point: it loads, and resolves to itself.
func TestResolvedConfigurationLoadsAgain(t *testing.T) {
	for _, overrides := range [][]string{
		{},
		{"seed=7", "dtype=f32", "network.grain=synapse", "learning.schedule=il", "learning.il.ticks=5"},
		{"network.layers=[64, 20, 20, 10]", "learning.plasticity={rule: adam, rate: 1e-3}", "learning.loss=half-squared-error"},
		{"data.set=iris", "data.standardize=true", "time.engine=pc", "time.workers=1", "compare.every=update"},
		{"data.set=sine", "network.layers=[1, 8, 1]", "network.grain=layer"},
		{"network={arch: residual, layers: [64, 16, 16, 10]}", "record.dir='a: b'", "record.plots=false"},
		{"learning.plasticity={rule: momentum, nesterov: true, decay: 1e-4}", "compare={reference: none, contrast: false}"},
	} {
		l, err := Load("", overrides...)
		require.NoError(t, err, overrides)
		s, err := l.Open()
		require.NoError(t, err, overrides)
		text, err := s.Config.Marshal()
		require.NoError(t, err)
		again, err := Parse("resolved.yaml", text)
		require.NoError(t, err, string(text))
		s2, err := again.Open()
		require.NoError(t, err, string(text))
		assert.Equal(t, s.Config, s2.Config)
		text2, err := s2.Config.Marshal()
		require.NoError(t, err)
		assert.Equal(t, string(text), string(text2))
	}
}

func TestMistakesAreLocated(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"netwrok: {arch: mlp}", "x.yaml:1:1: netwrok: unknown key; did you mean network?"},
		{"seed: 1\nnetwork:\n  grian: layer\n", "x.yaml:3:3: network.grian: unknown key; did you mean grain?"},
		{"record: {verbosity: 3}", "x.yaml:1:10: record.verbosity: unknown key; keys here are dir, plots, parameters"},
		{"seed: -1", "x.yaml:1:7: seed: got -1, want a whole number from 0 on"},
		{"seed: 1.5", "x.yaml:1:7: seed: got 1.5, want a whole number from 0 on"},
		{"learning: {plasticity: {rate: '1e-3'}}", `got "1e-3", want a number`},
		{"learning: {plasticity: {rate: 1e999}}", "want a number"},
		{"seed: '1'", `x.yaml:1:7: seed: got "1", want a whole number from 0 on`},
		{"name: 3", "x.yaml:1:7: name: got 3, want text: put it in quotes"},
		{"name: a/b", `x.yaml:1:7: name: "a/b": want 1 to 64 letters, digits, '-', '_' or '.', the first a letter or digit`},
		{"network: 3", "x.yaml:1:10: network: got 3, want a section of keys"},
		{"network:\n  layers: 64", "x.yaml:2:11: network.layers: got 64, want a list such as [64, 48, 10]"},
		{"network:\n  layers: [64, ten]", `x.yaml:2:16: network.layers[1]: got "ten", want a whole number`},
		{"network: {layers: [64, 0, 10]}", "x.yaml:1:19: network.layers: a layer of 0: want 1 or more"},
		{"network: {arch: transfromer}", `x.yaml:1:17: network.arch: unknown name "transfromer"`},
		{"network: {activation: tahn}", `x.yaml:1:23: network.activation: unknown activation "tahn"`},
		{"network: {init: {rule: xavier}}", `x.yaml:1:11: network.init: unknown initialisation "xavier"`},
		{"network: {init: {rule: he, from: w}}", "from and rule exclude each other"},
		{"dtype: f16", `x.yaml:1:8: dtype: unknown type "f16": use f64 or f32`},
		{"learning: {epochs: 0}", "x.yaml:1:20: learning.epochs: 0 epochs: want 1 or more"},
		{"learning: {schedule: il, il: {gamma: -1}}", "x.yaml:1:38: learning.il.gamma: -1: want a number above 0"},
		{"learning: {schedule: il, il: {gamma: .inf}}", "learning.il.gamma: got .inf, want a number"},
		{"learning: {plasticity: {rate: 0}}", "learning.plasticity.rate: a rate of 0 learns nothing: use the rule none"},
		{"learning: {plasticity: {momentum: 0.9}}", `rule "sgd" has no momentum`},
		{"learning: {loss: hinge}", `x.yaml:1:18: learning.loss: unknown loss "hinge"`},
		{"data: {set: digits, csv: a.csv}", "x.yaml:1:1: data: set and csv exclude each other: keep one"},
		{"data: {set: digit}", `x.yaml:1:13: data.set: unknown name "digit"`},
		{"data: {test: 1}", "x.yaml:1:14: data.test: 1: want a fraction between 0 and 1"},
		{"data: {batch: 0}", "x.yaml:1:15: data.batch: 0 rows: want 1 or more"},
		{"data: {csv: a.csv, x: X}", "x.yaml:1:23: data.x: csv has no x: leave it out"},
		{"data: {idx: a}", "no labels: add the key labels with their file"},
		{"time: {engine: gpu}", `x.yaml:1:16: time.engine: unknown name "gpu": use one of actors, pc, sim, bp`},
		{"compare: {every: day}", `x.yaml:1:18: compare.every: unknown name "day"`},
		{"seed: [1", "x.yaml:1:7: sequence end token ']' not found"},
		{"seed: 1\nseed: 2", `x.yaml:2:1: mapping key "seed" already defined at [1:1]`},
		{"seed: 1\n---\nseed: 2", "x.yaml:3:1: a second document"},
		{"name: &a digits", "an anchor or alias, which are not used here"},
		{"<<: {seed: 1}", "merge keys are not used here"},
		{"seed: !!int 3", "a tag, which is not used here"},
		{"seed:", "x.yaml:1:7: seed: got nothing, want a whole number from 0 on"},
		{"- 1", "x.yaml:1:1: got a list, want a section of keys"},
		{"just text", `x.yaml:1:1: got "just text", want a section of keys`},
	} {
		_, err := Parse("x.yaml", []byte(c.text))
		if assert.Error(t, err, c.text) {
			assert.Contains(t, err.Error(), c.want, c.text)
			assert.NotContains(t, err.Error(), "\n", "one line")
		}
	}
}

func TestOverrides(t *testing.T) {
	l, err := Parse("x.yaml", []byte("seed: 3\nnetwork: {layers: [64, 5, 10], grain: layer}\n"),
		"seed=4", "network.layers=[64, 7, 10]", "learning={schedule: il, il: {ticks: 9}}", "name=sweep-1")
	require.NoError(t, err)
	assert.Equal(t, uint64(4), l.Seed)
	assert.Equal(t, []int{64, 7, 10}, l.Network.Layers)
	assert.Equal(t, "layer", l.Network.Grain, "keys that are not overridden stay")
	assert.Equal(t, 9, l.Learning.IL.Ticks)
	assert.Equal(t, 0.1, l.Learning.IL.Gamma)
	for _, c := range [][2]string{
		{"seed", "--set seed: want key=value, such as learning.epochs=5"},
		{"=3", "want key=value"},
		{"sed=3", "--set sed=3: sed: unknown key; did you mean seed?"},
		{"network.layer=3", "--set network.layer=3: network.layer: unknown key; did you mean layers?"},
		{"seed.x=3", "--set seed.x=3: seed: has no keys in it"},
		{"seed=x", `--set seed=x: seed: got "x", want a whole number from 0 on`},
		{"seed=", "--set seed=: seed: no value"},
		{"network.layers=[1", "--set network.layers=[1: network.layers: sequence end token"},
		{"learning.epochs=0", "--set learning.epochs=0: learning.epochs: 0 epochs: want 1 or more"},
		{"learning={epochs: 0}", "--set learning={epochs: 0}: learning.epochs: 0 epochs: want 1 or more"},
	} {
		_, err := Parse("x.yaml", nil, c[0])
		assert.ErrorContains(t, err, c[1])
	}
}

func TestWhatDoesNotFitIsLocated(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.csv")
	require.NoError(t, os.WriteFile(bad, []byte("1,2,a\n1,x,b\n"), 0o600))
	for _, c := range [][2]string{
		{"network: {layers: [63, 10]}", "x.yaml:1:19: network.layers: mlp 63-10 tanh by neuron takes 63 numbers a row, the data have 64"},
		{"network: {layers: [64, 9]}", "x.yaml:1:19: network.layers: mlp 64-9 tanh by neuron gives 9 classes, the data have 10"},
		{"network: {grain: layer, width: 3}", "x.yaml:1:1: network: architecture \"mlp\" has no width: leave it out"},
		{"data: {csv: no.csv}", "x.yaml:1:13: data.csv: no.csv: no such file or directory"},
		{"data: {csv: " + bad + "}", bad + ":"},
		{"data: {batch: 2000}", "x.yaml:1:15: data.batch: 2000 rows: there are only 1438 to learn from"},
		{"data: {set: sine}\nlearning: {loss: nll}", "x.yaml:2:18: learning.loss: the data do not fit the network"},
		{"network: {init: {from: no.safetensors}}", "x.yaml:1:24: network.init.from: safetensors: no.safetensors: no such file or directory"},
		{"data: {set: mnist, dir: /nonexistent}", "data.set: MNIST"},
	} {
		l, err := Parse("x.yaml", []byte(c[0]))
		require.NoError(t, err, c[0])
		_, err = l.Open()
		assert.ErrorContains(t, err, c[1], c[0])
	}
}

func TestLoadFile(t *testing.T) {
	_, err := Load("/nonexistent/x.yaml")
	assert.EqualError(t, err, "/nonexistent/x.yaml: no such file or directory")
	_, err = Load(t.TempDir())
	assert.ErrorContains(t, err, "is a directory")
	path := filepath.Join(t.TempDir(), "big.yaml")
	require.NoError(t, os.WriteFile(path, make([]byte, maxFile+1), 0o600))
	_, err = Load(path)
	assert.ErrorContains(t, err, "not a configuration")
}

// Whatever the text, Parse returns or says why not, in one line; what it returns resolves to a fixed point.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "seed: 1", "network: {layers: [64, 48, 10], init: {rule: he}}", "data: {csv: a.csv}\nlearning: {schedule: il}",
		"a: &x\n  b: *x", "seed: 0x1F", "? seed\n: 2", "name: |\n  digits\n", "seed: 1e3", "network:\n- a\n", "---\n...\n", "{a: {b: {c: }}}", jitter,
		"knobs: {a: $b, b: $a}\nseed: $a", "sweep: {? [a] : [1], cases: {x: {seed: [1]}}}", "time: {engine: sim}\nlinks: [{match: '->', both: {loss: {gilbert-elliott: {good_bad: 1}}}}]"} {
		f.Add(s, "seed=2")
	}
	f.Fuzz(func(t *testing.T, text, override string) {
		l, err := Parse("x", []byte(text), override)
		if err != nil {
			return
		}
		out, err := l.Marshal()
		require.NoError(t, err)
		again, err := Parse("again", out)
		require.NoError(t, err, "%s", out)
		require.Equal(t, l.Config, again.Config)
	})
}

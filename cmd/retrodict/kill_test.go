package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runToKill returns a small experiment of an engine, with a checkpoint after every n updates.
func runToKill(schedule string, n int, more string) string {
	return fmt.Sprintf(`name: k
network: {layers: [4, 6, 3], grain: neuron}
data: {set: iris, batch: 10}
compare: {contrast: false}
learning: {epochs: 12, schedule: %s, plasticity: {rule: adam, rate: 0.01}}
record: {checkpoint: %d, plots: false}
%s
`, schedule, n, more)
}

// runsToKill are experiments of every engine that makes checkpoints.
func runsToKill() [][2]string {
	const links = `
links:
  - {match: "* -> *", both: {delay: {exponential: 0.4 ms}, duplicate: 0.1, reorder: true, loss: {gilbert-elliott: {good_bad: 0.1, bad_good: 0.5, loss_bad: 0.9}}}}
`
	const free = `
time: {engine: sim, mode: free}
clocks: {drift: {normal: {sd: 0.01}}, phase: uniform}
interventions:
  - {at: {update: 30}, lesion: {vertices: "hidden/*", share: 0.3}}
  - {at: {update: 90}, heal: {vertices: "hidden/*"}}
  - {at: {update: 60, after: 2 ms}, link: {match: "* -> hidden/*", both: {delay: 0.1 ms, noise: {additive: 0.01}}}}
  - {at: {after: 1 ms}, noise: {vertices: "hidden/*", sd: 0.01}}
`
	return [][2]string{
		{"pc", runToKill("zil", 1, "time: {engine: pc}")},
		{"actors", runToKill("zil", 2, "time: {engine: actors}")},
		{"lockstep", runToKill("event", 3, "time: {engine: sim}"+links)},
		{"free", runToKill("il", 2, free+links)},
	}
}

// program returns a path under which this test is the command.
func program(t *testing.T) string {
	self, err := os.Executable()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "retrodict")
	require.NoError(t, os.Symlink(self, path))
	return path
}

// An outcome is what must not depend on kills.
type outcome struct {
	Run     string `json:"run"`
	Hash    string `json:"hash"`
	Twin    string `json:"twin_hash"`
	metrics [][]string
}

// finish runs a command to its end.
func finish(t *testing.T, name string, args ...string) outcome {
	cmd := exec.Command(name, append(args, "--json")...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !assert.True(t, err == nil || assert.ErrorAs(t, err, &exit), stderr.String()) {
		t.FailNow()
	}
	var o outcome
	require.NoError(t, json.Unmarshal(out, &o), stderr.String())
	f, err := os.Open(filepath.Join(o.Run, "metrics.csv"))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for _, row := range rows { // without seconds
		o.metrics = append(o.metrics, row[:len(row)-2])
	}
	return o
}

// kill starts a command and kills it after some epochs and then some more checkpoints. It reports whether the command was
// killed; otherwise it ended before.
func kill(t *testing.T, root string, epochs, writes int, name string, args ...string) bool {
	cmd := exec.Command(name, args...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for seen := false; epochs >= 0 && lines.Scan(); {
		if seen {
			epochs--
		}
		seen = seen || strings.HasPrefix(lines.Text(), "  epoch")
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
		}
	}()
	var last time.Time
	for ended := false; writes > 0 && !ended; {
		select {
		case <-drained:
			ended = true
		default:
			runtime.Gosched()
		}
		if at := written(root); !at.Equal(last) {
			last = at
			writes--
		}
	}
	require.NoError(t, cmd.Process.Kill())
	<-drained
	return cmd.Wait() != nil && !cmd.ProcessState.Exited()
}

// written returns when the last checkpoint under root was made.
func written(root string) (at time.Time) {
	list, _ := filepath.Glob(filepath.Join(root, "*", "checkpoint", "state.bin"))
	for _, path := range list {
		if info, err := os.Stat(path); err == nil {
			at = info.ModTime()
		}
	}
	return at
}

// Killed at any moment, also while it writes a checkpoint, also twice, a run goes on to the bits and the metrics of the
// undisturbed one.
func TestKilledRunsGoOn(t *testing.T) {
	const seed = 11
	times := 5
	if testing.Short() {
		times = 1
	}
	name := program(t)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, c := range runsToKill() {
		kind, dir := c[0], t.TempDir()
		config := filepath.Join(dir, "exp.yaml")
		require.NoError(t, os.WriteFile(config, []byte(c[1]), 0o644))
		want := finish(t, name, "run", config, "--out", filepath.Join(dir, "whole"))
		require.Len(t, want.metrics, 13)
		for k := range times {
			root := filepath.Join(dir, "runs", string(rune('a'+k)))
			epochs, writes := r.IntN(9), r.IntN(9)
			require.True(t, kill(t, root, epochs, writes, name, "run", config, "--out", root), "%s: it ended before %d epochs and %d checkpoints", kind, epochs, writes)
			list, err := filepath.Glob(filepath.Join(root, "*"))
			require.NoError(t, err)
			require.Len(t, list, 1)
			if k%2 == 1 { // killed in the middle of writing
				require.NoError(t, os.MkdirAll(filepath.Join(list[0], "checkpoint"), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(list[0], "checkpoint", ".state.bin.1"), []byte("retrodict run check"), 0o644))
			}
			if k%3 == 2 {
				kill(t, root, epochs, r.IntN(5), name, "run", "--resume", list[0])
			}
			got := finish(t, name, "run", "--resume", list[0])
			assert.Equal(t, want.Hash, got.Hash, "%s: killed after %d epochs and %d checkpoints, seed %d", kind, epochs, writes, seed)
			assert.Equal(t, want.Twin, got.Twin, kind)
			assert.Equal(t, want.metrics, got.metrics, kind)
			assert.Equal(t, list[0], got.Run)
			left, err := filepath.Glob(filepath.Join(list[0], "checkpoint", ".*"))
			require.NoError(t, err)
			assert.Empty(t, left)
		}
	}
}

// An interrupt makes a last checkpoint: no update is lost, and none is made twice.
func TestInterruptedRunIsResumed(t *testing.T) {
	name, dir := program(t), t.TempDir()
	config := filepath.Join(dir, "exp.yaml")
	require.NoError(t, os.WriteFile(config, []byte(runToKill("zil", 100000, "time: {engine: pc}")), 0o644))
	want := finish(t, name, "run", config, "--out", filepath.Join(dir, "whole"))
	cmd := exec.Command(name, "run", config, "--out", filepath.Join(dir, "runs"))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	hint, last := "", [2]string{}
	for s, sent := bufio.NewScanner(out), false; s.Scan(); {
		if !sent && strings.HasPrefix(s.Text(), "      3 ") {
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			sent = true
		}
		last = [2]string{last[1], s.Text()}
		if rest, ok := strings.CutPrefix(s.Text(), "Go on with  retrodict "); ok {
			hint = rest
		}
	}
	require.Error(t, cmd.Wait())
	require.Equal(t, exitInterrupted, cmd.ProcessState.ExitCode())
	require.NotEmpty(t, hint)
	require.Regexp(t, `^Interrupted at update \d+ of 144\. On disk, as of this update: a checkpoint, the parameters, the metrics\.$`, last[0])
	require.Equal(t, "Go on with  retrodict "+hint, last[1])
	got := finish(t, name, strings.Fields(hint)...)
	assert.Equal(t, want.Hash, got.Hash)
	assert.Equal(t, want.metrics, got.metrics)
	_, err = os.Stat(filepath.Join(got.Run, "checkpoint", "state.bin"))
	assert.NotErrorIs(t, err, fs.ErrNotExist)
}

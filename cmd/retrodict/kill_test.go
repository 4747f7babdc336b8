package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
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
	traces := func(text, of, every string) string { // in every format, whose files a kill can cut anywhere
		list := ""
		for _, to := range []string{"npz", "csv", "parquet"} {
			list += fmt.Sprintf("{what: [value, error], of: %q, every: %s, to: %s}, ", of, every, to)
		}
		return strings.Replace(text, "plots: false}", "plots: false, traces: ["+list+"]}", 1)
	}
	return [][2]string{
		{"pc", runToKill("zil", 1, "time: {engine: pc}")},
		{"actors", runToKill("zil", 2, "time: {engine: actors}")},
		{"actors in shards", runToKill("zil", 3, "time: {engine: actors, hosting: shard}")},
		{"lockstep", runToKill("event", 3, "time: {engine: sim}"+links)},
		{"free", runToKill("il", 2, free+links)},
		{"pc, recorded", traces(runToKill("zil-dense", 2, "time: {engine: pc}"), "hidden/*", "tick")},
		{"lockstep, recorded", traces(runToKill("zil-dense", 3, "time: {engine: sim}"+links), "hidden/*", "1 ms")},
		{"free, recorded", traces(runToKill("il", 2, free+links), "hidden/0..2", "5 ms")},
	}
}

// kills returns how often a kind of run is killed: n times, once in short tests, or as often as the environment's RETRODICT_KILLS
// says (make kills).
func kills(t *testing.T, n int) int {
	text, ok := os.LookupEnv("RETRODICT_KILLS")
	switch {
	case ok:
		k, err := strconv.Atoi(text)
		require.NoError(t, err, "RETRODICT_KILLS: want a number")
		return k
	case testing.Short():
		return 1
	}
	return n
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
// killed; otherwise it ended before, or had nothing left to do but to end.
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
	return cmd.Wait() != nil && !cmd.ProcessState.Exited() && !completed(t, root)
}

// completed reports whether a run under root is complete.
func completed(t *testing.T, root string) bool {
	list, err := filepath.Glob(filepath.Join(root, "*", "manifest.json"))
	require.NoError(t, err)
	return slices.ContainsFunc(list, func(path string) bool {
		text, err := os.ReadFile(path)
		var m struct{ Status string }
		require.NoError(t, errors.Join(err, json.Unmarshal(text, &m)))
		return m.Status == "completed"
	})
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
	times := kills(t, 3) // of every kind: 24 kills
	name := program(t)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, c := range runsToKill() {
		kind, dir := c[0], t.TempDir()
		config := filepath.Join(dir, "exp.yaml")
		require.NoError(t, os.WriteFile(config, []byte(c[1]), 0o644))
		want := finish(t, name, "run", config, "--out", filepath.Join(dir, "whole"))
		require.Len(t, want.metrics, 13)
		equal := 0
		for k := range times {
			root := filepath.Join(dir, "runs", strconv.Itoa(k))
			epochs, writes := r.IntN(9), r.IntN(9)
			for tries := 0; !kill(t, root, epochs, writes, name, "run", config, "--out", root); tries++ { // it ended first: earlier
				require.Less(t, tries, 10, "%s: it ended before %d epochs and %d checkpoints", kind, epochs, writes)
				require.NoError(t, os.RemoveAll(root))
				epochs, writes = epochs/2, writes/2
			}
			list, err := filepath.Glob(filepath.Join(root, "*"))
			require.NoError(t, err)
			require.Len(t, list, 1)
			if k%2 == 1 { // killed in the middle of writing
				require.NoError(t, os.MkdirAll(filepath.Join(list[0], "checkpoint"), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(list[0], "checkpoint", ".state.bin.1"), []byte("retrodict run check"), 0o644))
			}
			if k%3 == 2 {
				before := filepath.Join(dir, "before", strconv.Itoa(k))
				require.NoError(t, os.CopyFS(before, os.DirFS(list[0])))
				if !kill(t, root, epochs, r.IntN(5), name, "run", "--resume", list[0]) { // it ended first: as if it had not begun
					require.NoError(t, os.RemoveAll(list[0]))
					require.NoError(t, os.CopyFS(list[0], os.DirFS(before)))
				}
			}
			got := finish(t, name, "run", "--resume", list[0])
			if want.Hash == got.Hash {
				equal++
			}
			assert.Equal(t, want.Hash, got.Hash, "%s: killed after %d epochs and %d checkpoints, seed %d", kind, epochs, writes, seed)
			assert.Equal(t, want.Twin, got.Twin, kind)
			assert.Equal(t, want.metrics, got.metrics, kind)
			assert.Equal(t, list[0], got.Run)
			left, err := filepath.Glob(filepath.Join(list[0], "checkpoint", ".*"))
			require.NoError(t, err)
			assert.Empty(t, left)
		}
		t.Logf("%s: %d of %d killed runs went on to the hash of the undisturbed one", kind, equal, times)
	}
}

// An interrupt makes a last checkpoint: no update is lost, and none is made twice.
func TestInterruptedRunIsResumed(t *testing.T) {
	name, dir := program(t), t.TempDir()
	config := filepath.Join(dir, "exp.yaml")
	long := strings.Replace(runToKill("zil", 100000, "time: {engine: pc}"), "epochs: 12", "epochs: 600", 1) // far from its end when it is interrupted
	require.NoError(t, os.WriteFile(config, []byte(long), 0o644))
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
	require.Regexp(t, `^Interrupted at update [0-9,]+ of [0-9,]+\. On disk, as of this update: a checkpoint, the parameters, the metrics\.$`, last[0])
	require.Equal(t, "Go on with  retrodict "+hint, last[1])
	got := finish(t, name, strings.Fields(hint)...)
	assert.Equal(t, want.Hash, got.Hash)
	assert.Equal(t, want.metrics, got.metrics)
	_, err = os.Stat(filepath.Join(got.Run, "checkpoint", "state.bin"))
	assert.NotErrorIs(t, err, fs.ErrNotExist)
}

// A study that is killed at any moment, also while it writes a point, and goes on, ends with the table of the undisturbed one.
func TestKilledStudiesGoOn(t *testing.T) {
	const seed = 7
	times := kills(t, 4)
	name, dir := program(t), t.TempDir()
	config := filepath.Join(dir, "exp.yaml")
	require.NoError(t, os.WriteFile(config, []byte(`name: k
knobs: {jitter: 0}
network: {layers: [4, 5, 3], grain: neuron}
data: {set: iris, batch: 1}
learning: {schedule: fazil, loss: half-squared-error, plasticity: {rule: sgd, rate: 0.02}, updates: 40}
time: {engine: sim, mode: free, settle: 6 ms}
links: [{match: "* -> *", both: {delay: {lognormal: {mean: 0.3 ms, sd: $jitter}}}}]
sweep: {knobs.jitter: [0, 0.2 ms, 1 ms], seeds: 4, samples: 10, plots: [{x: jitter, y: cosine}]}
`), 0o644))
	study := func(out string, more ...string) *exec.Cmd {
		return exec.Command(name, append([]string{"study", config, "--out", filepath.Join(dir, out)}, more...)...)
	}
	require.NoError(t, study("whole").Run())
	want, err := os.ReadFile(filepath.Join(dir, "whole", "results.csv"))
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(seed, 0))
	for k := range times {
		out := strconv.Itoa(k)
		for again := 0; ; again++ { // killed after one more point, or two, until it ends before
			before, more := points(dir, out), 1+r.IntN(2)
			cmd := study(out, "--resume", "--jobs", "1")
			require.NoError(t, cmd.Start())
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			alive := true
			for alive && points(dir, out) < before+more {
				select {
				case err = <-ended:
					alive = false
				default:
					runtime.Gosched()
				}
			}
			if !alive {
				require.NoError(t, err, "seed %d, study %d, after %d kills", seed, k, again)
				break
			}
			require.NoError(t, cmd.Process.Kill())
			<-ended
			require.Less(t, again, 20)
		}
		got, err := os.ReadFile(filepath.Join(dir, out, "results.csv"))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "seed %d, study %d", seed, k)
		assert.NoDirExists(t, filepath.Join(dir, out, "points"))
	}
}

// points returns how many points of a study are there.
func points(dir, out string) int {
	list, _ := filepath.Glob(filepath.Join(dir, out, "points", "0*.json"))
	return len(list)
}

// A run that is under way cannot be gone on with or removed; one that was killed can.
func TestRunUnderWayIsLocked(t *testing.T) {
	name, dir := program(t), t.TempDir()
	config := filepath.Join(dir, "exp.yaml")
	require.NoError(t, os.WriteFile(config, []byte(strings.Replace(runToKill("zil", 1, "time: {engine: pc}"), "epochs: 12", "epochs: 100000", 1)), 0o644))
	runs := filepath.Join(dir, "runs")
	cmd := exec.Command(name, "run", config, "--out", runs)
	require.NoError(t, cmd.Start())
	for written(runs).IsZero() {
		runtime.Gosched()
	}
	list, err := filepath.Glob(filepath.Join(runs, "*"))
	require.NoError(t, err)
	for _, args := range [][]string{{"run", "--resume", list[0]}, {"runs", "rm", "last", "--dir", runs, "--force"}} {
		second := exec.Command(name, args...)
		out, err := second.CombinedOutput()
		assert.Error(t, err)
		assert.Equal(t, exitUsage, second.ProcessState.ExitCode(), "%s", out)
		assert.Contains(t, string(out), fmt.Sprintf("is being written by process %d", cmd.Process.Pid))
	}
	status := func(want string) {
		out, err := exec.Command(name, "runs", "list", "--dir", runs, "--status", want).CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), "   "+want+"   ")
	}
	status("running")
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	status("killed")
	out, err := exec.Command(name, "runs", "rm", "last", "--dir", runs, "--force").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

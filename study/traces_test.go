package study

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/record"
)

// set returns the setup of a text, with runs in dir.
func set(t *testing.T, dir, text string) *config.Setup {
	l, err := config.Parse("x.yaml", []byte(text), "record.dir='"+dir+"'")
	require.NoError(t, err, text)
	s, err := l.Open()
	require.NoError(t, err)
	return s
}

// briefly is an experiment of a few updates; %s is for what differs.
const briefly = `{name: t, network: {layers: [4, 5, 4, 3], grain: neuron}, data: {set: iris, batch: 1}, compare: {reference: none, contrast: false}, %s}`

// everything returns recordings of all quantities that an engine has, within updates, at their end, and as events. lossy says that
// messages take time.
func everything(every string, lossy bool, more string) string {
	counts := "turns, activity, sent, predictions, errors, delivered"
	if lossy {
		counts += ", lost, late, stale, duplicated, expired"
	}
	all := counts
	if lossy {
		all += ", age, max_age, queue"
	}
	return fmt.Sprintf(`record: {plots: false, %[4]s traces: [{what: [value, prediction, error, energy, residual, %[2]s], of: "hidden*/*, output/*", every: %[1]s},
		{what: [error, energy, residual, %[2]s], of: level, every: %[1]s, to: csv}, {what: [weight, update, feedback], of: "*/w/*", every: update, to: parquet},
		{what: [energy, residual, %[2]s], every: 2 updates, to: npz}, {what: [%[3]s], every: event, to: csv}, {what: [activity], of: "hidden1/*", every: event}]}`, every, all, counts, more)
}

func cases(more string) map[string]string {
	const links = `links: [{match: "* -> *", both: {delay: {exponential: 0.4 ms}, duplicate: 0.1, reorder: true, loss: 0.1}}]`
	m := map[string]string{}
	add := func(name, time, schedule, every string, lossy bool, links string) {
		m[name] = fmt.Sprintf(briefly, fmt.Sprintf("time: {%s}, learning: {schedule: %s, updates: 9, plasticity: {rule: momentum, rate: 0.05}}, %s %s", time, schedule, links, everything(every, lossy, more)))
	}
	for _, s := range []string{"zil", "zil-dense", "il", "event"} {
		add("pc "+s, "engine: pc", s, "tick", false, "")
		add("actors "+s, "engine: actors, hosting: actor", s, "tick", false, "")
		add("shards "+s, "engine: actors, hosting: shard", s, "tick", false, "")
		add("sim "+s, "engine: sim", s, "tick", true, links+",")
		add("sim ms "+s, "engine: sim", s, "0.5 ms", true, links+",")
	}
	for _, s := range []string{"zil-dense", "fazil", "il", "event-delta"} {
		add("free "+s, "engine: sim, mode: free", s, "0.5 ms", true, links+",")
	}
	return m
}

// recordingsOf returns the bytes of what a run recorded.
func recordingsOf(t *testing.T, run string) map[string]string {
	m := map[string]string{}
	entries, err := os.ReadDir(filepath.Join(run, "traces"))
	require.NoError(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(run, "traces", e.Name()))
		require.NoError(t, err)
		m[e.Name()] = string(b)
	}
	return m
}

// Recording everything changes no bit of a run, in any engine, and what was recorded is the same the second time.
func TestRecordingChangesNothing(t *testing.T) {
	for name, text := range cases("") {
		dir := t.TempDir()
		bare := text[:strings.Index(text, "record:")] + "record: {plots: false}}"
		want, err := Run(context.Background(), set(t, dir, bare), RunOptions{})
		require.NoError(t, err, name)
		got, err := Run(context.Background(), set(t, dir, text), RunOptions{})
		require.NoError(t, err, name)
		assert.Equal(t, want.Hash, got.Hash, name)
		again, err := Run(context.Background(), set(t, dir, text), RunOptions{})
		require.NoError(t, err, name)
		files := recordingsOf(t, got.Run)
		assert.Len(t, files, 6+4, "and an index of arrays and of events")
		assert.Equal(t, files, recordingsOf(t, again.Run), name)
	}
}

// What one engine of a lockstep rule records is what the others record, and the counts of levels and leaves add up.
func TestEnginesRecordTheSame(t *testing.T) {
	for _, s := range []string{"zil", "zil-dense", "il", "event"} {
		dir := t.TempDir()
		all := cases("")
		want, err := Run(context.Background(), set(t, dir, all["pc "+s]), RunOptions{})
		require.NoError(t, err)
		for _, other := range []string{"actors ", "shards "} {
			got, err := Run(context.Background(), set(t, dir, all[other+s]), RunOptions{})
			require.NoError(t, err)
			a, b := recordingsOf(t, want.Run), recordingsOf(t, got.Run)
			for name := range a {
				if strings.HasPrefix(name, "05") || strings.HasPrefix(name, "06") {
					continue // the order of events within a tick is another
				}
				assert.True(t, a[name] == b[name], "%s%s: %s", other, s, name)
			}
		}
		f, _, err := record.Open(want.Run)
		require.NoError(t, err)
		paths, err := f.Recordings()
		require.NoError(t, err)
		d, err := record.Read(paths[1])
		require.NoError(t, err)
		n := len(d.Targets)
		for k, what := range d.What {
			if what == "error" || what == "residual" {
				continue
			}
			for i := range d.Step {
				sum := 0.0
				for j := 1; j < n; j++ {
					if x := d.Column(k, j, 0)[i]; x == x {
						sum += x
					}
				}
				require.InDelta(t, d.Column(k, 0, 0)[i], sum, 1e-9, "%s %s, frame %d", s, what, i)
			}
		}
		assert.Equal(t, "leaves", d.Targets[n-1].Name)
	}
}

// In lockstep virtual time shows every tick of every rule as the loop does, whatever the links.
func TestVirtualTimeRecordsTheTicks(t *testing.T) {
	const links = `links: [{match: "* -> *", both: {delay: {exponential: 0.4 ms}, duplicate: 0.1, reorder: true, loss: 0.1}}], `
	const traces = `record: {plots: false, traces: [{what: [value, error, prediction, energy, residual, turns], of: "hidden*/*, output/*", every: tick},
		{what: [error, energy, residual], of: level, every: tick, to: csv}]}`
	for _, r := range pc.Rules() {
		var first []*record.Data
		for _, time := range []string{"time: {engine: pc}, ", "time: {engine: sim}, ", "time: {engine: sim}, " + links} {
			text := fmt.Sprintf(briefly, fmt.Sprintf("%slearning: {schedule: %s, updates: 4, plasticity: {rate: 0.05}}, %s", time, r.Name, traces))
			got, err := Run(context.Background(), set(t, t.TempDir(), text), RunOptions{})
			require.NoError(t, err, r.Name)
			f, _, err := record.Open(got.Run)
			require.NoError(t, err)
			paths, err := f.Recordings()
			require.NoError(t, err)
			for i, path := range paths {
				d, err := record.Read(path)
				require.NoError(t, err)
				require.NotEmpty(t, d.Step, "%s, %s", r.Name, time)
				d.Millis = nil
				switch {
				case len(first) <= i:
					first = append(first, d)
				case r.Event == neuron.Delta: // equal to rounding, and the order decides how many turns there are
					require.Equal(t, first[i].Tick, d.Tick)
					for k := range d.What[:2] {
						require.InDeltaSlice(t, first[i].Values[k], d.Values[k], 1e-12, d.What[k])
					}
				default:
					require.Equal(t, fmt.Sprint(first[i]), fmt.Sprint(d), "%s, %s", r.Name, time)
				}
			}
		}
	}
}

// Under sparse rules the error of a level is 0 until it works, at its own tick: the wave. So it is in the raster.
func TestTheWaveOfSparseZIL(t *testing.T) {
	got, err := Run(context.Background(), set(t, t.TempDir(), cases("")["actors zil"]), RunOptions{})
	require.NoError(t, err)
	f, _, err := record.Open(got.Run)
	require.NoError(t, err)
	paths, err := f.Recordings()
	require.NoError(t, err)
	d, err := record.Read(paths[1])
	require.NoError(t, err)
	levels := 0
	for j, x := range d.Targets {
		if x.Level < 0 {
			continue
		}
		levels++
		for i, e := range d.Column(0, j, 0) {
			assert.Equal(t, int64(x.Level) <= d.Tick[i], e != 0, "level %d, tick %d", x.Level, d.Tick[i])
		}
	}
	assert.Greater(t, levels, 3)
	events, err := record.ReadEvents(paths[4])
	require.NoError(t, err)
	errors := 0
	for i, k := range events.Kind {
		if events.Kinds[k] == "error" {
			errors++
			assert.Equal(t, int64(events.Targets[events.Target[i]].Level), events.Tick[i])
		}
	}
	assert.Equal(t, 9*(5+4+3+1), errors, "once for every vertex and update")
}

// Killed at any moment and resumed from a checkpoint, a run records what the undisturbed one records, to the byte.
func TestKilledRecordingsGoOn(t *testing.T) {
	for name, text := range cases("checkpoint: 2,") {
		if strings.HasPrefix(name, "sim ms") || strings.HasSuffix(name, "event-delta") {
			continue
		}
		dir := t.TempDir()
		want, err := Run(context.Background(), set(t, dir, text), RunOptions{})
		require.NoError(t, err, name)
		files := recordingsOf(t, want.Run)
		assert.Len(t, files, 10, "no spool is left")

		copied := filepath.Join(dir, "copy")
		saver := &snapshots{t: t, at: 5, to: copied, dir: filepath.Join(dir, "b")}
		_, err = Run(context.Background(), set(t, saver.dir, text), RunOptions{Progress: saver})
		require.NoError(t, err, name)
		o, err := Resume(set(t, saver.dir, text), copied)
		require.NoError(t, err, name)
		require.NotNil(t, o.state)
		f, _, err := record.Open(copied)
		require.NoError(t, err)
		paths, err := f.Recordings()
		require.NoError(t, err)
		assert.Len(t, paths, 6, "what was recorded until it was killed can be read")
		for _, p := range paths {
			events, err := record.HasEvents(p)
			require.NoError(t, err)
			if events {
				_, err = record.ReadEvents(p)
			} else {
				_, err = record.Read(p)
			}
			require.NoError(t, err, p)
		}
		got, err := Run(context.Background(), set(t, saver.dir, text), RunOptions{Resume: o})
		require.NoError(t, err, name)
		assert.Equal(t, want.Hash, got.Hash, name)
		again := recordingsOf(t, copied)
		for file := range files {
			assert.True(t, files[file] == again[file], "%s: %s", name, file)
		}
		assert.Len(t, again, 10)
	}
}

// An interrupted run leaves complete files, and goes on with them.
func TestInterruptedRecordingsGoOn(t *testing.T) {
	dir, text := t.TempDir(), cases("checkpoint: 4,")["actors il"]
	want, err := Run(context.Background(), set(t, dir, text), RunOptions{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	first, err := Run(ctx, set(t, dir, text), RunOptions{Progress: &quitter{3, cancel}})
	cancel()
	require.NoError(t, err)
	require.True(t, first.Interrupted)
	f, _, err := record.Open(first.Run)
	require.NoError(t, err)
	paths, err := f.Recordings()
	require.NoError(t, err)
	require.Len(t, paths, 6)
	d, err := record.Read(paths[0])
	require.NoError(t, err)
	assert.Equal(t, int64(2), d.Step[len(d.Step)-1])
	o, err := Resume(set(t, dir, text), first.Run)
	require.NoError(t, err)
	got, err := Run(context.Background(), set(t, dir, text), RunOptions{Resume: o})
	require.NoError(t, err)
	assert.Equal(t, want.Hash, got.Hash)
	assert.Equal(t, recordingsOf(t, want.Run), recordingsOf(t, got.Run))
}

// snapshots copies the folder of a run as a kill would leave it, in the middle of it.
type snapshots struct {
	t       *testing.T
	at      int
	dir, to string
}

func (s *snapshots) Hide() {}

func (s *snapshots) Show(string, int, int) {
	if s.at--; s.at != 0 {
		return
	}
	list, err := filepath.Glob(filepath.Join(s.dir, "*"))
	require.NoError(s.t, err)
	require.Len(s.t, list, 1)
	require.NoError(s.t, os.CopyFS(s.to, os.DirFS(list[0])))
}

// Feedback is what Gradient would have returned, without its being asked.
func TestRecordedFeedbackIsTheUpdate(t *testing.T) {
	for _, name := range []string{"engine: pc", "engine: actors", "engine: sim", "engine: sim, mode: free", "engine: bp"} {
		text := fmt.Sprintf(briefly, "learning: {schedule: il, updates: 6, plasticity: {rule: sgd, rate: 0.25}}, time: {"+name+`}, record: {plots: false, traces: [{what: [update, feedback], of: "*/w/*", every: update}]}`)
		got, err := Run(context.Background(), set(t, t.TempDir(), text), RunOptions{})
		require.NoError(t, err)
		d, err := record.Read(filepath.Join(got.Run, "traces", "01-update-feedback.npz"))
		require.NoError(t, err)
		most := 0.0
		for i, u := range d.Values[0] {
			require.InDelta(t, -0.25*d.Values[1][i], u, 1e-14, name)
			most = max(most, math.Abs(u))
		}
		assert.Positive(t, most, name)
	}
}

// Free-running actors are recorded while they run: what every vertex last showed, and what its links did.
func TestFreeActorsAreRecorded(t *testing.T) {
	text := fmt.Sprintf(briefly, `learning: {schedule: il, updates: 4}, time: {engine: actors, mode: free, scale: 500 us, settle: 20 ms},
		links: [{match: "* -> *", both: {delay: {exponential: 0.4 ms}, duplicate: 0.1, reorder: true, loss: 0.1}}], `+everything("1 ms", true, ""))
	got, err := Run(context.Background(), set(t, t.TempDir(), text), RunOptions{})
	require.NoError(t, err)
	f, _, err := record.Open(got.Run)
	require.NoError(t, err)
	paths, err := f.Recordings()
	require.NoError(t, err)
	require.Len(t, paths, 6)
	d, err := record.Read(paths[1])
	require.NoError(t, err)
	require.NotEmpty(t, d.Step)
	last := -1.0
	for _, ms := range d.Millis {
		require.GreaterOrEqual(t, ms, last)
		last = ms
	}
	e, err := record.ReadEvents(paths[4])
	require.NoError(t, err)
	seen := map[string]int{}
	for i, k := range e.Kind {
		seen[e.Kinds[k]]++
		require.False(t, math.IsNaN(e.Millis[i]))
	}
	for _, k := range []string{"turns", "prediction", "error", "sent prediction", "sent error", "delivered", "lost", "duplicated"} {
		assert.Positive(t, seen[k], k)
	}
	r, err := Replay(context.Background(), set(t, t.TempDir(), text), filepath.Join(got.Run, record.JournalFile), RunOptions{})
	if err == nil { // record.dir is another there
		assert.True(t, r.Equal)
	}
}

// A study as a neuroscientist writes it: values and errors by millisecond, energies, losses and lateness level by level.
const jitter = `
name: digits-jitter
seed: 7
knobs: {jitter: 0.5 ms, loss: 0.1, lesion: 0.2}
network: {arch: mlp, layers: [64, 48, 10], activation: tanh, grain: neuron}
data: {set: digits, batch: 1}
learning: {schedule: zil, loss: half-squared-error, plasticity: {rule: sgd, rate: 0.02}, precision: {hidden: 1}, il: {tau: 10 ms, settle: 200 ms}, updates: 6}
time: {engine: sim, mode: free, resolution: 0.01 ms, tick: 1 ms}
clocks: {drift: {normal: {sd: 1e-4}}, phase: uniform}
links:
  - {match: "* -> *", both: {delay: {constant: 0.5 ms}, on_loss: keep-last}}
  - {match: "hidden/* -> output/*", down: {delay: {lognormal: {mean: 0.5 ms, sd: $jitter}}, loss: $loss}}
interventions:
  - {at: {update: 3}, lesion: {vertices: "hidden/*", share: $lesion}}
record:
  - {what: [value, error], of: "hidden/0..7", every: 1 ms, updates: [0, 4], to: npz}
  - {what: [energy, residual, late, lost], of: level, every: update, to: parquet}
compare: {reference: bp, every: 2, measures: [cosine, relative_l2, accuracy]}
sweep:
  knobs.jitter: [0, 0.5 ms]
  seeds: 2
`

func TestRecordingsOfAStudy(t *testing.T) {
	got, err := Run(context.Background(), set(t, t.TempDir(), jitter), RunOptions{})
	require.NoError(t, err)
	f, _, err := record.Open(got.Run)
	require.NoError(t, err)
	paths, err := f.Recordings()
	require.NoError(t, err)
	require.Len(t, paths, 2)
	values, err := record.Read(paths[0])
	require.NoError(t, err)
	assert.Len(t, values.Targets, 8)
	assert.Equal(t, []int64{0, 4}, []int64{values.Step[0], values.Step[len(values.Step)-1]})
	levels, err := record.Read(paths[1])
	require.NoError(t, err)
	require.Equal(t, []string{"energy", "residual", "late", "lost"}, levels.What)
	require.Len(t, levels.Step, 6)
	sum, at := make([]float64, 4), map[string][]float64{}
	for i, x := range levels.Targets {
		for k := range levels.What {
			y := levels.Column(k, i, 0)[5]
			at[x.Name] = append(at[x.Name], y)
			if i > 0 && y == y {
				sum[k] += y
			}
		}
	}
	assert.InDelta(t, at["network"][0], sum[0], 1e-9, "energy")
	assert.Equal(t, at["network"][2:], sum[2:], "late and lost")
	assert.Positive(t, at["level 2"][3], "errors on their way to the hidden neurons are lost")
	assert.Zero(t, at["level 1"][3], "and no others")
	assert.Positive(t, at["level 1"][2])
	assert.Positive(t, at["level 2"][1], "residual")
	assert.Equal(t, float64(got.Virtual.Lost), at["network"][3])
}

// Free-running at calibration the wave reaches level l at tick l: the frame of that very time shows it, none before.
func TestFrameOfATimeHasItsTurns(t *testing.T) {
	text := fmt.Sprintf(briefly, `learning: {schedule: zil, updates: 1}, time: {engine: sim, mode: free, settle: 6 ms},
		record: {plots: false, traces: [{what: [error], of: level, every: 1 ms}, {what: [energy], every: 0.333 ms}]}`)
	got, err := Run(context.Background(), set(t, t.TempDir(), text), RunOptions{})
	require.NoError(t, err)
	f, _, err := record.Open(got.Run)
	require.NoError(t, err)
	paths, err := f.Recordings()
	require.NoError(t, err)
	d, err := record.Read(paths[0])
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1, 2, 3, 4, 5, 6}, d.Millis)
	for j, x := range d.Targets {
		for i, e := range d.Column(0, j, 0) {
			if i == j {
				assert.Positive(t, e, "%s at %d ms", x.Name, i)
			} else if i < j {
				assert.Zero(t, e, "%s at %d ms", x.Name, i)
			}
		}
	}
	d, err = record.Read(paths[1])
	require.NoError(t, err)
	require.Len(t, d.Millis, 19, "multiples of 0.333 from 0 to 6")
}

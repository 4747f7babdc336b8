package study

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/encoding/table"
	"github.com/retrodict/retrodict/record"
)

const scattered = `name: scattered
knobs: {jitter: 0}
network: {layers: [4, 5, 3], grain: neuron}
data: {set: iris, batch: 1, standardize: true}
learning: {schedule: fazil, loss: half-squared-error, plasticity: {rule: sgd, rate: 0.02}, updates: 20, il: {tau: 10 ms, settle: 40 ms}}
time: {engine: sim, mode: free, settle: 6 ms}
links: [{match: "* -> *", both: {delay: {lognormal: {mean: 0.3 ms, sd: $jitter}}}}]
sweep:
  knobs.jitter: [0, 0.5 ms]
  learning.schedule: [fazil, il]
  seeds: 2
  samples: 5
  plots: [{x: jitter, y: cosine, by: learning.schedule}]
`

// options returns a study in a folder of its own.
func options(t *testing.T, text string, overrides ...string) SweepOptions {
	return SweepOptions{Out: filepath.Join(t.TempDir(), "out"), Jobs: 2, Load: func(o ...string) (*config.Loaded, error) {
		return config.Parse("x.yaml", []byte(text), append(append([]string(nil), overrides...), o...)...)
	}}
}

// stop is a Progress that ends a study after so many points.
type stop struct {
	after  int
	cancel context.CancelFunc
}

func (s *stop) Show(what string, done, _ int) {
	if what == "points" && done == s.after {
		s.cancel()
	}
}
func (s *stop) Hide() {}

// The table has a row for every combination under every seed; without jitter Fa-Z-IL is at backprop, to the bit.
func TestSweep(t *testing.T) {
	o := options(t, scattered)
	r, err := Sweep(context.Background(), o)
	require.NoError(t, err)
	assert.Equal(t, 8, r.Points)
	assert.Len(t, r.Figures, 3)
	for _, f := range append(r.Figures, filepath.Join(o.Out, "results.parquet"), filepath.Join(o.Out, sweepConfig)) {
		assert.FileExists(t, f)
	}
	assert.NoDirExists(t, filepath.Join(o.Out, sweepPoints))
	list, err := table.Read(filepath.Join(o.Out, sweepResults))
	require.NoError(t, err)
	require.Equal(t, 8, list.Rows())
	column := func(name string) []float64 {
		c, err := list.Column(name)
		require.NoError(t, err)
		return c.Numbers()
	}
	cosine, far, differing := column("cosine"), column("relative_l2"), column("differing")
	for k := range 2 { // fazil without jitter
		assert.Equal(t, 0.0, far[k])
		assert.Equal(t, 0.0, differing[k])
		assert.InDelta(t, 1, cosine[k], 1e-12)
	}
	for k := 2; k < 8; k++ {
		assert.Positive(t, far[k], "broken, or not exact")
	}
	assert.Equal(t, []float64{1, 2}, column("seed")[:2])
	assert.Positive(t, column("late")[4])
	_, err = Sweep(context.Background(), o)
	assert.ErrorContains(t, err, "has results already")
	before, err := os.ReadDir(o.Out)
	require.NoError(t, err)
	o.Resume = true
	same, err := Sweep(context.Background(), o)
	require.NoError(t, err)
	assert.True(t, same.Finished)
	assert.Equal(t, [2]int{8, 8}, [2]int{same.Points, same.Skipped})
	after, err := os.ReadDir(o.Out)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	o.Redraw = true
	again, err := Sweep(context.Background(), o)
	require.NoError(t, err)
	assert.Equal(t, r.Figures, again.Figures)
}

// A plot against a point shows differences under the same seed: none for a point that is the same.
func TestPlotsAgainstAPoint(t *testing.T) {
	o := options(t, strings.Replace(scattered, "plots: [", "plots: [{name: paired, x: jitter, y: cosine, by: learning.schedule, against: schedule=fazil}, {x: jitter, y: loss, against: jitter=0}, ", 1))
	_, err := Sweep(context.Background(), o)
	require.NoError(t, err)
	list, err := table.Read(filepath.Join(o.Out, sweepResults))
	require.NoError(t, err)
	c, err := list.Column("cosine")
	require.NoError(t, err)
	y := c.Numbers() // by jitter, schedule and seed
	paired, err := table.Read(filepath.Join(o.Out, "paired.csv"))
	require.NoError(t, err)
	require.Equal(t, 4, paired.Rows())
	c, err = paired.Column("mean")
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0, 0, (y[2] - y[0] + y[3] - y[1]) / 2, (y[6] - y[4] + y[7] - y[5]) / 2}, c.Numbers(), 1e-15)
	assert.FileExists(t, filepath.Join(o.Out, "loss-jitter-difference-schedule=il.svg"))
	for _, against := range []string{"nothing", "seed=1", "schedule=bp"} {
		o := options(t, strings.Replace(scattered, "plots: [{", "plots: [{against: "+against+", ", 1))
		_, err := Sweep(context.Background(), o)
		assert.ErrorContains(t, err, "plots[0].against: ", against)
	}
}

// A condition may name a case with a comma in it.
func TestConditionsOfCases(t *testing.T) {
	for _, where := range []string{"case=IL, slow", "case=IL, slow, jitter=0", "jitter=0 , case=IL, slow "} {
		o := options(t, scattered, "sweep={knobs.jitter: [0], cases: {'IL, slow': {learning.schedule: il}, zil: {learning.schedule: zil}}}", "sweep.plots=[{x: jitter, y: cosine, where: '"+where+"', against: 'case=zil'}]")
		assert.NoError(t, Check(o.Load), where)
	}
}

// A study that was stopped, and in which a point was half written, goes on and ends with the bytes of an undisturbed one.
func TestSweepResumes(t *testing.T) {
	whole, broken := options(t, scattered), options(t, scattered)
	_, err := Sweep(context.Background(), whole)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	broken.Jobs, broken.Progress = 1, &stop{3, cancel}
	_, err = Sweep(ctx, broken)
	require.ErrorContains(t, err, "go on with --resume")
	require.NoError(t, os.WriteFile(filepath.Join(broken.Out, sweepPoints, ".000005.json.123"), []byte(`{"val`), 0o600))
	for _, half := range []string{".results.csv.77.tmp", ".cosine-jitter.png.8", ".study.yaml.9", ".study.yaml.swp"} {
		require.NoError(t, os.WriteFile(filepath.Join(broken.Out, half), nil, 0o600))
	}
	broken.Progress = nil
	_, err = Sweep(context.Background(), broken)
	require.ErrorContains(t, err, "is under way: add --resume")
	other := broken
	other.Resume, other.Load = true, options(t, scattered, "learning.updates=21").Load
	_, err = Sweep(context.Background(), other)
	require.ErrorContains(t, err, "another configuration")
	broken.Resume = true
	r, err := Sweep(context.Background(), broken)
	require.NoError(t, err)
	assert.Equal(t, 3, r.Skipped)
	for _, name := range []string{sweepResults, "cosine-jitter.svg", "cosine-jitter.csv"} {
		a, err := os.ReadFile(filepath.Join(whole.Out, name))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(broken.Out, name))
		require.NoError(t, err)
		assert.Equal(t, string(a), string(b), name)
	}
	left, err := filepath.Glob(filepath.Join(broken.Out, ".*"))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(broken.Out, ".study.yaml.swp")}, left, "what is somebody else's stays")
}

// A study says what its points would say, once.
func TestSweepWarns(t *testing.T) {
	o := options(t, scattered, "learning.il.tau=0.5 ms", "learning.il.tol=1e-3", "learning.il.settle=2 ms", "sweep={learning.schedule: [zil, event, il], learning.updates: [5, 1], samples: 500}",
		"interventions=[{at: {update: 4}, lesion: {vertices: hidden/0}}]", "record.traces=[{what: [value], of: hidden/0, every: update}]")
	var text strings.Builder
	o.Text = &text
	r, err := Sweep(context.Background(), o)
	require.NoError(t, err)
	for _, w := range []string{"schedule zil runs as zil-dense", "schedule event runs as event-delta", "step γ = 2, more than 1",
		"a sample lasts as long as settle says, and the tolerance is not used", "update 4 does not come: there are 1",
		"points of a study are not recorded",
		"sweep.samples: 500 samples are to be measured, and the rows to learn from give 120: all of these are"} {
		assert.Equal(t, 1, strings.Count(text.String(), w), w)
		assert.Equal(t, 1, strings.Count(DryReport{Warnings: r.Warnings}.Text(), w))
	}
}

// Two cannot work in one folder at a time.
func TestSweepIsOnesAlone(t *testing.T) {
	o := options(t, scattered)
	require.NoError(t, os.MkdirAll(o.Out, 0o755))
	l, err := record.LockFolder(o.Out)
	require.NoError(t, err)
	_, err = Sweep(context.Background(), o)
	var no *Refusal
	require.ErrorAs(t, err, &no)
	require.ErrorIs(t, err, record.ErrLocked)
	assert.NoDirExists(t, filepath.Join(o.Out, sweepPoints))
	require.NoError(t, l.Release())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Sweep(ctx, o)
	require.ErrorContains(t, err, "stopped after 0 of 8 points")
	l, err = record.LockFolder(o.Out)
	require.NoError(t, err, "it is free again")
	require.NoError(t, l.Release())
}

func TestSweepMistakes(t *testing.T) {
	for _, c := range [][2]string{
		{"sweep={}", "the experiment varies nothing"},
		{"sweep={learning.schedule: [zil, zilch]}", `--set learning.schedule=zilch: learning.schedule: unknown name "zilch"`},
		{"sweep={lerning.schedule: [zil]}", "lerning: unknown key; did you mean learning?"},
		{"sweep={knobs.noise: [1, 2]}", "unknown knob; there are jitter"},
		{"sweep={network.layers: ['[4, 5, 3]', '[4, 5, 5, 3]'], interventions: ['[]', '[{lesion: {vertices: hidden/0}}]']}", `no vertex is called "hidden/0"`},
	} {
		o := options(t, scattered, c[0])
		_, err := Sweep(context.Background(), o)
		assert.ErrorContains(t, err, c[1])
		assert.NoDirExists(t, o.Out, "before anything is run")
	}
}

// What is wrong with a figure is found before any point is computed.
func TestPlotMistakes(t *testing.T) {
	for _, c := range [][2]string{
		{"x: jitter, y: cosin", `sweep.plots[0].y: "cosin" is not measured; there are accuracy`},
		{"x: jitter, y: cosine_lesioned", `plots[0].y: "cosine_lesioned" is not measured`},
		{"x: jitter, y: cosine, where: foo=1", `plots[0].where: "foo=1": want key=value with a key that is swept: knobs.jitter, learning.schedule`},
		{"x: jitter, y: cosine, where: learning.schedule=zil", `plots[0].where: "learning.schedule=zil": learning.schedule has no such value`},
		{"x: jitter, y: cosine, x_per: no", `plots[0].x_per: "no": want a positive`},
		{"x: loss, y: cosine", `plots[0].x: "loss" is not swept`},
		{"x: learning.schedule, y: cosine", `plots[0].x: "fazil" has no place on an axis`},
		{"x: jitter, y: cosine, name: a/b", `plots[0].name: "a/b": want a name for files`},
		{"x: jitter, y: cosine, name: results", `plots[0].name: "results": want a name for files`},
		{"x: jitter, y: cosine}, {x: jitter, y: cosine, band: median", `plots[1]: plots[0] has the same files, cosine-jitter`},
	} {
		o := options(t, scattered, "sweep.plots=[{"+c[0]+"}]")
		_, err := Sweep(context.Background(), o)
		assert.ErrorContains(t, err, c[1])
		assert.NoDirExists(t, o.Out)
		_, err = Rehearse(context.Background(), o)
		assert.ErrorContains(t, err, c[1])
		assert.ErrorContains(t, Check(o.Load), c[1])
	}
	o := options(t, scattered, "sweep.seeds=1", "sweep={cases: {a: {learning.updates: 1}, b: {learning.updates: 1, "+
		"interventions: [{at: {update: 1}, lesion: {vertices: 'hidden/0'}}]}}, learning.plasticity.rate: [0.02], plots: [{x: rate, by: case, y: cosine_lesioned}]}")
	assert.NoError(t, Check(o.Load))
	_, err := Sweep(context.Background(), o)
	assert.NoError(t, err, "a case has lesions")
}

// Figures are no part of what points are: they can be others when a study goes on, or is drawn from points that are all there.
func TestPlotsCanChange(t *testing.T) {
	o := options(t, scattered)
	ctx, cancel := context.WithCancel(context.Background())
	o.Jobs, o.Progress = 1, &stop{8, cancel}
	_, err := Sweep(ctx, o)
	require.Error(t, err, "all points are there, and no table")
	o.Progress, o.Redraw = nil, true
	o.Load = options(t, scattered, "sweep.plots=[{x: jitter, y: accuracy, by: learning.schedule}]").Load
	r, err := Sweep(context.Background(), o)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(o.Out, "accuracy-jitter.svg"), r.Figures[0])
	assert.FileExists(t, filepath.Join(o.Out, sweepResults))
	text, err := os.ReadFile(filepath.Join(o.Out, sweepConfig))
	require.NoError(t, err)
	assert.Contains(t, string(text), "accuracy\n")
	o.Redraw, o.Resume, o.Load = false, true, options(t, scattered).Load
	r, err = Sweep(context.Background(), o)
	require.NoError(t, err)
	assert.True(t, r.Finished)
	half := options(t, scattered)
	ctx, cancel = context.WithCancel(context.Background())
	half.Jobs, half.Progress = 1, &stop{3, cancel}
	_, err = Sweep(ctx, half)
	require.Error(t, err)
	half.Redraw, half.Progress = true, nil
	_, err = Sweep(context.Background(), half)
	require.ErrorContains(t, err, "its figures are made when all points are there")
}

func TestRehearse(t *testing.T) {
	o := options(t, scattered)
	r, err := Rehearse(context.Background(), o)
	require.NoError(t, err)
	assert.Equal(t, [3]int{8, 20, 5}, [3]int{r.Points, r.Updates, r.Samples})
	assert.Positive(t, float64(r.Events))
	assert.Positive(t, float64(r.Hours))
	assert.Contains(t, r.Text(), "8 points of 20 updates and 5 samples each")
	assert.NoDirExists(t, o.Out)
	o = options(t, scattered, "time.engine=actors", "time.scale=2 ms", "learning.updates=95", "sweep={knobs.jitter: [0], samples: 5}")
	r, err = Rehearse(context.Background(), o)
	require.NoError(t, err)
	assert.Greater(t, 3600*float64(r.Hours), 0.6, "free-running actors: 100 samples of 6 ms at half the speed take 1.2 s")
}

// What is varied periodically is tried all the same: the prediction is that of every schedule and case, not of a few.
func TestRehearseEverySchedule(t *testing.T) {
	o := options(t, scattered, "sweep={knobs.jitter: [0, 0.1 ms, 0.2 ms, 0.3 ms, 0.4 ms, 0.5 ms], learning.il.settle: [40 ms, 60 ms], learning.schedule: [fazil, il], "+
		"cases: {short: {learning.updates: 5}, long: {learning.updates: 60}}, seeds: 1, samples: 3}")
	r, err := Rehearse(context.Background(), o)
	require.NoError(t, err)
	done, err := Sweep(context.Background(), o)
	require.NoError(t, err)
	assert.InDelta(t, 1, float64(r.Events)/float64(done.Events), 0.3)
	list, err := table.Read(filepath.Join(o.Out, sweepResults))
	require.NoError(t, err)
	messages, err := list.Column("messages")
	require.NoError(t, err)
	lo, hi := messages.Numbers()[0], messages.Numbers()[0]
	for _, x := range messages.Numbers() {
		lo, hi = min(lo, x), max(hi, x)
	}
	assert.Greater(t, hi, 5*lo, "otherwise this test says nothing")
	assert.NotContains(t, DryReport{}.Text(), "0 events")
}

// Every value, and every combination of what decides the cost, is among what is tried.
func TestStratify(t *testing.T) {
	var rows [][]string
	for _, a := range strings.Fields("1 2 3 4 5 6") {
		for _, b := range strings.Fields("x y z") {
			for _, c := range strings.Fields("zil fazil event il") {
				rows = append(rows, []string{a, b, c})
			}
		}
	}
	strong := []bool{false, false, true}
	for _, n := range []int{1, 12, 100} {
		chosen := stratify(rows, strong, n)
		seen := map[string]int{}
		for _, k := range chosen {
			for _, v := range rows[k] {
				seen[v]++
			}
		}
		assert.Len(t, seen, 13)
		assert.Equal(t, n == 100, len(chosen) == len(rows))
		if n == 12 {
			assert.Len(t, chosen, 12)
			assert.Equal(t, []int{3, 3, 3, 3}, []int{seen["zil"], seen["fazil"], seen["event"], seen["il"]})
		}
	}
}

// A network whose lesioned half is left out of the reference is at backprop again; against the intact one it is not.
func TestLesionsAreComparedWithBoth(t *testing.T) {
	for _, updates := range []string{"0", "5"} {
		l, err := config.Parse("x.yaml", []byte(scattered), "learning.schedule=zil", "time={engine: sim, mode: lockstep, settle: 0}", "learning.updates="+updates,
			"interventions=[{at: {update: 1}, lesion: {vertices: 'hidden/*', share: 0.4}}]")
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		m, err := measure(context.Background(), s, []string{"relative_l2", "relative_l2_lesioned", "cosine_lesioned"})
		require.NoError(t, err)
		assert.Positive(t, m.values[0])
		assert.Equal(t, 0.0, m.values[1], "to the bit")
		assert.InDelta(t, 1, m.values[2], 1e-12)
	}
}

// The lesioned reference has the lesions that there are: none that is still to come, none that has healed.
func TestLesionsAreThoseOfTheMoment(t *testing.T) {
	lockstep := []string{"learning.schedule=zil", "time={engine: sim, mode: lockstep, settle: 0}", "learning.updates=5", "compare={every: 1, measures: [cosine, accuracy]}"}
	for plan, lesioned := range map[string][]bool{
		"{at: {update: 3}, lesion: {vertices: 'hidden/*', share: 0.4}}":                                                                 {false, false, true, true, true},
		"{at: {update: 9}, lesion: {vertices: 'hidden/*', share: 0.4}}":                                                                 {false, false, false, false, false},
		"{at: {update: 2}, lesion: {vertices: 'hidden/0..1'}}, {at: {update: 5}, heal: {vertices: 'hidden/*'}}":                         {false, true, true, true, false},
		"{at: {update: 4}, cut: {edges: 'hidden/* -> output/*', share: 0.5}}, {at: {update: 5}, heal: {edges: 'hidden/* -> output/*'}}": {false, false, false, true, false},
	} {
		s := setup(t, append(lockstep, "interventions=["+plan+"]")...)
		_, rows := ran(t, s)
		intact, err := rows.Column("relative_l2")
		require.NoError(t, err)
		left, err := rows.Column("relative_l2_lesioned")
		require.NoError(t, err)
		for k, want := range lesioned {
			assert.Equal(t, want, intact.Numbers()[k] > 0, "%s: update %d", plan, k+1)
			assert.Equal(t, 0.0, left.Numbers()[k], "%s: update %d, to the bit", plan, k+1)
		}
		m, err := measure(context.Background(), s, []string{"relative_l2", "relative_l2_lesioned"})
		require.NoError(t, err)
		v := m.values
		assert.Equal(t, lesioned[4], v[0] > 0, plan)
		assert.Equal(t, 0.0, v[1], plan)
	}
}

// Free-running actors are compared with backprop on the lesioned graph too.
func TestLesionsAmongFreeActors(t *testing.T) {
	s := setup(t, "learning.schedule=event", "time={engine: actors, mode: free, scale: 0.05 ms, settle: 0}", "learning.updates=4",
		"compare={every: 1, measures: [cosine, accuracy]}", "interventions=[{at: {update: 3}, lesion: {vertices: 'hidden/*', share: 0.4}}]")
	text, rows := ran(t, s)
	assert.Contains(t, text, "update against backprop's on the lesioned graph, mean of 4: cosine 1.0000, relative distance 0.0000")
	intact, err := rows.Column("relative_l2")
	require.NoError(t, err)
	left, err := rows.Column("relative_l2_lesioned")
	require.NoError(t, err)
	for k := range 4 {
		assert.Equal(t, k >= 2, intact.Numbers()[k] > 0.01, "update %d", k+1)
		assert.Less(t, left.Numbers()[k], 1e-12, "update %d", k+1)
	}
	m, err := measure(context.Background(), s, []string{"relative_l2", "relative_l2_lesioned"})
	require.NoError(t, err)
	assert.Greater(t, m.values[0], 0.01)
	assert.Less(t, m.values[1], 1e-12)
}

// A machine that does not keep up with the clock of the wall is said to: what is late is its doing. In a stream messages are under way
// when a run is over.
func TestMachineThatDoesNotKeepUp(t *testing.T) {
	s := setup(t, "learning.schedule=il", "time={engine: actors, mode: free, stream: true, scale: 0.0001 ms, settle: 0}", "learning.updates=3", "compare={reference: none}")
	var b strings.Builder
	r, err := Run(context.Background(), s, RunOptions{Text: &b})
	require.NoError(t, err)
	assert.Contains(t, b.String(), "after their time: where the machine does not keep up")
	assert.Greater(t, float64(r.Virtual.Behind), 1e-3)
	v := r.Virtual
	assert.Equal(t, v.Sent, v.Delivered+v.Lost+v.Stale+v.Duplicated+v.Expired+v.UnderWay)

	s = setup(t, "learning.schedule=il", "time={engine: sim, mode: free, stream: true, settle: 0}", "learning.updates=3", "compare={reference: none}")
	b.Reset()
	r, err = Run(context.Background(), s, RunOptions{Text: &b})
	require.NoError(t, err)
	assert.Regexp(t, `expired, \d+ under way`, b.String())
	assert.NotContains(t, b.String(), "keep up")
	v = r.Virtual
	assert.Equal(t, v.Sent, v.Delivered+v.Lost+v.Stale+v.Duplicated+v.Expired+v.UnderWay)
}

// The accuracy of a comparison is that of the engine, lesions included.
func TestAccuracyIsTheEngines(t *testing.T) {
	plan := []string{"learning.updates=40", "compare={every: 40, measures: [accuracy]}", "interventions=[{at: {update: 2}, lesion: {vertices: 'hidden/0..3'}}]"}
	s := setup(t, plan...)
	r := accuracyIsTheEngines(t, s)
	s.Config.Interventions = nil
	intact, err := Run(context.Background(), s, RunOptions{})
	require.NoError(t, err)
	assert.NotEqual(t, float64(intact.TestAccuracy), r, "otherwise this test says nothing")
	accuracyIsTheEngines(t, setup(t, append(plan, "time={engine: actors, mode: free, scale: 0.05 ms, settle: 0}", "learning.schedule=event")...))
}

func accuracyIsTheEngines(t *testing.T, s *config.Setup) float64 {
	r, err := Run(context.Background(), s, RunOptions{})
	require.NoError(t, err)
	rows, err := table.Read(filepath.Join(r.Run, "distance.csv"))
	require.NoError(t, err)
	accuracy, err := rows.Column("accuracy")
	require.NoError(t, err)
	assert.Equal(t, float64(r.TestAccuracy), accuracy.Numbers()[1])
	return float64(r.TestAccuracy)
}

// What happens in every update happens in every sample at frozen weights too, with draws of its own.
func TestEveryUpdateIsEverySample(t *testing.T) {
	of := func(plan string) []float64 {
		s := setup(t, "learning.schedule=il", "learning.updates=0", "interventions=["+plan+"]")
		m, err := measure(context.Background(), s, []string{"relative_l2", "energy"})
		require.NoError(t, err)
		v := m.values
		return v
	}
	calm, early := of(""), of("{at: {after: 30 ms}, noise: {vertices: 'hidden/*', sd: 0.5}}")
	late := of("{at: {after: 39 ms}, noise: {vertices: 'hidden/*', sd: 0.5}}")
	assert.Greater(t, early[0], 1.01*calm[0])
	assert.Greater(t, late[1], early[1], "inference gets over it")
	assert.Equal(t, calm, of("{at: {update: 1, after: 30 ms}, noise: {vertices: 'hidden/*', sd: 0.5}}"), "of one update, there is none")
}

// The report of a run says what happened in virtual time, and how far single updates were from backprop's.
func TestRunInVirtualTime(t *testing.T) {
	for mode, want := range map[string][]string{
		"lockstep": {"In virtual time (lockstep", " 0 late", "mean of 3: cosine 1.0000, relative distance 0.0000"},
		"free":     {"In virtual time (free", "mean of 3: cosine 0.", "schedule zil runs as zil-dense"},
	} {
		settle := "6 ms"
		if mode == "lockstep" {
			settle = "0"
		}
		l, err := config.Parse("x.yaml", []byte(scattered), "learning.schedule=zil", "time.mode="+mode, "time.settle="+settle, "knobs.jitter=0.5 ms",
			"compare={every: 10, measures: [cosine, accuracy]}", "record.dir="+t.TempDir())
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		var text strings.Builder
		r, err := Run(context.Background(), s, RunOptions{Text: &text})
		require.NoError(t, err)
		for _, w := range want {
			assert.Contains(t, text.String(), w)
		}
		require.NotNil(t, r.Virtual)
		assert.Equal(t, mode == "lockstep", r.Promised)
		assert.NoError(t, r.Err())
		assert.Positive(t, float64(r.Virtual.Seconds))
		rows, err := table.Read(filepath.Join(r.Run, "distance.csv"))
		require.NoError(t, err)
		assert.Equal(t, 3, rows.Rows())
	}
}

// Free-running actors are measured as virtual time is: with what became of their messages, and how long a sample took.
func TestMeasureOfFreeActors(t *testing.T) {
	l, err := config.Parse("x.yaml", []byte(scattered), "time.engine=actors", "time.scale=0.2 ms", "sweep={}", "learning.updates=2",
		"knobs.jitter=0.5 ms", "interventions=[{at: {update: 1}, lesion: {vertices: hidden/0}}]")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	s.Config.Sweep.Samples = 3
	names := []string{"milliseconds", "late", "lost", "stale", "duplicated", "expired", "cosine_lesioned", "relative_l2_lesioned"}
	m, err := measure(context.Background(), s, names)
	require.NoError(t, err)
	values := m.values
	for k, x := range values {
		assert.False(t, math.IsNaN(x), names[k])
	}
	assert.GreaterOrEqual(t, values[0], 6.0, "a sample lasts 6 ms of the configuration's time")
}

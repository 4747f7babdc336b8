package record_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/table"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

var _ record.State = (*neuron.Population)(nil)

// course runs updates of a perceptron of neurons under rule and gives every moment to f.
func course(t *testing.T, rule neuron.Rule, updates int, open func(g *graph.Graph, p engine.Params) *record.Recorder) (*pc.Engine, *record.Recorder) {
	c := network.Small("mlp")
	c.Grain, c.Init.Seed = network.Neuron, 3
	n, err := c.Build()
	require.NoError(t, err)
	e, err := pc.New(pc.Config{Config: engine.Config{Graph: n.Graph, Initial: n.Initial, Loss: op.HalfSquared{}, Plasticity: synapse.Rule{Rate: 0.1}}, Rule: rule})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	r := open(e.Graph().Graph, e.Params())
	rnd := rand.New(rand.NewPCG(1, 2))
	in, y := n.NewInputs(tensor.Float64), tensor.New(tensor.Float64, n.Output())
	update, ticks := 0, 0
	e.Observe(func(p *neuron.Population) {
		r.Tick(record.Moment{Update: update, Tick: p.Now(), Millis: float64(ticks) / 4, State: p, Params: e.Params()})
		ticks++
	})
	for ; update < updates; update++ {
		require.NoError(t, n.Inputs(n.RandomFeatures(rnd, tensor.Float64), in))
		for i := range y.Len() {
			y.SetFloat(i, rnd.NormFloat64())
		}
		res, err := e.Learn(context.Background(), engine.Sample{Inputs: in, Target: y, Scale: 0.5})
		require.NoError(t, err)
		r.Update(record.Moment{Update: update, Tick: res.Ticks, Millis: math.NaN(), State: e.Population(), Params: e.Params(),
			Counters: &record.Counters{Sent: res.Messages, Lost: res.Lost, AgeMS: 0.5}})
	}
	return e, r
}

func opened(t *testing.T, dir string, specs ...record.Spec) func(g *graph.Graph, p engine.Params) *record.Recorder {
	return func(g *graph.Graph, p engine.Params) *record.Recorder {
		r, err := record.NewRecorder(record.RecorderConfig{Dir: dir, Graph: g, Params: p, Wait: true}, specs...)
		require.NoError(t, err)
		return r
	}
}

func arrays(t *testing.T, path string) map[string]tensor.Tensor {
	list, err := npy.ReadArchiveFile(path, npy.Limit{})
	require.NoError(t, err)
	m := map[string]tensor.Tensor{}
	for _, a := range list {
		m[a.Name] = a.Tensor
	}
	return m
}

// The errors of dense Z-IL are exactly 0 above the diagonal: the wave.
func TestTheWaveOfZIL(t *testing.T) {
	dir := t.TempDir()
	_, r := course(t, pc.DenseZIL(), 2, opened(t, dir, record.Spec{What: []string{"error", "energy"}, Of: "level", Updates: []int{1}}))
	list, err := r.Close(false)
	require.NoError(t, err)
	a := arrays(t, list[0].Path)
	e, depth := a["error"], a["error"].Shape().Dim(1)-1
	require.Equal(t, depth, a["error"].Shape().Dim(0), "as many ticks as levels")
	require.Greater(t, depth, 2)
	for tick := range depth {
		assert.Equal(t, int64(tick), a["tick"].Int64s()[tick])
		assert.Equal(t, int64(1), a["step"].Int64s()[tick])
		assert.True(t, math.IsNaN(e.Float(tick*(depth+1))), "there is no error of the network")
		sum := 0.0
		for l := range depth {
			x := e.Float(tick*(depth+1) + 1 + l)
			if l >= tick { // below, an error may come to be 0 again
				assert.Equal(t, l == tick, x != 0, "level %d, tick %d: %v", l, tick, x)
			}
			sum += a["energy"].Float(tick*(depth+1) + 1 + l)
		}
		assert.InDelta(t, a["energy"].Float(tick*(depth+1)), sum, 1e-12, "energies of levels add up to the total")
	}
}

// What the network has no total of has levels only.
func TestLevelsWithoutTotal(t *testing.T) {
	_, r := course(t, pc.DenseZIL(), 1, opened(t, t.TempDir(), record.Spec{What: []string{"value"}, Of: "level"}))
	list, err := r.Close(false)
	require.NoError(t, err)
	v := arrays(t, list[0].Path)["value"]
	for i := range v.Len() {
		assert.False(t, math.IsNaN(v.Float(i)), "%d of %v", i, v.Shape())
	}
}

// What is recorded is what the engine shows, vertex by vertex, and the index says where.
func TestVerticesInColumns(t *testing.T) {
	dir := t.TempDir()
	il := pc.IL(7, 0.1, 0)
	e, r := course(t, il, 3, opened(t, dir, record.Spec{What: []string{"value", "error"}, Of: "hidden*/0..2, hidden1/w/0", Every: 3}))
	list, err := r.Close(false)
	require.NoError(t, err)
	a := arrays(t, list[0].Path)
	assert.Equal(t, []int64{0, 3, 6, 0, 3, 6, 0, 3, 6}, a["tick"].Int64s())
	var x record.Index
	b, err := os.ReadFile(filepath.Join(dir, "01-value-error.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &x))
	assert.Equal(t, []string{"value", "error"}, x.What)
	width := 0
	for _, g := range x.Targets {
		assert.Equal(t, width, g.Offset)
		width += g.Elements
		v, ok := e.Graph().Find(g.Name)
		require.True(t, ok)
		assert.Equal(t, e.Graph().Level(v), g.Level)
	}
	assert.Equal(t, width, a["value"].Shape().Dim(1))
	for _, name := range []string{"value", "error"} {
		assert.Equal(t, 9*width, a[name].Len())
		assert.False(t, slices.ContainsFunc(a[name].Float64s(), math.IsNaN), "hidden1/w/0 has neither")
	}
	last := x.Targets[len(x.Targets)-1]
	v, _ := e.Graph().Find(last.Name)
	assert.Equal(t, e.Population().X(v).Float64s(), a["value"].Float64s()[8*width+last.Offset:][:last.Elements], "tick 6 is the last that relaxes")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "the archive and its index, nothing else")
}

func TestParametersAndCountersInTables(t *testing.T) {
	for _, format := range []string{"csv", "parquet"} {
		dir := t.TempDir()
		e, r := course(t, pc.ZIL(), 4, opened(t, dir,
			record.Spec{What: []string{"weight", "update"}, Of: "*/w/1", Unit: record.Updates, Every: 2, To: format},
			record.Spec{What: []string{"energy", "residual", "sent", "lost", "age"}, Unit: record.Updates, To: format}))
		list, err := r.Close(false)
		require.NoError(t, err)
		require.Len(t, list, 2)
		assert.Equal(t, int64(2), list[0].Recorded)
		assert.Equal(t, int64(4), list[1].Recorded)
		assert.Contains(t, list[1].String(), ": 4 frames")

		w, err := table.Read(list[0].Path)
		require.NoError(t, err)
		of, err := w.Column("of")
		require.NoError(t, err)
		change, err := w.Column("update")
		require.NoError(t, err)
		want := 0
		for i := range e.Graph().Parameters() {
			if p := e.Graph().Parameter(i); strings.HasSuffix(p.Name, "/w/1") {
				want += 2 * p.Shape.Len()
				assert.Equal(t, 2*p.Shape.Len(), count(of.Texts, p.Name))
			}
		}
		assert.Equal(t, want, w.Rows())
		assert.Zero(t, count(of.Texts, "hidden1/w/0"))
		assert.NotZero(t, change.Floats[want-1])
		n, err := table.Read(list[1].Path)
		require.NoError(t, err)
		sent, err := n.Column("sent")
		require.NoError(t, err)
		assert.Positive(t, sent.Numbers()[0])
	}
}

func count(list []string, name string) (n int) {
	for _, s := range list {
		if s == name {
			n++
		}
	}
	return n
}

// Updates that are recorded one by one add up to what the weights moved.
func TestUpdatesAddUp(t *testing.T) {
	dir := t.TempDir()
	var first engine.Params
	e, r := course(t, pc.ZIL(), 5, func(g *graph.Graph, p engine.Params) *record.Recorder {
		first = p.Clone()
		return opened(t, dir, record.Spec{What: []string{"update"}, Of: first[0].Name, Unit: record.Updates})(g, p)
	})
	list, err := r.Close(false)
	require.NoError(t, err)
	a := arrays(t, list[0].Path)["update"]
	width := first[0].Value.Len()
	require.Equal(t, 5*width, a.Len())
	for i := range width {
		sum := first[0].Value.Float(i)
		for u := range 5 {
			sum += a.Float(u*width + i)
		}
		assert.InDelta(t, e.Params()[0].Value.Float(i), sum, 1e-12)
	}
}

// At intervals of time there is a frame for every multiple of the interval, whether it is one of the resolution or not, and
// the state is the one that holds from then on.
func TestIntervalsOfTime(t *testing.T) {
	for _, every := range []float64{0.25, 0.333, 0.01, 1} {
		dir := t.TempDir()
		c := network.Small("mlp")
		n, err := c.Build()
		require.NoError(t, err)
		r := opened(t, dir, record.Spec{What: []string{"sent"}, Every: every, Unit: record.Millis})(n.Graph, nil)
		assert.True(t, r.Wanted())
		at := []int64{0, 25, 25, 30, 31, 100, 137, 137, 250}
		for i := range len(at) - 1 {
			r.Tick(record.Moment{Millis: float64(at[i]) * 0.01}) // events are no frames
			if at[i+1] > at[i] {
				r.Pass(record.Moment{UnitMS: 0.01, Counters: &record.Counters{Sent: int64(i)}}, at[i], at[i+1])
			}
		}
		r.Pass(record.Moment{UnitMS: 0.01, Counters: &record.Counters{Sent: int64(len(at) - 1)}}, 250, 250)
		list, err := r.Close(false)
		require.NoError(t, err)
		ms, sent := arrays(t, list[0].Path)["ms"].Float64s(), arrays(t, list[0].Path)["sent"].Float64s()
		require.Len(t, ms, int(2.5/every+1e-9)+1)
		for k := range ms {
			assert.InDelta(t, float64(k)*every, ms[k], 1e-9)
			assert.False(t, math.Signbit(ms[k]), "0 is not -0")
			last := 0
			for i := range at {
				if float64(at[i]) <= ms[k]*100+1e-6 {
					last = i
				}
			}
			assert.Equal(t, float64(last), sent[k], "every %v, frame %d", every, k)
		}
	}
}

// On the clock of the wall, intervals that nobody looked at are counted, but not those of updates that are not asked for.
func TestSkippedIntervals(t *testing.T) {
	c := network.Small("mlp")
	n, err := c.Build()
	require.NoError(t, err)
	sent := record.Counters{}
	for want, updates := range map[int64][]int{5: nil, 2: {0, 3}, 4: {0, 1}} {
		r, err := record.NewRecorder(record.RecorderConfig{Dir: t.TempDir(), Graph: n.Graph, Wall: true}, record.Spec{What: []string{"sent"}, Unit: record.Millis, Updates: updates})
		require.NoError(t, err)
		for _, at := range []struct {
			update int
			ms     float64
		}{{0, 0}, {0, 1}, {0, 4}, {1, 5.1}, {1, 8}, {2, 9}, {3, 11}, {3, 12}} {
			r.Tick(record.Moment{Update: at.update, Millis: at.ms, Counters: &sent})
		}
		list, err := r.Close(false)
		require.NoError(t, err)
		assert.Equal(t, want, list[0].Skipped, "%v", updates)
	}
}

func TestSpecsThatAreRefused(t *testing.T) {
	c := network.Small("mlp")
	n, err := c.Build()
	require.NoError(t, err)
	for message, s := range map[string]record.Spec{
		"nothing to record":                                {},
		`unknown quantity "spikes"`:                        {What: []string{"spikes"}},
		"value is named twice":                             {What: []string{"value", "value"}, Of: "*"},
		`unknown format "xls"`:                             {What: []string{"energy"}, To: "xls"},
		"want a positive number":                           {What: []string{"energy"}, Every: -1},
		"whole for ticks":                                  {What: []string{"energy"}, Every: 0.5},
		"there is no value of the whole network":           {What: []string{"value"}},
		"there is no weight of level: parameters have one": {What: []string{"weight"}, Of: "level"},
		"there is no residual of */w: computed vertices, levels and the whole network have one": {What: []string{"residual"}, Of: "*/w"},
		"there is no error of */w":                {What: []string{"weight", "error"}, Of: "*/w"},
		"value is no event":                       {What: []string{"value"}, Unit: record.Events},
		"events happen to vertices":               {What: []string{"sent"}, Of: "level", Unit: record.Events},
		`graph: pattern "nobody": no vertex is`:   {What: []string{"value"}, Of: "nobody"},
		"record: recording 2: nothing to record:": {What: nil},
	} {
		dir := t.TempDir()
		_, err := record.NewRecorder(record.RecorderConfig{Dir: dir, Graph: n.Graph}, record.Spec{What: []string{"energy"}}, s)
		assert.ErrorContains(t, err, message)
	}
	_, err = record.NewRecorder(record.RecorderConfig{Dir: filepath.Join(t.TempDir(), "none", "x\x00"), Graph: n.Graph}, record.Spec{What: []string{"energy"}})
	assert.Error(t, err)
}

func TestListIsComplete(t *testing.T) {
	for _, q := range record.List() {
		assert.Contains(t, []string{"vertex", "parameter", "total", "network"}, q.Of, q.Name)
		assert.NotEmpty(t, q.Text)
	}
	assert.Len(t, record.Names(), len(record.List()))
}

// Whatever the format, the same is read back.
func TestReadGivesBackWhatWasRecorded(t *testing.T) {
	dir := t.TempDir()
	var specs []record.Spec
	for _, to := range []string{"npz", "csv", "parquet"} {
		specs = append(specs, record.Spec{What: []string{"error", "value"}, Of: "hidden1/0..2, output/1", To: to},
			record.Spec{What: []string{"energy", "residual", "error"}, Of: "level", To: to}, record.Spec{What: []string{"energy", "lost"}, Unit: record.Updates, To: to})
	}
	_, r := course(t, pc.DenseZIL(), 2, opened(t, dir, specs...))
	list, err := r.Close(false)
	require.NoError(t, err)
	for i, rec := range list {
		d, err := record.Read(rec.Path)
		require.NoError(t, err)
		assert.Len(t, d.Step, int(rec.Recorded))
		first, err := record.Read(list[i%3].Path)
		require.NoError(t, err)
		assert.Equal(t, first.What, d.What)
		assert.Equal(t, [][]int64{first.Step, first.Tick}, [][]int64{d.Step, d.Tick})
		require.Len(t, d.Targets, len(first.Targets))
		for k, x := range first.Targets {
			assert.Equal(t, [3]any{x.Name, x.Offset, x.Elements}, [3]any{d.Targets[k].Name, d.Targets[k].Offset, d.Targets[k].Elements})
		}
		for k := range d.What {
			assert.True(t, slices.EqualFunc(first.Values[k], d.Values[k], func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b }))
		}
		n := len(d.Targets) - 1
		assert.Equal(t, d.Values[0][d.Targets[n].Offset], d.Column(0, n, 0)[0])
	}
	for _, name := range []string{"x.npz", "x.csv", "x.parquet", "x.jsonl"} {
		path := filepath.Join(dir, name)
		_, err := record.Read(path)
		assert.ErrorContains(t, err, "record: ")
		require.NoError(t, os.WriteFile(path, []byte("step,tick,ms,of\n"), 0o644))
		_, err = record.Read(path)
		assert.ErrorContains(t, err, "record: ")
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "01-error-value.json"), []byte(`{"what":["error","value"],"targets":[{"offset":1000,"elements":3}]}`), 0o644))
	_, err = record.Read(list[0].Path)
	assert.ErrorContains(t, err, "the index is wrong")
}

func TestMetricsAreReadBack(t *testing.T) {
	f, err := record.Create(t.TempDir(), "x", 1, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	require.NoError(t, err)
	none, err := f.Epochs()
	require.NoError(t, err)
	assert.Empty(t, none)
	_, _, err = record.Open(f.Path())
	assert.ErrorContains(t, err, "is no run")
	require.NoError(t, f.WriteManifest(record.Manifest{Name: "x", Seed: 1}))
	g, m, err := record.Open(f.Path() + "/")
	require.NoError(t, err)
	assert.Equal(t, [2]string{"x", f.Path()}, [2]string{m.Name, g.Path()})
	w, err := f.Metrics()
	require.NoError(t, err)
	want := []record.Epoch{{Epoch: 1, Loss: 0.25, TestLoss: 1, Accuracy: 0.5, Compared: true, Differing: 3, MaxAbs: 1e-9, Cosine: 1, Updates: 7, Ticks: 8, Messages: 1 << 40, Control: 9, Lost: 2, Seconds: 0.125, Reference: 1},
		{Epoch: 2, Loss: 0.125, TestLoss: 1, Accuracy: 0.5, Compared: true, Cosine: 1, Seconds: 0.125, Reference: 1}}
	for _, e := range want {
		require.NoError(t, w.Add(e))
	}
	require.NoError(t, w.Close())
	got, err := g.Epochs()
	require.NoError(t, err)
	assert.Equal(t, want, got)
	// A killed run may leave half a row.
	file, err := os.OpenFile(f.Path("metrics.csv"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString("3,0.1")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	got, err = g.Epochs()
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

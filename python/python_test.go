package python

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/encoding/table"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/tensor"
)

const seed = 20250511

// interpreter returns a Python that has the modules, or skips the test.
func interpreter(t *testing.T, modules string) string {
	for _, path := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(path, "-c", "import "+modules).Run() == nil {
			return path
		}
	}
	t.Skipf("no python3 with %s: apt install python3-numpy python3-matplotlib", modules)
	return ""
}

// run runs a script of this folder and returns what it prints.
func run(t *testing.T, python, script string, args ...string) []byte {
	cmd := exec.Command(python, append([]string{"-B", script}, args...)...)
	cmd.Stderr, cmd.Env = os.Stderr, append(os.Environ(), "PYTHONPATH=.")
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	return out
}

// numbers are an engine whose vertices hold numbers, for a Recorder to look at.
type numbers struct {
	g *graph.Graph
	x []tensor.Tensor
}

func (n numbers) Graph() *graph.Graph                       { return n.g }
func (n numbers) X(v graph.VertexID) tensor.Tensor          { return n.x[v] }
func (n numbers) Prediction(v graph.VertexID) tensor.Tensor { return n.x[v] }
func (n numbers) Err(v graph.VertexID) tensor.Tensor        { return n.x[v] }
func (n numbers) Energy() float64                           { return 0.1 }
func (n numbers) Residual() float64                         { return math.Inf(1) }

const moments = 20

// folder writes the folder of a run of moments ticks, and returns it with the weights and the values of h.
func folder(t *testing.T) (f *record.Folder, params engine.Params, h []float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	f, err := record.Create(t.TempDir(), "test", 7, time.Unix(1e9, 0).UTC())
	require.NoError(t, err)
	require.NoError(t, f.WriteManifest(record.Manifest{Name: "test", Seed: 7, Started: time.Unix(1e9, 0).UTC(), Status: "completed"}))
	require.NoError(t, f.Write("config.yaml", func(w io.Writer) error { _, err := io.WriteString(w, "seed: 7 # π\n"); return err }))
	m, err := f.Metrics()
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, m.Add(record.Epoch{Epoch: i + 1, Loss: 1 / float64(i+3), TestLoss: math.NaN(), Accuracy: 0.5, Seconds: 2}))
	}
	require.NoError(t, m.Close())
	for i, s := range []tensor.Shape{tensor.Dims(2, 3), tensor.Dims(), tensor.Dims(0, 4)} {
		for k, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
			params = append(params, engine.Param{Name: fmt.Sprintf("layer%d.%d", i, k), Value: random(r, typ, s)})
		}
	}
	require.NoError(t, f.WriteParameters(params))

	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(2, 3))
	b.Output(b.Apply("y", op.Tanh(), b.Apply("h", op.Tanh(), x)))
	g, err := b.Build()
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(f.Path("traces"), 0o755))
	rec, err := record.NewRecorder(record.RecorderConfig{Dir: f.Path("traces"), Graph: g, Wait: true},
		record.Spec{What: []string{"value", "error"}, Of: "*"},
		record.Spec{What: []string{"value"}, Of: "h", To: "csv"},
		record.Spec{What: []string{"residual"}, To: "jsonl"},
		record.Spec{What: []string{"energy"}, Of: "*", To: "parquet"},
		record.Spec{What: []string{"turns", "activity"}, Unit: record.Events},
		record.Spec{What: []string{"turns", "activity"}, Unit: record.Events, To: "csv"},
		record.Spec{What: []string{"turns", "activity"}, Unit: record.Events, To: "parquet"})
	require.NoError(t, err)
	for i := range moments {
		rec.Happen(record.Event{Update: i / 4, Tick: i % 4, Millis: float64(i) / 8, What: neuron.Count(i % 2), Kind: neuron.Kind(i / 2 % 2), Vertex: graph.VertexID(1 + i/4%2)})
		state := numbers{g, nil}
		for v := range g.Len() {
			state.x = append(state.x, random(r, tensor.Float64, g.Shape(graph.VertexID(v))))
			if g.Name(graph.VertexID(v)) == "h" {
				h = append(h, state.x[v].Float64s()...)
			}
		}
		rec.Tick(record.Moment{Update: i / 4, Tick: i % 4, Millis: float64(i) / 8, State: state})
	}
	_, err = rec.Close(false)
	require.NoError(t, err)
	return f, params, h
}

func random(r *rand.Rand, typ tensor.Type, s tensor.Shape) tensor.Tensor {
	x := tensor.New(typ, s)
	for i := range x.Len() {
		x.SetFloat(i, r.NormFloat64())
	}
	return x
}

// An array as check.py prints it.
type array struct {
	Kind   string
	Shape  []int
	Values []any
}

// floats returns the elements of an array of floats, to the bit.
func (a array) floats(t *testing.T) []float64 {
	require.Equal(t, "f", a.Kind)
	x := []float64{}
	for _, v := range a.Values {
		f, err := strconv.ParseFloat(v.(string), 64)
		require.NoError(t, err)
		x = append(x, f)
	}
	return x
}

type found struct {
	Manifest   uint64
	Config     string
	Metrics    map[string]array
	Parameters map[string]array
	Traces     map[string]map[string]map[string]array
	Steps      map[string]array
	Tables     map[string]map[string]array
	Events     map[string]map[string]array
	Latest     bool
	Bands      []array
}

func check(t *testing.T, f *record.Folder) (got found) {
	require.NoError(t, json.Unmarshal(run(t, interpreter(t, "numpy"), "testdata/check.py", f.Path()), &got))
	return got
}

// NumPy finds every array and table of a run folder, to the bit.
func TestRetrodictReadsRunFolders(t *testing.T) {
	interpreter(t, "numpy")
	f, params, h := folder(t)
	got := check(t, f)
	assert.Equal(t, uint64(7), got.Manifest)
	assert.Equal(t, "seed: 7 # π\n", got.Config)
	assert.True(t, got.Latest)

	require.Len(t, got.Parameters, len(params))
	for _, p := range params {
		g := got.Parameters[p.Name]
		assert.Equal(t, append([]int{}, p.Value.Shape().Slice()...), g.Shape, p.Name)
		assert.Equal(t, p.Value.Convert(tensor.Float64).Float64s(), g.floats(t), p.Name)
	}
	assert.Equal(t, array{"i", []int{3}, []any{1.0, 2.0, 3.0}}, got.Metrics["epoch"])
	assert.Equal(t, []float64{1. / 3, 1. / 4, 1. / 5}, got.Metrics["loss"].floats(t))
	assert.True(t, math.IsNaN(got.Metrics["test_loss"].floats(t)[0]), "an empty cell")

	trace := got.Traces["01-value-error"]
	assert.Equal(t, []int{moments, 2, 3}, trace["value"]["h"].Shape)
	assert.Equal(t, h, trace["value"]["h"].floats(t))
	assert.Equal(t, h, trace["error"]["h"].floats(t))
	assert.NotEqual(t, h, trace["value"]["y"].floats(t))
	assert.Equal(t, 4.0, got.Steps["01-value-error"].Values[moments-1])

	csv := got.Tables["02-value"]
	assert.Equal(t, h, csv["value"].floats(t))
	assert.Equal(t, "U", csv["of"].Kind)
	assert.Equal(t, "i", csv["element"].Kind)
	assert.True(t, math.IsNaN(got.Tables["03-residual"]["residual"].floats(t)[0]), "JSON has no infinity")
	assert.Equal(t, 19./8, got.Tables["03-residual"]["ms"].floats(t)[moments-1])
}

// Events are the same in every format, by name and by level; and Parquet, of which NumPy knows nothing, is read to the bit.
func TestRetrodictReadsEventsAndParquet(t *testing.T) {
	interpreter(t, "numpy")
	f, _, _ := folder(t)
	got := check(t, f)
	require.Len(t, got.Events, 3)
	e := got.Events["05-turns-activity"]
	assert.Equal(t, []any{"turns", "prediction", "turns", "error"}, e["kind"].Values[:4])
	assert.Equal(t, []any{"h", "h", "h", "h", "y"}, e["of"].Values[:5])
	assert.Equal(t, 19./8, e["ms"].floats(t)[moments-1])
	assert.Equal(t, e, got.Events["06-turns-activity"])
	assert.Equal(t, e, got.Events["07-turns-activity"])

	want, err := table.Read(f.Path("traces", "04-energy.parquet"))
	require.NoError(t, err)
	have := got.Tables["04-energy"]
	for _, c := range want.Columns {
		switch x := have[c.Name]; c.Type {
		case table.String:
			for i, s := range c.Texts {
				require.Equal(t, s, x.Values[i])
			}
		case table.Float64:
			for i, y := range x.floats(t) {
				require.Equal(t, math.Float64bits(c.Numbers()[i]), math.Float64bits(y))
			}
		default:
			for i, y := range x.Values {
				require.Equal(t, c.Numbers()[i], y)
			}
		}
	}
}

// What a run with checkpoints has recorded so far is read from its spools.
func TestRetrodictReadsSpools(t *testing.T) {
	interpreter(t, "numpy")
	f, _, _ := folder(t)
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(2, 3))
	b.Output(b.Apply("y", op.Tanh(), b.Apply("h", op.Tanh(), x)))
	g, err := b.Build()
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(f.Path("traces")))
	require.NoError(t, os.Mkdir(f.Path("traces"), 0o755))
	rec, err := record.NewRecorder(record.RecorderConfig{Dir: f.Path("traces"), Graph: g, Wait: true, Spool: true},
		record.Spec{What: []string{"value", "error"}, Of: "*", To: "parquet"}, record.Spec{What: []string{"turns"}, Unit: record.Events, To: "csv"})
	require.NoError(t, err)
	r, state := rand.New(rand.NewPCG(1, 1)), numbers{g, nil}
	for v := range g.Len() {
		state.x = append(state.x, random(r, tensor.Float64, g.Shape(graph.VertexID(v))))
	}
	for i := range 3 {
		rec.Tick(record.Moment{Update: i, Millis: math.NaN(), State: state})
		rec.Happen(record.Event{Update: i, Millis: 0.5, What: neuron.CountTurns, Vertex: 2})
	}
	_, err = rec.State(nil)
	require.NoError(t, err)
	got := check(t, f)
	assert.Equal(t, []any{0.0, 1.0, 2.0}, got.Steps["01-value-error"].Values)
	assert.Equal(t, []int{3, 2, 3}, got.Traces["01-value-error"]["value"]["h"].Shape)
	assert.Equal(t, state.x[1].Float64s(), got.Traces["01-value-error"]["error"]["h"].floats(t)[12:])
	assert.Equal(t, []any{"y", "y", "y"}, got.Events["02-turns"]["of"].Values)
	_, err = rec.Close(false)
	require.NoError(t, err)
	got = check(t, f)
	assert.Equal(t, []any{"y", "y", "y"}, got.Events["02-turns"]["of"].Values)
	assert.Empty(t, got.Traces)
}

// Of a run that was killed, what it had written is read: whole rows of tables, and the rows that the headers of arrays know.
func TestRetrodictReadsKilledRuns(t *testing.T) {
	interpreter(t, "numpy")
	f, _, h := folder(t)
	dir := f.Path("traces", "01-value-error.npz.parts")
	require.NoError(t, os.Rename(f.Path("traces", "02-value.csv"), f.Path("traces", "02-value.csv.part")))
	require.NoError(t, os.Truncate(f.Path("traces", "02-value.csv.part"), 200))
	list, err := npy.ReadArchiveFile(f.Path("traces", "01-value-error.npz"), npy.Limit{})
	require.NoError(t, err)
	require.NoError(t, os.Remove(f.Path("traces", "01-value-error.npz")))
	require.NoError(t, os.Mkdir(dir, 0o755))
	for i, a := range list {
		require.NoError(t, npy.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.npy", i)), a.Tensor.Rows(0, 10+i)))
	}
	got := check(t, f)
	assert.Equal(t, h[:60], got.Traces["01-value-error"]["value"]["h"].floats(t))
	v := got.Tables["02-value"]["value"].floats(t)
	assert.NotEmpty(t, v)
	assert.Equal(t, h[:len(v)], v)

	require.NoError(t, os.Truncate(filepath.Join(dir, "000003.npy"), 0))
	got = check(t, f)
	assert.Empty(t, got.Traces["01-value-error"]["error"]["h"].Values)
}

func TestBands(t *testing.T) {
	interpreter(t, "numpy")
	f, _, _ := folder(t)
	b := check(t, f).Bands
	assert.Equal(t, []any{1.0, 2.0, 3.0}, b[0].Values)
	assert.Equal(t, []float64{2, 5, 7}, b[1].floats(t))
	half := b[2].floats(t)
	assert.InDelta(t, 12.7062, half[0], 1e-9) // sd √2 of two, so sd/√n is 1
	assert.Zero(t, half[1])
	assert.True(t, math.IsNaN(half[2]))
}

func TestExampleDrawsAFigure(t *testing.T) {
	python := interpreter(t, "numpy, matplotlib")
	f, _, _ := folder(t)
	path := filepath.Join(t.TempDir(), "figure.png")
	t.Setenv("MPLCONFIGDIR", t.TempDir())
	run(t, python, "example.py", f.Path(), path)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "\x89PNG", string(b[:4]))
	if keep := os.Getenv("KEEP_FIGURE"); keep != "" {
		require.NoError(t, os.WriteFile(keep, b, 0o600))
	}
}

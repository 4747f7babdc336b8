package record

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

func chain(t testing.TB) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(3))
	b.Output(b.Apply("y", op.Tanh(), b.Apply("h", op.Tanh(), x)))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func spooled(t testing.TB, dir string, g *graph.Graph, resume []byte) (*Recorder, error) {
	return NewRecorder(RecorderConfig{Dir: dir, Graph: g, Wait: true, Spool: true, Resume: resume},
		Spec{What: []string{"value"}, Of: "*"}, Spec{What: []string{"turns", "lost"}, Unit: Events, To: "parquet"})
}

// steps records some updates.
func steps(r *Recorder, g *graph.Graph, from, to int) {
	for i := from; i < to; i++ {
		x := tensor.New(tensor.Float64, tensor.Dims(3))
		x.SetFloat(1, float64(i))
		r.Tick(Moment{Update: i, Millis: float64(i), State: still{g, x}})
		for k := range 300 {
			r.Happen(Event{Update: i, Millis: float64(k), What: []neuron.Count{neuron.CountTurns, neuron.CountLost}[k%2], Vertex: graph.VertexID(1 + k%2)})
		}
	}
}

// What a recorder had written at a checkpoint stays, what comes after is cut off, and a spool that is not what the
// checkpoint was made with is refused.
func TestSpoolsGoOn(t *testing.T) {
	g := chain(t)
	whole, cut := t.TempDir(), t.TempDir()
	r, err := spooled(t, whole, g, nil)
	require.NoError(t, err)
	steps(r, g, 0, 20)
	_, err = r.Close(false)
	require.NoError(t, err)

	r, err = spooled(t, cut, g, nil)
	require.NoError(t, err)
	steps(r, g, 0, 7)
	state, err := r.State(nil)
	require.NoError(t, err)
	steps(r, g, 7, 12)
	_, err = r.State(nil)
	require.NoError(t, err)
	list, err := r.Close(true)
	require.NoError(t, err)
	assert.Equal(t, int64(12), list[0].Recorded)
	r, err = spooled(t, cut, g, state)
	require.NoError(t, err)
	steps(r, g, 7, 20)
	list, err = r.Close(true)
	require.NoError(t, err)
	assert.Equal(t, int64(20*300), list[1].Recorded)
	assert.True(t, list[1].Events)
	for _, name := range []string{"01-value.npz", "01-value.json", "02-turns-lost.parquet", "02-turns-lost.json"} {
		a, err := os.ReadFile(filepath.Join(whole, name))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(cut, name))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(a, b), name)
	}
	for _, damage := range []func(path string) error{
		func(path string) error { return os.Truncate(path, 300) },
		func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("x"), 1<<16), 0o644) },
		os.Remove,
	} {
		require.NoError(t, damage(filepath.Join(cut, "01-value.npz.spool")))
		_, err = spooled(t, cut, g, state)
		require.ErrorContains(t, err, "01-value.npz.spool")
	}
	_, err = spooled(t, cut, g, state[:3])
	require.Error(t, err)
}

// A full spool is read whatever is in it, without a panic, and rows that are not whole are left out.
func FuzzUnspool(f *testing.F) {
	g := chain(f)
	dir := f.TempDir()
	r, err := spooled(f, dir, g, nil)
	require.NoError(f, err)
	steps(r, g, 0, 2)
	_, err = r.Close(true)
	require.NoError(f, err)
	for _, name := range []string{"01-value.npz.spool", "02-turns-lost.parquet.spool"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(f, err)
		f.Add(b)
		f.Add(b[:len(b)-3])
	}
	f.Add([]byte("{\"unit\":\"events\",\"kinds\":[\"a\"],\"targets\":[{\"elements\":1}]}\n" + string(make([]byte, 80))))
	f.Add([]byte("{\"what\":[\"a\",\"b\"],\"targets\":[{\"elements\":1099511627776}]}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows := 0
		_, err := unspool(bytes.NewReader(b), func(*frame) error { rows++; return nil })
		if err == nil {
			require.LessOrEqual(t, rows, len(b)/8)
		}
	})
}

package record

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A gate is a sink that writes when it is let, and fails at the frame number fail.
type gate struct {
	let     chan struct{}
	written []int
	fail    int
	closed  bool
	aborted bool
}

func (g *gate) write(f *frame) error {
	<-g.let
	if g.written = append(g.written, f.update); len(g.written) == g.fail {
		return errors.New("disk full")
	}
	return nil
}
func (g *gate) flush() error { return nil }
func (g *gate) close() error { g.closed = true; return nil }
func (g *gate) abort()       { g.aborted = true }

// gated returns a recorder of the energy with room for n frames.
func gated(g *gate, n int, wait bool) *Recorder {
	t := &track{Spec: Spec{What: []string{"sent"}, Every: 1}, kinds: []int{8}, counts: [][]neuron.Count{{}}, targets: []target{{vertex: -1, level: -1, param: -1, elements: 1}}, width: 1}
	s := &stream{path: "x", free: make(chan *frame, n), full: make(chan *frame, n), size: 1, wait: wait, done: make(chan error, 1)}
	for range n {
		s.free <- &frame{}
	}
	go s.run(g)
	return &Recorder{tracks: []*track{t}, streams: []*stream{s}}
}

// A run goes on while the disk stands still: what has no room is dropped and counted, and what was kept is in order.
func TestARecorderNeverBlocks(t *testing.T) {
	g := &gate{let: make(chan struct{})}
	r := gated(g, 4, false)
	for i := range 100 {
		r.Tick(Moment{Update: i, Counters: &Counters{}}) // nothing is written: this would hang
	}
	close(g.let)
	list, err := r.Close(false)
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1, 2, 3}, g.written)
	assert.Equal(t, []Recording{{Path: "x", Recorded: 4, Dropped: 96}}, list)
	assert.Equal(t, "x: 4 frames, 96 dropped: the disk could not keep up", list[0].String())
	assert.True(t, g.closed)
}

func TestARecorderThatWaitsDropsNothing(t *testing.T) {
	g := &gate{let: make(chan struct{})}
	close(g.let)
	r := gated(g, 2, true)
	for i := range 1000 {
		r.Tick(Moment{Update: i, Counters: &Counters{}})
	}
	list, err := r.Close(false)
	require.NoError(t, err)
	assert.Equal(t, Recording{Path: "x", Recorded: 1000}, list[0])
}

func TestAFullDiskIsAnErrorAtTheEnd(t *testing.T) {
	for _, wait := range []bool{false, true} {
		g := &gate{let: make(chan struct{}), fail: 3}
		close(g.let)
		r := gated(g, 100, wait)
		for i := range 100 {
			r.Tick(Moment{Update: i, Counters: &Counters{}})
		}
		list, err := r.Close(false)
		assert.ErrorContains(t, err, "record: x: disk full")
		assert.True(t, g.aborted)
		assert.False(t, g.closed)
		assert.Equal(t, int64(2), list[0].Recorded)
		assert.Equal(t, int64(98), list[0].Dropped)
	}
}

// still is a State whose tensors never change.
type still struct {
	g *graph.Graph
	x tensor.Tensor
}

func (s still) Graph() *graph.Graph                     { return s.g }
func (s still) X(graph.VertexID) tensor.Tensor          { return s.x }
func (s still) Prediction(graph.VertexID) tensor.Tensor { return s.x }
func (s still) Err(graph.VertexID) tensor.Tensor        { return tensor.Tensor{} }
func (s still) Energy() float64                         { return 3 }
func (s still) Residual() float64                       { return 4 }
func (s still) Precision(graph.VertexID) float64        { return 2 }

func TestRecordingAllocatesNothing(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(8))
	b.Output(b.Apply("y", op.Tanh(), b.Apply("h", op.Tanh(), x)))
	g, err := b.Build()
	require.NoError(t, err)
	r, err := NewRecorder(RecorderConfig{Dir: t.TempDir(), Graph: g, Wait: true, Memory: 1}, Spec{What: []string{"value", "error"}, Of: "h"},
		Spec{What: []string{"energy", "error", "residual", "lost"}, Of: "level", To: "csv"})
	require.NoError(t, err)
	m := Moment{State: still{g, tensor.New(tensor.Float64, tensor.Dims(8))}}
	for range 100 {
		r.Tick(m)
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(2000, func() { r.Tick(m) }), 1.0, "those of the goroutine that writes")
	list, err := r.Close(false)
	require.NoError(t, err)
	assert.Equal(t, int64(2101), list[0].Recorded)
}

func BenchmarkTick(b *testing.B) {
	bld := graph.NewBuilder()
	x := bld.Input("x", tensor.Float64, tensor.Dims(100))
	bld.Output(bld.Apply("h", op.Tanh(), x))
	g, err := bld.Build()
	require.NoError(b, err)
	r, err := NewRecorder(RecorderConfig{Dir: b.TempDir(), Graph: g, Wait: true}, Spec{What: []string{"value", "prediction"}, Of: "h"})
	require.NoError(b, err)
	m := Moment{State: still{g, tensor.New(tensor.Float64, tensor.Dims(100))}}
	b.SetBytes(8 * 200)
	b.ReportAllocs()
	for b.Loop() {
		r.Tick(m)
	}
	_, err = r.Close(false)
	require.NoError(b, err)
}

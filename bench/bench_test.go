package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Every preset is a job whose batch fits its network and loss.
func TestJobs(t *testing.T) {
	require.Len(t, Jobs(), len(network.Presets()))
	for _, j := range Jobs() {
		net, err := j.Build()
		require.NoError(t, err, j.Name)
		s := j.sample(net, tensor.Float64)
		c, err := engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: j.Loss}.Check()
		require.NoError(t, err, j.Name)
		assert.NoError(t, c.CheckSample(s), j.Name)
		assert.Equal(t, j.Mean, s.Scale < 1, j.Name)
		found, err := FindJob(j.Name)
		require.NoError(t, err)
		assert.Equal(t, j.About, found.About)
	}
	_, err := FindJob("nothing")
	assert.ErrorContains(t, err, "mlp20")
}

// A run measures every entry as often as it is told, and counts what crosses edges.
func TestRun(t *testing.T) {
	j := Job{Name: "small", Loss: op.HalfSquared{}, Build: network.Small("mlp").Build}
	entries := []Entry{{Engine: "bp"}, {Engine: "pc", Schedule: "zil"}, {Engine: "actors", Schedule: "zil"}, {Engine: "pc", Schedule: "il"}}
	rows, err := Run(context.Background(), Config{Job: j, Type: tensor.Float64, Entries: entries, Reps: 2})
	require.NoError(t, err)
	require.Len(t, rows, len(entries))
	for i, r := range rows {
		assert.Len(t, r.Millis, 2)
		assert.Equal(t, entries[i], r.Entry)
		assert.LessOrEqual(t, r.Ratio.Low, r.Ratio.High)
	}
	assert.Equal(t, Interval{1, 1, 1}, rows[0].Ratio)
	assert.Zero(t, rows[0].Messages)
	assert.Positive(t, rows[1].Messages)
	assert.Equal(t, rows[1].Messages, rows[2].Messages)
	assert.Greater(t, rows[3].Messages, rows[1].Messages)
	for _, bad := range []Entry{{Engine: "tin", Schedule: "zil"}, {Engine: "pc", Schedule: "tin"}} {
		_, err := Run(context.Background(), Config{Job: j, Type: tensor.Float64, Entries: []Entry{bad}})
		assert.ErrorContains(t, err, "tin")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Run(ctx, Config{Job: j, Type: tensor.Float64, Entries: entries})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestStatistics(t *testing.T) {
	assert.Equal(t, 2.0, Median([]float64{3, 1, 2}))
	assert.Equal(t, 2.5, Median([]float64{4, 1, 2, 3}))
	assert.Equal(t, []float64{2, 0.5}, Ratios([]float64{4, 1}, []float64{2, 2}))
	x := []float64{5, 1, 4, 2, 3, 9, 7}
	i := Bootstrap(x)
	assert.Equal(t, i, Bootstrap(x))
	assert.Equal(t, 4.0, i.Median)
	assert.Less(t, i.Low, i.Median)
	assert.Greater(t, i.High, i.Median)
}

// The floor is the same network: its loss is that of the engine, update after update, in both types.
func TestNeurons(t *testing.T) {
	shape := network.Layered{Depth: 4, Width: 50, FanIn: 5, Init: network.Init{Seed: 1}}
	for _, typ := range []tensor.Type{tensor.Float32, tensor.Float64} {
		net, err := shape.Build()
		require.NoError(t, err)
		c := Neurons{Type: typ, Entry: Entry{Engine: "actors", Schedule: "zil"}, Hosting: actors.HostShard}
		e, err := c.engine(net)
		require.NoError(t, err)
		loop, s := c.loop(shape, net), normalSample(net, typ)
		loop.set(s.Inputs, s.Target)
		for range 5 {
			r, err := e.Learn(context.Background(), s)
			require.NoError(t, err)
			assert.InEpsilon(t, loop.update(), r.Loss, 1e-5)
		}
		require.NoError(t, e.Close())
	}
	for _, entry := range []Entry{{Engine: "actors", Schedule: "zil"}, {Engine: "pc", Schedule: "il"}} {
		row, scale, err := Neurons{Vertices: 2000, FanIn: 10, Type: tensor.Float32, Entry: entry, Reps: 2}.Run(context.Background())
		require.NoError(t, err)
		assert.Equal(t, []int{2000, 20000, 2*2000 + 200 + 1, 20000 + 2000 + 200}, []int{scale.Vertices, scale.Edges, scale.GraphVertices, scale.GraphEdges})
		assert.Positive(t, scale.FloorRatio)
		assert.Positive(t, scale.MessagesPerS)
		assert.Len(t, row.Millis, 2)
		var b bytes.Buffer
		line := row.Line()
		line.Scale = &scale
		require.NoError(t, WriteJSON(&b, []Line{line}))
		assert.Contains(t, b.String(), `"edges":20000`)
		require.NoError(t, WriteNeurons(&b, line))
		require.NoError(t, WriteTable(&b, []Row{row}))
	}
	_, _, err := Neurons{Vertices: 5, FanIn: 1, Entry: Entry{Engine: "pc"}}.Run(context.Background())
	assert.ErrorContains(t, err, "bench: neurons")
}

func TestSlope(t *testing.T) {
	var list []Point
	for _, n := range []int{1, 10, 100} {
		list = append(list, Point{Size: n, Line: Line{Millis: 3 * float64(n) * float64(n)}})
	}
	assert.InDelta(t, 2, slope(list, func(p Point) float64 { return p.Millis }), 1e-12)
}

// Every object of every job says what was measured, and on what.
func TestJSONFields(t *testing.T) {
	line := []string{"job", "engine", "schedule", "dtype", "hosting", "blas", "ms", "min", "max", "n", "allocs", "clock_share"}
	scale := []string{"vertices", "edges", "build_s", "bytes_per_vertex", "bytes_per_edge", "edge_messages_per_s", "floor_ratio"}
	for _, c := range []struct {
		object any
		more   []string
	}{{Line{}, nil}, {Line{Scale: &Scale{}}, scale}, {Async{}, []string{"events", "events_per_s"}}, {Point{}, []string{"series", "size", "bytes", "fixed_bytes", "build_s", "slope", "build_slope", "bytes_slope"}}} {
		text, err := json.Marshal(c.object)
		require.NoError(t, err)
		var fields map[string]any
		require.NoError(t, json.Unmarshal(text, &fields))
		for _, name := range append(append([]string(nil), line...), c.more...) {
			assert.Contains(t, fields, name, "%T", c.object)
		}
	}
}

package main

import (
	"context"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bench"
	"github.com/retrodict/retrodict/tensor"
)

// A grain is what an update costs when vertices are single units.
type grain struct {
	Vertices int     `json:"vertices"`
	Edges    int     `json:"edges"`
	Hosting  string  `json:"hosting"` // loop, shard or actor
	Millis   float64 `json:"ms"`
	Floor    float64 `json:"floor_ratio"` // to a plain loop on one thread
	PerEdge  float64 `json:"ns_per_message"`
	Bytes    float64 `json:"bytes_per_vertex"`
	Clock    float64 `json:"clock_share"`
}

// measureGrains measures 100,000 units with 10 inputs each: in a loop, in shards, and as actors.
func (r *report) measureGrains(ctx context.Context, reps int) error {
	for _, h := range []struct {
		name, engine string
		hosting      actors.Hosting
	}{{"loop", "pc", actors.HostAuto}, {"shard", "actors", actors.HostShard}, {"actor", "actors", actors.HostActor}} {
		row, scale, err := bench.Neurons{Vertices: 100_000, FanIn: 10, Type: tensor.Float32, Entry: bench.Entry{Engine: h.engine, Schedule: "zil"}, Hosting: h.hosting,
			Reps: min(reps, 9)}.Run(ctx)
		if err != nil {
			return err
		}
		ms := bench.Median(row.Millis)
		r.grains = append(r.grains, grain{Vertices: scale.Vertices, Edges: scale.Edges, Hosting: h.name, Millis: ms, Floor: scale.FloorRatio,
			PerEdge: 1e9 / scale.MessagesPerS, Bytes: scale.BytesPerVertex, Clock: row.Clock})
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bench"
	"github.com/retrodict/retrodict/tensor"
)

// A grain is what an update costs when vertices are single units.
type grain struct {
	Hosting string  `json:"hosting"` // loop, shard or actor
	Turns   int     `json:"n"`
	Millis  float64 `json:"ms"`
	Rate    ratio   `json:"million_messages_per_s"` // the limit is the least
	Floor   ratio   `json:"floor_ratio"`            // to a plain loop on one thread
	Clock   float64 `json:"clock_share"`
	PerUnit float64 `json:"bytes_limit_per_vertex"` // limits, 0: none
	PerEdge float64 `json:"bytes_limit_per_edge"`
	bench.Scale
}

// units of the network of single units, and their inputs.
const (
	unitsOfGrain = 1_000_000
	fanInOfGrain = 10
)

// A kind is a way to run single units, with its limits.
type kind struct {
	name, engine           string
	hosting                actors.Hosting
	most                   int // turns
	rate, floor, unit, per float64
}

func kinds() []kind {
	return []kind{
		{"shard", "actors", actors.HostShard, 31, 100, 4, 150, 40},
		{"actor", "actors", actors.HostActor, 7, 2, 0, 1200, 0},
		{"loop", "pc", actors.HostAuto, 7, 0, 0, 0, 0},
	}
}

// measureGrains measures a million units with 10 inputs each: in shards, as actors, and in the loop of package pc, which take seconds.
// Each has a process of its own, in whose memory nothing was before.
func (r *report) measureGrains(ctx context.Context, reps int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, k := range kinds() {
		cmd := exec.CommandContext(ctx, self, "-grain", k.name, "-reps", strconv.Itoa(reps))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("single units, %s: %w", k.name, err)
		}
		var g grain
		if err := json.Unmarshal(out, &g); err != nil {
			return err
		}
		r.grains = append(r.grains, g)
	}
	return nil
}

// printGrain measures single units of one kind and prints them.
func printGrain(ctx context.Context, name string, reps int) error {
	for _, k := range kinds() {
		if k.name == name {
			g, err := k.measure(ctx, reps)
			if err != nil {
				return err
			}
			return json.NewEncoder(os.Stdout).Encode(g)
		}
	}
	return fmt.Errorf("-grain: unknown kind %q", name)
}

func (k kind) measure(ctx context.Context, reps int) (grain, error) {
	row, scale, err := bench.Neurons{Vertices: unitsOfGrain, FanIn: fanInOfGrain, Type: tensor.Float32, Entry: bench.Entry{Engine: k.engine, Schedule: "zil"},
		Hosting: k.hosting, Reps: min(reps, k.most)}.Run(ctx)
	if err != nil {
		return grain{}, err
	}
	ms := bench.Bootstrap(row.Millis)
	messages := scale.MessagesPerS * ms.Median / 1e6
	return grain{Hosting: k.name, Turns: len(row.Millis), Millis: ms.Median, Clock: row.Clock, PerUnit: k.unit, PerEdge: k.per, Scale: scale,
		Rate:  ratio{messages / ms.Median, messages / ms.High, messages / ms.Low, k.rate},
		Floor: ratio{scale.FloorRatio, scale.FloorLow, scale.FloorHigh, k.floor}}, nil
}

// fast says whether the rate reaches its limit.
func (g grain) fast() bool { return g.Rate.High >= g.Rate.Limit }

// light says whether all bytes are within the limits for vertices and edges, units alone counted as vertices.
func (g grain) light() bool {
	return g.PerUnit == 0 || float64(g.Bytes) <= g.PerUnit*float64(g.Vertices)+max(g.PerEdge, g.BytesPerEdge)*float64(g.Edges)
}

// units is what actors cost at each grain.
func (r *report) units(b *strings.Builder) {
	if len(r.grains) == 0 {
		return
	}
	b.WriteString("\n### What actors cost at each grain\n\nA vertex that is a layer: the column *actors / own bp* above; the clock's share is below.\n\n| job | type | edge messages | clock |\n|---|---|---|---|\n")
	for _, x := range r.rows {
		fmt.Fprintf(b, "| %s | %s | %d | %.2f %% |\n", x.Job, x.DType, x.Messages, 100*x.Clock)
	}
	g := r.grains[0]
	fmt.Fprintf(b, "\nA vertex that is a single unit: %d of them in ten layers, %d connections, float32, sparse Z-IL; graph, states and levels all counted. The floor is a\n", g.Vertices, g.Edges)
	b.WriteString("plain loop on one thread over the same network, in turns. Every unit has a parameter leaf, a vertex and an actor too, which the column *a unit* includes.\n\n")
	b.WriteString("| hosting | n | build s | bytes in all | a connection | a unit | limit | | ms | million edge messages/s | limit | | of the floor | limit | | clock |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, g := range r.grains {
		fmt.Fprintf(b, "| %s | %d | %.1f | %.0f MB | %.0f | %.0f | %s | %s | %.3g | %.3g [%.3g, %.3g] | %s | %s | %s | %s | %s | %.2f %% |\n", g.Hosting, g.Turns, g.BuildSeconds,
			float64(g.Bytes)/1e6, g.BytesPerEdge, g.BytesPerVertex, g.bytesLimit(), met(g.PerUnit, g.light()), g.Millis, g.Rate.Median, g.Rate.Low, g.Rate.High,
			limit(g.Rate.Limit), met(g.Rate.Limit, g.fast()), g.Floor, limit(g.Floor.Limit), met(g.Floor.Limit, g.Floor.holds()), 100*g.Clock)
	}
}

func (g grain) bytesLimit() string {
	if g.PerEdge == 0 {
		return limit(g.PerUnit)
	}
	return fmt.Sprintf("%.0f and %.0f a connection", g.PerUnit, g.PerEdge)
}

func limit(x float64) string {
	if x == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3g", x)
}

// met is the verdict on a limit, if there is one.
func met(limit float64, holds bool) string {
	switch {
	case limit == 0:
		return ""
	case holds:
		return "holds"
	}
	return "**missed**"
}

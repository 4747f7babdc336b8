package study

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/tensor"
)

// A SizeReport says what a network and an update of it cost.
type SizeReport struct {
	Network    string `json:"network"`
	Engine     string `json:"engine"`
	Schedule   string `json:"schedule"`
	Dtype      string `json:"dtype"`
	BLAS       string `json:"blas"`
	Hosting    string `json:"hosting"` // of vertices: actor, shard, or none if the engine has no actors
	Batch      int    `json:"batch"`
	Vertices   int    `json:"vertices"`
	Edges      int    `json:"edges"`
	Levels     int    `json:"levels"`
	Identities int    `json:"identities"`
	Parameters int    `json:"parameters"`
	Bytes      int64  `json:"bytes"`    // of parameters, states and slots, and of the graph
	Messages   int64  `json:"messages"` // of one update
	Control    int64  `json:"control"`  // of one update
	Ticks      int    `json:"ticks"`    // of one update
	Seconds    Number `json:"seconds"`  // of one update
	Calibrated string `json:"calibrated"`
	Updates    int    `json:"updates"` // of the whole experiment
	NonFinite  int    `json:"non_finite,omitempty"`
}

const (
	calibration = 300 * time.Millisecond // how long updates are timed
	blocks      = 6                      // stretches that these are timed in; the fastest counts
	small       = 256 << 20              // bytes of a perceptron that is timed itself
	large       = 8 << 30                // the same of other networks, which cannot be cut down
	shrunk      = 96                     // width to which the layers of a larger one are cut for timing
)

// Size says what an update of s costs. A network of moderate size is built and makes a few updates; for a larger one a
// perceptron of the same kind with narrower layers does, and its time is multiplied by the ratio of connections.
func Size(ctx context.Context, s *config.Setup) (SizeReport, error) {
	c := s.Config
	cfg := pc.Config{Config: s.Base(), Rule: s.Rule}
	_, l, _, err := cfg.Check()
	if err != nil {
		return SizeReport{}, err
	}
	if c.Time.Engine == "bp" {
		l = graph.Level(s.Network.Graph, graph.Unlevelled, false)
	}
	r := SizeReport{Network: s.Network.Name, Engine: c.Time.Engine, Schedule: c.Learning.Schedule, Dtype: c.Dtype, BLAS: s.Backend.Name(), Hosting: s.Hosting(l.Len()), Batch: c.Data.Batch,
		Vertices: l.Len(), Edges: l.Edges(), Levels: l.Depth(), Identities: l.Identities, Parameters: s.Network.Parameters(),
		Bytes: size(l.Graph, s.Rule, s.Type), Updates: c.Learning.Epochs * (s.Train.Len() / c.Data.Batch)}
	timed, factor := s, 1.0
	r.Calibrated = "by updates of this network on this machine"
	if r.Bytes > large || r.Bytes > small && c.Network.Arch == "mlp" {
		if timed, err = s.Shrunk(shrunk); err != nil {
			return r, err
		}
		if c.Time.Engine == "actors" {
			timed.Config.Time.Hosting = r.Hosting // as the large one would be
		}
		factor = float64(s.Network.Parameters()) / float64(timed.Network.Parameters())
		r.Calibrated = fmt.Sprintf("by updates of %s on this machine, times %.0f, the ratio of the parameters", timed.Network.Name, factor)
	}
	u, perUpdate, n, err := calibrate(ctx, timed)
	if err != nil {
		return r, err
	}
	r.Calibrated = fmt.Sprintf("estimated: the fastest of %d stretches of %d updates, ", blocks, n) + r.Calibrated
	r.Messages, r.Control, r.Ticks = int64(factor*float64(u.Messages)), int64(factor*float64(u.Control)), u.Ticks
	if u.Messages > 0 && s.Rule.Sparse {
		r.Messages = sparseMessages(l.Graph)
	}
	r.Seconds = Number(factor * perUpdate)
	r.NonFinite = nonFinite(r.Seconds)
	return r, nil
}

// calibrate makes updates of s, at least two, the first of which does not count, and returns the time of one in the fastest of
// several stretches: what else the machine does makes stretches slower, never faster.
func calibrate(ctx context.Context, s *config.Setup) (last engine.Result, perUpdate float64, n int, err error) {
	e, err := s.Engine(s.Config.Time.Engine, s.Rule)
	if err != nil {
		return last, 0, 0, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	loader, err := data.NewLoader(s.Train, s.Batches)
	if err != nil {
		return last, 0, 0, err
	}
	inputs := s.Network.NewInputs(s.Type)
	var total time.Duration
	perUpdate = math.Inf(1)
	block, inBlock := time.Duration(0), 0 // the present one
	for n = -1; n < 1 || total < calibration; {
		for b := range loader.Train(s.Config.Seed, 1) {
			if err := s.Network.Inputs(b.X, inputs); err != nil {
				return last, 0, 0, err
			}
			start := time.Now()
			if last, err = e.Learn(ctx, engine.Sample{Inputs: inputs, Target: b.Y, Scale: 1 / float64(s.Batches.Size)}); err != nil {
				return last, 0, 0, err
			}
			if n++; n == 0 {
				continue
			}
			block, inBlock = block+time.Since(start), inBlock+1
			if block >= calibration/blocks || total+block >= calibration {
				total += block
				perUpdate = min(perUpdate, block.Seconds()/float64(inBlock))
				block, inBlock = 0, 0
			}
			if total >= calibration {
				break
			}
		}
	}
	if inBlock > 0 && math.IsInf(perUpdate, 1) {
		perUpdate = block.Seconds() / float64(inBlock)
	}
	return last, perUpdate, n, nil
}

// size estimates the bytes of an engine on g: what package neuron lays out for vertices and edges, and the graph's own
// arrays.
func size(g *graph.Graph, r neuron.Rule, typ tensor.Type) int64 {
	const vertex, edge = 96, 32
	tensors := int64(2) // value and error
	if !r.Sparse {
		tensors = 5 // prediction, displacement and present value as well
	}
	bytes := int64(g.Len())*vertex + int64(g.Edges())*edge
	for v := range graph.VertexID(g.Len()) {
		n := int64(g.Shape(v).Len()) * int64(typ.Size())
		if g.Role(v) == graph.Computed {
			n *= tensors
		}
		bytes += n
	}
	for e := range graph.EdgeID(g.Edges()) {
		if from := g.From(e); g.Differentiable(from) && g.Level(from) >= 0 {
			bytes += int64(g.Shape(from).Len()) * int64(typ.Size())
		}
	}
	return bytes
}

// sparseMessages returns the messages of one update under sparse zil: a prediction on every edge, and an error back on
// those that lead to the output from something that can differ.
func sparseMessages(g *graph.Graph) int64 {
	n := int64(g.Edges())
	for e := range graph.EdgeID(g.Edges()) {
		to := g.To(e)
		if g.Differentiable(to) && g.Level(to) >= 0 && g.Differentiable(g.From(e)) {
			n++
		}
	}
	return n
}

// WriteText writes the report for people.
func (r SizeReport) WriteText(w io.Writer) error {
	p := page{w: w}
	p.line(r.Network, " · ", carrier(r.Engine, r.Hosting), " · ", r.Schedule, " · ", r.Dtype)
	p.line()
	p.pair("vertices", whole(r.Vertices))
	p.pair("edges", whole(r.Edges))
	p.pair("blas", r.BLAS)
	p.pair("hosting", r.Hosting)
	p.pair("levels", fmt.Sprintf("%d, with %s added identities", r.Levels, whole(r.Identities)))
	p.pair("parameters", whole(r.Parameters))
	p.pair("memory", metric(float64(r.Bytes))+"B, estimated")
	p.line()
	p.line("One update of ", whole(r.Batch), " rows")
	p.pair("ticks", whole(r.Ticks))
	p.pair("messages", fmt.Sprintf("%s along edges, %s between clock and vertices", whole(r.Messages), whole(r.Control)))
	p.pair("time", fmt.Sprintf("%s (%s)", seconds(float64(r.Seconds)), r.Calibrated))
	p.line()
	p.line(fmt.Sprintf("The experiment makes %s updates: an estimated %s on this machine when it does nothing else, without reference and evaluation.", whole(r.Updates), seconds(float64(r.Seconds)*float64(r.Updates))))
	return p.err
}

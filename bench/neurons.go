package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// Neurons is the benchmark of the finest grain: a network of single tanh units with a random layered wiring and its
// update, beside a plain loop on one thread over the same network.
type Neurons struct {
	Vertices int // units, a multiple of Depth; each has a parameter leaf beside, which is a vertex too but is not counted here
	FanIn    int // inputs of a unit; Vertices·FanIn are the edges
	Depth    int // layers; 0: 10
	Type     tensor.Type
	Entry    Entry // pc or actors
	Hosting  actors.Hosting
	Reps     int // 0: 31
	NoFloor  bool
	Compute  tensor.Config
}

// Scale is what a Line of the benchmark of neurons has beside times.
type Scale struct {
	Vertices       int     `json:"vertices"`         // units
	Edges          int     `json:"edges"`            // into units, from inputs and other units
	GraphVertices  int     `json:"graph_vertices"`   // all, with parameter leaves, inputs and the output
	GraphEdges     int     `json:"graph_edges"`      // all, with those from leaves and to the output
	BuildSeconds   float64 `json:"build_s"`          // network and engine
	Bytes          int64   `json:"bytes"`            // live heap after an update: graph, population, hosting; not the sample
	BytesPerVertex float64 `json:"bytes_per_vertex"` // what is left of Bytes when edges have theirs
	BytesPerEdge   float64 `json:"bytes_per_edge"`   // tables and slots by edge, weight and feedback
	SystemBytes    int64   `json:"system_bytes"`     // taken from the operating system, at the peak
	MessagesPerS   float64 `json:"edge_messages_per_s"`
	FloorRatio     float64 `json:"floor_ratio"`     // to the plain loop, paired by repetition, median; 0: not measured
	FloorLow       float64 `json:"floor_ratio_low"` // its 95 % interval
	FloorHigh      float64 `json:"floor_ratio_high"`
	FloorMillis    float64 `json:"floor_ms"`
}

const (
	neuronRate    = 0.01
	defaultLayers = 10
)

// Check returns an error if there is no such network.
func (c Neurons) Check() error {
	if c.Depth < 1 || c.FanIn < 1 || c.Vertices < c.Depth || c.Vertices%c.Depth != 0 {
		return fmt.Errorf("bench: neurons: %d vertices with %d inputs each in %d layers: want one or more of each, and the same number of vertices in every layer", c.Vertices, c.FanIn, c.Depth)
	}
	return c.shape().Check()
}

// filled returns c with its defaults.
func (c Neurons) filled() Neurons {
	if c.Depth == 0 {
		c.Depth = defaultLayers
	}
	if c.Reps <= 0 {
		c.Reps = defaultReps
	}
	return c
}

func (c Neurons) shape() network.Layered {
	return network.Layered{Depth: c.Depth, Width: c.Vertices / c.Depth, FanIn: c.FanIn, Init: network.Init{Seed: 1}}
}

// Run measures. Messages are those between inputs, units and the output, both ways; those of leaves are not counted. It
// stops early, with an error, when ctx ends.
func (c Neurons) Run(ctx context.Context) (Row, Scale, error) {
	c = c.filled()
	if err := c.Check(); err != nil {
		return Row{}, Scale{}, err
	}
	shape := c.shape()
	empty := live()
	start := time.Now()
	net, err := shape.Build()
	if err != nil {
		return Row{}, Scale{}, err
	}
	row := Row{Job: "neurons", Entry: c.Entry, Type: c.Type, Backend: backendName(c.Compute)}
	scale := Scale{Vertices: shape.Units(), Edges: shape.Connections(), GraphVertices: net.Graph.Len(), GraphEdges: net.Graph.Edges()}
	e, err := c.engine(net)
	if err != nil {
		return Row{}, Scale{}, err
	}
	defer e.Close()
	scale.BuildSeconds = time.Since(start).Seconds()
	loop := c.loop(shape, net)
	net.Initial = nil // the engine has copied it
	before := live()
	sample := normalSample(net, c.Type)
	loop.set(sample.Inputs, sample.Target)
	beside := live() - before + loop.bytes()
	r := &runner{engine: e, row: row}
	for range 2 {
		if _, err := e.Learn(ctx, sample); err != nil {
			return Row{}, Scale{}, err
		}
		loop.update()
	}
	scale.setBytes(live()-empty-beside, c.Type, c.Entry.Engine)
	r.inner = 1
	var floors []float64
	for range c.Reps {
		began := time.Now()
		loop.update()
		floors = append(floors, time.Since(began).Seconds()*1e3)
		if err := r.measure(ctx, sample); err != nil {
			return Row{}, Scale{}, err
		}
	}
	if err := r.count(ctx, sample, 1); err != nil {
		return Row{}, Scale{}, err
	}
	r.finish()
	r.row.Ratio = Interval{1, 1, 1}
	scale.MessagesPerS = float64(r.row.Messages-2*int64(shape.Units())) / Median(r.row.Millis) * 1e3
	if !c.NoFloor {
		ratio := Bootstrap(Ratios(r.row.Millis, floors))
		scale.FloorRatio, scale.FloorLow, scale.FloorHigh, scale.FloorMillis = ratio.Median, ratio.Low, ratio.High, Median(floors)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	scale.SystemBytes = int64(m.Sys)
	return r.row, scale, nil
}

// setBytes divides what was measured among edges and vertices: an edge has four places in the graph, two in the
// population, a weight and the weight's feedback, and of actors a slot; no more than there is.
func (s *Scale) setBytes(total int64, typ tensor.Type, engine string) {
	s.Bytes = total
	perEdge := 6*4 + 2*typ.Size()
	if engine == "actors" {
		perEdge += typ.Size()
	}
	s.BytesPerEdge = min(float64(perEdge), float64(total)/float64(s.Edges))
	s.BytesPerVertex = (float64(total) - s.BytesPerEdge*float64(s.Edges)) / float64(s.Vertices)
}

func (c Neurons) engine(net *network.Network) (engine.Engine, error) {
	rule, err := pc.ParseSchedule(c.Entry.Schedule)
	if err != nil {
		return nil, err
	}
	cfg := pc.Config{Rule: rule, Config: engine.Config{Graph: net.Graph, Initial: net.Initial, Type: c.Type,
		Plasticity: synapse.Rule{Rate: neuronRate}, Compute: c.Compute}}
	switch c.Entry.Engine {
	case "pc":
		return pc.New(cfg)
	case "actors":
		return actors.New(actors.Config{Config: cfg, Hosting: c.Hosting})
	}
	return nil, fmt.Errorf("bench: neurons: unknown engine %q: use pc or actors", c.Entry.Engine)
}

// live returns the bytes of the heap that are in use. What pools hold lives through one collection.
func live() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// normalSample draws features and a target with a fixed seed.
func normalSample(net *network.Network, typ tensor.Type) engine.Sample {
	r := rand.New(rand.NewPCG(7, 11))
	s := engine.Sample{Inputs: net.NewInputs(typ), Target: tensor.New(typ, net.Output())}
	if err := net.Inputs(net.RandomFeatures(r, typ), s.Inputs); err != nil {
		panic(err)
	}
	for i := range s.Target.Len() {
		s.Target.SetFloat(i, r.Float64()-0.5)
	}
	return s
}

// A plainLoop is a floor of some type, or none.
type plainLoop interface {
	set(inputs []tensor.Tensor, target tensor.Tensor)
	update() float64
	bytes() int64
}

func (c Neurons) loop(shape network.Layered, net *network.Network) plainLoop {
	switch {
	case c.NoFloor:
		return noLoop{}
	case c.Type == tensor.Float32:
		return newFloor[float32](shape, net, neuronRate)
	}
	return newFloor[float64](shape, net, neuronRate)
}

type noLoop struct{}

func (noLoop) set([]tensor.Tensor, tensor.Tensor) {}
func (noLoop) update() float64                    { return 0 }
func (noLoop) bytes() int64                       { return 0 }

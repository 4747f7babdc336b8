package bench

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// An Async is what virtual time was measured to do: one free-running sample of 604 scalar units that follow drifting
// clocks, with messages that take up to 1.3 ticks.
//
// Times of the Line are those of Events events.
type Async struct {
	Line
	Events          int     `json:"events"`       // of one repetition
	EventsPerSecond float64 `json:"events_per_s"` // median
	Pending         int     `json:"pending"`      // events that wait, at the end
	BytesPerPending float64 `json:"bytes_per_pending"`
}

// eventsPerRep is the number of events of one repetition.
const eventsPerRep = 200_000

// MeasureAsync measures virtual-time events per second on one core, with about 10⁵ messages under way.
func MeasureAsync(ctx context.Context, typ tensor.Type, reps int, compute tensor.Config) (Async, error) {
	if reps <= 0 {
		reps = 31
	}
	compute.Workers = 1
	e, err := crowd(typ, compute)
	if err != nil {
		return Async{}, err
	}
	defer e.Close()
	row := Row{Job: "async", Entry: Entry{Engine: "sim", Schedule: "il"}, Type: typ, Backend: backendName(compute), Ratio: Interval{1, 1, 1}}
	if err := steps(ctx, e, 5*eventsPerRep); err != nil { // until the number of messages under way is steady
		return Async{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range reps {
		start := time.Now()
		if err := steps(ctx, e, eventsPerRep); err != nil {
			return Async{}, err
		}
		row.Millis = append(row.Millis, time.Since(start).Seconds()*1e3)
	}
	runtime.ReadMemStats(&after)
	row.Allocs = float64(after.Mallocs-before.Mallocs) / float64(reps)
	a := Async{Line: row.Line(), Events: eventsPerRep, Pending: e.Stats().Pending}
	a.EventsPerSecond = eventsPerRep / a.Millis * 1e3
	a.BytesPerPending = float64(e.PendingBytes()) / float64(a.Pending)
	return a, nil
}

// crowd returns an engine in the middle of an update.
func crowd(typ tensor.Type, compute tensor.Config) (*sim.Engine, error) {
	net, err := network.MLP{Layers: []int{4, 300, 300, 4}, Activation: "tanh", Grain: network.Neuron, Batch: 1}.Build()
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(3, 4))
	s := engine.Sample{Inputs: net.NewInputs(typ), Target: tensor.New(typ, net.Output())}
	if err := net.Inputs(net.RandomFeatures(r, typ), s.Inputs); err != nil {
		return nil, err
	}
	link := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Uniform, High: 1300}, Reorder: true}
	base := engine.Config{Graph: net.Graph, Initial: net.Initial, Type: typ, Compute: compute}
	e, err := sim.New(sim.Config{Config: pc.Config{Config: base, Rule: pc.IL(math.MaxInt32, 0.01, 0)}, Mode: sim.Free, Tick: 1000,
		Settle: math.MaxInt64 / 4, Seed: 1,
		Path: func(*graph.Levelled, graph.EdgeID, neuron.Kind) sim.Path { return sim.Path{Link: link} },
		Clock: func(_ *graph.Levelled, v graph.VertexID) sim.Clock {
			return sim.Clock{Drift: 1e-4 * float64(v%100), Phase: float64(v%997) / 997}
		}})
	if err != nil {
		return nil, err
	}
	return e, e.Begin(s, neuron.Learning)
}

func steps(ctx context.Context, e *sim.Engine, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for range n {
		if _, err := e.Step(); err != nil {
			return err
		}
	}
	return nil
}

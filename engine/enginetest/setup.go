package enginetest

import (
	"errors"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A Setup says which engine a check wants. The zero values of what follows Schedule stand for what the schedule says.
type Setup struct {
	engine.Config
	Schedule   string     // "zil" (sparse), "zil-dense", "fazil", "event" or "il"
	Form       graph.Form // how the graph is levelled; Unlevelled: as the schedule does it by default
	Unlevel    bool       // run it on the graph as it is
	PadLeaves  bool       // level the edges of leaves too
	Gamma      float64    // integration step γ
	Ticks      int        // relaxations
	Tol        float64    // of the residual
	Noise      float64    // standard deviation of an initial error
	Seed       uint64     // of the noise
	EveryTick  bool       // leaves learn at every tick
	Partitions int        // for an engine that is cut into parts: how many; 0 and 1: it is not. Others ignore it
}

// A Factory makes the engine under test. For a Setup that the engine cannot run by its nature, such as the sparse form
// where nobody waits for messages, it returns ErrRefused, and the checks go on without it; any other error fails them.
type Factory func(Setup) (engine.Engine, error)

// ErrRefused is what a Factory returns for a Setup that is not for its engine.
var ErrRefused = errors.New("enginetest: not for this engine")

// A State shows the vertices of an engine between two ticks. *neuron.Population implements it.
type State interface {
	Graph() *graph.Graph                       // the graph that runs: levelled
	Now() int                                  // the tick that is over
	Value(v graph.VertexID) tensor.Tensor      // the anchor: μ at the forward sweep
	X(v graph.VertexID) tensor.Tensor          // the value, after the tick
	AtRest(v graph.VertexID) bool              // the value is the anchor
	Prediction(v graph.VertexID) tensor.Tensor // μ at the tick
	Err(v graph.VertexID) tensor.Tensor        // ε at the tick; without storage: zero
	Energy() float64                           // F at the tick
	Residual() float64                         // ‖∂F/∂x‖₂ at the tick's relaxation
}

// An Observed engine calls f after every tick, with everything at rest. f modifies and keeps nothing.
type Observed interface{ Observe(f func(State)) }

// A Message is what crossed an edge: a prediction from From to To, or an error from To to From.
type Message struct {
	Edge  graph.EdgeID // of the graph that runs
	Error bool
	Tick  int // −1 for the forward sweep
}

// A Traced engine calls f for every message that a vertex sends, and tells the graph that runs. Calls do not overlap.
type Traced interface {
	Trace(f func(Message))
	Running() *graph.Graph
}

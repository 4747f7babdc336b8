package neuron

import "github.com/retrodict/retrodict/graph"

// A Kind says what a message carries.
type Kind uint8

const (
	Prediction Kind = iota // from an input to its consumer: the value that the consumer predicts with
	Error                  // from a consumer to its input: ε ∂μ/∂x, the feedback
)

// String returns "prediction" or "error".
func (k Kind) String() string { return [...]string{"prediction", "error"}[k] }

// A Message crosses one edge of the graph. Its identity is (Edge, Kind, Tick). Its payload is passed by reference: it
// lies in the sender's buffer for that edge, which stays as it is until the receiver has used it, because the
// receiver's own message is what lets the sender go on.
type Message struct {
	Edge graph.EdgeID
	Tick int32 // tick of the sample, Sweep for the forward sweep
	Kind Kind
	Rest bool // nothing in it: a prediction of a vertex at rest, an error that is structurally zero
	Wave bool // of an error under the gate OnWave: what the output sends has reached the sender, zero or not
}

// Sweep is the Tick of messages of the forward sweep.
const Sweep = -1

// A Router carries messages. Send is called by the vertex's own transition, in a fixed order; it must call Deliver of
// the Population exactly once for every message, now or later, on any goroutine.
type Router interface{ Send(w *Worker, m Message) }

// A Transition is what a vertex does when it fires.
type Transition uint8

const (
	None       Transition = iota
	Emit                  // leaf: send the value to all consumers
	Predict               // forward sweep: μ from the arguments; the anchor of the value
	Compare               // dense: μ and ε at this tick; errors to the arguments
	Relax                 // dense: x += γ(ε − Σ feedback); the value to the consumers
	Feedback              // sparse: ε is the folded feedback; errors to the arguments
	Learn                 // parameter leaf: fold the feedback, apply the plasticity
	Contribute            // sparse, deferred: errors to the parameters, when those to values are sent
)

// String returns the name of the transition.
func (t Transition) String() string {
	return [...]string{"none", "emit", "predict", "compare", "relax", "feedback", "learn", "contribute"}[t]
}

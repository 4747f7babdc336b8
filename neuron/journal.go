package neuron

import "github.com/retrodict/retrodict/graph"

// A Happening is what a vertex of a free-running engine did or met.
type Happening uint8

const (
	Received Happening = iota // it took a message from its edge
	Voided                    // it took notice that a message was lost, and emptied the slot
	Compared                  // it had the first half of a tick, or, under a rule that accumulates, a turn
	Relaxed                   // it had the second half
	Struck                    // a part of an intervention was carried out in it
)

// String returns the name of the happening.
func (h Happening) String() string {
	return [...]string{"received", "voided", "compared", "relaxed", "struck"}[h]
}

// An Entry is an entry of a journal: what happened to one vertex, in the order in which it happened to that vertex. The
// order between vertices is not recorded and does not matter. Payloads are not recorded either: they are computed anew.
type Entry struct {
	Vertex graph.VertexID
	What   Happening
	Kind   Kind         // of the message
	Edge   graph.EdgeID // of the message; of an intervention the part
	Tick   int32        // of the message; of an intervention its number in the plan; relaxed: units of time since it last did, where γ follows them
}

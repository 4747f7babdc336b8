// Package actors runs predictive coding on protoactor-go: every vertex of the computational graph is an actor that
// exchanges prediction and error messages with its neighbours alone, and a clock actor enforces the schedule.
//
// The vertices are those of package neuron, so the results are those of package pc, and under Z-IL those of backprop, to
// the bit, whatever the number of workers and the order of deliveries.
//
// How messages travel. A vertex sends to the cached Process of its neighbour. The neighbour's mailbox is a slot mailbox:
// on the sender's goroutine it puts the message into the slot of its edge and counts down what is missing; the
// actor is scheduled once, when its slots are full. Payloads pass by reference: they lie in the sender's buffer of that edge, which
// stays as it is until the receiver has answered. A dispatcher with one worker per core runs the actors; an idle worker
// takes over half of another's queue.
//
// Two hostings. Vertices with work of their own, such as tensor operations, are actors. Millions of single units are hosted
// by shard actors, one per worker (Config.Hosting): a shard fires its vertices itself, many in one call, and sends one
// batch to each other shard whenever it has nothing left to fire; the clock then talks to shards alone. The transitions are
// those of package neuron in both, and so are the bits. Hosted vertices are not actors and are not called so.
//
// The clock actor sends Begin to the leaves and, tick by tick, a turn to the vertices that are due; they
// acknowledge. When all acknowledgements are in, it opens the next tick. These control messages are counted apart
// from those that cross edges, and so is the time that they cost.
//
// Nothing hangs and nothing is hidden. A panic in a vertex ends the update with an error that names vertex and tick, and
// the supervisor stops the actor; it is never restarted, since its state would be lost. When every worker is idle and acknowledgements
// are missing, a message was lost: the update ends with an error that names a vertex that did not acknowledge. No
// timeout is involved.
package actors

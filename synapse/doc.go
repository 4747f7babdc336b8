// Package synapse provides the properties of a connection: how it transmits (Link, Channel) and how it learns
// (Plasticity).
//
// A Link says how messages travel along one direction of an edge: delay, jitter, loss, duplication, reordering, noise,
// quantisation. A Channel is one direction of one edge, with its own stream of random numbers. It carries nothing: it
// says when and how often what is sent arrives. Times are counted in units of a clock's resolution, which this package
// does not know.
//
// Learning is local. A parameter leaf receives the feedback ε_j ∂μ_j/∂ζ of its consumers, folds it, and applies its own
// Plasticity to its own weight; nobody else touches the weight. A Rule is the configuration of a Plasticity: gradient
// descent, momentum, adam, adamw. Their equations and sources are in the comment of Rule. All are elementwise, so that
// a parameter that is cut into several leaves, as at the grain of single neurons, learns the same bits as one that is not.
//
// What it is not: delays of one edge are independent of each other, of the load, and of other edges; there is no model of
// a dendrite, of plastic delays, or of release that depends on history, beyond bursts of losses. There is no clipping
// by a norm and no other rule that needs to know more than its own element; a rule of learning rates that change with
// time belongs to whoever counts epochs.
package synapse

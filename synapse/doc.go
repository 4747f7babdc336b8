// Package synapse provides the properties of a connection: how it learns (Plasticity).
//
// Learning is local. A parameter leaf receives the feedback ε_j ∂μ_j/∂ζ of its consumers, folds it, and applies its own
// Plasticity to its own weight; nobody else touches the weight. A Rule is the configuration of a Plasticity: gradient
// descent, momentum, adam, adamw. Their equations and sources are in the comment of Rule. All are elementwise, so that
// a parameter that is cut into several leaves, as at the grain of single neurons, learns the same bits as one that is not.
//
// What it is not: there is no clipping by a norm and no other rule that needs to know more than its own element; a rule
// of learning rates that change with time belongs to whoever counts epochs.
package synapse

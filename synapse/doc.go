// Package synapse provides the properties of a connection: how it learns (Plasticity).
//
// Learning is local. A parameter leaf receives the feedback ε_j ∂μ_j/∂ζ of its consumers, folds it, and applies its own
// Plasticity to its own weight; nobody else touches the weight.
package synapse

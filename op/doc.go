// Package op provides the elementary functions g that the vertices of a computational graph compute, and the losses
// that are the energy of its output vertex.
//
// An Op is a stateless value: a function of tensors, its shape rule, and its vector–Jacobian product. It knows nothing of
// predictive coding; every engine, backprop included, calls the same two kernels, which is one of the reasons why their
// results agree to the bit. Each family of functions has a file of its own, and every Op has a row in the table of
// package optest, whose suite checks it.
//
// Sources: the chain rule; for each function the source of its derivative is in its comment.
package op

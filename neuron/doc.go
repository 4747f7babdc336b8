// Package neuron is the heart of retrodict: the state machine of one vertex under predictive coding.
//
// A vertex i has a value x_i, a prediction μ_i = g_i(x of its arguments), and an error
//
//	ε_i = μ_i − x_i,     for the output ε = ∂E/∂μ           energy F = E + ½ Σ ε²
//
// and it changes its value by what its consumers j send back:
//
//	x_i += γ (ε_i − Σ_j ε_j ∂μ_j/∂x_i)                       (Salvatori et al. 2022, eq. 7 with the sign of the gradient)
//
// A parameter leaf ζ changes by −α Σ_j ε_j ∂μ_j/∂ζ, with the contribution of each consumer taken at the tick that the
// Rule says.
//
// A Population holds the states of all vertices of a graph in compact arrays; a vertex is an index into them. Its
// transitions (Emit, Predict, Compare, Relax, Feedback, Learn) read and write the state of that vertex and the slots of
// the messages that it received, and hand messages for its neighbours to a Router. A vertex fires when its slots are full, one token
// each, so deliveries commute; sums run in port order; so no engine, which is only a Router, can change a result.
//
// Values are kept as anchor + displacement: x = a + u, where a is μ at the forward sweep, so that ε = (μ − a) − u does not
// cancel. Until its first relaxation with an error in it, a vertex is at rest: x is the anchor itself and u is not
// there. That is why zero divergence is exact to the bit here and not only to rounding.
//
// What it is not: it knows no clock, no goroutine, no transport.
package neuron

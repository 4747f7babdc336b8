// Package pc provides the named rules of predictive coding and the plainest engine that runs them: one goroutine, a queue
// of messages, a loop over ticks.
//
//	ZIL   zero-divergence inference learning: γ = 1, forward sweep first, a leaf learns at its level's tick.
//	      Its update is backprop's to the bit [Salvatori et al. 2022, Theorem 3].
//	IL    inference learning: T relaxations with step γ, then all leaves learn. It approximates backprop.
//
// The engine is a Router for package neuron: it carries a message by putting it into the receiver's slot, and fires what
// is ready. Nothing in it computes.
package pc

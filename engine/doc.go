// Package engine is the contract of everything that learns on a computational graph: backprop (package bp), the
// synchronous engine (pc), virtual time (sim) and the actors (actors). Package enginetest is its suite.
//
// An Engine owns the parameters and the state of its vertices. It is given samples, and for each makes one update; every
// parameter leaf applies its own plasticity. Two engines that are given the same parameters and the same samples can be
// compared with Diff, whose yardstick is equality of bits.
package engine

// Package bench measures what an update costs: backprop, the synchronous engine and the actors on the same job.
//
// Engines take turns (A B C A B C …), so that a change of the machine's speed meets all of them. What is reported is the
// median over the repetitions of the ratios within one turn, with a bootstrap interval; absolute times are for
// orientation only.
package bench

// Package sim runs predictive coding in virtual time, from a seed: the same configuration gives the same bits, at every
// GOMAXPROCS.
//
// Time is an integer number of units of the clock resolution. Events are processed in the order of (time, class,
// sequence), where at one time deliveries come before the turns of vertices.
//
// Lockstep: a tick is opened for all vertices when all acknowledgements of the last one are in. Links delay
// messages; one that is lost is sent again. What a rule promises, it keeps: exact, only later.
//
// Free-running: nobody waits. Every vertex has a clock of its own, with period, drift and phase, or a Poisson process, or
// none (it acts when something arrives). At its tick n, at time t_n, it compares: μ from what its slots hold, ε, errors to
// its inputs. Half a period later it relaxes: x += γ(ε − Σ errors that its slots hold), and the value goes to its consumers.
// A slot holds what came last. With one global clock, and delays of at most half a tick, that is lockstep to the bit;
// everything else is what a study is about.
package sim

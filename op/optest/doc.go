// Package optest is the conformance suite of package op: what an Op promises in its contract, checked for every row of
// an explicit, ordered table.
//
// A Row is an Op with arguments to try it on. Check returns everything that is wrong with it; Test does so as subtests,
// TestAll for the whole table, Bench measures the same rows. A new family of functions adds a file with its rows and
// one line to Table. The suite itself is tested with Ops that are broken on purpose.
//
// It is not a proof: derivatives are compared with central differences at random points, with a tolerance.
package optest

// Package experiments reproduces published tables and figures, and shows training end to end. Every experiment is a
// claim with a source: Run computes, writes results.csv and where one helps a figure, and returns an error that wraps
// ErrClaim if what came out contradicts the claim. The folders beside this file hold the committed results and a README
// each; `retrodict experiment run NAME --out experiments/NAME` regenerates one.
//
// All numbers but times are determined by the seed: the same build on the same kind of machine writes the same bytes.
package experiments

// Package study is what the commands do: run an experiment and show what came of it, verify engines against backprop over
// many networks, say what a network costs before it is run, and carry out studies: every combination of what is varied,
// measured against backprop, into one table and figures.
//
// Every function returns a report, which marshals to one JSON object, and a text for people.
package study

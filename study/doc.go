// Package study is what the commands do: run an experiment and show what came of it, verify engines against backprop over
// many networks, and say what a network costs before it is run.
//
// Every function returns a report, which marshals to one JSON object, and a text for people.
package study

// Package record keeps what a run came to, in a folder of its own:
//
//	runs/<date>-<time>-<name>-s<seed>/
//	    config.yaml               the resolved configuration: run it again
//	    manifest.json             seed, versions, machine, command, hashes, times, status
//	    metrics.csv               a row for every epoch
//	    learning-curve.svg
//	    parameters.safetensors
//
// A folder is never reused: if its name is taken, a number is added. Files appear whole or not at all; metrics.csv grows
// by whole rows, so that a run that is killed leaves the epochs it made.
package record

// Package record keeps what a run came to, in a folder of its own:
//
//	runs/<date>-<time>-<name>-s<seed>/
//	    config.yaml               the resolved configuration: run it again
//	    manifest.json             seed, versions, machine, command, hashes, times, status
//	    log.txt                   what was shown, also of what went on from a checkpoint
//	    metrics.csv               a row for every epoch
//	    traces/                   what a Recorder wrote
//	    checkpoint/state.bin      the last checkpoint
//	    journal.bin               what happened to free-running actors
//	    learning-curve.svg
//	    parameters.safetensors
//
// A folder is never reused: if its name is taken, a number is added. Files appear whole or not at all; metrics.csv grows
// by whole rows, so that a run that is killed leaves the epochs it made.
//
// A Recorder looks at the vertices of an engine between ticks, as its Specs say, and streams what it sees to NPZ, CSV,
// Parquet or JSON Lines; List says what there is to see. It is passive: it copies, modifies nothing, and never blocks.
package record

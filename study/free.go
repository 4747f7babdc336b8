package study

import (
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
)

// wallScope is what the manifest says of the reproducibility of free-running actors.
const wallScope = "not: actors ran on the clock of the wall; the journal has what happened, and replays to the same bits"

// newEngine returns the engine that learns. Free-running actors keep a journal.
func (r *run) newEngine() (engine.Engine, error) {
	if r.Config.Wall() {
		return r.NewFree(r.Rule, r.note)
	}
	return r.Engine(r.Config.Time.Engine, r.Rule)
}

// note adds a sample to the journal.
func (r *run) note(sample []neuron.Entry) {
	if r.unnoted == nil {
		r.unnoted = r.journal.Add(sample)
	}
}

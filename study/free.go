package study

import (
	"errors"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/record"
)

// Words on the reproducibility of free-running actors.
const (
	wallScope = "not: actors ran on the clock of the wall; the journal has what happened, and replays to the same bits"
	lostScope = "not: actors ran on the clock of the wall, and no journal of what happened was kept"
)

// newEngine returns the engine that learns. Free-running actors keep a journal, unless told not to.
func (r *run) newEngine() (engine.Engine, error) {
	if r.Config.Wall() && r.Config.Record.Journal.Bytes() > 0 {
		return config.OrNone(r.NewFree(r.Rule, r.note))
	}
	return r.Engine(r.Config.Time.Engine, r.Rule)
}

// openJournal creates the journal of free-running actors.
func (r *run) openJournal() (err error) {
	limit := r.Config.Record.Journal.Bytes()
	if !r.Config.Wall() || limit == 0 {
		return nil
	}
	r.manifest.Journal = &record.JournalInfo{Limit: limit}
	r.journal, err = r.folder.Journal(record.HashConfig(r.text))
	return err
}

// note adds a sample to the journal. The one with which it reaches its limit is the last.
func (r *run) note(sample []neuron.Entry) {
	if info := r.manifest.Journal; r.unnoted == nil && !info.Full {
		r.unnoted = r.journal.Add(sample)
		info.Samples, info.Bytes = r.journal.Samples(), r.journal.Bytes()
		info.Full = info.Bytes >= info.Limit
	}
}

// noted keeps, after an update, what a journal that has just reached its limit replays to.
func (r *run) noted() error {
	info := r.manifest.Journal
	if info == nil || !info.Full || info.Hash != "" {
		return r.unnoted
	}
	info.Hash = r.engine.Params().Hash()
	return errors.Join(r.unnoted, r.folder.WriteManifest(r.manifest))
}

// showJournal says what is in the journal.
func (r *run) showJournal() {
	info := r.manifest.Journal
	switch {
	case info == nil && r.Config.Wall():
		r.page.line("  no journal was kept (record.journal): this run cannot be replayed")
	case info == nil:
	case info.Full:
		r.page.line("  ", record.JournalFile, " ", octets(info.Bytes), ": it reached its limit of ", octets(info.Limit),
			" (record.journal) at update ", whole(info.Samples), "; a replay ends there")
	default:
		r.page.line("  ", record.JournalFile, " ", octets(info.Bytes), ": ", whole(info.Samples), " updates; it would end at ",
			octets(info.Limit), " (record.journal)")
	}
}

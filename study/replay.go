package study

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/train"
)

// A ReplayReport is what became of a journal that was replayed.
type ReplayReport struct {
	Run      string `json:"run"`
	Samples  int    `json:"samples"`
	Entries  int64  `json:"entries"`  // of the journal
	Recorded string `json:"recorded"` // hash of the parameters at the end of the run; "" if it was killed
	Replayed string `json:"replayed"` // and of the replay
	Cut      bool   `json:"cut"`      // the run was killed while it wrote: a part of one more sample was left out
	Equal    bool   `json:"equal"`
	Limited  bool   `json:"limited,omitempty"` // the journal ended at its limit: both hashes are those after its last sample
}

// A JournalError says why a journal is none of this run.
type JournalError struct{ error }

// Unwrap returns the error without its kind.
func (e *JournalError) Unwrap() error { return e.error }

func noJournal(format string, args ...any) error {
	return &JournalError{fmt.Errorf("study: "+format, args...)}
}

// Write writes the report for people.
func (r ReplayReport) Write(w io.Writer) error {
	p := page{w: w}
	p.line("Replay of ", r.Run)
	p.line()
	p.pair("journal", fmt.Sprintf("%s samples, %s events", whole(r.Samples), whole(r.Entries)))
	if r.Cut {
		p.pair("", "a part of one more was left out: the run was killed while it wrote")
	}
	if r.Limited {
		p.pair("", "it reached its limit before the run ended: compared is what there was after its last update")
	}
	p.line()
	p.line("SHA-256 of all parameters' bits")
	recorded, verdict := r.Recorded, "   not equal"
	switch {
	case r.Equal:
		verdict = "   equal"
	case recorded == "":
		recorded, verdict = "none: the run did not end", ""
	}
	p.pair("actors", recorded)
	p.pair("replayed", r.Replayed+verdict)
	return p.err
}

// Replay runs in virtual time what happened in a run of free-running actors: every vertex meets its events in the order that
// the journal at path has. s is the configuration of the run, whose folder the journal lies in.
func Replay(ctx context.Context, s *config.Setup, path string, o RunOptions) (r ReplayReport, err error) {
	if !s.Config.Wall() {
		return r, noJournal("%s was no run of free-running actors: there is nothing to replay", filepath.Dir(path))
	}
	_, m, err := record.Open(filepath.Dir(path))
	if err != nil {
		return r, &JournalError{err}
	}
	r.Run, r.Recorded = filepath.Dir(path), m.Hash
	switch {
	case s.Config.Record.Journal.Bytes() == 0:
		return r, noJournal("%s kept no journal, as record.journal says: it cannot be replayed", r.Run)
	case m.Journal != nil && m.Journal.Full:
		r.Limited, r.Recorded = true, m.Journal.Hash
	}
	if err := r.count(s, path); err != nil {
		return r, err
	}
	e, err := s.NewSim(s.Rule)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	journal, file, err := record.OpenJournal(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if o.Progress == nil {
		o.Progress = silent{}
	}
	defer o.Progress.Hide()
	c := (&run{Setup: s}).trainConfig(&replayer{e, journal}, nil)
	c.Test, c.Updates = nil, r.Samples
	c.OnUpdate = func(epoch, update, updates int) {
		o.Progress.Show("replaying", (epoch-1)*updates+update, r.Samples)
	}
	if err := train.Run(ctx, c); err != nil {
		return r, err
	}
	r.Replayed = e.Params().Hash()
	r.Equal = r.Replayed == r.Recorded
	return r, nil
}

// count counts the samples of the journal, and returns an error if it is of another configuration or damaged.
func (r *ReplayReport) count(s *config.Setup, path string) error {
	journal, file, err := record.OpenJournal(path)
	if err != nil {
		return &JournalError{err}
	}
	defer func() { _ = file.Close() }()
	text, err := s.Config.Marshal()
	if err != nil {
		return err
	}
	if journal.Config != record.HashConfig(text) {
		return noJournal("%s was written under another configuration than config.yaml has now", path)
	}
	for {
		sample, err := journal.Next()
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			r.Cut = true
			fallthrough
		case err == io.EOF:
			if r.Samples == 0 {
				return noJournal("there is no sample in %s", path)
			}
			return nil
		case err != nil:
			return &JournalError{err}
		}
		r.Samples++
		r.Entries += int64(len(sample))
	}
}

// A replayer is an engine in virtual time that learns as a journal says.
type replayer struct {
	*sim.Engine
	journal *record.JournalReader
}

// Learn implements engine.Engine.
func (p *replayer) Learn(ctx context.Context, s engine.Sample) (engine.Result, error) {
	list, err := p.journal.Next()
	if err != nil {
		return engine.Result{}, err
	}
	return p.Replay(ctx, s, neuron.Learning, list)
}

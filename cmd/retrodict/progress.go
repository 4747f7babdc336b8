package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/retrodict/retrodict/study"
)

// progress shows how far a command is, on a terminal.
type progress struct {
	file *os.File
	bar  *progressbar.ProgressBar
	what string
}

// newProgress returns a progress on f, which is silent if f is no terminal.
func newProgress(f *os.File) study.Progress {
	if !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return &progress{file: f}
}

// Show implements study.Progress.
func (p *progress) Show(what string, done, total int) {
	if p.bar == nil || p.what != what {
		p.Hide()
		p.what = what
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.file), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish())
	}
	_ = p.bar.Set(done)
}

// Hide implements study.Progress.
func (p *progress) Hide() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

package study

import "strings"

// showInterrupted says at the very end where a run was interrupted, what is on disk, and how it goes on.
func (r *run) showInterrupted() {
	var there []string
	c := r.Config.Record
	if c.Checkpoint > 0 {
		there = append(there, "a checkpoint")
	}
	if c.Parameters {
		there = append(there, "the parameters")
	}
	there = append(there, "the metrics")
	if len(r.recordings) > 0 {
		there = append(there, "recordings")
	}
	if r.journal != nil {
		there = append(there, "the journal")
	}
	p := &r.page
	p.line()
	p.line("Interrupted at update ", whole(r.done), " of ", whole(r.total), ". On disk, as of this update: ", strings.Join(there, ", "), ".")
	switch {
	case c.Checkpoint > 0:
		p.line("Go on with  retrodict run --resume ", quoted(r.report.Run))
	case r.Config.Wall():
		p.line("Free-running actors cannot go on: run it anew.")
	default:
		p.line("It cannot go on, since it makes no checkpoints: run it anew, with --set record.checkpoint=100 to be able to.")
	}
}

// quoted returns s as a word of a command line.
func quoted(s string) string {
	plain := func(c rune) bool {
		return c > 127 || strings.ContainsRune("+,-./:=@_", c) || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
	}
	if s != "" && strings.IndexFunc(s, func(c rune) bool { return !plain(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

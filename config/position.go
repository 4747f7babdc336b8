package config

import (
	"fmt"
	"strings"
)

// A Position is where a value of a configuration was written. The zero Position is that of a default.
type Position struct {
	Source       string // file, or the override
	Line, Column int    // from 1; 0 for an override
	Knob         string // the reference that stands there, and where its knob was set, such as "$jitter: --set knobs.jitter=0"; "" if there is none
}

// String returns "file:line:column", or as much as is known.
func (p Position) String() string {
	switch {
	case p.Source == "":
		return "config"
	case p.Line == 0:
		return p.Source
	}
	return fmt.Sprintf("%s:%d:%d", p.Source, p.Line, p.Column)
}

// An Error is what is wrong with a configuration.
type Error struct {
	Position
	Path    string // dotted path of the key, "" if it is about the whole
	Message string
}

// Error returns "file:line:column: path: message", and in brackets the knob whose value stands there.
func (e *Error) Error() string {
	s := e.Position.String() + ": "
	if e.Path != "" {
		s += e.Path + ": "
	}
	s += e.Message
	if e.Knob != "" {
		s += " (" + e.Knob + ")"
	}
	return s
}

// positions remembers where keys were written.
type positions map[string]Position

// at returns the position of path, or of the nearest section around it that was written. Where a list has one element, its
// section may stand for it: what is in it then has no number.
func (p positions) at(path string) Position {
	for {
		for _, at := range []string{path, strings.Replace(path, "[0]", "", 1)} {
			if pos, ok := p[at]; ok {
				return pos
			}
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return Position{}
		}
		path = path[:i]
	}
}

// error returns an Error about path.
func (p positions) error(path, format string, args ...any) error {
	return &Error{Position: p.at(path), Path: path, Message: fmt.Sprintf(format, args...)}
}

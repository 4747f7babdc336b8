package config

import "github.com/goccy/go-yaml/ast"

// A Journal is the size in MB at which the journal of free-running actors ends, so that a long run cannot fill a disk. Zero is
// JournalLimit, and less is no journal. A file has true, false or a number.
type Journal int

// JournalLimit is the size in MB at which a journal ends if nothing else is said.
const JournalLimit = 1000

// Bytes returns the size at which the journal ends, 0 if there is none.
func (x Journal) Bytes() int64 {
	switch {
	case x < 0:
		return 0
	case x == 0:
		x = JournalLimit
	}
	return int64(x) * 1e6
}

func (x *Journal) decode(d *decoder, n ast.Node, path string) (bool, error) {
	if b, ok := n.(*ast.BoolNode); ok {
		if *x = 0; !b.Value {
			*x = -1
		}
		return true, nil
	}
	if i, ok := integer(n); ok && i > 0 && i <= 1e9 {
		*x = Journal(i)
		return true, nil
	}
	return true, d.errorf(n, path, "got %s, want true, false, or the size in MB at which it ends", describe(n))
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (x Journal) MarshalYAML() (any, error) {
	switch {
	case x < 0:
		return false, nil
	case x == 0:
		return true, nil
	}
	return int(x), nil
}

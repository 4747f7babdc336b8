package record

import (
	"encoding/json"
	"fmt"
	"io"
)

// An Index says what a recording is: what the columns of its arrays are, or whose its events.
type Index struct {
	What     []string      `json:"what"`
	Of       string        `json:"of"` // the pattern
	Every    float64       `json:"every"`
	Unit     string        `json:"unit"`               // of every; events: what follows are events
	To       string        `json:"to,omitempty"`       // the format
	Vertices bool          `json:"vertices,omitempty"` // the targets are vertices
	Kinds    []string      `json:"kinds,omitempty"`    // of events
	Targets  []IndexTarget `json:"targets"`
}

// An IndexTarget is a vertex, a level or the network: columns Offset to Offset + Elements − 1 are its own.
type IndexTarget struct {
	Name     string `json:"name"`
	Level    int    `json:"level"` // −1: the network, or a vertex that serves another output
	Offset   int    `json:"offset"`
	Elements int    `json:"elements"`
	Shape    []int  `json:"shape,omitempty"`
}

// index returns the index of a track.
func (t *track) index() *Index {
	x := &Index{What: t.What, Of: t.Of, Every: t.Every, Unit: t.Unit.String(), To: t.To, Targets: []IndexTarget{}}
	if t.events != nil {
		x.Kinds = t.events.names
	}
	for _, g := range t.targets {
		e := IndexTarget{Name: g.name, Level: g.level, Offset: g.offset, Elements: g.elements}
		if g.vertex >= 0 {
			x.Vertices = true
			e.Shape = g.shape.Slice()
		}
		x.Targets = append(x.Targets, e)
	}
	return x
}

// width returns the number of elements of all targets.
func (x *Index) width() (w int) {
	for _, t := range x.Targets {
		w += t.Elements
	}
	return w
}

// check returns an error if columns are not where they can be.
func (x *Index) check() error {
	width := 0
	for i, t := range x.Targets {
		if t.Elements < 1 || t.Elements > 1<<40 || width > 1<<40 {
			return fmt.Errorf("the index is wrong about target %d, %q", i, t.Name)
		}
		width += t.Elements
	}
	for i, t := range x.Targets {
		if t.Offset < 0 || t.Offset+t.Elements > width {
			return fmt.Errorf("the index is wrong about target %d, %q", i, t.Name)
		}
	}
	return nil
}

func writeIndex(path string, x *Index) error {
	return writeWhole(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(x) })
}

package record

import (
	"encoding/json"
	"io"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/tensor"
)

// An arraySink writes the arrays step (the number of the update), tick and ms, a number for every frame, and one for every
// quantity, a row for every frame and a column for every element of every target. An index beside the archive, in JSON,
// says which are whose. A killed run leaves the arrays in a folder, complete but for the last frames.
type arraySink struct {
	width int
	file  *npy.ArchiveStream
	heads [3]*npy.StreamWriter
	arr   []*npy.StreamWriter // by quantity
	head  [3]tensor.Tensor
	count int
}

// flushEvery is the number of frames between updates of the headers.
const flushEvery = 512

func openArrays(t *track, base string) (sink, error) {
	file, err := npy.CreateArchive(base + ".npz")
	if err != nil {
		return nil, err
	}
	s := &arraySink{width: t.width, file: file}
	if err = s.start(t); err == nil {
		err = writeIndex(base+".json", t)
	}
	if err != nil {
		s.abort()
		return nil, err
	}
	return s, nil
}

func (s *arraySink) start(t *track) (err error) {
	for i, name := range [...]string{"step", "tick", "ms"} {
		typ := tensor.Int64
		if name == "ms" {
			typ = tensor.Float64
		}
		s.head[i] = tensor.New(typ, tensor.Dims())
		if s.heads[i], err = s.file.Array(name, typ, tensor.Dims()); err != nil {
			return err
		}
	}
	for _, name := range t.What {
		w, err := s.file.Array(name, tensor.Float64, tensor.Dims(t.width))
		if err != nil {
			return err
		}
		s.arr = append(s.arr, w)
	}
	return nil
}

func (s *arraySink) write(f *frame) error {
	s.head[0].Int64s()[0], s.head[1].Int64s()[0], s.head[2].Float64s()[0] = int64(f.update), int64(f.tick), f.millis
	for i, w := range s.heads {
		if err := w.Append(s.head[i]); err != nil {
			return err
		}
	}
	for i, w := range s.arr {
		if err := w.Append(tensor.From(tensor.Dims(s.width), f.row[i*s.width:(i+1)*s.width])); err != nil {
			return err
		}
	}
	if s.count++; s.count%flushEvery == 0 {
		return s.file.Flush()
	}
	return nil
}

func (s *arraySink) close() error { return s.file.Close() }
func (s *arraySink) abort()       { _ = s.file.Abort() }

// An Index says what the columns of the arrays of a recording are.
type Index struct {
	What    []string      `json:"what"`
	Of      string        `json:"of"` // the pattern
	Every   float64       `json:"every"`
	Unit    string        `json:"unit"`
	Targets []IndexTarget `json:"targets"`
}

// An IndexTarget is a vertex, a level or the network: columns Offset to Offset + Elements − 1 are its own.
type IndexTarget struct {
	Name     string `json:"name"`
	Level    int    `json:"level"` // −1: the network, or a vertex that serves another output
	Offset   int    `json:"offset"`
	Elements int    `json:"elements"`
	Shape    []int  `json:"shape,omitempty"`
}

func writeIndex(path string, t *track) error {
	x := Index{What: t.What, Of: t.Of, Every: t.Every, Unit: t.Unit.String(), Targets: []IndexTarget{}}
	for _, g := range t.targets {
		e := IndexTarget{Name: g.name, Level: g.level, Offset: g.offset, Elements: g.elements}
		if g.vertex >= 0 {
			e.Shape = g.shape.Slice()
		}
		x.Targets = append(x.Targets, e)
	}
	return writeWhole(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(x) })
}

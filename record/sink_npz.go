package record

import (
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

func openArrays(x *Index, base string) (sink, error) {
	file, err := npy.CreateArchive(base + ".npz")
	if err != nil {
		return nil, err
	}
	s := &arraySink{width: x.width(), file: file}
	if err = s.start(x); err == nil {
		err = writeIndex(base+".json", x)
	}
	if err != nil {
		s.abort()
		return nil, err
	}
	return s, nil
}

func (s *arraySink) start(x *Index) (err error) {
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
	for _, name := range x.What {
		w, err := s.file.Array(name, tensor.Float64, tensor.Dims(s.width))
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

func (s *arraySink) flush() error { return s.file.Flush() }
func (s *arraySink) close() error { return s.file.Close() }
func (s *arraySink) abort()       { _ = s.file.Abort() }

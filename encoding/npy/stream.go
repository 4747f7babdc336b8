package npy

import (
	"fmt"
	"io"

	"github.com/retrodict/retrodict/encoding/internal/raw"
	"github.com/retrodict/retrodict/tensor"
)

// streamHeader is the size of a stream's header: room for a row count of any length.
const streamHeader = 192

// A StreamWriter writes an NPY array whose number of rows is not known in advance. It is not safe for concurrent use.
type StreamWriter struct {
	w     io.WriteSeeker
	start int64 // where the header is
	typ   tensor.Type
	row   tensor.Shape
	all   tensor.Shape // [0, row…]
	rows  int64
	buf   []byte
	err   error
}

// NewStreamWriter writes the header of an array of zero rows, of elements of type t and rows of shape row (rank at most
// 5), at w's position. The caller owns w: the StreamWriter never closes it, and wants nobody else to write to it.
func NewStreamWriter(w io.WriteSeeker, t tensor.Type, row tensor.Shape) (*StreamWriter, error) {
	if t == tensor.None || row.Rank() >= tensor.MaxRank {
		return nil, fmt.Errorf("npy: stream of %v rows of shape %v: want a type and a rank of at most %d", t, row, tensor.MaxRank-1)
	}
	start, err := w.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("npy: stream: %w", err)
	}
	s := &StreamWriter{w: w, start: start, typ: t, row: row, all: tensor.Dims(append([]int{0}, row.Slice()...)...)}
	if _, err := w.Write(formatHeader(t, s.all, 0, streamHeader)); err != nil {
		return nil, fmt.Errorf("npy: stream: %w", err)
	}
	return s, nil
}

// Rows returns the number of rows appended.
func (s *StreamWriter) Rows() int64 { return s.rows }

// Append appends t: one row, of the row's shape, or several, of shape [n, row…]. t is copied before Append returns. After
// a failed write every later call returns the same error.
func (s *StreamWriter) Append(t tensor.Tensor) error {
	if s.err != nil {
		return s.err
	}
	n := int64(1)
	if t.Shape() != s.row || t.Type() != s.typ {
		if t.Type() != s.typ || t.Shape().Rank() != s.all.Rank() || t.Shape().With(0, 0) != s.all {
			return fmt.Errorf("npy: stream: cannot append %v%v to rows of %v%v", t.Type(), t.Shape(), s.typ, s.row)
		}
		n = int64(t.Shape().Dim(0))
	}
	if s.buf = raw.Encode(s.buf[:0], t, 0, t.Len()); len(s.buf) > 0 {
		if _, err := s.w.Write(s.buf); err != nil {
			s.err = fmt.Errorf("npy: stream, row %d: %w", s.rows, err)
			return s.err
		}
	}
	s.rows += n
	return nil
}

// Flush makes what has been appended a complete array: it writes the present number of rows into the header.
func (s *StreamWriter) Flush() error {
	if s.err != nil {
		return s.err
	}
	h := formatHeader(s.typ, s.all, s.rows, streamHeader)
	end, err := s.w.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = s.w.Seek(s.start, io.SeekStart)
	}
	if err == nil {
		_, err = s.w.Write(h)
	}
	if err == nil {
		_, err = s.w.Seek(end, io.SeekStart)
	}
	if err != nil {
		s.err = fmt.Errorf("npy: stream header: %w", err)
	}
	return s.err
}

// Close is Flush, after which Append is an error. It does not close the file.
func (s *StreamWriter) Close() error {
	if err := s.Flush(); err != nil {
		return err
	}
	s.err = fmt.Errorf("npy: stream: closed")
	return nil
}

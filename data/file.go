package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/retrodict/retrodict/tensor"
)

// A Limit bounds what a file may hold. The zero Limit is the default.
type Limit struct {
	Elements int64 // of one tensor; 0 means 2²⁸ (2 GiB of Float64), and 2³¹−1 is the most
	Bytes    int64 // of a text, once decompressed; 0 means 2³⁰
}

// defaultElements is also the most that a generator gives.
const defaultElements int64 = 1 << 28

func (l Limit) filled() Limit {
	if l.Elements <= 0 {
		l.Elements = defaultElements
	}
	l.Elements = min(l.Elements, math.MaxInt32)
	if l.Bytes <= 0 {
		l.Bytes = 1 << 30
	}
	return l
}

// withFile calls read with the content of the file at path, decompressed if it is gzip, and puts the path before every
// error.
func withFile(path string, read func(io.Reader) error) error {
	err := func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		r, err := unzipped(f)
		if err != nil {
			return err
		}
		return read(r)
	}()
	if err == nil {
		return nil
	}
	if e := (*os.PathError)(nil); errors.As(err, &e) {
		err = e.Err
	}
	if at := (position{}); errors.As(err, &at) {
		return fmt.Errorf("data: %s:%w", path, err)
	}
	return fmt.Errorf("data: %s: %w", path, err)
}

// unzipped returns the content of r: decompressed if it begins as gzip does, whatever its name is.
func unzipped(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("offset 0: %w", err)
	}
	return z, nil
}

// A position is an error at a place in a text.
type position struct {
	line, column int
	err          error
}

func (p position) Error() string { return fmt.Sprintf("%d:%d: %v", p.line, p.column, p.err) }
func (p position) Unwrap() error { return p.err }

// readExactly reads the n bytes that a header claims after offset at, and makes sure that nothing follows. Memory grows
// with what arrives, to at most about twice as much.
func readExactly(r io.Reader, at, n int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, n+1))
	switch got := int64(len(b)); {
	case err != nil:
		return nil, fmt.Errorf("offset %d: %w", at+got, err)
	case got < n:
		return nil, fmt.Errorf("offset %d: the file ends, %d bytes of %d are missing", at+got, n-got, n)
	case got > n:
		return nil, fmt.Errorf("offset %d: bytes after the data", at+n)
	}
	return b, nil
}

// readHead fills b from the start of a file.
func readHead(r io.Reader, b []byte, at int) error {
	n, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("offset %d: the file ends in its header", at+n)
	}
	return err
}

// pixels returns bytes 0 … 255 as numbers 0 … 1, each the nearest to byte/255, in a tensor of the given shape.
func pixels(b []byte, s tensor.Shape) tensor.Tensor {
	var scale [256]float64
	for i := range scale {
		scale[i] = float64(i) / 255
	}
	t := tensor.New(tensor.Float64, s)
	d := t.Float64s()
	for i, c := range b {
		d[i] = scale[c]
	}
	return t
}

package npy

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/retrodict/retrodict/encoding/internal/raw"
	"github.com/retrodict/retrodict/tensor"
)

// unknown is the size of a stream whose length is not known.
const unknown = -1

// Read reads one array and leaves r just after it, so that arrays written one after the other can be read so. Memory is
// taken only as data arrive.
func Read(r io.Reader, lim Limit) (tensor.Tensor, error) {
	t, _, err := read(r, unknown, lim.filled())
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("npy: %w", err)
	}
	return t, nil
}

// ReadFile reads the array of an NPY file. Bytes after it are an error.
func ReadFile(path string, lim Limit) (tensor.Tensor, error) {
	t, err := readFile(path, lim.filled())
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("npy: %s: %w", path, err)
	}
	return t, nil
}

func readFile(path string, lim Limit) (tensor.Tensor, error) {
	f, size, err := open(path)
	if err != nil {
		return tensor.Tensor{}, err
	}
	defer func() { _ = f.Close() }()
	t, end, err := read(bufio.NewReaderSize(f, 1<<16), size, lim)
	if err == nil && end != size {
		err = fmt.Errorf("offset %d: %d bytes after the data", end, size-end)
	}
	return t, err
}

// open opens a regular file and returns its size.
func open(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, pathless(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("not a regular file")
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, pathless(err)
	}
	return f, info.Size(), nil
}

// pathless removes from err the path that the caller adds anyway.
func pathless(err error) error {
	if e, ok := err.(*os.PathError); ok {
		return e.Err
	}
	return err
}

// read reads an array from a stream of the given size, and returns the offset of its end.
func read(r io.Reader, size int64, lim Limit) (tensor.Tensor, int64, error) {
	h, err := readHeader(r, lim)
	if err != nil {
		return tensor.Tensor{}, 0, err
	}
	n := int64(h.shape.Len()) * int64(h.kind.Size())
	if size >= 0 && n > size-h.size {
		return tensor.Tensor{}, 0, fmt.Errorf("shape %v of %d bytes an element claims %d bytes, there are %d after the header",
			h.shape, h.kind.Size(), n, size-h.size)
	}
	t, err := raw.Read(r, h.shape, h.kind, h.order, size >= 0)
	if err != nil {
		return tensor.Tensor{}, 0, fmt.Errorf("data from offset %d: %w", h.size, err)
	}
	if h.fortran {
		t = rowMajor(t)
	}
	return t, h.size + n, nil
}

// rowMajor returns the array whose elements t holds in column-major order.
func rowMajor(t tensor.Tensor) tensor.Tensor {
	if t.Shape().Rank() < 2 {
		return t
	}
	d := tensor.New(t.Type(), t.Shape())
	switch t.Type() {
	case tensor.Float64:
		permute(d.Float64s(), t.Float64s(), t.Shape())
	case tensor.Float32:
		permute(d.Float32s(), t.Float32s(), t.Shape())
	case tensor.Int64:
		permute(d.Int64s(), t.Int64s(), t.Shape())
	case tensor.Bool:
		permute(d.Bools(), t.Bools(), t.Shape())
	}
	return d
}

// permute copies column-major src to row-major dst: the first index of src runs fastest.
func permute[T tensor.Element](dst, src []T, s tensor.Shape) {
	stride, rank := s.Strides(), s.Rank()
	var index [tensor.MaxRank]int
	at := 0
	for _, x := range src {
		dst[at] = x
		for i := range rank {
			index[i]++
			at += stride[i]
			if index[i] < s.Dim(i) {
				break
			}
			at -= index[i] * stride[i]
			index[i] = 0
		}
	}
}

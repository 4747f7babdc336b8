package data

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// An idx is a file in the IDX format, of Yann LeCun's MNIST page: two zero bytes, a byte for the type of the elements,
// a byte for the rank, the dimensions as big-endian 32-bit numbers, the elements in row-major order, big endian.
type idx struct {
	code  byte
	shape tensor.Shape
	data  []byte
}

// idxSize returns the bytes of an element of that type code, 0 if there is no such code.
func idxSize(code byte) int64 {
	switch code {
	case 0x08, 0x09: // unsigned, signed byte
		return 1
	case 0x0B: // int16
		return 2
	case 0x0C, 0x0D: // int32, float32
		return 4
	case 0x0E: // float64
		return 8
	}
	return 0
}

func readIDX(r io.Reader, lim Limit) (idx, error) {
	var b [4 + 4*tensor.MaxRank]byte
	if err := readHead(r, b[:4], 0); err != nil {
		return idx{}, err
	}
	f, rank := idx{code: b[2]}, int(b[3])
	size := idxSize(f.code)
	if b[0] != 0 || b[1] != 0 || size == 0 {
		return idx{}, fmt.Errorf("offset 0: no IDX file, it starts with % x", b[:4])
	}
	if rank > tensor.MaxRank {
		return idx{}, fmt.Errorf("offset 3: rank %d is above %d", rank, tensor.MaxRank)
	}
	if err := readHead(r, b[4:4+4*rank], 4); err != nil {
		return idx{}, err
	}
	dims := make([]int64, rank)
	for i := range dims {
		dims[i] = int64(binary.BigEndian.Uint32(b[4+4*i:]))
	}
	var err error
	if f.shape, err = tensor.CheckDims(dims, lim.Elements); err != nil {
		return idx{}, fmt.Errorf("offset 4: %s", strings.TrimPrefix(err.Error(), "tensor: "))
	}
	f.data, err = readExactly(r, int64(4+4*rank), int64(f.shape.Len())*size)
	return f, err
}

// tensor returns the elements: Float64, as they are, or Int64 if that is wanted and they are whole numbers by type.
func (f idx) tensor(t tensor.Type) (tensor.Tensor, error) {
	if t == tensor.Int64 && f.code >= 0x0D {
		return tensor.Tensor{}, fmt.Errorf("offset 2: floating-point elements, want whole numbers")
	}
	d := tensor.New(t, f.shape)
	size, be := int(idxSize(f.code)), binary.BigEndian
	for i := range d.Len() {
		b := f.data[i*size:]
		var n int64
		switch f.code {
		case 0x08:
			n = int64(b[0])
		case 0x09:
			n = int64(int8(b[0]))
		case 0x0B:
			n = int64(int16(be.Uint16(b)))
		case 0x0C:
			n = int64(int32(be.Uint32(b)))
		case 0x0D:
			d.SetFloat(i, float64(math.Float32frombits(be.Uint32(b))))
			continue
		case 0x0E:
			d.SetFloat(i, math.Float64frombits(be.Uint64(b)))
			continue
		}
		d.SetFloat(i, float64(n))
	}
	return d, nil
}

// ReadIDX reads an IDX file of any element type, gzip or plain, as a tensor of type Float64, or Int64 if its elements
// are integers. The values are not scaled.
func ReadIDX(path string, t tensor.Type, lim Limit) (tensor.Tensor, error) {
	if t != tensor.Float64 && t != tensor.Int64 {
		return tensor.Tensor{}, fmt.Errorf("data: %s: elements cannot be read as %v: want f64 or i64", path, t)
	}
	var x tensor.Tensor
	err := withFile(path, func(r io.Reader) error {
		f, err := readIDX(r, lim.filled())
		if err == nil {
			x, err = f.tensor(t)
		}
		return err
	})
	return x, err
}

// LoadIDX reads a set of labelled images from two IDX files, gzip or plain. Images [N, height, width] become X of shape
// [N, 1, height, width]; other ranks stay as they are; unsigned bytes are scaled from 0 … 255 to 0 … 1. Without class
// names the classes are called "0", "1", ….
func LoadIDX(name, images, labels string, classes []string, lim Limit) (*Set, error) {
	s := &Set{Name: name, Classes: classes}
	lim = lim.filled()
	err := withFile(images, func(r io.Reader) error {
		f, err := readIDX(r, lim)
		if err != nil {
			return err
		}
		if f.shape.Rank() < 2 {
			return fmt.Errorf("offset 3: shape %v, want images", f.shape)
		}
		if f.shape.Rank() == 3 {
			f.shape = tensor.Dims(f.shape.Dim(0), 1, f.shape.Dim(1), f.shape.Dim(2))
		}
		if f.code == 0x08 {
			s.X = pixels(f.data, f.shape)
			return nil
		}
		s.X, err = f.tensor(tensor.Float64)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = withFile(labels, func(r io.Reader) error {
		f, err := readIDX(r, lim)
		if err != nil {
			return err
		}
		if f.shape.Rank() != 1 || f.shape.Dim(0) != s.Len() {
			return fmt.Errorf("offset 3: shape %v, want %d labels", f.shape, s.Len())
		}
		if s.Y, err = f.tensor(tensor.Int64); err != nil {
			return err
		}
		n, err := countClasses(s.Y.Int64s())
		if err == nil && len(classes) == 0 {
			s.Classes = numbered(n)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.checked()
}

package tensor

import (
	"fmt"
	"math"
	"strconv"
)

// MaxRank is the largest rank of a Shape.
const MaxRank = 6

// A Shape is the list of a tensor's dimensions. It is a comparable value: two shapes are the same if they are ==. The
// zero Shape is that of a scalar (rank 0, one element). Dimensions may be 0.
type Shape struct {
	dims [MaxRank]int32
	rank int8
}

// Dims returns the shape with the given dimensions. It panics if there are more than MaxRank, or one is negative or
// does not fit an int32: check numbers that come from outside with CheckDims.
func Dims(dims ...int) Shape {
	if len(dims) > MaxRank {
		panic("tensor: rank above 6")
	}
	var s Shape
	for i, d := range dims {
		if d < 0 || d > math.MaxInt32 {
			panic("tensor: dimension out of range")
		}
		s.dims[i] = int32(d)
	}
	s.rank = int8(len(dims))
	return s
}

// CheckDims returns the shape with the given dimensions, or an error if the rank is above MaxRank, a dimension is
// negative, or the number of elements exceeds limit. For dimensions read from a file.
func CheckDims(dims []int64, limit int64) (Shape, error) {
	if len(dims) > MaxRank {
		return Shape{}, fmt.Errorf("tensor: rank %d is above %d", len(dims), MaxRank)
	}
	var s Shape
	n, zero := int64(1), false
	for i, d := range dims {
		if d < 0 || d > math.MaxInt32 {
			return Shape{}, fmt.Errorf("tensor: dimension %d is %d, outside [0, %d]", i, d, math.MaxInt32)
		}
		s.dims[i] = int32(d)
		if d == 0 {
			zero = true
		} else if n > limit/d {
			return Shape{}, fmt.Errorf("tensor: %v has more than %d elements", dims, limit)
		} else {
			n *= d
		}
	}
	if !zero && n > limit {
		return Shape{}, fmt.Errorf("tensor: %v has more than %d elements", dims, limit)
	}
	s.rank = int8(len(dims))
	return s, nil
}

// Rank returns the number of dimensions.
func (s Shape) Rank() int { return int(s.rank) }

// Dim returns dimension i; a negative i counts from the end, so Dim(-1) is the last.
func (s Shape) Dim(i int) int {
	if i < 0 {
		i += int(s.rank)
	}
	if i < 0 || i >= int(s.rank) {
		panic("tensor: dimension index out of range")
	}
	return int(s.dims[i])
}

// Len returns the number of elements, 1 for a scalar.
func (s Shape) Len() int {
	n := 1
	for _, d := range s.dims[:s.rank] {
		n *= int(d)
	}
	return n
}

// Slice returns the dimensions as a new slice.
func (s Shape) Slice() []int {
	d := make([]int, s.rank)
	for i := range d {
		d[i] = int(s.dims[i])
	}
	return d
}

// With returns the shape with dimension i (negative: from the end) replaced by d.
func (s Shape) With(i, d int) Shape {
	if i < 0 {
		i += int(s.rank)
	}
	if i < 0 || i >= int(s.rank) || d < 0 || d > math.MaxInt32 {
		panic("tensor: dimension out of range")
	}
	s.dims[i] = int32(d)
	return s
}

// Strides returns the row-major strides in elements.
func (s Shape) Strides() [MaxRank]int {
	var st [MaxRank]int
	n := 1
	for i := int(s.rank) - 1; i >= 0; i-- {
		st[i] = n
		n *= int(s.dims[i])
	}
	return st
}

// Split returns the products of the dimensions before axis, of axis itself, and after it: the loop bounds of every
// kernel that works along one axis. A negative axis counts from the end.
func (s Shape) Split(axis int) (outer, n, inner int) {
	if axis < 0 {
		axis += int(s.rank)
	}
	outer, n, inner = 1, s.Dim(axis), 1
	for i := 0; i < axis; i++ {
		outer *= int(s.dims[i])
	}
	for i := axis + 1; i < int(s.rank); i++ {
		inner *= int(s.dims[i])
	}
	return outer, n, inner
}

// String returns the shape as "[2 3]", "[]" for a scalar.
func (s Shape) String() string {
	b := []byte{'['}
	for i := range int(s.rank) {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(s.dims[i]), 10)
	}
	return string(append(b, ']'))
}

// Broadcast returns the shape of an elementwise operation on a and b under the rules of NumPy: shapes are aligned at
// their last dimension, and a dimension of 1 is stretched. The error names both shapes.
func Broadcast(a, b Shape) (Shape, error) {
	if a == b {
		return a, nil
	}
	var r Shape
	r.rank = max(a.rank, b.rank)
	for i := 1; i <= int(r.rank); i++ {
		x, y := int32(1), int32(1)
		if i <= int(a.rank) {
			x = a.dims[int(a.rank)-i]
		}
		if i <= int(b.rank) {
			y = b.dims[int(b.rank)-i]
		}
		if x != y && x != 1 && y != 1 {
			return Shape{}, fmt.Errorf("shapes %v and %v do not broadcast", a, b)
		}
		if x == 1 {
			x = y
		}
		r.dims[int(r.rank)-i] = x
	}
	return r, nil
}

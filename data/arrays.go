package data

import (
	"fmt"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/tensor"
)

// LoadNPZ reads a set from two arrays of an NPZ archive, "x" and "y" if no names are given. See FromTensors for what
// they may hold.
func LoadNPZ(path, x, y string, lim Limit) (*Set, error) {
	if x == "" {
		x = "x"
	}
	if y == "" {
		y = "y"
	}
	arrays, err := npy.ReadArchiveFile(path, npy.Limit{Elements: lim.filled().Elements}, x, y)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	var pair [2]tensor.Tensor
	for _, a := range arrays {
		if a.Name == x {
			pair[0] = a.Tensor
		}
		if a.Name == y {
			pair[1] = a.Tensor
		}
	}
	return FromTensors(path, pair[0], pair[1])
}

// LoadNPY reads a set from two NPY files.
func LoadNPY(x, y string, lim Limit) (*Set, error) {
	l := npy.Limit{Elements: lim.filled().Elements}
	a, err := npy.ReadFile(x, l)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	b, err := npy.ReadFile(y, l)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return FromTensors(x, a, b)
}

// FromTensors returns the set of the inputs x [N, …], of any type, and of y: integers or bools [N], [N, 1] or [N,
// steps] are labels, of classes called "0", "1", …; floating-point numbers [N] or [N, …] are targets. Inputs become
// Float64 and are not scaled; those that are Float64 already share storage with x.
func FromTensors(name string, x, y tensor.Tensor) (*Set, error) {
	s := &Set{Name: name}
	if !x.Wanted() || !y.Wanted() || x.Shape().Rank() == 0 || y.Shape().Rank() == 0 {
		return nil, s.errorf("x%v and y%v: want a first dimension that counts the rows", x.Shape(), y.Shape())
	}
	s.X, s.Y = x.Convert(tensor.Float64), y
	if x.Shape().Rank() == 1 {
		s.X = s.X.Reshape(tensor.Dims(x.Len(), 1))
	}
	if y.Type().IsFloat() {
		s.Y = y.Convert(tensor.Float64)
		if y.Shape().Rank() == 1 {
			s.Y = s.Y.Reshape(tensor.Dims(y.Len(), 1))
		}
		return s.checked()
	}
	s.Y = y.Convert(tensor.Int64)
	if y.Shape().Rank() == 2 && y.Shape().Dim(1) == 1 {
		s.Y = s.Y.Reshape(tensor.Dims(y.Len()))
	}
	if s.Y.Shape().Rank() > 2 {
		return nil, s.errorf("labels of shape %v: want [N] or [N, steps]", s.Y.Shape())
	}
	n, err := countClasses(s.Y.Int64s())
	if err != nil {
		return nil, s.errorf("%v", err)
	}
	s.Classes = numbered(n)
	return s.checked()
}

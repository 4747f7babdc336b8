package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/retrodict/retrodict/tensor"
)

// A Set is a data set of N rows. Its tensors are read-only once it is in use; sets may share them.
type Set struct {
	Name string
	// X holds the inputs: Float64 [N, features], [N, channels, height, width] or [N, steps, features], or Int64 [N, steps],
	// of indices into Classes.
	X tensor.Tensor
	// Y holds labels, Int64 [N], or [N, steps], of indices into Classes, or targets, Float64 [N, …].
	Y tensor.Tensor
	// Classes names what labels stand for. It is empty if Y holds targets.
	Classes []string
}

// Len returns the number of rows.
func (s *Set) Len() int { return s.X.Shape().Dim(0) }

// Features returns the number of elements of a row of X.
func (s *Set) Features() int { return rowLen(s.X.Shape()) }

// Targets returns the number of elements of a row of targets: of Y, or of its one-hot form if Y holds labels.
func (s *Set) Targets() int {
	if s.Y.Type() == tensor.Int64 {
		return rowLen(s.Y.Shape()) * len(s.Classes)
	}
	return rowLen(s.Y.Shape())
}

// rowLen returns the elements of a row: the product of all dimensions but the first.
func rowLen(s tensor.Shape) int {
	n := 1
	for i := 1; i < s.Rank(); i++ {
		n *= s.Dim(i)
	}
	return n
}

// Check returns an error unless s is as its fields' comments say: types, ranks, the same number of rows, labels in
// range.
func (s *Set) Check() error {
	x, y := s.X, s.Y
	if err := s.checkTypes(); err != nil {
		return err
	}
	if x.Shape().Rank() < 2 || y.Shape().Rank() < 1 {
		return s.errorf("X%v and Y%v: want rows of at least one dimension", x.Shape(), y.Shape())
	}
	if x.Shape().Dim(0) != y.Shape().Dim(0) {
		return s.errorf("X%v and Y%v differ in their number of rows", x.Shape(), y.Shape())
	}
	for _, t := range []tensor.Tensor{x, y} {
		if t.Type() != tensor.Int64 {
			continue
		}
		for i, label := range t.Int64s() {
			if label < 0 || label >= int64(len(s.Classes)) {
				return s.errorf("row %d: label %d is outside [0, %d)", i/rowLen(t.Shape()), label, len(s.Classes))
			}
		}
	}
	return nil
}

// checked returns s, or the error that Check finds.
func (s *Set) checked() (*Set, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) checkTypes() error {
	for _, t := range []tensor.Tensor{s.X, s.Y} {
		if t.Type() != tensor.Int64 && t.Type() != tensor.Float64 {
			return s.errorf("elements of type %v, want f64 or i64", t.Type())
		}
	}
	return nil
}

func (s *Set) errorf(format string, args ...any) error {
	return fmt.Errorf("data: %s: %s", s.Name, fmt.Sprintf(format, args...))
}

// Reshape returns the set with rows of X of another shape, on the same storage: Reshape(1, 8, 8) makes images of the
// digits, Reshape(s.Features()) makes vectors of images.
func (s *Set) Reshape(dims ...int) (*Set, error) {
	if len(dims) >= tensor.MaxRank || slices.ContainsFunc(dims, func(d int) bool { return d < 0 || d > math.MaxInt32 }) {
		return nil, s.errorf("rows of shape %v are not possible", dims)
	}
	shape := tensor.Dims(append([]int{s.Len()}, dims...)...)
	if rowLen(shape) != s.Features() {
		return nil, s.errorf("rows of X%v have %d elements, not those of shape %v", s.X.Shape(), s.Features(), dims)
	}
	r := *s
	r.X = s.X.Reshape(shape)
	return &r, nil
}

// Flatten returns the set with X of shape [N, features], on the same storage.
func (s *Set) Flatten() *Set {
	r := *s
	r.X = s.X.Reshape(tensor.Dims(s.Len(), s.Features()))
	return &r
}

// Head returns the set of the first n rows, or all if there are fewer, on the same storage.
func (s *Set) Head(n int) *Set {
	r := *s
	n = max(0, min(n, s.Len()))
	r.X, r.Y = s.X.Rows(0, n), s.Y.Rows(0, n)
	return &r
}

// Select returns the set of the given rows, copied. It panics if an index is out of range.
func (s *Set) Select(rows []int) *Set {
	r := *s
	r.X = tensor.New(s.X.Type(), s.X.Shape().With(0, len(rows)))
	r.Y = tensor.New(s.Y.Type(), s.Y.Shape().With(0, len(rows)))
	s.Gather(rows, r.X, r.Y)
	return &r
}

// Split divides the rows by a shuffle that the seed determines: the fraction test of them, rounded, for the second set,
// the others for the first, both in their original order. Both must get a row at least. The two share no storage with
// s.
func (s *Set) Split(test float64, seed uint64) (train, held *Set, err error) {
	n := s.Len()
	k := 0
	if test > 0 && test < 1 {
		k = int(math.Round(test * float64(n)))
	}
	if k < 1 || k >= n {
		return nil, nil, s.errorf("a test fraction of %v of %d rows leaves one side empty: want a fraction between 0 and 1", test, n)
	}
	rows := shuffled(newSource(seed, streamSplit), n)
	slices.Sort(rows[:k])
	slices.Sort(rows[k:])
	train, held = s.Select(rows[k:]), s.Select(rows[:k])
	train.Name += " (train)"
	held.Name += " (test)"
	return train, held, nil
}

// maxClasses bounds the labels of a file without names for them.
const maxClasses = 1 << 16

// numbered returns the names "0" … "n−1".
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// countClasses returns how many classes the labels imply: one more than the largest.
func countClasses(labels []int64) (int, error) {
	most := int64(-1)
	for i, y := range labels {
		if y < 0 || y >= maxClasses {
			return 0, fmt.Errorf("row %d: label %d is outside [0, %d)", i, y, maxClasses)
		}
		most = max(most, y)
	}
	return int(most + 1), nil
}

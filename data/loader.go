package data

import (
	"iter"

	"github.com/retrodict/retrodict/tensor"
)

// Batches says how a set is handed out.
type Batches struct {
	Size    int         // rows of a batch, at least 1
	Type    tensor.Type // of X, and of Y if it holds targets; None means Float64
	OneHot  bool        // labels become targets: Y [size, …, classes] of Type
	OneHotX bool        // an Int64 X becomes [size, steps, classes] of Type; otherwise it stays Int64
}

// A Batch is a part of a set. Its tensors belong to the Loader and hold the batch until the next one.
type Batch struct {
	Index int           // number of the batch, from 0
	Rows  []int         // which rows of the set they are
	X, Y  tensor.Tensor // [size, …]
	Valid int           // the rows from Valid on are padding: copies of the last row, to be left out of every count
}

// A Loader hands out the batches of a set, in the same two tensors every time. It is not safe for concurrent use.
type Loader struct {
	set   *Set
	batch Batch
	order []int
	size  int
}

// NewLoader returns a Loader for s, which is checked.
func NewLoader(s *Set, b Batches) (*Loader, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if b.Size < 1 {
		return nil, s.errorf("a batch of %d rows: want at least 1", b.Size)
	}
	if b.Type == tensor.None {
		b.Type = tensor.Float64
	}
	if !b.Type.IsFloat() {
		return nil, s.errorf("batches of type %v: want f64 or f32", b.Type)
	}
	l := &Loader{set: s, size: b.Size, order: make([]int, s.Len())}
	var err error
	if l.batch.X, err = s.buffer(s.X, b, b.OneHotX); err != nil {
		return nil, err
	}
	if l.batch.Y, err = s.buffer(s.Y, b, b.OneHot); err != nil {
		return nil, err
	}
	return l, nil
}

// buffer returns a tensor for batches of t.
func (s *Set) buffer(t tensor.Tensor, b Batches, oneHot bool) (tensor.Tensor, error) {
	shape, typ := t.Shape().With(0, b.Size), t.Type()
	if typ == tensor.Float64 {
		typ = b.Type
	} else if oneHot {
		typ = b.Type
		dims := append(shape.Slice(), len(s.Classes))
		if len(dims) > tensor.MaxRank {
			return tensor.Tensor{}, s.errorf("one-hot vectors of %v need a rank above %d", shape, tensor.MaxRank)
		}
		shape = tensor.Dims(dims...)
	}
	return tensor.New(typ, shape), nil
}

// Shapes returns the shapes of X and Y of every batch.
func (l *Loader) Shapes() (x, y tensor.Shape) { return l.batch.X.Shape(), l.batch.Y.Shape() }

// Steps returns the number of full batches, which is that of a training epoch. It is 0 if the set has fewer rows than
// one.
func (l *Loader) Steps() int { return l.set.Len() / l.size }

// Train returns the full batches of an epoch, in the order Order(seed, epoch, N). The rows that are left over at the
// end are dropped: every batch has the same weight, and other epochs visit them.
func (l *Loader) Train(seed, epoch uint64) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		l.identity()
		newSource(seed, epoch).shuffle(l.order)
		for i := range l.Steps() {
			if !yield(l.load(i, l.order[i*l.size:(i+1)*l.size], l.size)) {
				return
			}
		}
	}
}

// All returns every row once, in the set's order. The last batch is padded, see Batch.Valid.
func (l *Loader) All() iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		l.identity()
		padded := make([]int, l.size)
		for i, at := 0, 0; at < len(l.order); i, at = i+1, at+l.size {
			valid := copy(padded, l.order[at:])
			for j := valid; j < l.size; j++ {
				padded[j] = padded[valid-1]
			}
			if !yield(l.load(i, padded, valid)) {
				return
			}
		}
	}
}

func (l *Loader) identity() {
	for i := range l.order {
		l.order[i] = i
	}
}

func (l *Loader) load(i int, rows []int, valid int) Batch {
	b := l.batch
	b.Index, b.Rows, b.Valid = i, rows, valid
	l.set.Gather(rows, b.X, b.Y)
	return b
}

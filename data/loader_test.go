package data

import (
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGather(t *testing.T) {
	s := numberedSet(5)
	rows := []int{3, 0, 3}
	for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
		x, y := tensor.New(typ, tensor.Dims(3, 2)), tensor.New(typ, tensor.Dims(3, 3))
		y.Fill(9)
		s.Gather(rows, x, y)
		for i, r := range rows {
			assert.Equal(t, float64(r), x.Float(2*i))
			assert.Equal(t, float64(-r), x.Float(2*i+1))
			for k := range 3 {
				assert.Equal(t, k == r%3, y.Float(3*i+k) == 1)
				assert.Equal(t, k != r%3, y.Float(3*i+k) == 0)
			}
		}
		labels := tensor.New(typ, tensor.Dims(3))
		s.Gather(rows, tensor.Tensor{}, labels)
		assert.Equal(t, []float64{0, 0, 0}, []float64{labels.Float(0), labels.Float(1), labels.Float(2)})
		assert.Zero(t, testing.AllocsPerRun(10, func() { s.Gather(rows, x, y) }))
	}
	for _, bad := range []tensor.Tensor{
		tensor.New(tensor.Float64, tensor.Dims(3, 3)), tensor.New(tensor.Float64, tensor.Dims(2, 2)),
		tensor.New(tensor.Int64, tensor.Dims(3, 2)), tensor.New(tensor.Float64, tensor.Dims()),
	} {
		assert.Panics(t, func() { s.Gather(rows, bad, tensor.Tensor{}) }, "%v", bad.Shape())
	}
	assert.Panics(t, func() { s.Gather([]int{5}, tensor.New(tensor.Float64, tensor.Dims(1, 2)), tensor.Tensor{}) })
	assert.Panics(t, func() { s.Gather(rows, tensor.Tensor{}, tensor.New(tensor.Bool, tensor.Dims(3, 3))) })
}

func TestOneHot(t *testing.T) {
	labels := tensor.From(tensor.Dims(2, 2), []int64{2, 0, 1, 2})
	dst := tensor.New(tensor.Float32, tensor.Dims(2, 2, 3))
	OneHot(dst, labels)
	assert.Equal(t, []float32{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1}, dst.Float32s())
	assert.Panics(t, func() { OneHot(tensor.New(tensor.Float64, tensor.Dims(4, 2)), labels) }, "label 2 of 2")
	assert.Panics(t, func() { OneHot(tensor.New(tensor.Float64, tensor.Dims(3, 3)), labels) })
	assert.Panics(t, func() { OneHot(tensor.New(tensor.Int64, tensor.Dims(4, 3)), labels) })
}

func TestLoaderTrain(t *testing.T) {
	s := numberedSet(10)
	l, err := NewLoader(s, Batches{Size: 4, Type: tensor.Float32})
	require.NoError(t, err)
	assert.Equal(t, 2, l.Steps())
	for epoch := range uint64(3) {
		order, at := Order(7, epoch, 10), 0
		for b := range l.Train(7, epoch) {
			require.Equal(t, at/4, b.Index)
			require.Equal(t, 4, b.Valid)
			require.Equal(t, tensor.Float32, b.X.Type())
			require.Equal(t, tensor.Int64, b.Y.Type())
			for i := range 4 {
				require.Equal(t, order[at], checkRow(t, b.X, b.Y, i))
				require.Equal(t, order[at], b.Rows[i])
				at++
			}
		}
		require.Equal(t, 8, at, "the ragged batch is dropped")
	}
	for range l.Train(1, 1) {
		break
	}
}

func TestLoaderAll(t *testing.T) {
	l, err := NewLoader(numberedSet(10), Batches{Size: 4, OneHot: true})
	require.NoError(t, err)
	x, y := l.Shapes()
	assert.Equal(t, tensor.Dims(4, 2), x)
	assert.Equal(t, tensor.Dims(4, 3), y)
	at, valid := 0, []int{}
	for b := range l.All() {
		valid = append(valid, b.Valid)
		for i := range 4 {
			want := min(at+i, 9)
			assert.Equal(t, float64(want), b.X.Float(2*i))
			assert.Equal(t, 1.0, b.Y.Float(3*i+want%3))
		}
		at += b.Valid
	}
	assert.Equal(t, []int{4, 4, 2}, valid)
	assert.Equal(t, 10, at)
	for range l.All() {
		break
	}
}

// A batch costs no allocation: an epoch of many batches makes as many as an epoch of few.
func TestLoaderAllocates(t *testing.T) {
	epoch := func(s *Set) float64 {
		l, err := NewLoader(s, Batches{Size: 2, OneHot: true})
		require.NoError(t, err)
		return testing.AllocsPerRun(5, func() {
			for b := range l.Train(1, 1) {
				_ = b
			}
		})
	}
	assert.Equal(t, epoch(numberedSet(4)), epoch(numberedSet(400)))
}

func TestLoaderText(t *testing.T) {
	s, err := Text("t", "abcabcabc", Windows{Length: 3})
	require.NoError(t, err)
	l, err := NewLoader(s, Batches{Size: 2, OneHotX: true})
	require.NoError(t, err)
	for b := range l.Train(1, 0) {
		assert.Equal(t, tensor.Dims(2, 3, 3), b.X.Shape())
		assert.Equal(t, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, b.X.Float64s()[:9])
		assert.Equal(t, []int64{1, 2, 0}, b.Y.Int64s()[:3])
	}
}

func TestLoaderErrors(t *testing.T) {
	s := numberedSet(3)
	for _, c := range []struct {
		b    Batches
		want string
	}{{Batches{}, "batch of 0 rows"}, {Batches{Size: 1, Type: tensor.Int64}, "type i64"}} {
		_, err := NewLoader(s, c.b)
		assert.ErrorContains(t, err, c.want)
	}
	s.Y.Int64s()[0] = 9
	_, err := NewLoader(s, Batches{Size: 1})
	assert.ErrorContains(t, err, "label 9")
}

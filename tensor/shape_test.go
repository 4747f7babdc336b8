package tensor_test

import (
	"math"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawShape draws a shape of any rank with small dimensions, 0 among them.
func drawShape(t *rapid.T, name string) tensor.Shape {
	return tensor.Dims(rapid.SliceOfN(rapid.IntRange(0, 4), 0, tensor.MaxRank).Draw(t, name)...)
}

func TestShapeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t, "shape")
		require.Equal(t, s, tensor.Dims(s.Slice()...), "a shape is its dimensions")
		n, st := 1, s.Strides()
		for i := s.Rank() - 1; i >= 0; i-- {
			require.Equal(t, n, st[i])
			require.Equal(t, s.Dim(i), s.Dim(i-s.Rank()))
			n *= s.Dim(i)
		}
		require.Equal(t, n, s.Len())
		for axis := -s.Rank(); axis < s.Rank(); axis++ {
			outer, k, inner := s.Split(axis)
			require.Equal(t, s.Dim(axis), k)
			require.Equal(t, s.Len(), outer*k*inner)
			w := s.With(axis, 9)
			require.Equal(t, 9, w.Dim(axis))
			require.Equal(t, s, w.With(axis, s.Dim(axis)))
		}
		dims, most := make([]int64, s.Rank()), int64(1)
		for i := range dims {
			dims[i] = int64(s.Dim(i))
			most *= max(dims[i], 1)
		}
		checked, err := tensor.CheckDims(dims, most)
		require.NoError(t, err)
		require.Equal(t, s, checked)
	})
}

// Broadcasting is commutative, has [] as its unit, is idempotent, and agrees with the definition element by element.
func TestBroadcastLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawShape(t, "a"), drawShape(t, "b")
		ab, err := tensor.Broadcast(a, b)
		ba, err2 := tensor.Broadcast(b, a)
		require.Equal(t, err == nil, err2 == nil)
		require.Equal(t, ab, ba)
		if err != nil {
			require.ErrorContains(t, err, a.String())
			require.ErrorContains(t, err, b.String())
			return
		}
		for i := 1; i <= ab.Rank(); i++ {
			for _, s := range []tensor.Shape{a, b} {
				if i <= s.Rank() {
					require.Contains(t, []int{1, ab.Dim(-i)}, s.Dim(-i))
				}
			}
		}
		again, err := tensor.Broadcast(ab, a)
		require.NoError(t, err)
		require.Equal(t, ab, again)
		unit, err := tensor.Broadcast(a, tensor.Shape{})
		require.NoError(t, err)
		require.Equal(t, a, unit)
	})
}

func TestBadShapes(t *testing.T) {
	for _, dims := range [][]int{{-1}, {1, 1, 1, 1, 1, 1, 1}, {math.MaxInt32 + 1}} {
		require.Panics(t, func() { tensor.Dims(dims...) }, "%v", dims)
	}
	for _, c := range []struct {
		dims  []int64
		limit int64
	}{{[]int64{-1}, 10}, {[]int64{1, 1, 1, 1, 1, 1, 1}, 10}, {[]int64{3, 4}, 11}, {[]int64{math.MaxInt64}, math.MaxInt64},
		{[]int64{1 << 30, 1 << 30, 1 << 30}, math.MaxInt64}} {
		_, err := tensor.CheckDims(c.dims, c.limit)
		require.ErrorContains(t, err, "tensor: ", "%v", c)
	}
	_, err := tensor.CheckDims([]int64{0, math.MaxInt32, math.MaxInt32, math.MaxInt32}, 5)
	require.Error(t, err, "strides would overflow")
	require.Panics(t, func() { tensor.Dims(2).Dim(1) })
	require.Panics(t, func() { tensor.Dims(2).Dim(-2) })
	require.Panics(t, func() { tensor.Dims(2).With(0, -1) })
	require.Equal(t, "[2 3]", tensor.Dims(2, 3).String())
	require.Equal(t, "[]", tensor.Shape{}.String())
	require.Equal(t, 1, tensor.Shape{}.Len())
}

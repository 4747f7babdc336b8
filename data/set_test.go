package data

import (
	"math"
	"slices"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// numberedSet returns n rows: row i is (i, −i), of class i % 3.
func numberedSet(n int) *Set {
	s := &Set{Name: "numbered", Classes: numbered(3)}
	s.X, s.Y = tensor.New(tensor.Float64, tensor.Dims(n, 2)), tensor.New(tensor.Int64, tensor.Dims(n))
	for i := range n {
		s.X.Float64s()[2*i], s.X.Float64s()[2*i+1] = float64(i), -float64(i)
		s.Y.Int64s()[i] = int64(i % 3)
	}
	return s
}

// checkRow makes sure that row i of a part of numberedSet is whole, and returns its number.
func checkRow(t require.TestingT, x, y tensor.Tensor, i int) int {
	r := int(x.Float(2 * i))
	require.Equal(t, float64(-r), x.Float(2*i+1))
	require.Equal(t, float64(r%3), y.Float(i))
	return r
}

func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "n")
		k := rapid.IntRange(1, n-1).Draw(t, "k")
		seed := rapid.Uint64().Draw(t, "seed")
		s := numberedSet(n)
		train, test, err := s.Split(float64(k)/float64(n), seed)
		require.NoError(t, err)
		require.Equal(t, k, test.Len())
		seen := make([]bool, n)
		for _, part := range []*Set{train, test} {
			before := -1
			for i := range part.Len() {
				r := checkRow(t, part.X, part.Y, i)
				require.False(t, seen[r], "row %d twice", r)
				require.Greater(t, r, before, "original order")
				seen[r], before = true, r
			}
		}
		require.NotContains(t, seen, false)
		again, _, err := s.Split(float64(k)/float64(n), seed)
		require.NoError(t, err)
		require.Zero(t, tensor.Differing(train.X, again.X))
	})
	s := numberedSet(50)
	a, _, _ := s.Split(0.5, 1)
	b, _, _ := s.Split(0.5, 2)
	assert.NotZero(t, tensor.Differing(a.X, b.X), "another seed, another split")
	for _, f := range []float64{0, 1, -0.5, 0.001, 0.999, math.NaN(), math.Inf(1)} {
		_, _, err := s.Split(f, 1)
		assert.ErrorContains(t, err, "leaves one side empty")
	}
}

func TestCheck(t *testing.T) {
	for name, spoil := range map[string]func(*Set){
		"label 3 is outside":   func(s *Set) { s.Y.Int64s()[1] = 3 },
		"row 1: label -1":      func(s *Set) { s.Y.Int64s()[1] = -1 },
		"number of rows":       func(s *Set) { s.Y = s.Y.Rows(0, 2) },
		"type none":            func(s *Set) { s.X = tensor.Tensor{} },
		"type f32":             func(s *Set) { s.X = s.X.Convert(tensor.Float32) },
		"at least one dimensi": func(s *Set) { s.X = tensor.New(tensor.Float64, tensor.Dims(4)) },
	} {
		s := numberedSet(4)
		require.NoError(t, s.Check())
		spoil(s)
		assert.ErrorContains(t, s.Check(), name)
	}
	s := numberedSet(4)
	assert.Equal(t, 2, s.Features())
	assert.Equal(t, 3, s.Targets())
	assert.Equal(t, 2, s.Head(2).Len())
	assert.Equal(t, 4, s.Head(9).Len())
	s.Y = tensor.New(tensor.Float64, tensor.Dims(4, 5))
	assert.Equal(t, 5, s.Targets())
}

func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 50).Draw(t, "n")
		seed, epoch := rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "epoch")
		p := Order(seed, epoch, n)
		require.Equal(t, p, Order(seed, epoch, n))
		slices.Sort(p)
		for i := range p {
			require.Equal(t, i, p[i])
		}
	})
	// The order is part of the contract: a run can be repeated with a later version.
	assert.Equal(t, []int{6, 9, 8, 1, 2, 4, 3, 5, 10, 11, 0, 7}, Order(1, 0, 12))
	assert.NotEqual(t, Order(1, 0, 12), Order(1, 1, 12))
	assert.NotEqual(t, Order(1, 0, 12), Order(2, 0, 12))
	assert.NotEqual(t, Order(1, 2, 12), Order(2, 1, 12))
}

// Over neighbouring seeds and epochs, every row is equally likely at every place: chi-square, 81 degrees of freedom.
func TestOrderUniform(t *testing.T) {
	const n, runs = 10, 10_000
	var count [n][n]float64
	for i := range uint64(runs) {
		for place, row := range Order(i/100, i%100, n) {
			count[place][row]++
		}
	}
	chi := 0.0
	for _, places := range count {
		for _, c := range places {
			chi += (c - runs/n) * (c - runs/n) / (runs / n)
		}
	}
	assert.Less(t, chi, 140.0, "the chance of more is 1 in 20,000")
	assert.Greater(t, chi, 40.0, "too even to be random")
}

func TestNormal(t *testing.T) {
	r, sum, squares := newSource(1, 2), 0.0, 0.0
	const n = 100_000
	for range n {
		x := r.normal()
		sum, squares = sum+x, squares+x*x
	}
	assert.InDelta(t, 0, sum/n, 0.015)
	assert.InDelta(t, 1, squares/n, 0.02)
}

func TestStandardize(t *testing.T) {
	s, err := Iris()
	require.NoError(t, err)
	train, test, err := s.Split(0.3, 1)
	require.NoError(t, err)
	raw := test.X.Clone()
	sc := Standardize(train, test)
	of := FitScaling(train.X)
	for j := range 4 {
		assert.InDelta(t, 0, of.Mean[j], 1e-14)
		assert.InDelta(t, 1, of.Deviation[j], 1e-14)
		assert.Equal(t, (raw.Float(j)-sc.Mean[j])/sc.Deviation[j], test.X.Float(j), "by the statistics of train")
	}
	assert.Greater(t, math.Abs(FitScaling(test.X).Mean[0]), 1e-6, "the test set has another mean")
	assert.Equal(t, 5.1, s.X.Float(0), "the set that was split is unchanged")

	// Images: one mean per channel. A constant channel is only shifted.
	x := tensor.New(tensor.Float64, tensor.Dims(2, 2, 1, 2))
	copy(x.Float64s(), []float64{1, 2, 7, 7, 3, 2, 7, 7})
	sc = FitScaling(x)
	assert.Equal(t, []float64{2, 7}, sc.Mean)
	assert.Equal(t, []float64{math.Sqrt(0.5), 1}, sc.Deviation)
	assert.Zero(t, sc.Apply(x).Float(2))
	assert.Panics(t, func() { sc.Apply(raw) })
}

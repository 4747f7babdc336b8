package data

import (
	"math"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every generator gives a valid set that its seed determines.
func TestGenerators(t *testing.T) {
	for _, g := range []struct {
		name string
		make func(seed uint64) (*Set, error)
		x, y tensor.Shape
	}{
		{"xor", func(s uint64) (*Set, error) { return XOR(s, 10, 0.1) }, tensor.Dims(10, 2), tensor.Dims(10)},
		{"sine", func(s uint64) (*Set, error) { return Sine(s, 10, 0.1) }, tensor.Dims(10, 1), tensor.Dims(10, 1)},
		{"blobs", func(s uint64) (*Set, error) { return Blobs(s, BlobConfig{Rows: 5}) }, tensor.Dims(5, 3, 32, 32), tensor.Dims(5)},
		{"reber", func(s uint64) (*Set, error) { return Reber(s, 20, 9) }, tensor.Dims(20, 8, 7), tensor.Dims(20, 8)},
		{"reber?", func(s uint64) (*Set, error) { return ReberGrammatical(s, 20, 9) }, tensor.Dims(20, 9, 7), tensor.Dims(20)},
	} {
		a, err := g.make(3)
		require.NoError(t, err, g.name)
		require.NoError(t, a.Check(), g.name)
		assert.Equal(t, g.x, a.X.Shape(), g.name)
		assert.Equal(t, g.y, a.Y.Shape(), g.name)
		b, _ := g.make(3)
		c, _ := g.make(4)
		assert.Zero(t, tensor.Differing(a.X, b.X), g.name)
		assert.NotZero(t, tensor.Differing(a.X, c.X), g.name)
	}
	for _, err := range []error{
		second(XOR(1, 0, 0)), second(Sine(1, -1, 0)), second(Blobs(1, BlobConfig{Rows: -1})), second(Blobs(1, BlobConfig{Rows: 1 << 30})),
		second(Blobs(1, BlobConfig{Classes: -1})), second(Reber(1, 5, 4)), second(Reber(1, 5, -1)), second(ReberGrammatical(1, 5, 61)),
		second(Blobs(1, BlobConfig{Classes: maxClasses, Height: 100, Width: 100})),
	} {
		assert.ErrorContains(t, err, "data: ")
	}
}

func second(_ *Set, err error) error { return err }

func TestXOR(t *testing.T) {
	s, err := XOR(0, 4, 0)
	require.NoError(t, err)
	assert.Equal(t, []float64{0, 0, 0, 1, 1, 0, 1, 1}, s.X.Float64s())
	assert.Equal(t, []int64{0, 1, 1, 0}, s.Y.Int64s())
}

func TestSine(t *testing.T) {
	s, err := Sine(1, 1000, 0)
	require.NoError(t, err)
	sc := FitScaling(s.X)
	assert.InDelta(t, 0, sc.Mean[0], 0.2)
	assert.InDelta(t, math.Pi/math.Sqrt(3), sc.Deviation[0], 0.1, "uniform in [−π, π)")
	for i, x := range s.X.Float64s() {
		require.InDelta(t, math.Sin(x), s.Y.Float(i), 1e-15)
	}
}

// Blobs can be told apart: the nearest centre, learned from the first rows, is right.
func TestBlobs(t *testing.T) {
	s, err := Blobs(5, BlobConfig{Rows: 40, Classes: 4, Channels: 1, Height: 8, Width: 8})
	require.NoError(t, err)
	x, n := s.X.Float64s(), 64
	for i := 4; i < 40; i++ {
		best, least := -1, math.Inf(1)
		for c := range 4 {
			d := 0.0
			for j := range n {
				d += (x[i*n+j] - x[c*n+j]) * (x[i*n+j] - x[c*n+j])
			}
			if d < least {
				best, least = c, d
			}
		}
		require.EqualValues(t, s.Y.Int64s()[i], best)
	}
}

func TestIsReber(t *testing.T) {
	for _, s := range []string{"BTXSE", "BPVVE", "BTSXSE", "BPTVVE", "BTXXVVE", "BTSSXXTVPSE", "BPVPXVPSE"} {
		assert.True(t, IsReber(s), s)
	}
	for _, s := range []string{"", "B", "BTXS", "BTXSEE", "TXSE", "BTVVE", "BPXSE", "BTXSX", "btxse"} {
		assert.False(t, IsReber(s), s)
	}
}

// decode reads one-hot vectors as symbols.
func decode(t *testing.T, x tensor.Tensor, row int) string {
	steps := x.Shape().Dim(1)
	var b strings.Builder
	for j := range steps {
		v := x.Float64s()[(row*steps+j)*7 : (row*steps+j+1)*7]
		at, sum := -1, 0.0
		for k, e := range v {
			if sum += e; e == 1 {
				at = k
			}
		}
		require.Equal(t, 1.0, sum)
		b.WriteByte(reberSymbols[at])
	}
	return b.String()
}

func TestReber(t *testing.T) {
	s, err := Reber(1, 2000, 8)
	require.NoError(t, err)
	seen := map[string]int{}
	for i := range s.Len() {
		text := decode(t, s.X, i)
		for j, y := range s.Y.Int64s()[i*7 : i*7+7] {
			if j < 6 {
				require.Equal(t, string(text[j+1]), s.Classes[y])
			}
		}
		text += s.Classes[s.Y.Int64s()[i*7+6]]
		require.True(t, IsReber(text), text)
		seen[text]++
	}
	// All strings of 8 symbols, found by trying all of them, come equally often.
	var all []string
	var try func(string)
	try = func(p string) {
		if len(p) == 8 {
			if IsReber(p) {
				all = append(all, p)
			}
			return
		}
		for _, c := range reberSymbols {
			try(p + string(c))
		}
	}
	try("B")
	assert.Len(t, seen, len(all))
	for _, text := range all {
		assert.InDelta(t, 2000/len(all), seen[text], 6*math.Sqrt(2000/float64(len(all))), text)
	}
}

func TestReberGrammatical(t *testing.T) {
	for _, length := range []int{5, 12, 60} {
		s, err := ReberGrammatical(1, 100, length)
		require.NoError(t, err)
		for i, y := range s.Y.Int64s() {
			require.Equal(t, y == 1, IsReber(decode(t, s.X, i)))
			require.Equal(t, y == 1, i%2 == 0)
		}
	}
}

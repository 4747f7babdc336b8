package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func hash(t *testing.T, r io.Reader) string {
	h := sha256.New()
	_, err := io.Copy(h, r)
	require.NoError(t, err)
	return hex.EncodeToString(h.Sum(nil))
}

// The embedded files are the published ones, uncompressed.
func TestEmbeddedFiles(t *testing.T) {
	digits, err := unzipped(bytes.NewReader(digitsFile))
	require.NoError(t, err)
	assert.Equal(t, "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8", hash(t, digits))
	assert.Equal(t, "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449", hash(t, bytes.NewReader(irisFile)))
	assert.Equal(t, "1ae3f6ee0139a2889c314a3d3e628486899e1ab6cf80f05f508c0104752d75ee", hash(t, bytes.NewReader([]byte(opticksFile))))
}

// counts returns how often each class occurs.
func counts(s *Set) []int {
	n := make([]int, len(s.Classes))
	for _, y := range s.Y.Int64s() {
		n[y]++
	}
	return n
}

func TestDigits(t *testing.T) {
	s, err := Digits()
	require.NoError(t, err)
	require.NoError(t, s.Check())
	assert.Equal(t, tensor.Dims(1797, 64), s.X.Shape())
	assert.Equal(t, numbered(10), s.Classes)
	assert.Equal(t, []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, counts(s))
	most := 0.0
	for _, x := range s.X.Float64s() {
		require.True(t, x >= 0 && x <= 1 && x*16 == math.Trunc(x*16))
		most = max(most, x)
	}
	assert.Equal(t, 1.0, most)
	assert.Equal(t, []float64{0, 0, 5. / 16, 13. / 16}, s.X.Float64s()[:4])
	images, err := s.Reshape(1, 8, 8)
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(1797, 1, 8, 8), images.X.Shape())
	assert.Equal(t, s.X.Shape(), images.Flatten().X.Shape())
	_, err = s.Reshape(8, 7)
	assert.ErrorContains(t, err, "64 elements")
	_, err = s.Reshape(-8, -8)
	assert.Error(t, err)
}

func TestIris(t *testing.T) {
	s, err := Iris()
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(150, 4), s.X.Shape())
	assert.Equal(t, []string{"setosa", "versicolor", "virginica"}, s.Classes)
	assert.Equal(t, []int{50, 50, 50}, counts(s))
	mean := FitScaling(s.X).Mean
	for i, want := range []float64{5.843, 3.057, 3.758, 1.199} { // Fisher's table, four digits
		assert.InDelta(t, want, mean[i], 5e-4)
	}
}

func TestOpticks(t *testing.T) {
	s, err := Opticks(Windows{})
	require.NoError(t, err)
	require.NoError(t, s.Check())
	assert.Equal(t, 32, s.X.Shape().Dim(1))
	text := ""
	for _, c := range s.X.Int64s()[:64] {
		text += s.Classes[c]
	}
	assert.Equal(t, opticksFile[:64], text)
	assert.Contains(t, s.Classes, "Æ")
}

package onnx

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestDecimal(t *testing.T) {
	for _, x := range []float64{0, 0.01, -0.2, 0.1, 1e-5, 1. / 6, 1. / 3, math.Sqrt2, 1 / math.Sqrt(2), math.Sqrt(2 / math.Pi), 1 / math.Sqrt(48),
		math.Sqrt(768), 0.044715, 0.5, 1234567, 1.6732632, 0.1234567} {
		assert.Equal(t, x, decimal(float32(x)))
	}
	assert.True(t, math.IsInf(decimal(float32(math.Inf(-1))), -1))
	assert.True(t, math.IsNaN(decimal(float32(math.NaN()))))
}

// In float32 nothing changes.
func TestDecimalRoundsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float32().Draw(t, "x")
		if y := decimal(x); float32(y) != x && x == x {
			t.Fatalf("%v became %v", x, y)
		}
	})
}

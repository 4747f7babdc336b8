package study

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/config"
)

func TestNumbersThatAreNotFiniteAreNull(t *testing.T) {
	text, err := json.Marshal([]Number{1, 0.1, -1e-300, Number(math.NaN()), Number(math.Inf(-1))})
	require.NoError(t, err)
	assert.Equal(t, "[1,0.1,-1e-300,null,null]", string(text))
	assert.Equal(t, 2, nonFinite(1, Number(math.NaN()), Number(math.Inf(1))))
}

func TestTextOfNumbers(t *testing.T) {
	for i, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -999: "-999", 1234567: "1,234,567"} {
		assert.Equal(t, want, whole(i))
	}
	for x, want := range map[float64]string{0: "0", 999: "999", 1500: "1.5 k", 2.5e6: "2.5 M", 3e9: "3.0 G"} {
		assert.Equal(t, want, metric(x))
	}
	for x, want := range map[float64]string{1e-6: "1.0 µs", 0.0381: "38.1 ms", 2: "2.00 s", 5750: "5750 s"} {
		assert.Equal(t, want, seconds(x))
	}
	assert.Equal(t, []string{"819 B", "1.2 kB", "1.0 GB"}, []string{octets(819), octets(1234), octets(1e9)})
	nan := math.NaN()
	assert.Equal(t, []string{"–", "–", "–", "–", "97.2 %"}, []string{metric(nan), seconds(nan), percent(nan), decimal(nan, 2), percent(0.9721)})
}

// A ratio of times is as precise as it can be meant.
func TestTimes(t *testing.T) {
	for x, want := range map[float64]string{1.1: "1.10", 99.994: "99.99", 123.4: "123", 21135.5: "21,100", 999.9: "1,000", math.NaN(): "–", math.Inf(1): "+Inf"} {
		assert.Equal(t, want, times(x, 2))
	}
}

// All changes are listed, those of one element of a list in one line.
func TestChangesAreListed(t *testing.T) {
	var list []config.Change
	for i := range 30 {
		list = append(list, config.Change{Key: "a" + strconv.Itoa(i), Value: "1", Default: "2"})
	}
	list = append(list, config.Change{Key: "links[0].match", Value: "* -> *"}, config.Change{Key: "links[0].both.loss.bernoulli", Value: "0.1"},
		config.Change{Key: "links[1].match", Value: "a -> b"}, config.Change{Key: "x", Value: "3"})
	lines := changeLines(list)
	assert.Len(t, lines, 33)
	assert.Equal(t, []string{"links[0]: match = * -> *, both.loss.bernoulli = 0.1", "links[1]: match = a -> b", "x = 3"}, lines[30:])
}

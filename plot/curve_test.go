package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/record"
)

// curve returns the SVG of the epochs, after a check that it is well-formed.
func curve(t *testing.T, epochs []record.Epoch) string {
	var a, b bytes.Buffer
	require.NoError(t, LearningCurve(&a, "digits & co", epochs))
	require.NoError(t, LearningCurve(&b, "digits & co", epochs))
	require.Equal(t, a.String(), b.String(), "the same input gives the same bytes")
	for d := xml.NewDecoder(strings.NewReader(a.String())); ; {
		_, err := d.Token()
		if err == io.EOF {
			return a.String()
		}
		require.NoError(t, err)
	}
}

func TestLearningCurve(t *testing.T) {
	epochs := []record.Epoch{{Epoch: 1, Loss: 2, TestLoss: 2.5, Accuracy: 0.1}, {Epoch: 2, Loss: 1, TestLoss: 1.5, Accuracy: 0.6}, {Epoch: 3, Loss: 0.5, TestLoss: 1.2, Accuracy: 0.9}}
	s := curve(t, epochs)
	for _, text := range []string{"digits &amp; co", "loss (mean over rows)", "accuracy (held out)", "epoch", "learning", "held out", "#0072B2", "#D55E00", "#009E73"} {
		assert.Contains(t, s, text)
	}
	for i := range epochs {
		epochs[i].Accuracy = math.NaN()
	}
	assert.NotContains(t, curve(t, epochs), "accuracy")
}

func TestCurvesWithLittleInThem(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	curve(t, []record.Epoch{{Epoch: 1, Loss: 1, TestLoss: 1, Accuracy: 0.5}})
	curve(t, []record.Epoch{{Epoch: 1, Loss: nan, TestLoss: inf, Accuracy: nan}})
	curve(t, []record.Epoch{{Epoch: 1, Loss: 1, TestLoss: nan, Accuracy: nan}, {Epoch: 2, Loss: inf, TestLoss: nan, Accuracy: 0}})
	assert.Error(t, LearningCurve(io.Discard, "", nil))
	assert.ErrorContains(t, LearningCurve(full{}, "", []record.Epoch{{Epoch: 1}}), "plot: ")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWholeTicks(t *testing.T) {
	for _, r := range [][2]float64{{1, 1}, {1, 9}, {1, 1000}, {5, 120000}} {
		n := len(wholeTicks(r[0], r[1], 10))
		assert.Positive(t, n, r)
		assert.LessOrEqual(t, n, 13, r)
	}
}

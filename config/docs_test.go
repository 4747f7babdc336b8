package config

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The example of links, clocks and interventions in docs/ASYNCHRONY.md is one that can be run.
func TestDocumentedExample(t *testing.T) {
	page, err := os.ReadFile("../docs/ASYNCHRONY.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(page), "as a file has them\n")
	require.True(t, ok)
	text := `
network: {layers: [4, 6, 5, 3], grain: neuron}
data: {set: iris, batch: 1}
learning: {schedule: il, il: {tau: 10 ms, settle: 20 ms}, updates: 60}
time: {engine: sim, mode: free, tick: 1 ms}
`
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "    ") {
			text += line[4:]
		} else if len(strings.TrimSpace(line)) > 0 {
			break
		}
	}
	l, err := Parse("docs.yaml", []byte(text))
	require.NoError(t, err)
	assert.Len(t, l.Links, 5)
	assert.Len(t, l.Clocks, 4)
	assert.Len(t, l.Interventions, 10)
	s, err := l.Open()
	require.NoError(t, err)
	assert.Empty(t, s.idle())
	e, err := s.NewSim(s.Rule)
	require.NoError(t, err, "patterns that fit, actions that can be carried out")
	require.NoError(t, e.Close())
}

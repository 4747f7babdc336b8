package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A configuration that was written out means what it meant, also when it learns nothing.
func TestMarshalKeepsNoUpdates(t *testing.T) {
	for _, learning := range []string{"{updates: 0}", "{updates: 7}", "{epochs: 3}", "{}"} {
		l, err := Parse("x.yaml", []byte("learning: "+learning+"\n"))
		require.NoError(t, err)
		text, err := l.Marshal()
		require.NoError(t, err)
		again, err := Parse("y.yaml", text)
		require.NoError(t, err, "%s", text)
		assert.Equal(t, l.Learning.Epochs, again.Learning.Epochs, "%s\n%s", learning, text)
		assert.Equal(t, l.Learning.Updates, again.Learning.Updates, "%s\n%s", learning, text)
		assert.Equal(t, l.Learning.Plasticity, again.Learning.Plasticity)
	}
}

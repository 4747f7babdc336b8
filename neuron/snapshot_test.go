package neuron

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/graph"
)

// A snapshot of another version is refused, whatever follows, and the message names both.
func TestSnapshotsOfOtherVersionsAreRefused(t *testing.T) {
	p := newDriver(t, enginetest.Architectures()[0], Rule{Gamma: 1}, graph.Delays, nil).p
	state := p.AppendState(nil)
	rest, err := p.RestoreState(append(state[:len(state):len(state)], 7, 8))
	require.NoError(t, err)
	assert.Equal(t, []byte{7, 8}, rest)
	for _, v := range []byte{0, 1, 2, 3, 4, snapshotVersion + 1, 255} {
		other := append([]byte{v}, state[1:]...)
		_, err := p.RestoreState(other)
		assert.ErrorContains(t, err, "its format is version")
		assert.ErrorContains(t, err, "this program reads version 6")
	}
	_, err = p.RestoreState(nil)
	assert.ErrorContains(t, err, "it is empty")
}

// Whoever changes what a snapshot is made of changes its length here, and is to raise the version with it.
func TestSnapshotVersionIsRaisedWithItsFormat(t *testing.T) {
	for _, a := range enginetest.Architectures() {
		if a.Name == "diamond" {
			n := len(newDriver(t, a, Rule{Gamma: 1}, graph.Delays, nil).p.AppendState(nil))
			assert.Equal(t, [2]int{6, 12744}, [2]int{snapshotVersion, n}, "version and bytes: raise snapshotVersion, then write both here")
			return
		}
	}
	t.Fatal("there is no diamond")
}

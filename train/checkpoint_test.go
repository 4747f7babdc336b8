package train

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/pc"
)

// A run that goes on from any of its checkpoints ends with the bits, and the epochs, of the undisturbed one.
func TestResume(t *testing.T) {
	for _, rule := range []pc.Config{{}, {Rule: pc.IL(4, 0.1, 0)}} {
		var states [][]byte
		whole := iris(t, rule, 7)
		whole.Every = 4
		whole.OnCheckpoint = func(s []byte) error { states = append(states, s); return nil }
		want := epochs(t, whole)
		require.Len(t, states, 3*(120/7)/4)
		for _, s := range states {
			c := iris(t, rule, 7)
			c.Resume = s
			got := epochs(t, c)
			require.Equal(t, whole.Engine.Params().Hash(), c.Engine.Params().Hash())
			require.Equal(t, whole.Twin.Params().Hash(), c.Twin.Params().Hash())
			for i := range want {
				want[i].Time, want[i].TwinTime, got[i].Time, got[i].TwinTime, got[i].Restored = 0, 0, 0, 0, false
			}
			require.Equal(t, want, got)
		}
	}
}

func TestDamagedCheckpoint(t *testing.T) {
	c := iris(t, pc.Config{}, 7)
	var state []byte
	c.Every, c.OnCheckpoint = 20, func(s []byte) error { state = s; return nil }
	epochs(t, c)
	for n := 0; n < len(state); n += 1 + len(state)/100 {
		c := iris(t, pc.Config{}, 7)
		c.Resume = append([]byte{}, state[:n]...)
		require.Error(t, Run(context.Background(), c), "cut after %d of %d bytes", n, len(state))
	}
	alone := iris(t, pc.Config{}, 7)
	alone.Twin, alone.Resume = nil, state
	require.ErrorContains(t, Run(context.Background(), alone), "twin")
}

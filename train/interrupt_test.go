package train

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/pc"
)

// A run that is interrupted after any update hands over a last checkpoint, from which it goes on to the same bits and epochs.
func TestInterruptedRunGoesOn(t *testing.T) {
	const steps, last = 120 / 7, 3 * (120 / 7)
	whole := iris(t, pc.Config{}, 7)
	want := epochs(t, whole)
	for stop := 1; stop < last; stop += 1 + stop%5 {
		ctx, cancel := context.WithCancel(context.Background())
		var state []byte
		c := iris(t, pc.Config{}, 7)
		c.Every, c.OnCheckpoint = 4, func(s []byte) error { state = s; return nil }
		c.OnUpdate = func(epoch, update, _ int) {
			if (epoch-1)*steps+update == stop {
				cancel()
			}
		}
		require.ErrorIs(t, Run(ctx, c), ErrInterrupted)
		cancel()
		again := iris(t, pc.Config{}, 7)
		again.Resume = state
		first := 0
		again.OnUpdate = func(epoch, update, _ int) {
			if first == 0 {
				first = (epoch-1)*steps + update
			}
		}
		got := epochs(t, again)
		require.Equal(t, stop+1, first, "no update is made twice")
		require.Equal(t, whole.Engine.Params().Hash(), again.Engine.Params().Hash())
		for i := range want {
			want[i].Time, want[i].TwinTime, got[i].Time, got[i].TwinTime, got[i].Restored = 0, 0, 0, 0, false
		}
		require.Equal(t, want, got, "stopped after update %d", stop)
	}
}

// Without checkpoints, an interrupted run makes none.
func TestInterruptedRunWithoutCheckpoints(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := iris(t, pc.Config{}, 7)
	c.OnCheckpoint = func([]byte) error { t.Error("a checkpoint"); return nil }
	c.OnUpdate = func(int, int, int) { cancel() }
	require.ErrorIs(t, Run(ctx, c), ErrInterrupted)
}

package sim

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// What is counted vertex by vertex adds up to the totals, every event is told once, and counting changes no bit.
func TestTalliesAddUp(t *testing.T) {
	drifting := func(_ *graph.Levelled, v graph.VertexID) Clock {
		return Clock{Drift: 0.01 * float64(v%7), Phase: float64(v%5) / 5}
	}
	delayed := &synapse.Link{Delay: synapse.Distribution{Family: synapse.Exponential, Mean: 130}, Duplicate: 0.3, Reorder: true}
	seen := [neuron.Counts]int64{}
	for _, net := range nets(t) {
		cfg, s := problem(t, net, tensor.Float64)
		for _, c := range []Config{
			{Config: pc.Config{Rule: pc.ZIL()}, Path: wildPath}, {Config: pc.Config{Rule: pc.DenseZIL()}, Path: wildPath}, {Config: pc.Config{Rule: pc.Event()}, Path: wildPath},
			{Config: pc.Config{Rule: pc.EventDelta()}, Path: wildPath}, {Config: pc.Config{Rule: pc.EventDelta()}, Mode: Free, Path: everywhere(delayed, KeepLast, neuron.Error)},
			{Config: pc.Config{Rule: pc.IL(9, 0.1, 0)}, Mode: Free, Path: wildPath, Clock: drifting},
			{Config: pc.Config{Rule: pc.FaZIL()}, Mode: Free, Path: everywhere(wild, Silence, neuron.Error), Clock: drifting},
		} {
			c.Config.Config, c.Seed = cfg, 9
			plain, err := New(c)
			require.NoError(t, err)
			e, err := New(c)
			require.NoError(t, err)
			tally := neuron.NewTally(e.Graph().Graph)
			told := [neuron.Counts]int64{}
			tally.Event = func(k neuron.Count, _ graph.VertexID, _ neuron.Kind) { told[k]++ }
			e.Watch(tally)
			for range 3 {
				_, err = plain.Learn(context.Background(), s)
				require.NoError(t, err)
				_, err = e.Learn(context.Background(), s)
				require.NoError(t, err)
			}
			require.Zero(t, engine.Diff(e.Params(), plain.Params()).Differing)
			require.Equal(t, plain.Stats(), e.Stats())
			st, sum := e.Stats(), [neuron.Counts]int64{}
			waiting, travel, longest := int64(0), int64(0), int64(0)
			for v := range graph.VertexID(e.Graph().Len()) {
				for k := range sum {
					sum[k] += tally.Of(neuron.Count(k), v)
				}
				a, b := tally.Travel(v)
				waiting, travel, longest = waiting+tally.Waiting(v), travel+a, max(longest, b)
			}
			assert.Equal(t, told, sum)
			for k, want := range map[neuron.Count]int64{neuron.CountPredictions: st.Predictions, neuron.CountErrors: st.Errors, neuron.CountDelivered: st.Delivered,
				neuron.CountLost: st.Lost, neuron.CountLate: st.Late, neuron.CountStale: st.Stale, neuron.CountDuplicated: st.Duplicated, neuron.CountExpired: st.Expired} {
				assert.Equal(t, want, sum[k], "%s %s, %d", net.Name, c.Rule.Name, k)
				seen[k] += want
			}
			assert.Equal(t, []int64{st.UnderWay, st.Age, st.MaxAge}, []int64{waiting, travel, longest})
			assert.Positive(t, sum[neuron.CountTurns])
			assert.Positive(t, sum[neuron.CountActive])
			b := tally.AppendState(nil)
			again := neuron.NewTally(e.Graph().Graph)
			rest, err := again.RestoreState(append(b, 7))
			require.NoError(t, err)
			assert.Equal(t, []byte{7}, rest)
			assert.Equal(t, b, again.AppendState(nil))
			_, err = again.RestoreState(b[:len(b)/2])
			assert.Error(t, err)
		}
	}
	for k := neuron.CountPredictions; int(k) < neuron.Counts; k++ {
		assert.Positive(t, seen[k], "%d never happened: this test says nothing about it", k)
	}
}

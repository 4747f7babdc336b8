package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// strays is how much the runtime may allocate for itself while actors wait for one another: far less than there are messages.
const strays = 4

// In the steady state no engine allocates anything in an update of any job, in either type, with one worker and with two.
// (testing.AllocsPerRun would leave two workers one processor.)
func TestUpdatesDoNotAllocate(t *testing.T) {
	for _, j := range Jobs() {
		net, err := j.Build()
		require.NoError(t, err)
		if testing.Short() && large(net) {
			continue
		}
		for _, typ := range []tensor.Type{tensor.Float32, tensor.Float64} {
			for _, workers := range []int{1, 2} {
				if large(net) && typ == tensor.Float64 && workers == 1 {
					continue // to save time
				}
				t.Run(fmt.Sprintf("%s/%v/%d", j.Name, typ, workers), func(t *testing.T) { testSteady(t, j, net, typ, workers) })
			}
		}
	}
}

func testSteady(t *testing.T, j Job, net *network.Network, typ tensor.Type, workers int) {
	engines, warm, updates := builders(pc.ZIL(), pc.IL(2, 0.01, 0)), 20, 5
	if large(net) {
		engines, warm, updates = builders(pc.ZIL()), 2, 1
	}
	sample := j.sample(net, typ)
	for name, build := range engines {
		e, err := build(engine.Config{Graph: net.Graph, Initial: net.Initial, Loss: j.Loss, Type: typ,
			Plasticity: synapse.Rule{Rate: 0.01}, Compute: tensor.Config{Workers: workers}})
		require.NoError(t, err)
		limit := uint64(0)
		learn := func(n int) {
			for range n {
				r, err := e.Learn(context.Background(), sample)
				require.NoError(t, err)
				if _, ok := e.(*actors.Engine); ok {
					limit = uint64(min(strays, r.Messages))
				}
			}
		}
		learn(warm)
		least := uint64(math.MaxUint64)
		for try := 0; try < 5 && least > 0; try++ { // the runtime allocates now and then, for itself
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			learn(updates)
			runtime.ReadMemStats(&after)
			least = min(least, after.Mallocs-before.Mallocs)
		}
		assert.LessOrEqual(t, least, limit, name)
		require.NoError(t, e.Close())
	}
}

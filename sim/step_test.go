package sim

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// stepwise makes an update by any mixture of Step and RunUntil.
func stepwise(t *testing.T, e *Engine, s engine.Sample, r *rand.Rand) {
	require.NoError(t, e.Begin(s, neuron.Learning))
	for more := true; more; {
		var err error
		switch r.IntN(5) {
		case 0:
			more, err = e.Step()
		case 1:
			until := e.Now() + r.Int64N(300)
			more, err = e.RunUntil(func() bool { return e.Now() >= until })
		case 2:
			n := r.IntN(50)
			more, err = e.RunUntil(func() bool { n--; return n < 0 })
		case 4:
			until := e.Now() + r.Int64N(300)
			more, err = e.RunUntilTime(until)
			if more {
				require.Equal(t, until, e.Now())
			}
		case 3: // looking changes nothing
			before := hash(e)
			_, _, _ = e.Stats(), e.Result(), e.pop.Energy()
			require.Equal(t, before, hash(e))
		}
		require.NoError(t, err)
	}
}

// Stepping equals running: any interleaving of Step, RunUntil and looking gives the bits of Learn.
func TestSteppingEqualsRunning(t *testing.T) {
	for _, c := range settings() {
		for k := range nets(t) {
			run, s := c.open(t, k, tensor.Float64)
			step, _ := c.open(t, k, tensor.Float64)
			for n := range uint64(3) {
				_, err := run.Learn(context.Background(), s)
				require.NoError(t, err)
				stepwise(t, step, s, rand.New(rand.NewPCG(enginetest.Seed, n)))
				require.Equal(t, hash(run), hash(step), "%s, network %d, update %d", c.name, k, n)
			}
		}
	}
}

// An update under way refuses another one, and is not disturbed by it.
func TestOneUpdateAtATime(t *testing.T) {
	c := settings()[6]
	e, s := c.open(t, 0, tensor.Float64)
	require.NoError(t, e.Begin(s, neuron.Learning))
	_, err := e.RunUntil(func() bool { return e.Now() > 200 })
	require.NoError(t, err)
	_, err = e.Learn(context.Background(), s)
	require.ErrorContains(t, err, "under way")
	require.Error(t, e.Begin(s, neuron.Learning))
	_, err = e.Predict(context.Background(), s.Inputs)
	require.ErrorContains(t, err, "under way")
	_, err = e.RunUntil(func() bool { return false })
	require.NoError(t, err)
	other, _ := c.open(t, 0, tensor.Float64)
	_, err = other.Learn(context.Background(), s)
	require.NoError(t, err)
	require.Equal(t, hash(other), hash(e))
}

// checkConservation holds the counts against each other.
func checkConservation(t *testing.T, e *Engine, what string) {
	s := e.Stats()
	require.Equal(t, s.Sent+s.Resent+s.Doubled, s.Delivered+s.Lost+s.Stale+s.Duplicated+s.Expired+s.UnderWay, "%s: %+v", what, s)
	require.Equal(t, s.Sent, s.Predictions+s.Errors, "%s: %+v", what, s)
	require.LessOrEqual(t, s.Late, s.Delivered)
	require.LessOrEqual(t, s.Voided, s.Lost)
	require.LessOrEqual(t, s.Duplicated, s.Doubled+s.Stale, what)
	way := int64(0)
	for i := range e.queue.wheel.slots {
		e.queue.wheel.each(i, func(ev *event) {
			if !ev.is(isVoid) {
				way++
			}
		})
	}
	for i := range e.queue.heap {
		if ev := &e.queue.heap[i]; ev.class() == deliver && !ev.is(isVoid) {
			way++
		}
	}
	require.Equal(t, way, s.UnderWay, what)
}

// No message gets out of sight, at no moment: what was sent, sent again or doubled has arrived, is lost, was stale or
// recognised as a copy, has expired, or is under way.
func TestConservationOfMessages(t *testing.T) {
	for _, c := range settings() {
		for k := range nets(t) {
			e, s := c.open(t, k, tensor.Float64)
			for range 2 {
				require.NoError(t, e.Begin(s, neuron.Learning))
				for n, more := 0, true; more; n++ {
					var err error
					more, err = e.Step()
					require.NoError(t, err)
					if n%97 == 0 {
						checkConservation(t, e, c.name)
					}
				}
				checkConservation(t, e, c.name)
				if !c.cfg.Keep {
					require.Zero(t, e.Stats().UnderWay, c.name)
				}
			}
			_, err := e.Predict(context.Background(), s.Inputs)
			require.NoError(t, err)
			checkConservation(t, e, c.name)
			if st := e.Stats(); e.box != nil && !c.cfg.Keep { // every place was given back
				for i := range e.box.kinds {
					b := &e.box.kinds[i]
					require.Len(t, b.free, len(b.slabs)*int(b.perSlab()), "%s: %v %+v", c.name, b.shape, st)
				}
			}
		}
	}
}

// All that happens up to a time has happened, and nothing that happens later; a time without events is reached all the same.
func TestRunUntilTime(t *testing.T) {
	for _, c := range settings() {
		e, s := c.open(t, 0, tensor.Float64)
		require.NoError(t, e.Begin(s, neuron.Learning))
		start := e.Now()
		more, err := e.RunUntilTime(start)
		for until := start; more && err == nil; until += 7 {
			more, err = e.RunUntilTime(until)
			require.LessOrEqual(t, e.Now(), until, c.name)
			if more {
				require.Equal(t, until, e.Now(), c.name)
				require.Greater(t, e.queue.next(), until, c.name)
			}
		}
		require.NoError(t, err)
		other, _ := c.open(t, 0, tensor.Float64)
		_, err = other.Learn(context.Background(), s)
		require.NoError(t, err)
		require.Equal(t, hash(other), hash(e), c.name)
	}
	e, _ := settings()[0].open(t, 0, tensor.Float64)
	more, err := e.RunUntilTime(5)
	require.NoError(t, err)
	require.False(t, more, "no update is under way")
	require.Zero(t, e.Now())
}

// Time is told to go on from the end of all events of a moment to the next one, without gaps, to the end of the update.
func TestObserveTimes(t *testing.T) {
	for _, c := range settings() {
		e, s := c.open(t, 0, tensor.Float64)
		at, last := int64(0), int64(0)
		e.ObserveTimes(func(from, until int64) {
			require.Equal(t, at, from, c.name)
			require.True(t, until > from || !e.active, c.name)
			at, last = until, e.stats.Events
		})
		for range 2 {
			_, err := e.Learn(context.Background(), s)
			require.NoError(t, err)
			require.Equal(t, e.Now(), at, c.name)
			require.Equal(t, e.stats.Events, last)
		}
	}
}

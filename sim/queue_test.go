package sim

import (
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkQueue pushes and pops at random, as a simulation does: nothing is pushed that is earlier than what was popped last.
func checkQueue(t *testing.T, r *rand.Rand, reach int64, steps int) {
	var q queue
	var model []event // what must be in q
	made := 0
	for range steps {
		switch r.IntN(20) {
		case 0: // remove a third
			keep := func(e *event) bool { return e.id%3 != 0 }
			q.filter(keep)
			rest := model[:0]
			for _, e := range model {
				if keep(&e) {
					rest = append(rest, e)
				}
			}
			model = rest
		case 1, 2, 3, 4, 5, 6, 7, 8:
			if len(model) == 0 {
				continue
			}
			sort.Slice(model, func(i, k int) bool { return model[i].before(&model[k]) })
			var e event
			q.pop(&e)
			require.Equal(t, model[0], e)
			model = model[1:]
		default:
			e := event{time: q.now + r.Int64N(reach), id: int32(made)}
			c, flags := class(r.IntN(6)), r.Int64N(1<<flagBits)
			if r.IntN(3) > 0 {
				c = deliver
			}
			q.push(c, e, flags)
			e.rank = int64(c)<<56 | (q.made-1)<<flagBits | flags
			require.Equal(t, c, e.class())
			model = append(model, e)
			made++
		}
		require.Equal(t, len(model), q.size())
	}
}

// The queue gives the events in the order of (time, class, sequence), whether they wait in the wheel or in the heap.
func TestQueue(t *testing.T) {
	for seed := range uint64(40) {
		for _, reach := range []int64{1, 5, 300, span - 1, span + 1, 3 * span} {
			checkQueue(t, rand.New(rand.NewPCG(seed, uint64(reach))), reach, 400)
		}
	}
}

func FuzzQueue(f *testing.F) {
	f.Add(uint64(1), uint16(10), uint16(100))
	f.Add(uint64(2), uint16(span), uint16(500))
	f.Fuzz(func(t *testing.T, seed uint64, reach, steps uint16) {
		checkQueue(t, rand.New(rand.NewPCG(seed, 0)), int64(reach)+1, int(steps))
	})
}

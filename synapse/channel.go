package synapse

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/retrodict/retrodict/tensor"
)

// A Channel is one direction of one edge: its Link, and the state that the Link needs. It holds no messages. It is a
// value of 56 bytes; nothing in it allocates, and it is not safe for concurrent use.
//
// Randomness: a Channel has a generator of its own [PCG-DXSM, O'Neill 2014], whose stream depends on seed, edge and
// direction alone. Every Send moves it by exactly one step, whatever the Link; that step gives the message a key, from
// which loss, delay, jitter, duplication and noise draw independently of each other. So the n-th message of an edge has
// the same luck in every respect whatever happens to other edges, to other messages, and to its own other properties:
// runs with different parameters have common random numbers.
type Channel struct {
	random   rand.PCG
	link     *Link // nil: ideal
	distance float64
	last     int64  // the latest arrival
	key      uint64 // of the last message
	burst    burst
}

// What the key of a message is used for.
const (
	useLoss = iota
	useChain
	useStep
	useDuplicate
	useNoise
	useDelay                 // of the message, of its copy
	useJitter = useDelay + 2 // likewise
)

// never is before every arrival.
const never = math.MinInt64

// NewChannel returns the channel of that direction of an edge, of the given length in units of distance. link must pass
// Check; nil stands for an ideal one.
func NewChannel(link *Link, seed uint64, edge int64, direction int, distance float64) Channel {
	c := Channel{link: link, distance: distance, last: never}
	at := 2*uint64(edge) + uint64(direction&1)
	high := mix(mix(seed) + (at+1)*golden) // for one seed, every edge and direction has another
	c.random.Seed(high, mix(high^mix(seed+golden)))
	return c
}

// Link returns the link, nil if it is ideal.
func (c *Channel) Link() *Link { return c.link }

// SetLink changes the link, and the length, from the next message on. What was sent is not concerned; the generator goes on
// as it would have.
func (c *Channel) SetLink(link *Link, distance float64) { c.link, c.distance = link, distance }

// Ideal reports whether the link is ideal: then messages need neither Send nor Distort, if none sent earlier is still on
// its way. A message that is not sent does not move the generator, which matters if the link changes later.
func (c *Channel) Ideal() bool { return c.link == nil || c.link.Ideal() }

// Send sends a message at time now, and returns how often it arrives, and when: once at at[0], also as a copy at at[1], or 0
// times; then it would have arrived at at[0], when its receiver can miss it. No arrival is before now.
func (c *Channel) Send(now int64) (n int, at [2]int64) {
	c.key = c.random.Uint64()
	l := c.link
	if l == nil {
		at[0] = c.arrive(now, false)
		return 1, at
	}
	if l.Loss.Model != Lossless && l.Loss.lost(c.key, &c.burst) {
		if at[0] = now + l.delay(c.key, 0, c.distance); !l.Reorder {
			at[0] = max(at[0], c.last)
		}
		return 0, at
	}
	at[0] = c.arrive(now+l.delay(c.key, 0, c.distance), l.Reorder)
	if l.Duplicate > 0 {
		if u := of(c.key, useDuplicate); u.uniform() < l.Duplicate {
			at[1] = c.arrive(now+l.delay(c.key, 1, c.distance), l.Reorder)
			return 2, at
		}
	}
	return 1, at
}

// arrive returns when a message that travels until t arrives.
func (c *Channel) arrive(t int64, reorder bool) int64 {
	if t >= c.last {
		c.last = t
	} else if !reorder {
		return c.last
	}
	return t
}

// delay draws how long a message takes, or its copy.
func (l *Link) delay(key uint64, copied int, distance float64) int64 {
	t := l.Delay.sample(of(key, useDelay+copied), distance, false)
	if l.Jitter.zero() {
		return whole(t)
	}
	return whole(t + l.Jitter.sample(of(key, useJitter+copied), distance, true))
}

// Expire says that nothing sent so far is under way any more: what comes next need not arrive after it. Times may start anew.
func (c *Channel) Expire() { c.last = never }

// Distort changes the payload of the message last sent, in place, as the link does: noise, then quantisation. A tensor
// without storage stays as it is. The noise depends on the message alone: both copies of a duplicate have the same, and
// calling Distort does not change what comes later.
func (c *Channel) Distort(t tensor.Tensor) {
	if c.link == nil || c.link.Clean() || !t.Wanted() {
		return
	}
	c.link.distort(t, of(c.key, useNoise))
}

// State is the state of a Channel, without what it was made from.
type State [5]uint64

// Snapshot returns the state.
func (c *Channel) Snapshot() State {
	var buf [20]byte // "pcg:" and two numbers, see rand.PCG
	b, _ := c.random.AppendBinary(buf[:0])
	return State{binary.BigEndian.Uint64(b[4:]), binary.BigEndian.Uint64(b[12:]), uint64(c.last), c.key, uint64(c.burst)}
}

// Restore sets the state to what Snapshot returned, on a channel made with the same arguments. On an error nothing is
// changed.
func (c *Channel) Restore(s State) error {
	if s[4] >= bursts {
		return errors.New("synapse: this is no state of a channel")
	}
	c.random.Seed(s[0], s[1])
	c.last, c.key, c.burst = int64(s[2]), s[3], burst(s[4])
	return nil
}

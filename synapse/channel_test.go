package synapse

import (
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/retrodict/retrodict/tensor"
)

// drawLink draws a link that passes Check.
func drawLink(t *rapid.T) Link {
	number := func(name string, high float64) float64 { return rapid.Float64Range(0, high).Draw(t, name) }
	dist := func(name string) Distribution {
		d := Distribution{Family: Family(rapid.IntRange(0, families-1).Draw(t, name))}
		switch d.Family {
		case Uniform:
			d.Low = number("low", 50)
			d.High = d.Low + number("width", 50)
		case Distance:
			d.Velocity, d.Offset = 0.01+number("velocity", 3), number("offset", 30)
		default:
			d.Mean = 0.01 + number("mean", 50)
			if d.Family != Constant && d.Family != Exponential {
				d.SD = number("sd", 50)
			}
		}
		return d
	}
	l := Link{Delay: dist("delay"), Jitter: dist("jitter"), Duplicate: number("duplicate", 1), Reorder: rapid.Bool().Draw(t, "reorder"),
		Noise: Noise{number("additive", 1), number("multiplicative", 1)}, Quantum: number("quantum", 1)}
	switch rapid.IntRange(0, 2).Draw(t, "loss") {
	case 1:
		l.Loss = Loss{Model: Bernoulli, Rate: number("rate", 1)}
	case 2:
		l.Loss = Loss{GilbertElliott, 0, 0.01 + number("gb", 0.9), number("bg", 1), number("lg", 1), number("lb", 1)}
	}
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestChannelIsSmall(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(Channel{}), uintptr(64))
}

func TestZeroLinkIsIdeal(t *testing.T) {
	for _, l := range []*Link{nil, {}, {Reorder: true}, {Loss: Loss{Model: Bernoulli}}} {
		c := NewChannel(l, seed, 3, 1, 7)
		assert.True(t, l == nil || l.Loss.Model == Bernoulli || c.Ideal())
		x := tensor.From(tensor.Dims(2), []float64{math.Pi, math.Inf(-1)})
		for now := range int64(100) {
			n, at := c.Send(now)
			assert.Equal(t, 1, n)
			assert.Equal(t, now, at[0])
			c.Distort(x)
		}
		assert.Equal(t, []float64{math.Pi, math.Inf(-1)}, x.Float64s())
	}
	assert.Equal(t, "ideal", Link{}.String())
}

// Nothing arrives before it is sent; unless the link reorders, arrivals are in the order of sending, copies and changes
// of the link included.
func TestNothingIsEarlyAndNothingOvertakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawLink(t), drawLink(t)
		b.Reorder = a.Reorder
		c := NewChannel(&a, rapid.Uint64().Draw(t, "seed"), 5, 0, 10)
		var now int64
		last := int64(math.MinInt64)
		for i := range 200 {
			now += rapid.Int64Range(0, 10).Draw(t, "step")
			if i == 100 {
				c.SetLink(&b, 0)
			}
			n, at := c.Send(now)
			for _, x := range at[:n] {
				if x < now || !a.Reorder && x < last {
					t.Fatalf("message %d sent at %d arrives at %d, one before it at %d", i, now, x, last)
				}
				last = x
			}
		}
	})
}

// Negative control: a link that reorders does.
func TestReorderOvertakes(t *testing.T) {
	l := &Link{Delay: Distribution{Family: Exponential, Mean: 100}, Reorder: true}
	c := NewChannel(l, seed, 1, 0, 0)
	var overtakes, last int64
	for now := range int64(1000) {
		_, at := c.Send(now)
		if at[0] < last {
			overtakes++
		}
		last = at[0]
	}
	assert.Greater(t, overtakes, int64(300))
}

// The time of a loss is the one at which the message would have come, and holds up nothing that is sent later.
func TestLossHasATime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawLink(t)
		if a.Loss.Model == Lossless {
			a.Loss = Loss{Model: Bernoulli, Rate: 0.5}
		}
		b := a
		b.Loss = Loss{}
		c, d := NewChannel(&a, 3, 5, 0, 10), NewChannel(&b, 3, 5, 0, 10)
		last := int64(math.MinInt64)
		for now := range int64(200) {
			n, at := c.Send(now)
			_, want := d.Send(now)
			switch {
			case n == 0 && a.Reorder && at[0] != want[0]:
				t.Fatalf("message %d is lost at %d, without loss it comes at %d", now, at[0], want[0])
			case at[0] < now || !a.Reorder && at[0] < last:
				t.Fatalf("message %d is lost at %d, one before it came at %d", now, at[0], last)
			}
			for _, x := range at[:n] {
				last = x
			}
		}
	})
}

// What is lost at a rate is lost at every higher one, and everything that arrives at both arrives at the same time: the
// draws of a message do not depend on whether it, or another one, gets lost. Likewise for bursts and duplicates.
func TestLossesAreNested(t *testing.T) {
	base := Link{Delay: Distribution{Family: Gamma, Mean: 100, SD: 50}, Jitter: Distribution{Family: Normal, SD: 10}, Reorder: true}
	run := func(l Link) (times []int64) {
		c := NewChannel(&l, seed, 9, 1, 0)
		for now := range int64(5000) {
			n, at := c.Send(now)
			if n == 0 {
				at[0] = -1
			}
			times = append(times, at[0])
		}
		return times
	}
	nested := func(less, more []int64) {
		t.Helper()
		var a, b int
		for i := range less {
			if less[i] < 0 {
				a++
				require.Negative(t, more[i], "message %d is lost only at the lower rate, seed %d", i, seed)
			}
			if more[i] < 0 {
				b++
			} else {
				require.Equal(t, less[i], more[i])
			}
		}
		assert.Less(t, a, b)
	}
	with := func(l Loss) Link { m := base; m.Loss = l; return m }
	none := run(base)
	p1, p3, p9 := run(with(Loss{Model: Bernoulli, Rate: 0.1})), run(with(Loss{Model: Bernoulli, Rate: 0.3})), run(with(Loss{Model: Bernoulli, Rate: 0.9}))
	nested(none, p1)
	nested(p1, p3)
	nested(p3, p9)
	b1, b2 := run(with(Loss{GilbertElliott, 0, 0.05, 0.2, 0.01, 0.5})), run(with(Loss{GilbertElliott, 0, 0.05, 0.2, 0.1, 0.9}))
	nested(none, b1)
	nested(b1, b2)
	twice := base
	twice.Duplicate = 0.5
	assert.Equal(t, none, run(twice))
}

// The share lost is the stationary one, from the first message on; a burst is 1/BadGood long, and what is between 1/GoodBad.
func TestGilbertElliott(t *testing.T) {
	l := &Link{Loss: Loss{Model: GilbertElliott, GoodBad: 0.02, BadGood: 0.25, LossBad: 1}}
	const n = 200_000
	c := NewChannel(l, seed, 1, 0, 0)
	var lost, bursts float64
	before := 1
	for range n {
		k, _ := c.Send(0)
		if k == 0 {
			lost++
			if before == 1 {
				bursts++
			}
		}
		before = k
	}
	assert.InDelta(t, 0.02/0.27, l.Loss.Share(), 1e-15)
	assert.InDelta(t, l.Loss.Share(), lost/n, 5*math.Sqrt(l.Loss.Share()*7/n)) // 7: variance of a mean of a chain of this memory
	assert.InDelta(t, 4, lost/bursts, 5*math.Sqrt(12/bursts))                  // geometric: variance (1 − p)/p²

	var first float64
	for edge := range int64(n) {
		c := NewChannel(l, seed, edge, 0, 0)
		if k, _ := c.Send(0); k == 0 {
			first++
		}
	}
	assert.InDelta(t, l.Loss.Share(), first/n, 5*math.Sqrt(l.Loss.Share()/n))
	assert.InDelta(t, 0.19, Loss{GilbertElliott, 0, 0.1, 0.1, 0.08, 0.3}.Share(), 1e-15)
}

func TestShares(t *testing.T) {
	l := &Link{Loss: Loss{Model: Bernoulli, Rate: 0.3}, Duplicate: 0.2}
	const n = 100_000
	c := NewChannel(l, seed, 1, 0, 0)
	var count [3]float64
	for range n {
		k, _ := c.Send(0)
		count[k]++
	}
	assert.InDelta(t, 0.3, count[0]/n, 5*math.Sqrt(0.21/n))
	assert.InDelta(t, 0.2, count[2]/(n-count[0]), 5*math.Sqrt(0.16/(0.7*n)))
}

// Streams of different edges, directions and seeds are uncorrelated; equal arguments give equal streams, whatever the link.
func TestStreams(t *testing.T) {
	const n = 20_000
	l := &Link{Delay: Distribution{Family: Uniform, High: 1e9}, Reorder: true}
	other := *l
	other.Loss, other.Duplicate, other.Noise.Additive = Loss{Model: Bernoulli, Rate: 1e-9}, 0.9, 1
	take := func(l *Link, seed uint64, edge int64, direction int) []float64 {
		c := NewChannel(l, seed, edge, direction, 0)
		x := make([]float64, n)
		payload := tensor.New(tensor.Float64, tensor.Dims(3))
		for i := range x {
			_, at := c.Send(0)
			c.Distort(payload)
			x[i] = float64(at[0])
		}
		return x
	}
	base := take(l, 1, 1, 0)
	assert.Equal(t, base, take(&other, 1, 1, 0))
	for _, x := range [][]float64{take(l, 1, 1, 1), take(l, 1, 0, 1), take(l, 1, 2, 0), take(l, 2, 1, 0), take(l, 0, 1, 0), take(l, 1, 1<<40, 0)} {
		assert.Less(t, math.Abs(stat.Correlation(base, x, nil)), 5/math.Sqrt(n))
	}
	seen := map[State]bool{}
	for edge := range int64(10_000) {
		for direction := range 2 {
			c := NewChannel(nil, 0, edge, direction, 0)
			seen[c.Snapshot()] = true
		}
	}
	assert.Len(t, seen, 20_000)
}

// A channel restored from a snapshot goes on as the one it was taken from.
func TestSnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLink(t)
		c := NewChannel(&l, 7, 11, 1, 3)
		for range rapid.IntRange(0, 50).Draw(t, "messages") {
			c.Send(0)
		}
		d := NewChannel(&l, 7, 11, 1, 3)
		if err := d.Restore(c.Snapshot()); err != nil || c != d {
			t.Fatal(err, c, d)
		}
		x := tensor.New(tensor.Float64, tensor.Dims(2))
		y := x.Clone()
		c.Distort(x)
		d.Distort(y)
		for now := range int64(50) {
			n, at := c.Send(now)
			m, bt := d.Send(now)
			c.Distort(x)
			d.Distort(y)
			if n != m || at != bt || tensor.Differing(x, y) != 0 {
				t.Fatalf("message %d: %d %v, restored %d %v", now, n, at, m, bt)
			}
		}
	})
	var c Channel
	assert.Error(t, c.Restore(State{4: 3}))
}

func TestSendAndDistortDoNotAllocate(t *testing.T) {
	x := tensor.New(tensor.Float32, tensor.Dims(10))
	for f := range Family(families) {
		l := &Link{Delay: Distribution{Family: f, Mean: 100, SD: 20, Low: 1, High: 2, Velocity: 1}, Loss: Loss{GilbertElliott, 0, 0.1, 0.1, 0.1, 0.1},
			Jitter: Distribution{Family: Normal, SD: 1}, Duplicate: 0.5, Noise: Noise{1, 1}, Quantum: 0.1}
		c := NewChannel(l, 1, 2, 0, 3)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			c.Send(5)
			c.Distort(x)
			if c.Restore(c.Snapshot()) != nil || c.Ideal() {
				panic("not restored")
			}
		}), "%v", f)
	}
}

func BenchmarkSend(b *testing.B) {
	run := func(name string, l *Link) {
		b.Run(name, func(b *testing.B) {
			c := NewChannel(l, 1, 2, 0, 3)
			b.ReportAllocs()
			for b.Loop() {
				c.Send(5)
			}
		})
	}
	run("ideal", nil)
	for _, d := range []Distribution{{Mean: 50}, {Family: Normal, Mean: 50, SD: 10}, {Family: LogNormal, Mean: 50, SD: 10}, {Family: Exponential, Mean: 50},
		{Family: Gamma, Mean: 50, SD: 10}, {Family: Uniform, High: 10}, {Family: Distance, Velocity: 1}} {
		run(d.Family.String(), &Link{Delay: d})
	}
	run("everything", &Link{Delay: Distribution{Family: LogNormal, Mean: 50, SD: 10}, Jitter: Distribution{Family: Normal, SD: 1}, Loss: Loss{GilbertElliott, 0, 0.1, 0.1, 0.1, 0.1}, Duplicate: 0.1})
}

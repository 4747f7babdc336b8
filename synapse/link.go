package synapse

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// A Link says how messages travel along one direction of an edge. Times are in units of the clock's resolution. The zero
// Link is ideal: every message arrives at once and as it is. A Link is shared by all channels that use it and must not
// change while they do.
//
// A message that is not lost arrives after Delay + Jitter, rounded to whole units and at least 0, both drawn afresh for
// every message.
type Link struct {
	Delay     Distribution // at least 0
	Jitter    Distribution // displaces the delay, either way; a normal one is not truncated
	Loss      Loss
	Duplicate float64 // probability that a message that is not lost arrives twice
	Reorder   bool    // a message may overtake; otherwise it arrives no earlier than all that were sent before
	Noise     Noise
	Quantum   float64 // values arrive as multiples of it, ties to even; 0: as they are
}

// Noise is what is added to every element x of a payload on its way: x·(1 + Multiplicative·z) + Additive·z′ with
// independent standard normal z, z′. The zero Noise is none.
type Noise struct {
	Additive       float64 // standard deviation, in units of the payload
	Multiplicative float64 // standard deviation, relative
}

// Check returns an error that names the field that is wrong.
func (l Link) Check() error {
	if err := l.check(); err != nil {
		return fmt.Errorf("synapse: link: %w", err)
	}
	return nil
}

func (l Link) check() error {
	if err := l.Delay.check(false); err != nil {
		return fmt.Errorf("delay: %w", err)
	}
	if err := l.Jitter.check(true); err != nil {
		return fmt.Errorf("jitter: %w", err)
	}
	if err := l.Loss.check(); err != nil {
		return fmt.Errorf("loss: %w", err)
	}
	if err := probability("duplicate", l.Duplicate); err != nil {
		return err
	}
	for _, f := range [...]struct {
		name  string
		value float64
	}{{"additive noise", l.Noise.Additive}, {"multiplicative noise", l.Noise.Multiplicative}, {"quantum", l.Quantum}} {
		if !(f.value >= 0) || math.IsInf(f.value, 0) {
			return fmt.Errorf("%s is %v, want a number that is not negative", f.name, f.value)
		}
	}
	return nil
}

// Ideal reports whether every message arrives at once, once, and as it is.
func (l *Link) Ideal() bool {
	return l.Prompt() && l.Loss.Model == Lossless && l.Duplicate == 0 && l.Clean()
}

// Prompt reports whether nothing is ever delayed.
func (l *Link) Prompt() bool { return l.Delay.zero() && l.Jitter.zero() }

// Clean reports whether payloads arrive as they are.
func (l *Link) Clean() bool { return l.Noise == Noise{} && l.Quantum == 0 }

// String returns everything that is not ideal, such as "delay=constant(50) loss=bernoulli(0.1)", or "ideal".
func (l Link) String() string {
	var parts []string
	add := func(wanted bool, name, value string) {
		if wanted {
			parts = append(parts, name+value)
		}
	}
	g := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	add(l.Delay != Distribution{}, "delay=", l.Delay.String())
	add(l.Jitter != Distribution{}, "jitter=", l.Jitter.String())
	add(l.Loss != Loss{}, "loss=", l.Loss.String())
	add(l.Duplicate != 0, "duplicate=", g(l.Duplicate))
	add(l.Reorder, "reorder", "")
	add(l.Noise.Additive != 0, "additive-noise=", g(l.Noise.Additive))
	add(l.Noise.Multiplicative != 0, "multiplicative-noise=", g(l.Noise.Multiplicative))
	add(l.Quantum != 0, "quantum=", g(l.Quantum))
	if len(parts) == 0 {
		return "ideal"
	}
	return strings.Join(parts, " ")
}

// distort changes the elements of t, of type Float64 or Float32. b draws the noise.
func (l *Link) distort(t tensor.Tensor, b bits) {
	if t.Type() == tensor.Float32 {
		distort(tensor.Data[float32](t), l, b)
	} else {
		distort(tensor.Data[float64](t), l, b)
	}
}

func distort[T tensor.Float](t []T, l *Link, b bits) {
	add, mul, q := l.Noise.Additive, l.Noise.Multiplicative, l.Quantum
	for i, v := range t {
		x := float64(v)
		if mul != 0 {
			x *= 1 + float64(mul*b.normal())
		}
		if add != 0 {
			x += float64(add * b.normal())
		}
		if k := x / q; q != 0 && math.Abs(k) < 1<<52 { // beyond, x has no fraction of a quantum left
			x = math.RoundToEven(k) * q
		}
		t[i] = T(x)
	}
}

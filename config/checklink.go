package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/synapse"
)

func (l *Loaded) checkLink(x *Link, path string) error {
	if !strings.Contains(x.Match, "->") {
		return l.where.error(join(path, "match"), "%q: want edges, such as \"hidden/* -> output/*\"", clip(x.Match))
	}
	if x.Up == nil && x.Down == nil && x.Both == nil {
		return l.where.error(path, "says nothing: want up, down or both")
	}
	for _, w := range x.ways() {
		if w.way == nil {
			continue
		}
		p := join(path, w.key)
		if !slices.Contains([]string{"", "keep-last", "zero"}, w.way.OnLoss) {
			return l.where.error(join(p, "on_loss"), "unknown name %q: use keep-last or zero", clip(w.way.OnLoss))
		}
		for _, t := range []struct {
			key    string
			delay  Delay
			signed bool
		}{{"delay", w.way.Delay, false}, {"jitter", Delay(w.way.Jitter), true}} {
			if k, err := t.delay.check(t.signed); err != nil {
				key := join(p, t.key)
				return &Error{Position: l.where.at(join(key, k)), Path: key, Message: err.Error()}
			}
		}
		if b := w.way.Loss.GilbertElliott; b != nil {
			for _, k := range []string{"good_bad", "bad_good", "loss_bad"} {
				if bursts := join(p, "loss.gilbert-elliott"); !l.given(join(bursts, k)) {
					return l.where.error(bursts, "%s is missing: want the probabilities good_bad, bad_good and loss_bad", k)
				}
			}
		}
		if k, err := l.checkWay(w.way); err != nil {
			if k != "" {
				p = join(p, k)
			}
			return l.where.error(p, "%v", trim(err))
		}
	}
	return nil
}

// eachLink calls f for every link, and for what interventions make of links, each with its place.
func (c *Config) eachLink(f func(path string, x *Link)) {
	for i := range c.Links {
		f(fmt.Sprintf("links[%d]", i), &c.Links[i])
	}
	for i, x := range c.Interventions {
		if x.Link != nil {
			f(fmt.Sprintf("interventions[%d].link", i), x.Link)
		}
	}
}

// A direction is one of a link, with its key.
type direction struct {
	key string
	way *Way // nil: nothing is said about it
}

func (x *Link) ways() []direction {
	return []direction{{"up", x.Up}, {"down", x.Down}, {"both", x.Both}}
}

// checkWay returns the key that is wrong, and why.
func (l *Loaded) checkWay(w *Way) (key string, err error) {
	link, keys := w.link(l.Time.Resolution)
	switch {
	case keys[0] > 1:
		return "delay", fmt.Errorf("%d distributions: keep one", keys[0])
	case keys[1] > 1:
		return "jitter", fmt.Errorf("%d distributions: keep one", keys[1])
	case w.Loss.Bernoulli != nil && w.Loss.GilbertElliott != nil:
		return "loss", fmt.Errorf("bernoulli and gilbert-elliott exclude each other")
	case w.Jitter.Distance != nil:
		return "jitter", fmt.Errorf("a distance is no jitter: put it into delay")
	}
	if c := w.Delay.Distance; c != nil {
		if n := len(c.Length); n < 1 || n > 2 || !(c.Length[0] >= 0) || !(c.Length[n-1] >= c.Length[0]) {
			return "delay.distance.length", fmt.Errorf("want one length, or two bounds")
		}
	}
	for _, part := range []struct {
		key  string
		link synapse.Link
	}{{"delay", synapse.Link{Delay: link.Delay}}, {"jitter", synapse.Link{Jitter: link.Jitter}}, {"loss", synapse.Link{Loss: link.Loss}},
		{"duplicate", synapse.Link{Duplicate: link.Duplicate}}, {"quantum", synapse.Link{Quantum: link.Quantum}}, {"noise", synapse.Link{Noise: link.Noise}}} {
		if err := part.link.Check(); err != nil {
			return part.key, after(after(err, "link: "), part.key+": ")
		}
	}
	if err := link.Check(); err != nil {
		return "", after(err, "link: ")
	}
	if l.Time.Mode == "lockstep" && link.Loss.Hopeless() {
		return "loss", fmt.Errorf("everything can get lost, and lockstep sends again what is lost: it would never end; use mode free")
	}
	if l.Time.Mode == "lockstep" && (link.Noise != synapse.Noise{} || link.Quantum != 0) {
		key = "noise"
		if link.Quantum != 0 {
			key = "quantum"
		}
		return key, fmt.Errorf("noise and quantisation change what is sent, and lockstep promises the opposite: use mode free")
	}
	return "", nil
}

// check returns the key of a time in x that is out of its bounds, and why; signed admits those below 0, as displacements of
// others.
// Package synapse checks the same, and the rest, in units of the resolution.
func (x Delay) check(signed bool) (key string, err error) {
	type part struct {
		key    string
		t      Duration
		signed bool
	}
	var parts []part
	for _, s := range []struct {
		name string
		*Spread
	}{{"normal", x.Normal}, {"lognormal", x.LogNormal}, {"gamma", x.Gamma}} {
		if s.Spread != nil {
			parts = append(parts, part{s.name + ".mean", s.Mean, signed}, part{s.name + ".sd", s.SD, false})
		}
	}
	if x.Constant != nil {
		parts = append(parts, part{"constant", *x.Constant, signed})
	}
	if x.Exponential != nil {
		parts = append(parts, part{"exponential", *x.Exponential, false})
	}
	if u := x.Uniform; u != nil {
		parts = append(parts, part{"uniform.low", u.Low, signed}, part{"uniform.high", u.High, signed})
	}
	if c := x.Distance; c != nil {
		parts = append(parts, part{"distance.offset", c.Offset, signed})
		if !(c.Velocity > 0) {
			return "distance.velocity", fmt.Errorf("distance.velocity is %v, want a positive number", c.Velocity)
		}
	}
	for _, p := range parts {
		if p.t < 0 && !p.signed {
			return p.key, fmt.Errorf("%s is %v, want no negative time", p.key, p.t)
		}
	}
	if u := x.Uniform; u != nil && u.Low > u.High {
		return "uniform.low", fmt.Errorf("uniform: low is %v, more than high, %v", u.Low, u.High)
	}
	return "", nil
}

// after returns what err says behind a mark.
func after(err error, mark string) error {
	if _, rest, ok := strings.Cut(err.Error(), mark); ok {
		return fmt.Errorf("%s", rest)
	}
	return err
}

// link returns w without what concerns its edges, and how many distributions it gives for delay and jitter.
func (w *Way) link(resolution Duration) (link synapse.Link, keys [2]int) {
	link = synapse.Link{Loss: w.Loss.loss(), Duplicate: w.Duplicate, Reorder: w.Reorder, Quantum: w.Quantum,
		Noise: synapse.Noise{Additive: w.Noise.Additive, Multiplicative: w.Noise.Multiplicative}}
	link.Delay, keys[0] = w.Delay.distribution(resolution)
	link.Jitter, keys[1] = Delay(w.Jitter).distribution(resolution)
	return link, keys
}

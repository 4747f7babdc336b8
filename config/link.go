package config

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/retrodict/retrodict/synapse"
)

// A Link says how messages travel along some edges: predictions up, errors down. Of several that match an edge the last
// one counts, for each direction on its own; it replaces what others say, it does not add to it.
type Link struct {
	Match string `yaml:"match,omitempty"` // edges, such as "hidden/* -> output/*"
	Up    *Way   `yaml:"up,omitempty"`    // predictions
	Down  *Way   `yaml:"down,omitempty"`  // errors
	Both  *Way   `yaml:"both,omitempty"`
}

// A Way is one direction of a link. Left out: ideal.
type Way struct {
	Delay     Delay   `yaml:"delay,omitempty"`
	Jitter    Jitter  `yaml:"jitter,omitempty"`
	Loss      Loss    `yaml:"loss,omitempty"`
	Duplicate float64 `yaml:"duplicate,omitempty"` // probability that a message arrives twice
	Reorder   bool    `yaml:"reorder,omitempty"`   // messages may overtake
	Noise     Noise   `yaml:"noise,omitempty"`
	Quantum   float64 `yaml:"quantum,omitempty"` // values arrive as multiples of it
	OnLoss    string  `yaml:"on_loss,omitempty"` // free-running: keep-last or zero
}

// A Delay is a distribution of times: one of its keys. A bare time is a constant.
type Delay struct {
	Constant    *Duration   `yaml:"constant,omitempty"`
	Normal      *Spread     `yaml:"normal,omitempty"`
	LogNormal   *Spread     `yaml:"lognormal,omitempty"`
	Exponential *Duration   `yaml:"exponential,omitempty"` // its mean
	Gamma       *Spread     `yaml:"gamma,omitempty"`
	Uniform     *Range      `yaml:"uniform,omitempty"`
	Distance    *Conduction `yaml:"distance,omitempty"`
}

// A Jitter displaces a delay, either way. A bare time is the standard deviation of a normal distribution.
type Jitter Delay

// A Spread is the mean and the standard deviation of a time.
type Spread struct {
	Mean Duration `yaml:"mean,omitempty"`
	SD   Duration `yaml:"sd,omitempty"`
}

// A Range is an interval of time.
type Range struct {
	Low  Duration `yaml:"low,omitempty"`
	High Duration `yaml:"high"`
}

// A Conduction is the time along a fibre: length/velocity + offset. The length of every edge is drawn uniformly between
// two bounds, once.
type Conduction struct {
	Velocity float64   `yaml:"velocity"`    // in units of length for a millisecond
	Length   []float64 `yaml:"length,flow"` // the same for all, or bounds
	Offset   Duration  `yaml:"offset,omitempty"`
}

// A Loss says which messages get lost: one of its keys. A bare number is a probability.
type Loss struct {
	Bernoulli      *float64 `yaml:"bernoulli,omitempty"`
	GilbertElliott *Bursts  `yaml:"gilbert-elliott,omitempty"`
}

// Bursts are the probabilities of a two-state Markov chain: of changing the state, and of a loss in it.
type Bursts struct {
	GoodBad  float64 `yaml:"good_bad"`
	BadGood  float64 `yaml:"bad_good"`
	LossGood float64 `yaml:"loss_good,omitempty"`
	LossBad  float64 `yaml:"loss_bad"`
}

// A Noise is what is added to payloads on their way. A bare number is additive.
type Noise struct {
	Additive       float64 `yaml:"additive,omitempty"`
	Multiplicative float64 `yaml:"multiplicative,omitempty"`
}

func (x *Delay) decode(d *decoder, n ast.Node, path string) (bool, error) {
	*x = Delay{}
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return false, nil
	}
	x.Constant = new(Duration)
	return true, d.set(n, path, elem(x.Constant))
}

func (x *Jitter) decode(d *decoder, n ast.Node, path string) (bool, error) {
	*x = Jitter{}
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return false, nil
	}
	x.Normal = &Spread{}
	return true, d.set(n, path, elem(&x.Normal.SD))
}

func (x *Loss) decode(d *decoder, n ast.Node, path string) (bool, error) {
	*x = Loss{}
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return false, nil
	}
	x.Bernoulli = new(float64)
	return true, d.set(n, path, elem(x.Bernoulli))
}

func (x *Noise) decode(d *decoder, n ast.Node, path string) (bool, error) {
	*x = Noise{}
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return false, nil
	}
	return true, d.set(n, path, elem(&x.Additive))
}

// IsZero reports whether no distribution is given.
func (x Delay) IsZero() bool { return x == Delay{} }

// IsZero reports whether no distribution is given.
func (x Jitter) IsZero() bool { return x == Jitter{} }

// IsZero reports whether nothing gets lost.
func (x Loss) IsZero() bool { return x == Loss{} }

// IsZero reports whether there is none.
func (x Noise) IsZero() bool { return x == Noise{} }

// distribution returns x in units of the resolution, not rounded, and the number of its keys.
func (x Delay) distribution(resolution Duration) (r synapse.Distribution, keys int) {
	u := func(t Duration) float64 { return float64(t) / float64(resolution) }
	spread := func(f synapse.Family, s *Spread) {
		if s != nil {
			r = synapse.Distribution{Family: f, Mean: u(s.Mean), SD: u(s.SD)}
			keys++
		}
	}
	spread(synapse.Normal, x.Normal)
	spread(synapse.LogNormal, x.LogNormal)
	spread(synapse.Gamma, x.Gamma)
	if x.Constant != nil {
		r = synapse.Distribution{Mean: u(*x.Constant)}
		keys++
	}
	if x.Exponential != nil {
		r = synapse.Distribution{Family: synapse.Exponential, Mean: u(*x.Exponential)}
		keys++
	}
	if x.Uniform != nil {
		r = synapse.Distribution{Family: synapse.Uniform, Low: u(x.Uniform.Low), High: u(x.Uniform.High)}
		keys++
	}
	if c := x.Distance; c != nil {
		r = synapse.Distribution{Family: synapse.Distance, Velocity: c.Velocity * resolution.Milliseconds(), Offset: u(c.Offset)}
		keys++
	}
	return r, keys
}

// loss returns x as package synapse has it.
func (x Loss) loss() synapse.Loss {
	switch b := x.GilbertElliott; {
	case b != nil:
		return synapse.Loss{Model: synapse.GilbertElliott, GoodBad: b.GoodBad, BadGood: b.BadGood, LossGood: b.LossGood, LossBad: b.LossBad}
	case x.Bernoulli != nil && *x.Bernoulli != 0:
		return synapse.Loss{Model: synapse.Bernoulli, Rate: *x.Bernoulli}
	}
	return synapse.Loss{}
}

package synapse

import (
	"fmt"
	"strconv"
)

// A LossModel says how messages get lost.
type LossModel uint8

const (
	Lossless       LossModel = iota // none is lost
	Bernoulli                       // each with probability Rate, independently
	GilbertElliott                  // in bursts: a two-state Markov chain [Gilbert 1960, Elliott 1963]
	lossModels     = iota
)

// String returns the name of the model, as in a configuration.
func (m LossModel) String() string {
	if int(m) < lossModels {
		return [...]string{"none", "bernoulli", "gilbert-elliott"}[m]
	}
	return "loss model " + strconv.Itoa(int(m))
}

// Loss says which messages get lost. The zero Loss is none. A field that the model does not use must be 0.
type Loss struct {
	Model    LossModel
	Rate     float64 // Bernoulli: probability that a message is lost
	GoodBad  float64 // Gilbert–Elliott: probability that the state after a message in the good state is bad
	BadGood  float64 // Gilbert–Elliott: probability that the state after a message in the bad state is good
	LossGood float64 // Gilbert–Elliott: probability that a message is lost in the good state
	LossBad  float64 // Gilbert–Elliott: probability that a message is lost in the bad state
}

// Check returns an error that names the field that is wrong.
func (l Loss) Check() error {
	if err := l.check(); err != nil {
		return fmt.Errorf("synapse: %w", err)
	}
	return nil
}

func (l Loss) check() error {
	if int(l.Model) >= lossModels {
		return fmt.Errorf("unknown %v", l.Model)
	}
	for i, f := range [...]struct {
		name  string
		value float64
	}{{"rate", l.Rate}, {"good to bad", l.GoodBad}, {"bad to good", l.BadGood}, {"loss in the good state", l.LossGood}, {"loss in the bad state", l.LossBad}} {
		used := l.Model == GilbertElliott
		if i == 0 {
			used = l.Model == Bernoulli
		}
		if f.value != 0 && !used {
			return fmt.Errorf("%v has no %s: leave it out, or choose another model", l.Model, f.name)
		}
		if err := probability(f.name, f.value); err != nil {
			return fmt.Errorf("%v: %w", l.Model, err)
		}
	}
	if l.Model == GilbertElliott && l.GoodBad+l.BadGood == 0 {
		return fmt.Errorf("%v: the state never changes: use bernoulli", l.Model)
	}
	return nil
}

func probability(name string, p float64) error {
	if !(p >= 0 && p <= 1) {
		return fmt.Errorf("%s is %v, want a probability", name, p)
	}
	return nil
}

// Share returns the share of messages that get lost in the long run.
func (l Loss) Share() float64 {
	if l.Model == GilbertElliott {
		bad := l.GoodBad / (l.GoodBad + l.BadGood)
		return float64(bad*l.LossBad) + float64((1-bad)*l.LossGood)
	}
	return l.Rate
}

// Hopeless reports whether a message can be sent again and again and be lost every time.
func (l Loss) Hopeless() bool {
	if l.Model == GilbertElliott {
		good, bad := l.LossGood == 1, l.LossBad == 1
		return good && bad || good && l.GoodBad == 0 || bad && l.BadGood == 0
	}
	return l.Rate == 1
}

// String returns the model with the fields that it uses, such as "bernoulli(0.1)".
func (l Loss) String() string {
	g := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	switch l.Model {
	case Bernoulli:
		return "bernoulli(" + g(l.Rate) + ")"
	case GilbertElliott:
		return "gilbert-elliott(good-bad=" + g(l.GoodBad) + " bad-good=" + g(l.BadGood) + " loss-good=" + g(l.LossGood) + " loss-bad=" + g(l.LossBad) + ")"
	}
	return l.Model.String()
}

// A burst is the state of the Markov chain of one direction of an edge.
type burst uint8

const (
	unknown burst = iota // until the first message: then drawn from the stationary distribution
	good
	bad
	bursts = iota
)

// lost draws whether a message gets lost, and moves the chain. Its draws do not depend on the outcome: what is lost at
// some probability is lost at every higher one.
func (l *Loss) lost(key uint64, s *burst) bool {
	u := of(key, useLoss)
	switch l.Model {
	case Bernoulli:
		return u.uniform() < l.Rate
	case GilbertElliott:
		chain := of(key, useChain)
		if *s == unknown {
			*s = good
			if chain.uniform()*(l.GoodBad+l.BadGood) < l.GoodBad {
				*s = bad
			}
		}
		p, leave, other := l.LossGood, l.GoodBad, bad
		if *s == bad {
			p, leave, other = l.LossBad, l.BadGood, good
		}
		step := of(key, useStep)
		if step.uniform() < leave {
			*s = other
		}
		return u.uniform() < p
	}
	return false
}

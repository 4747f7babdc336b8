package synapse

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Rule says how parameters learn: it is the configuration of a Plasticity. Its zero value is plain gradient descent
// with rate 0.01. A field that is 0 stands for the default given here; a field that the named rule does not use must be
// 0. The formulas follow the conventions of PyTorch's optimisers: f is the feedback, ζ the weight, α the rate, λ the
// decay, and t counts updates from 1.
//
//	none                              ζ stays as it is
//	sgd       g = f + λζ;             ζ ← ζ − α·g
//	momentum  g = f + λζ; v ← m·v + g; ζ ← ζ − α·v, with Nesterov ζ ← ζ − α·(g + m·v)
//	adam      g = f + λζ; p ← β₁p + (1−β₁)g; q ← β₂q + (1−β₂)g²;
//	                                  ζ ← ζ − α/(1−β₁ᵗ) · p / (√q/√(1−β₂ᵗ) + ε)
//	adamw     like adam with g = f, after ζ ← ζ·(1 − αλ)
//
// Sources: Polyak 1964 and Sutskever et al. 2013 (momentum, Nesterov), Kingma and Ba 2015 (adam), Loshchilov and Hutter
// 2019 (adamw).
type Rule struct {
	Name     string  // "" stands for "sgd"
	Rate     float64 // α; default 0.01, for adam and adamw 0.001. To learn nothing, use the rule "none"
	Momentum float64 // m of momentum, in [0, 1); default 0.9
	Nesterov bool    // momentum looks ahead
	Beta1    float64 // β₁ of adam and adamw, in [0, 1); default 0.9
	Beta2    float64 // β₂ of adam and adamw, in [0, 1); default 0.999
	Epsilon  float64 // ε of adam and adamw; default 1e-8
	Decay    float64 // λ; 0: none
}

// Names returns the names of all rules.
func Names() []string { return []string{"sgd", "momentum", "adam", "adamw", "none"} }

// Check returns an error that names the field that is wrong.
func (r Rule) Check() error {
	d := r.defaults()
	used, ok := map[string]string{"sgd": "", "momentum": "momentum nesterov", "adam": "beta1 beta2 epsilon", "adamw": "beta1 beta2 epsilon", "none": ""}[d.Name]
	if !ok {
		return fmt.Errorf("synapse: unknown rule %q: use one of %s", r.Name, strings.Join(Names(), ", "))
	}
	var nesterov float64
	if r.Nesterov {
		nesterov = 1
	}
	for _, f := range []struct {
		name       string
		set, value float64
		below      float64 // the value must be in [0, below)
	}{
		{"rate", r.Rate, d.Rate, math.Inf(1)},
		{"momentum", r.Momentum, d.Momentum, 1},
		{"nesterov", nesterov, nesterov, 2},
		{"beta1", r.Beta1, d.Beta1, 1},
		{"beta2", r.Beta2, d.Beta2, 1},
		{"epsilon", r.Epsilon, d.Epsilon, math.Inf(1)},
		{"decay", r.Decay, d.Decay, math.Inf(1)},
	} {
		general := f.name == "rate" || f.name == "decay"
		if f.set != 0 && (d.Name == "none" || !general && !strings.Contains(used, f.name)) {
			return fmt.Errorf("synapse: rule %q has no %s: leave it out, or choose another rule", d.Name, f.name)
		}
		if !(f.value >= 0 && f.value < f.below) {
			return fmt.Errorf("synapse: rule %q: %s is %v, want a number in [0, %v)", d.Name, f.name, f.value, f.below)
		}
	}
	return nil
}

// defaults returns the rule with defaults filled in for the fields that it uses.
func (r Rule) defaults() Rule {
	def := func(x *float64, value float64) {
		if *x == 0 {
			*x = value
		}
	}
	switch r.Name {
	case "":
		r.Name = "sgd"
		fallthrough
	case "sgd":
		def(&r.Rate, 0.01)
	case "momentum":
		def(&r.Rate, 0.01)
		def(&r.Momentum, 0.9)
	case "adam", "adamw":
		def(&r.Rate, 0.001)
		def(&r.Beta1, 0.9)
		def(&r.Beta2, 0.999)
		def(&r.Epsilon, 1e-8)
	}
	return r
}

// New returns a Plasticity for one leaf. Its state is sized by the first weight that it sees, and belongs to that leaf
// from then on. New panics if Check returns an error.
func (r Rule) New() Plasticity {
	if r.Check() != nil {
		panic("synapse: New of a rule that does not pass Check")
	}
	r = r.defaults()
	switch r.Name {
	case "momentum":
		return &momentum{rate: r.Rate, keep: r.Momentum, decay: r.Decay, nesterov: r.Nesterov}
	case "adam", "adamw":
		return &adam{rule: r, decoupled: r.Name == "adamw"}
	case "none":
		return none{}
	}
	return sgd{rate: r.Rate, decay: r.Decay}
}

// String returns the rule with all the fields that it uses, such as "sgd(rate=0.01)".
func (r Rule) String() string {
	r = r.defaults()
	var b strings.Builder
	b.WriteString(r.Name)
	sep := byte('(')
	field := func(name, value string) {
		b.WriteByte(sep)
		b.WriteString(name + "=" + value)
		sep = ' '
	}
	number := func(name string, x float64) {
		if x != 0 {
			field(name, strconv.FormatFloat(x, 'g', -1, 64))
		}
	}
	number("rate", r.Rate)
	number("momentum", r.Momentum)
	if r.Nesterov {
		field("nesterov", "true")
	}
	number("beta1", r.Beta1)
	number("beta2", r.Beta2)
	number("epsilon", r.Epsilon)
	number("decay", r.Decay)
	if sep == ' ' {
		b.WriteByte(')')
	}
	return b.String()
}

package synapse

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Family is a family of distributions of time.
type Family uint8

// m, s are Mean and SD. Every family with SD = 0 is the constant Mean, to the bit.
const (
	Constant    Family = iota // always Mean
	Normal                    // density ∝ exp(−(t − m)²/2s²); as a delay truncated, not clipped: conditional on t ≥ 0
	LogNormal                 // exp of a normal variable; m and s are those of t itself, not of its logarithm
	Exponential               // rate 1/m
	Gamma                     // shape (m/s)², scale s²/m
	Uniform                   // between Low and High
	Distance                  // distance/Velocity + Offset: the conduction time of a fibre
	families    = iota
)

// String returns the name of the family, as in a configuration.
func (f Family) String() string {
	if int(f) < families {
		return [...]string{"constant", "normal", "lognormal", "exponential", "gamma", "uniform", "distance"}[f]
	}
	return "family " + strconv.Itoa(int(f))
}

// ParseFamily returns the family of that name.
func ParseFamily(name string) (Family, error) {
	for f := range Family(families) {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("synapse: unknown distribution %q: use constant, normal, lognormal, exponential, gamma, uniform or distance", name)
}

// A Distribution is a random time, in units of the clock's resolution. What is drawn from it is rounded to the nearest
// unit, and is never negative. The zero Distribution is the constant 0. A field that the family does not use must be 0.
type Distribution struct {
	Family   Family
	Mean     float64 // of all but uniform and distance; of normal before it is truncated
	SD       float64 // standard deviation of normal (before it is truncated), lognormal, gamma
	Low      float64 // uniform
	High     float64 // uniform
	Velocity float64 // distance: in units of distance for a unit of time
	Offset   float64 // distance: added to it, such as the time that the synapse itself takes
}

// maxDelay bounds a drawn delay, so that adding a few to a time does not overflow: 2⁵² units.
const maxDelay = 1 << 52

// Check returns an error that names the field that is wrong for a delay.
func (d Distribution) Check() error {
	if err := d.check(false); err != nil {
		return fmt.Errorf("synapse: %w", err)
	}
	return nil
}

// check is Check; signed admits times below 0, as displacements of others.
func (d Distribution) check(signed bool) error {
	used, ok := map[Family]string{Constant: "mean", Normal: "mean sd", LogNormal: "mean sd", Exponential: "mean", Gamma: "mean sd",
		Uniform: "low high", Distance: "velocity offset"}[d.Family]
	if !ok {
		return fmt.Errorf("unknown distribution %v", d.Family)
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"mean", d.Mean}, {"sd", d.SD}, {"low", d.Low}, {"high", d.High}, {"velocity", d.Velocity}, {"offset", d.Offset}} {
		switch {
		case f.value != 0 && !strings.Contains(used, f.name):
			return fmt.Errorf("%v has no %s: leave it out, or choose another distribution", d.Family, f.name)
		case !(math.Abs(f.value) <= maxDelay):
			return fmt.Errorf("%v: %s is %v, want a number of at most 2⁵² units", d.Family, f.name, f.value)
		case f.value < 0 && (!signed || f.name == "sd" || f.name == "velocity" || d.Family == Exponential):
			return fmt.Errorf("%v: %s is %v, want no negative number", d.Family, f.name, f.value)
		}
	}
	switch {
	case d.Family == Uniform && d.Low > d.High:
		return fmt.Errorf("uniform: low is %v, more than high, %v", d.Low, d.High)
	case d.Family == Distance && d.Velocity == 0:
		return fmt.Errorf("distance: velocity is 0, want a positive number")
	case (d.Family == LogNormal || d.Family == Gamma) && d.SD != 0 && !(d.Mean > 0):
		return fmt.Errorf("%v: mean is %v, want a positive number", d.Family, d.Mean)
	case (d.Family == LogNormal || d.Family == Gamma) && d.SD > 1e6*d.Mean:
		return fmt.Errorf("%v: sd is %v, more than a million times the mean, %v", d.Family, d.SD, d.Mean)
	}
	return nil
}

// String returns the distribution with the fields that its family uses, such as "lognormal(mean=50 sd=10)".
func (d Distribution) String() string {
	g := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	var s string
	switch d.Family {
	case Constant:
		s = g(d.Mean)
	case Exponential:
		s = "mean=" + g(d.Mean)
	case Uniform:
		s = "low=" + g(d.Low) + " high=" + g(d.High)
	case Distance:
		s = "velocity=" + g(d.Velocity) + " offset=" + g(d.Offset)
	default:
		s = "mean=" + g(d.Mean) + " sd=" + g(d.SD)
	}
	return d.Family.String() + "(" + s + ")"
}

// Moments returns the mean and the standard deviation of a delay over distance, before it is rounded.
func (d Distribution) Moments(distance float64) (mean, sd float64) {
	switch d.Family {
	case Normal:
		if d.SD == 0 {
			return d.Mean, 0
		}
		a := -d.Mean / d.SD // the truncated normal, e.g. Johnson, Kotz, Balakrishnan 1994, §13.10
		h := math.Exp(-a*a/2) / math.Sqrt(2*math.Pi) / (0.5 * math.Erfc(a/math.Sqrt2))
		return d.Mean + float64(d.SD*h), d.SD * math.Sqrt(1+float64(a*h)-float64(h*h))
	case Exponential:
		return d.Mean, d.Mean
	case Uniform:
		return d.Low + float64((d.High-d.Low)/2), (d.High - d.Low) / math.Sqrt(12)
	case Distance:
		return d.fixed(distance), 0
	}
	return d.Mean, d.SD
}

// Rounded returns the delay in whole units that stands for a constant or distance-dependent one, and whether it is
// exactly that. What is drawn from other families is always rounded: for them it returns the rounded mean, and true.
func (d Distribution) Rounded(distance float64) (units int64, exact bool) {
	mean, _ := d.Moments(distance)
	units = whole(mean)
	return units, float64(units) == mean || d.random()
}

// random reports whether draws differ.
func (d *Distribution) random() bool {
	switch d.Family {
	case Normal, LogNormal, Gamma:
		return d.SD != 0
	case Exponential:
		return d.Mean != 0
	case Uniform:
		return d.Low != d.High
	}
	return false
}

// zero reports whether every draw is 0.
func (d *Distribution) zero() bool {
	return !d.random() && d.Family != Distance && d.Mean == 0 && d.Low == 0
}

// fixed returns what a distribution that is not random always gives, not rounded.
func (d *Distribution) fixed(distance float64) float64 {
	switch d.Family {
	case Uniform:
		return d.Low
	case Distance:
		return distance/d.Velocity + d.Offset
	}
	return d.Mean
}

// whole rounds x to the nearest unit, to one that is a delay.
func whole(x float64) int64 {
	switch {
	case !(x > 0):
		return 0
	case x >= maxDelay:
		return maxDelay
	}
	return int64(math.Round(x))
}

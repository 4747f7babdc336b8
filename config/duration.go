package config

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A Duration is a stretch of virtual time in picoseconds. In a file it is a number with a unit, s, ms, us, µs or ns, such
// as "0.05 ms"; the number 0 needs none.
type Duration int64

// Units of time.
const (
	Picosecond  Duration = 1
	Nanosecond           = 1000 * Picosecond
	Microsecond          = 1000 * Nanosecond
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
)

// timeUnit is a name of a unit. The longer names come first, so that "ms" is not read as "s".
type timeUnit struct {
	name string
	size Duration
}

func timeUnits() []timeUnit {
	return []timeUnit{{"ms", Millisecond}, {"us", Microsecond}, {"µs", Microsecond}, {"μs", Microsecond}, {"ns", Nanosecond}, {"s", Second}}
}

// ParseDuration reads a time such as "0.5 ms", "10us" or "0". It is exact: what is finer than a picosecond is an error.
func ParseDuration(text string) (Duration, error) {
	s := strings.TrimSpace(text)
	size := Duration(0)
	for _, u := range timeUnits() {
		if t, ok := strings.CutSuffix(s, u.name); ok {
			s, size = strings.TrimSpace(t), u.size
			break
		}
	}
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, fmt.Errorf("want a time such as 0.5 ms (units: s, ms, us, ns)")
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 4 {
		return 0, fmt.Errorf("want a time such as 0.5 ms")
	}
	x, ok := new(big.Rat).SetString(s)
	switch {
	case !ok:
		return 0, fmt.Errorf("want a time such as 0.5 ms (units: s, ms, us, ns)")
	case size == 0 && x.Sign() != 0:
		return 0, fmt.Errorf("a time without a unit: write %s ms, or another of s, us, ns", s)
	}
	x.Mul(x, new(big.Rat).SetInt64(int64(size)))
	if !x.IsInt() {
		return 0, fmt.Errorf("a time finer than a picosecond")
	}
	if !x.Num().IsInt64() || x.Num().CmpAbs(big.NewInt(math.MaxInt64/4)) > 0 {
		return 0, fmt.Errorf("a time of more than 20 days")
	}
	return Duration(x.Num().Int64()), nil
}

// String returns the time in the largest unit in which it is not below 1, exactly.
func (d Duration) String() string {
	if d == 0 {
		return "0"
	}
	size, name := Nanosecond, " ns"
	switch a := max(d, -d); {
	case a >= Second:
		size, name = Second, " s"
	case a >= Microsecond: // 0.05 ms reads better than 50 us
		size, name = Millisecond, " ms"
	}
	s := new(big.Rat).SetFrac64(int64(d), int64(size)).FloatString(12)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".") + name
}

// Milliseconds returns the time in ms.
func (d Duration) Milliseconds() float64 { return float64(d) / float64(Millisecond) }

// Units returns the time in whole units of a resolution, rounded to the nearest, and whether it is exactly that.
func (d Duration) Units(resolution Duration) (n int64, exact bool) {
	half := resolution / 2
	if d < 0 {
		half = -half
	}
	n = int64((d + half) / resolution)
	return n, Duration(n)*resolution == d
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (d Duration) MarshalYAML() (any, error) {
	if d == 0 {
		return 0, nil
	}
	return d.String(), nil
}

func (t *Duration) decode(d *decoder, n ast.Node, path string) (bool, error) {
	tok := n.GetToken()
	if _, scalar := n.(ast.ScalarNode); !scalar || tok == nil {
		return true, d.errorf(n, path, "got %s, want a time such as 0.5 ms", describe(n))
	}
	x, err := ParseDuration(tok.Value)
	if err != nil {
		return true, d.errorf(n, path, "got %q: %v", clip(tok.Value), err)
	}
	*t = x
	return true, nil
}

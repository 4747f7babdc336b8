package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/config"
)

// A condition is a value of a column of a sweep.
type condition struct {
	column int
	value  string
}

// conditions are all that a point has to meet.
type conditions []condition

// hold reports whether they hold for p.
func (c conditions) hold(p config.Point) bool {
	return !slices.ContainsFunc(c, func(c condition) bool { return p.Values[c.column] != c.value })
}

// terms returns the parts of "key=value, key=value". What has no key belongs to the value before: names of cases have commas.
func terms(text string) (list []string) {
	for part := range strings.SplitSeq(text, ",") {
		n := len(list)
		switch {
		case strings.TrimSpace(part) == "":
		case n > 0 && !strings.Contains(part, "="):
			list[n-1] += "," + part
		default:
			list = append(list, part)
		}
	}
	return list
}

// conditions returns those of the text "key=value, key=value".
func (s *sweep) conditions(text string) (list conditions, err error) {
	for _, part := range terms(text) {
		part = strings.TrimSpace(part)
		key, value, ok := strings.Cut(part, "=")
		c, err := s.base.Sweep.Column(key)
		if !ok || err != nil {
			return nil, fmt.Errorf("%q: want key=value with a key that is swept: %s", part, strings.Join(s.base.Sweep.Columns(), ", "))
		}
		if !slices.ContainsFunc(s.points, func(p config.Point) bool { return p.Values[c] == value }) {
			return nil, fmt.Errorf("%q: %s has no such value", part, key)
		}
		list = append(list, condition{c, value})
	}
	return list, nil
}

// values returns what a plot shows of a point: measure y, or its difference from that of the point that meets c, has the same seed
// and is otherwise the same.
func (s *sweep) values(c conditions, y int) (func(k int) float64, error) {
	own := func(k int) float64 { return s.value(k, y) }
	if c == nil {
		return own, nil
	}
	partner := make([]int, len(s.points))
	for k, q := range s.points {
		values := slices.Clone(q.Values)
		for _, x := range c {
			values[x.column] = x.value
		}
		partner[k] = slices.IndexFunc(s.points, func(o config.Point) bool { return o.Seed == q.Seed && slices.Equal(o.Values, values) })
		if partner[k] < 0 {
			return nil, fmt.Errorf("no point has %s", strings.Join(values, ", "))
		}
	}
	return func(k int) float64 { return own(k) - own(partner[k]) }, nil
}

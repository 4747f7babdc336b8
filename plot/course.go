package plot

import (
	"math"
	"slices"
)

// A Course says how things went between the moments of a record.
type Course struct {
	Held   bool  // they stayed as they were: lines are steps
	Starts []int // moments, ascending, before which everything was set back: lines are broken there
}

// of returns the points of the line through x and y.
func (c Course) of(x, y []float64) (lx, ly []float64) {
	for i := range x {
		switch {
		case i == 0:
		case c.starts(i):
			lx, ly = append(lx, math.NaN()), append(ly, math.NaN())
		case c.Held:
			lx, ly = append(lx, x[i]), append(ly, y[i-1])
		}
		lx, ly = append(lx, x[i]), append(ly, y[i])
	}
	return lx, ly
}

func (c Course) starts(i int) bool {
	_, ok := slices.BinarySearch(c.Starts, i)
	return ok
}

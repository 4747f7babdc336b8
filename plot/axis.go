package plot

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// ticks returns about n ticks at round numbers from lo to hi.
func ticks(lo, hi float64, n int) []plot.Tick {
	step := niceStep((hi - lo) / float64(n))
	if !(hi > lo) || !finite(step) || step < 1e-14*max(math.Abs(lo), math.Abs(hi)) {
		return nil // no two ticks could be told apart
	}
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	var list []plot.Tick
	for k := first; k <= last; k++ {
		x := k * step
		list = append(list, plot.Tick{Value: x, Label: label(x, step, max(math.Abs(lo), math.Abs(hi)))})
	}
	return list
}

// niceStep returns the number of the form 1, 2 or 5 times a power of ten that is not below x.
func niceStep(x float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range [...]float64{1, 2, 5} {
		if x <= f*p*(1+1e-9) {
			return f * p
		}
	}
	return 10 * p
}

// label returns x with as many digits as the step needs, on an axis whose largest number is big.
func label(x, step, big float64) string {
	if math.Abs(x) < step/2 {
		return "0"
	}
	if big >= 1e5 || big < 1e-3 {
		e := math.Floor(math.Log10(big) + 1e-9)
		p := math.Pow(10, e)
		digits := int(max(0, math.Ceil(e-math.Log10(step)-1e-9)))
		return minus(strconv.FormatFloat(x/p, 'f', digits, 64)) + "·10^" + minus(strconv.Itoa(int(e)))
	}
	return minus(strconv.FormatFloat(x, 'f', int(max(0, math.Ceil(-math.Log10(step)-1e-9))), 64))
}

func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// wholeTicks returns at most about n ticks at whole numbers.
func wholeTicks(lo, hi float64, n int) []plot.Tick {
	step := niceStep(max(1, (hi-lo)/float64(n)))
	var list []plot.Tick
	for x := math.Ceil(lo/step) * step; x <= hi; x += step {
		list = append(list, plot.Tick{Value: x, Label: minus(strconv.FormatFloat(x, 'f', 0, 64))})
	}
	return list
}

// logTicks returns ticks at powers of ten, at most about n with a label; where there are less than two of them, at 1, 2 and
// 5 times powers of ten, or at round numbers.
func logTicks(lo, hi float64, n int) []plot.Tick {
	a, b := math.Ceil(math.Log10(lo)-1e-9), math.Floor(math.Log10(hi)+1e-9)
	var list []plot.Tick
	if hi < 5*lo {
		return ticks(lo, hi, n)
	}
	if b-a < 1 {
		for e := a - 1; e <= b; e++ {
			for _, f := range [...]float64{1, 2, 5} {
				if x := f * math.Pow(10, e); x >= lo*(1-1e-9) && x <= hi*(1+1e-9) {
					list = append(list, plot.Tick{Value: x, Label: plain(x)})
				}
			}
		}
		return list
	}
	every := math.Ceil((b - a + 1) / float64(n))
	for e := a - 1; e <= b; e++ {
		x := math.Pow(10, e)
		if e >= a {
			t := plot.Tick{Value: x}
			if math.Mod(e-b, every) == 0 {
				t.Label = power(int(e))
			}
			list = append(list, t)
		}
		for f := 2.0; f < 10 && b-a <= 4; f++ {
			if y := f * x; y >= lo && y <= hi {
				t := plot.Tick{Value: y}
				if (f == 2 || f == 5) && 3*math.Log10(hi/lo) <= float64(n) {
					t.Label = plain(y)
				}
				list = append(list, t)
			}
		}
	}
	return list
}

// power returns a label for 10 to the e.
func power(e int) string {
	if e >= -2 && e <= 3 {
		return plain(math.Pow(10, float64(e)))
	}
	return "10^" + minus(strconv.Itoa(e))
}

// plain returns x with three digits.
func plain(x float64) string {
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if x != 0 && (math.Abs(x) < 1e-3 || math.Abs(x) >= 1e5) {
		m, e, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
		i, _ := strconv.Atoi(e)
		return minus(m) + "·10^" + minus(strconv.Itoa(i))
	}
	return minus(strconv.FormatFloat(x, 'f', -1, 64))
}

// A logScale is logarithmic from least on. If zero is set, the number 0 stands at the left end, apart from the rest.
type logScale struct {
	least float64
	zero  bool
}

// gap is the share of an axis between 0 and the least positive number.
const gap = 0.09

// Normalize implements plot.Normalizer.
func (s logScale) Normalize(_, hi, x float64) float64 {
	g := 0.0
	if s.zero {
		g = gap
		if x < s.least/2 {
			return 0
		}
	}
	x = max(x, s.least)
	return g + (1-g)*math.Log(x/s.least)/math.Log(hi/s.least)
}

// span returns the least and largest of the finite numbers, and the least positive one; ok is false if there is none.
func span(lists ...[]float64) (lo, hi, positive float64, ok bool) {
	lo, hi, positive = math.Inf(1), math.Inf(-1), math.Inf(1)
	for _, l := range lists {
		for _, x := range l {
			if !finite(x) {
				continue
			}
			lo, hi, ok = min(lo, x), max(hi, x), true
			if x > 0 {
				positive = min(positive, x)
			}
		}
	}
	return lo, hi, positive, ok
}

func finite(x float64) bool { return x-x == 0 }

// clamp ends an axis where its quantity does.
func clamp(a *plot.Axis, least, most float64) {
	list := a.Tick.Marker.Ticks(a.Min, a.Max)
	a.Min, a.Max = max(a.Min, least), min(a.Max, most)
	a.Tick.Marker = plot.ConstantTicks(slices.DeleteFunc(list, func(t plot.Tick) bool { return t.Value < a.Min || t.Value > a.Max }))
}

// fit gives an axis the range of the lists, with room at its ends, and ticks. A logarithmic axis with numbers that are 0
// shows them apart, and leaves negative ones out; if there is nothing positive, it is linear.
func fit(a *plot.Axis, log bool, n int, room float64, lists ...[]float64) {
	lo, hi, positive, ok := span(lists...)
	switch {
	case !ok:
		lo, hi = 0, 1
	case log && hi > 0:
		zero := lo <= 0
		if positive == hi {
			positive, hi = hi/2, hi*2
		}
		hi = min(hi, 1e290)
		positive = max(positive, hi*1e-60) // what is smaller stands at the edge
		f := math.Pow(hi/positive, room)
		least, top := positive, hi*f
		if !zero {
			least /= f
		}
		s := logScale{least: least, zero: zero}
		a.Min, a.Max, a.Scale = least, top, s
		list := logTicks(least, top, n)
		if zero {
			a.Min = 0
			list = append([]plot.Tick{{Value: 0, Label: "0"}}, list...)
		}
		a.Tick.Marker = plot.ConstantTicks(list)
		return
	case lo == 0 && hi == 0: // nothing was counted
		hi = 1
	case lo == hi:
		d := max(math.Abs(lo)*0.1, 0.5)
		lo, hi = lo-d, hi+d
	default:
		d := (hi - lo) * room
		lo, hi = lo-d, hi+d
	}
	a.Min, a.Max = lo, hi
	a.Tick.Marker = plot.ConstantTicks(ticks(lo, hi, n))
}

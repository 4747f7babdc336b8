package study

import (
	"math"
	"strconv"
)

// A Number is a float64 that marshals to null if it is not finite. Reports count these in a field of their own.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.finite() {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

func (n Number) finite() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

// nonFinite counts the numbers that are not finite.
func nonFinite(list ...Number) int {
	k := 0
	for _, n := range list {
		if !n.finite() {
			k++
		}
	}
	return k
}

// whole returns i with a comma between groups of three digits.
func whole[T int | int64](i T) string {
	s := strconv.FormatInt(int64(i), 10)
	at := len(s) - 3
	for ; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// times returns a ratio of times with decimals, from 100 on with three digits: it is good for no more.
func times(x float64, decimals int) string {
	if !(x >= 100) || x > 1e15 {
		return decimal(x, decimals)
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-2)
	return whole(int64(math.Round(x/unit) * unit))
}

// percent returns a share as "97.2 %".
func percent(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64) + " %"
}

// decimal returns x with the given number of decimals, "–" for a NaN.
func decimal(x float64, decimals int) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}

// metric returns x with a prefix of the SI: "1.9 M".
func metric(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "–"
	case x >= 1e9:
		return strconv.FormatFloat(x/1e9, 'f', 1, 64) + " G"
	case x >= 1e6:
		return strconv.FormatFloat(x/1e6, 'f', 1, 64) + " M"
	case x >= 1e3:
		return strconv.FormatFloat(x/1e3, 'f', 1, 64) + " k"
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// octets returns a number of bytes with its unit: "819 B", "1.2 kB".
func octets(n int64) string {
	if n < 1e3 {
		return metric(float64(n)) + " B"
	}
	return metric(float64(n)) + "B"
}

// seconds returns a time with three digits or so: "38.1 ms".
func seconds(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "–"
	case x >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64) + " s"
	case x >= 1:
		return strconv.FormatFloat(x, 'f', 2, 64) + " s"
	case x >= 1e-3:
		return strconv.FormatFloat(1e3*x, 'f', 1, 64) + " ms"
	}
	return strconv.FormatFloat(1e6*x, 'f', 1, 64) + " µs"
}

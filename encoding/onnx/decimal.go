package onnx

import (
	"math"
	"strconv"
)

// decimal returns the number that the float32 x was probably written as: the shortest decimal number that has it or, if
// there is no short one, 1/k, √k, 1/√k for a small integer k, or √(2/π). Exporters round hard-sigmoid's 1/6 and gelu's √2
// to float32, and a float64 graph is the function that was meant. The result, rounded to float32, is x.
func decimal(x float32) float64 {
	text := strconv.FormatFloat(float64(x), 'e', -1, 32)
	if n := len(text); x > 0 && n >= len("1.234567e-00") {
		for _, y := range meant(float64(x), n) {
			if float32(y) == x {
				return y
			}
		}
	}
	y, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return float64(x)
	}
	return y
}

// meant returns what a number near x may have been, by the length of its shortest decimal form: that of an inverse must
// have eight digits.
func meant(x float64, digits int) []float64 {
	const most = 1 << 12
	list := []float64{math.Sqrt(2 / math.Pi)}
	if k := math.Round(1 / x); k < most && digits >= len("1.2345678e-00") {
		list = append(list, 1/k)
	}
	if k := math.Round(x * x); k > 0 && k < most {
		list = append(list, math.Sqrt(k))
	}
	if k := math.Round(1 / (x * x)); k > 0 && k < most {
		list = append(list, 1/math.Sqrt(k), math.Sqrt(1/k))
	}
	return list
}

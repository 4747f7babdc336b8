package data

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// A Scaling is the mean and the standard deviation of every feature: of each index of axis 1 of X, that is of each
// column of vectors and of each channel of images. A deviation of 0 is replaced by 1.
type Scaling struct{ Mean, Deviation []float64 }

// Standardize scales X of every set to (x − mean) / deviation, by the statistics of train alone: what is held out must
// not be seen. The sets get new storage for X; they hold Float64 and agree in their number of features, else it panics.
func Standardize(train *Set, others ...*Set) Scaling {
	sc := FitScaling(train.X)
	train.X = sc.Apply(train.X)
	for _, s := range others {
		s.X = sc.Apply(s.X)
	}
	return sc
}

// FitScaling returns the statistics of x, a Float64 tensor of rank 2 or more. Sums run over rows in their order. The
// deviation is that of the population: the sum of squares divided by its number of terms.
func FitScaling(x tensor.Tensor) Scaling {
	outer, n, inner := x.Shape().Split(1)
	data, count := x.Float64s(), float64(outer*inner)
	sc := Scaling{make([]float64, n), make([]float64, n)}
	for j := range n {
		sum := 0.0
		for i := range outer {
			for _, v := range data[(i*n+j)*inner : (i*n+j+1)*inner] {
				sum += v
			}
		}
		mean := sum / count
		sum = 0
		for i := range outer {
			for _, v := range data[(i*n+j)*inner : (i*n+j+1)*inner] {
				sum += float64((v - mean) * (v - mean))
			}
		}
		sc.Mean[j], sc.Deviation[j] = mean, math.Sqrt(sum/count)
		if !(sc.Deviation[j] > 0) {
			sc.Deviation[j] = 1
		}
	}
	return sc
}

// Apply returns x scaled, with storage of its own. It panics if x has another number of features.
func (sc Scaling) Apply(x tensor.Tensor) tensor.Tensor {
	outer, n, inner := x.Shape().Split(1)
	if n != len(sc.Mean) {
		panic("data: Scaling: another number of features")
	}
	t := tensor.New(tensor.Float64, x.Shape())
	src, dst := x.Float64s(), t.Float64s()
	for i := range outer {
		for j := range n {
			for k := (i*n + j) * inner; k < (i*n+j+1)*inner; k++ {
				dst[k] = (src[k] - sc.Mean[j]) / sc.Deviation[j]
			}
		}
	}
	return t
}

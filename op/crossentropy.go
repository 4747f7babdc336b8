package op

import (
	"fmt"

	"github.com/retrodict/retrodict/tensor"
)

// badLabel is the panic of a kernel that meets a label that CheckLabels would have refused.
const badLabel = "op: label out of range: call CheckLabels on targets that come from outside"

// CheckLabels returns an error that names the first row whose label is not a class of a prediction of shape mu, whose
// last axis is that of the classes. Targets that are not Int64 are not labels and pass.
func CheckLabels(mu tensor.Shape, target tensor.Tensor) error {
	if target.Type() != tensor.Int64 {
		return nil
	}
	if mu.Rank() == 0 {
		return fmt.Errorf("labels: the prediction has no class axis")
	}
	n := mu.Dim(-1)
	for r, y := range target.Int64s() {
		if y < 0 || y >= int64(n) {
			return fmt.Errorf("labels: row %d has label %d, outside [0, %d)", r, y, n)
		}
	}
	return nil
}

// checkClasses returns an error if the target is neither one label a row nor, if rows is set, one weight a class.
func checkClasses(l Loss, mu tensor.Shape, typ tensor.Type, target tensor.Shape, rows bool) error {
	if mu.Rank() == 0 || mu.Dim(-1) == 0 {
		return fmt.Errorf("%s: the prediction has shape %v and no classes in its last axis", l.Name(), mu)
	}
	if rows && typ.IsFloat() {
		return sameShape(l, mu, typ, target)
	}
	if typ != tensor.Int64 {
		return fmt.Errorf("%s: the target has type %v, labels are i64", l.Name(), typ)
	}
	want := mu.Slice()
	if want = want[:len(want)-1]; tensor.Dims(want...) != target {
		return fmt.Errorf("%s: the labels have shape %v, the prediction %v needs %v", l.Name(), target, mu, tensor.Dims(want...))
	}
	return nil
}

// CrossEntropy is "cross-entropy", the energy of a softmax output: E = −Σ_rows log softmax(μ)[y], ε = softmax(μ) − y.
// The last axis of μ is that of the classes. The target is one Int64 label a row, or floats of μ's type and shape, the
// probabilities of the classes: E = −Σ_rows Σ_c y_c log softmax(μ)_c, ε = softmax(μ)·Σ_c y_c − y.
type CrossEntropy struct{}

func (CrossEntropy) Name() string { return "cross-entropy" }

func (l CrossEntropy) Check(mu tensor.Shape, typ tensor.Type, target tensor.Shape) error {
	return checkClasses(l, mu, typ, target, true)
}

func (CrossEntropy) Energy(mu, target tensor.Tensor) float64 {
	if mu.Type() == tensor.Float32 {
		return crossEntropy[float32](mu, target)
	}
	return crossEntropy[float64](mu, target)
}

func crossEntropy[T tensor.Float](mu, target tensor.Tensor) float64 {
	m, n := tensor.Data[T](mu), mu.Shape().Dim(-1)
	sum := 0.0
	for r := range len(m) / n {
		row := m[r*n : (r+1)*n]
		top := float64(maxOf(row))
		lse := top + tensor.Log(sumExp(row, top))
		if target.Type() == tensor.Int64 {
			sum += lse - float64(row[label(target, r, n)])
			continue
		}
		for c, y := range tensor.Data[T](target)[r*n : (r+1)*n] {
			if y != 0 { // 0·(−Inf) of a masked class counts 0
				sum += float64(float64(y) * (lse - float64(row[c])))
			}
		}
	}
	return sum
}

// sumExp returns Σ exp(x − top) in float64, in ascending order.
func sumExp[T tensor.Float](row []T, top float64) float64 {
	var part [64]float64
	sum := 0.0
	for len(row) > 0 {
		n := min(len(row), len(part))
		for i, x := range row[:n] {
			part[i] = float64(x) - top
		}
		expSlice(part[:n], part[:n])
		for _, e := range part[:n] {
			sum += e
		}
		row = row[n:]
	}
	return sum
}

func label(target tensor.Tensor, row, classes int) int {
	y := target.Int64s()[row]
	if y < 0 || y >= int64(classes) {
		panic(badLabel)
	}
	return int(y)
}

func (CrossEntropy) Grad(dst, mu, target tensor.Tensor) {
	if mu.Type() == tensor.Float32 {
		crossEntropyGrad[float32](dst, mu, target)
		return
	}
	crossEntropyGrad[float64](dst, mu, target)
}

func crossEntropyGrad[T tensor.Float](dst, mu, target tensor.Tensor) {
	d, m, n := tensor.Data[T](dst), tensor.Data[T](mu), mu.Shape().Dim(-1)
	for r := range len(m) / n {
		out, row := d[r*n:(r+1)*n], m[r*n:(r+1)*n]
		top := maxOf(row)
		for c, x := range row {
			out[c] = x - top
		}
		expSlice(out, out)
		total := sum64(out)
		if target.Type() == tensor.Int64 {
			hot := label(target, r, n)
			for c, e := range out {
				y := 0.0
				if c == hot {
					y = 1
				}
				out[c] = T(float64(e)/total - y)
			}
			continue
		}
		y := tensor.Data[T](target)[r*n : (r+1)*n]
		mass := sum64(y)
		for c, e := range out {
			out[c] = T(float64(float64(e)/total*mass) - float64(y[c]))
		}
	}
}

// NLL is "nll", the negative log-likelihood of a μ that holds log-probabilities: E = −Σ_rows μ[y], ε = −1 at the label
// and 0 elsewhere. The last axis of μ is that of the classes; the target is one Int64 label a row.
type NLL struct{}

func (NLL) Name() string { return "nll" }

func (l NLL) Check(mu tensor.Shape, typ tensor.Type, target tensor.Shape) error {
	return checkClasses(l, mu, typ, target, false)
}

func (NLL) Energy(mu, target tensor.Tensor) float64 {
	n, sum := mu.Shape().Dim(-1), 0.0
	for r := range target.Len() {
		sum -= mu.Float(r*n + label(target, r, n))
	}
	return sum
}

func (NLL) Grad(dst, mu, target tensor.Tensor) {
	n := mu.Shape().Dim(-1)
	dst.Zero()
	for r := range target.Len() {
		dst.SetFloat(r*n+label(target, r, n), -1)
	}
}

// BCEWithLogits is "binary-cross-entropy", the energy of a sigmoid output: E = Σ softplus(μ) − μ·y, ε = σ(μ) − y. The
// target has the type and shape of μ.
type BCEWithLogits struct{}

func (BCEWithLogits) Name() string { return "binary-cross-entropy" }

func (l BCEWithLogits) Check(mu tensor.Shape, typ tensor.Type, target tensor.Shape) error {
	return sameShape(l, mu, typ, target)
}

func (BCEWithLogits) Energy(mu, target tensor.Tensor) float64 {
	if mu.Type() == tensor.Float32 {
		return binaryCrossEntropy(mu.Float32s(), target.Float32s())
	}
	return binaryCrossEntropy(mu.Float64s(), target.Float64s())
}

func binaryCrossEntropy[T tensor.Float](mu, y []T) float64 {
	sum := 0.0
	for i, m := range mu {
		sum += softplus(float64(m)) - float64(float64(m)*float64(y[i]))
	}
	return sum
}

func (BCEWithLogits) Grad(dst, mu, target tensor.Tensor) {
	if mu.Type() == tensor.Float32 {
		binaryCrossEntropyGrad(dst.Float32s(), mu.Float32s(), target.Float32s())
		return
	}
	binaryCrossEntropyGrad(dst.Float64s(), mu.Float64s(), target.Float64s())
}

func binaryCrossEntropyGrad[T tensor.Float](dst, mu, y []T) {
	sigmoidSlice(dst, mu)
	subSlice(dst, dst, y)
}

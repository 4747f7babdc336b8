package train

import (
	"context"
	"fmt"
	"math"

	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/tensor"
)

// evaluate predicts the held-out rows.
func (t *trainer) evaluate(ctx context.Context, e *Epoch) error {
	e.TestLoss, e.Accuracy = math.NaN(), math.NaN()
	if t.test == nil {
		return nil
	}
	predictor := t.Engine
	if t.Eval != nil {
		predictor = t.Eval
		for i, p := range t.Engine.Params() {
			predictor.Params()[i].Value.CopyFrom(p.Value)
		}
	}
	loss, right, labels, rows := 0.0, 0, 0, 0
	classes := len(t.Test.Classes)
	for b := range t.test.All() {
		if err := t.Model.Inputs(b.X, t.inputs); err != nil {
			return fmt.Errorf("train: evaluation: %w", err)
		}
		out, err := predictor.Predict(ctx, t.inputs)
		if err != nil {
			return fmt.Errorf("train: evaluation: %w", err)
		}
		mu, y := out[0].Rows(0, b.Valid), b.Y.Rows(0, b.Valid)
		loss += t.Loss.Energy(mu, y)
		rows += b.Valid
		if classes > 0 && mu.Shape().Dim(-1) > 1 {
			r, n := matches(mu, y)
			right, labels = right+r, labels+n
		}
	}
	e.TestLoss = loss / float64(rows)
	if labels > 0 {
		e.Accuracy = float64(right) / float64(labels)
	}
	return nil
}

// Evaluate returns the mean loss of c's engine over the rows of c.Test, and the share of their labels that it predicts;
// NaN where there is none.
func Evaluate(ctx context.Context, c Config) (loss, accuracy float64, err error) {
	if c.Batches.Type == tensor.None {
		c.Batches.Type = tensor.Float64
	}
	t := &trainer{Config: c, inputs: c.Model.NewInputs(c.Batches.Type)}
	if c.Test != nil {
		if t.test, err = data.NewLoader(c.Test, c.Batches); err != nil {
			return math.NaN(), math.NaN(), err
		}
	}
	var e Epoch
	err = t.evaluate(ctx, &e)
	return e.TestLoss, e.Accuracy, err
}

// matches counts the vectors along the last axis of mu whose largest element is where y says: y holds labels, or vectors
// whose own largest element counts. Of equal elements the first counts, and a vector with a NaN is no match.
func matches(mu, y tensor.Tensor) (right, total int) {
	n := mu.Shape().Dim(-1)
	total = mu.Len() / n
	for r := range total {
		label := 0
		if y.Type() == tensor.Int64 {
			label = int(y.Int64s()[r])
		} else {
			label = largest(y, r*n, n)
		}
		if largest(mu, r*n, n) == label {
			right++
		}
	}
	return right, total
}

// largest returns the index of the largest of n elements from at on, -1 if one is NaN.
func largest(t tensor.Tensor, at, n int) int {
	best := 0
	for i := range n {
		x := t.Float(at + i)
		if math.IsNaN(x) {
			return -1
		}
		if x > t.Float(at+best) {
			best = i
		}
	}
	return best
}

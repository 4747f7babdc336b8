package plot

import (
	"errors"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/retrodict/retrodict/record"
)

// Learning is the course of a training: the losses and, if there is one, the accuracy, by epoch.
type Learning struct {
	Title, Subtitle string
	Epochs          []record.Epoch
}

// LearningCurve writes Learning as SVG.
func LearningCurve(w io.Writer, title string, epochs []record.Epoch) error {
	f, err := Learning{Title: title, Epochs: epochs}.Figure()
	if err != nil {
		return err
	}
	return f.WriteSVG(w)
}

// Figure implements Drawing.
func (l Learning) Figure() (*Figure, error) {
	if len(l.Epochs) == 0 {
		return nil, errors.New("plot: no epochs")
	}
	pick := func(of func(record.Epoch) float64) []float64 {
		y := make([]float64, len(l.Epochs))
		for i, e := range l.Epochs {
			y[i] = of(e)
		}
		return y
	}
	x := pick(func(e record.Epoch) float64 { return float64(e.Epoch) })
	loss, test := pick(func(e record.Epoch) float64 { return e.Loss }), pick(func(e record.Epoch) float64 { return e.TestLoss })
	accuracy := pick(func(e record.Epoch) float64 { return e.Accuracy })

	f := newFigure(l.Title, l.Subtitle)
	f.height = 2.3 * vg.Inch
	p := f.add("epoch", "loss (mean over rows)")
	fit(&p.Y, false, 5, 0.04, loss, test, []float64{0})
	if lo, _, _, ok := span(loss, test); ok && lo >= 0 {
		clamp(&p.Y, 0, p.Y.Max)
	}
	epochAxis(p, x)
	p.Add(line(stroke(hue(0), 1.8), x, loss), points(hue(0), 2, x, loss))
	f.key = append(f.key, entry{"learning", hue(0), aLine})
	if _, _, _, ok := span(test); ok {
		p.Add(line(stroke(hue(1), 1.8), x, test), points(hue(1), 2, x, test))
		f.key = append(f.key, entry{"held out", hue(1), aLine})
	}
	if _, _, _, ok := span(accuracy); ok {
		p := f.add("epoch", "accuracy (held out)")
		fit(&p.Y, false, 5, 0.08, accuracy)
		clamp(&p.Y, 0, 1)
		epochAxis(p, x)
		p.Add(line(stroke(hue(2), 1.8), x, accuracy), points(hue(2), 2, x, accuracy))
		f.share()
	}
	f.table = table{[]string{"epoch", "loss", "test_loss", "accuracy"}, func(add func(...any)) {
		for i, e := range l.Epochs {
			add(e.Epoch, loss[i], test[i], accuracy[i])
		}
	}}
	return f, nil
}

func epochAxis(p *plot.Plot, x []float64) {
	first, last := x[0], x[len(x)-1]
	p.X.Tick.Marker = plot.ConstantTicks(wholeTicks(first, last, 10))
	if first == last { // in the middle
		first, last = first-0.5, last+0.5
	}
	p.X.Min, p.X.Max = first, last
}

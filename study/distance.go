package study

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/plot"
	"github.com/retrodict/retrodict/train"
)

// A follower measures how far single updates of an engine are from backprop's: at the engine's own weights, on the same
// sample. What is compared is the change of the parameters. If the plasticity has a state, the follower's is that of
// backprop's updates so far.
type follower struct {
	twin   engine.Engine
	every  int
	before engine.Params
	rows   []distance
	shown  int // rows that were shown
}

// A distance is one comparison.
type distance struct {
	update   int
	diff     engine.Difference
	accuracy float64 // on the held-out rows; NaN: not asked for
}

// follows reports whether single updates are compared, instead of training runs.
func (r *run) follows() bool {
	c := r.Config.Compare
	return c.Reference != "none" && (c.Every.Updates() > 0 || len(c.Measures) > 0)
}

// newFollower returns a follower with a reference engine of its own.
func (r *run) newFollower() (*follower, error) {
	e, err := r.Engine(r.Config.Compare.Reference, r.Rule)
	if err != nil {
		return nil, err
	}
	n := r.Config.Compare.Every.Updates()
	if n == 0 {
		if n = r.Train.Len() / r.Config.Data.Batch; r.Config.Compare.Every == "update" {
			n = 1
		}
	}
	return &follower{twin: e, every: n}, nil
}

// take gives the twin the parameters.
func take(twin engine.Engine, p engine.Params) {
	for i, q := range twin.Params() {
		q.Value.CopyFrom(p[i].Value)
	}
}

// due reports whether an update is compared.
func (f *follower) due(update int) bool { return update == 1 || update%f.every == 0 }

// follow has the training c compare single updates.
func (r *run) follow(c *train.Config) {
	f := r.follower
	c.Before = func(update int, _ engine.Sample) error {
		if f.due(update) {
			take(f.twin, r.engine.Params())
			f.before = r.engine.Params().Clone()
		}
		return nil
	}
	c.After = func(update int, s engine.Sample) error {
		if !f.due(update) {
			return nil
		}
		if _, err := f.twin.Learn(context.Background(), s); err != nil {
			return fmt.Errorf("reference: %w", err)
		}
		d := distance{update, engine.Diff(change(r.engine.Params(), f.before), change(f.twin.Params(), f.before)), math.NaN()}
		if slices.Contains(r.Config.Compare.Measures, "accuracy") {
			take(f.twin, r.engine.Params())
			e := *c
			e.Engine = f.twin
			var err error
			if _, d.accuracy, err = train.Evaluate(context.Background(), e); err != nil {
				return err
			}
		}
		if !d.diff.Equal() {
			r.report.Equal = false
		}
		f.rows = append(f.rows, d)
		return nil
	}
}

// showDistance shows the comparisons since the last time.
func (r *run) showDistance() {
	f := r.follower
	var cosine, far []float64
	for _, d := range f.rows[f.shown:] {
		cosine, far = append(cosine, d.diff.Cosine), append(far, d.diff.RelativeL2)
	}
	f.shown = len(f.rows)
	if len(cosine) == 0 {
		return
	}
	r.page.line(fmt.Sprintf("         update against backprop's at the same weights, mean of %d: cosine %s, relative distance %s", len(cosine),
		decimal(mean(cosine), 4), decimal(mean(far), 4)))
}

func mean(x []float64) float64 {
	m, _, _ := plot.Mean.Of(x)
	return m
}

// writeDistance writes distance.csv.
func (r *run) writeDistance() error {
	return r.folder.Write("distance.csv", func(w io.Writer) error {
		c := csv.NewWriter(w)
		err := c.Write([]string{"update", "cosine", "relative_l2", "differing", "max_abs", "accuracy"})
		for _, d := range r.follower.rows {
			err = errors.Join(err, c.Write([]string{strconv.Itoa(d.update), field(d.diff.Cosine), field(d.diff.RelativeL2),
				strconv.Itoa(d.diff.Differing), field(d.diff.MaxAbs), field(d.accuracy)}))
		}
		c.Flush()
		return errors.Join(err, c.Error())
	})
}

// field returns a number for a table, empty if it is not finite.
func field(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

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
	"github.com/retrodict/retrodict/train"
)

// A follower measures how far single updates of an engine are from backprop's: at the engine's own weights, on the same
// sample. What is compared is the change of the parameters. If the plasticity has a state, the follower's is that of
// backprop's updates so far.
type follower struct {
	twin    engine.Engine
	wounded *wounded // the twin on the graph that lesions leave; nil: none are planned
	every   int
	before  engine.Params
	rows    []distance
	shown   int // rows that were shown
}

// A distance is one comparison.
type distance struct {
	update   int
	diff     engine.Difference
	lesioned engine.Difference // to backprop on the graph that lesions leave, if any are planned
	accuracy float64           // of the engine on the held-out rows; NaN: not asked for
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
	w, err := newWounded(r.Setup, r.engine)
	return &follower{twin: e, wounded: w, every: n}, err
}

// twins returns the engines that the follower compares with.
func (f *follower) twins() []engine.Engine {
	if f.wounded == nil {
		return []engine.Engine{f.twin}
	}
	return []engine.Engine{f.twin, f.wounded}
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
			for _, twin := range f.twins() {
				take(twin, r.engine.Params())
			}
			f.before = r.engine.Params().Clone()
		}
		return nil
	}
	c.After = func(update int, s engine.Sample) (err error) {
		if !f.due(update) {
			return nil
		}
		d := distance{update: update, accuracy: math.NaN()}
		own := change(r.engine.Params(), f.before)
		if d.diff, err = f.compare(own, f.twin, s); err != nil {
			return err
		}
		last := f.twin
		if f.wounded != nil {
			f.wounded.follow()
			if d.lesioned, err = f.compare(own, f.wounded, s); err != nil {
				return err
			}
			last = f.wounded
		}
		if slices.Contains(r.Config.Compare.Measures, "accuracy") { // of a forward sweep, which the twin makes as the engine would: the engine is not disturbed
			take(last, r.engine.Params())
			e := *c
			e.Engine = last
			if _, d.accuracy, err = train.Evaluate(context.Background(), e); err != nil {
				return err
			}
		}
		r.report.Equal = r.report.Equal && d.diff.Equal()
		f.rows = append(f.rows, d)
		return nil
	}
}

// compare returns the distance of the engine's own update to that which twin learns from s.
func (f *follower) compare(own engine.Params, twin engine.Engine, s engine.Sample) (d engine.Difference, err error) {
	if _, err := twin.Learn(context.Background(), s); err != nil {
		return d, fmt.Errorf("reference: %w", err)
	}
	return compareUpdates(own, change(twin.Params(), f.before)), nil
}

// compareUpdates returns the distance of the update f to g. What is not finite differs, also from the like: it is no update.
func compareUpdates(f, g engine.Params) engine.Difference {
	d := engine.Diff(f, g)
	if !math.IsNaN(d.RelativeL2) {
		return d
	}
	for k := range f {
		x, y := f[k].Value, g[k].Value
		for i := range x.Len() {
			if u := x.Float(i); u-u != 0 && x.Bits(i) == y.Bits(i) {
				d.Differing++
				d.MaxAbs, d.MaxULP = math.Inf(1), math.MaxUint64
			}
		}
	}
	return d
}

// direction returns the cosine of a comparison, 0 with none set if it has none: an update is zero, or not finite.
func direction(d engine.Difference) (cosine float64, none bool) {
	if math.IsNaN(d.Cosine) {
		return 0, true
	}
	return d.Cosine, false
}

// showDistance shows the comparisons since the last time.
func (r *run) showDistance() {
	f := r.follower
	list := f.rows[f.shown:]
	f.shown = len(f.rows)
	if len(list) == 0 {
		return
	}
	r.showMean("backprop's at the same weights", list, func(d distance) engine.Difference { return d.diff })
	if f.wounded != nil {
		r.showMean("backprop's on the lesioned graph", list, func(d distance) engine.Difference { return d.lesioned })
	}
}

// showMean shows the mean of what of is of every comparison, and how many updates have no direction.
func (r *run) showMean(what string, list []distance, of func(distance) engine.Difference) {
	cosine, far, measured, undirected := 0.0, 0.0, 0, 0
	for _, d := range list {
		c, none := direction(of(d))
		if cosine += c; none {
			undirected++
		}
		if x := of(d).RelativeL2; !math.IsInf(x, 1) { // from a reference of zero nothing is at a distance
			far, measured = far+x, measured+1
		}
	}
	r.page.line(fmt.Sprintf("         update against %s, mean of %d: cosine %s, relative distance %s", what, len(list),
		decimal(cosine/float64(len(list)), 4), decimal(far/float64(measured), 4)))
	if undirected > 0 {
		r.page.line(fmt.Sprintf("         %d of %d updates were zero or not finite: their cosine counts as 0", undirected, len(list)))
	}
}

// writeDistance writes distance.csv.
func (r *run) writeDistance() error {
	return r.folder.Write("distance.csv", func(w io.Writer) error {
		c := csv.NewWriter(w)
		head := []string{"update", "cosine", "relative_l2", "differing", "max_abs", "accuracy"}
		if r.follower.wounded != nil {
			head = append(head, "cosine_lesioned", "relative_l2_lesioned")
		}
		err := c.Write(head)
		for _, d := range r.follower.rows {
			row := []string{strconv.Itoa(d.update), field(d.diff.Cosine), field(d.diff.RelativeL2), strconv.Itoa(d.diff.Differing), field(d.diff.MaxAbs),
				field(d.accuracy), field(d.lesioned.Cosine), field(d.lesioned.RelativeL2)}
			err = errors.Join(err, c.Write(row[:len(head)]))
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

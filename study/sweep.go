package study

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/encoding/table"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/record"
)

// SweepOptions say how a study is carried out.
type SweepOptions struct {
	Out    string // folder; default the name of the experiment in the directory of runs
	Jobs   int    // points at a time, each on one core; 0: one for every core
	Resume bool   // go on with what is there; if that is everything, nothing is run or written
	Redraw bool   // make the figures again from a table that is complete

	Load     func(overrides ...string) (*config.Loaded, error) // the experiment under overrides
	Progress Progress                                          // nil: none
	Text     io.Writer                                         // nil: none
}

// A SweepReport is what a study came to.
type SweepReport struct {
	Folder  string   `json:"folder"`
	Points  int      `json:"points"`
	Skipped int      `json:"skipped"` // that were there already
	Events  int64    `json:"events"`
	Seconds Number   `json:"seconds"`
	Figures []string `json:"figures"`
	BLAS    []string `json:"blas"`    // of the points, each once
	Hosting []string `json:"hosting"` // the same: actor, shard, or none for engines without actors; empty if nothing was run

	Warnings []string `json:"warnings,omitempty"` // of all points, each once

	Finished bool `json:"finished,omitempty"` // before: nothing was run or written
}

// A sweep is a study under way.
type sweep struct {
	SweepOptions
	base     *config.Loaded
	points   []config.Point
	measures []string
	blas     []string    // backends of the points, each once
	warnings []string    // of all points, each once
	rows     []*sweepRow // by point; nil: not yet
	lock     *record.Lock
	tabled   bool   // the rows come from the table
	finished bool   // everything is there, and it was to go on
	text     []byte // the configuration, resolved
}

// A sweepRow is what a point came to.
type sweepRow struct {
	Values  []*float64 `json:"values"` // null: none
	Events  int64      `json:"events"`
	Hosting string     `json:"hosting"` // of vertices
}

// Names of the files of a study.
const (
	sweepConfig  = "study.yaml"
	sweepResults = "results.csv"
	sweepParquet = "results.parquet"
	sweepPoints  = "points"
)

// Sweep runs every point of a study, and writes the table and the figures. Every point is kept as soon as it is there, in a
// file that is whole or absent, so that a study that was stopped or killed goes on with Resume.
func Sweep(ctx context.Context, o SweepOptions) (r SweepReport, err error) {
	start := time.Now()
	s, err := newSweep(o)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.lock.Release()) }()
	if err := s.openFolder(); err != nil {
		return r, err
	}
	r = SweepReport{Folder: s.Out, Points: len(s.points), Figures: []string{}, BLAS: s.blas, Hosting: []string{}}
	for _, row := range s.rows {
		if row != nil {
			r.Skipped++
		}
	}
	if r.Finished = s.finished; r.Finished {
		return r, nil
	}
	r.Warnings = s.warnings
	if _, err := io.WriteString(s.Text, warningText(s.warnings)); err != nil {
		return r, err
	}
	if err := s.runAll(ctx); err != nil {
		return r, err
	}
	for _, row := range s.rows {
		r.Events += row.Events
		if row.Hosting != "" && !slices.Contains(r.Hosting, row.Hosting) {
			r.Hosting = append(r.Hosting, row.Hosting)
		}
	}
	if err := s.write(); err != nil {
		return r, err
	}
	if r.Figures, err = s.draw(); err == nil {
		err = errors.Join(s.tidy(r.Figures), s.endPoints())
	}
	r.Seconds = Number(time.Since(start).Seconds())
	return r, err
}

// warningText returns a line for each warning.
func warningText(list []string) string {
	var b strings.Builder
	for _, w := range list {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return b.String()
}

// newSweep opens every combination of values, so that mistakes are found before anything runs.
func newSweep(o SweepOptions) (*sweep, error) {
	base, err := o.Load()
	if err != nil {
		return nil, err
	}
	if base.Sweep.IsZero() {
		return nil, base.Mistake("sweep", "the experiment varies nothing: add keys with lists of values, or seeds")
	}
	if o.Progress == nil {
		o.Progress = silent{}
	}
	if o.Text == nil {
		o.Text = io.Discard
	}
	if o.Jobs <= 0 {
		o.Jobs = runtime.NumCPU()
	}
	if o.Out == "" {
		o.Out = filepath.Join(base.Record.Dir, base.Name+"-study")
	}
	s := &sweep{SweepOptions: o, base: base, points: base.Sweep.Points(base.Seed)}
	s.rows = make([]*sweepRow, len(s.points))
	if err := s.inspect(); err != nil {
		return nil, err
	}
	s.text, err = base.Marshal()
	return s, err
}

// inspect opens the first point of every combination, for what it has to say and what it is made of, and checks the figures
// that are asked for.
func (s *sweep) inspect() error {
	defer s.Progress.Hide()
	var first *config.Setup
	lesions := false
	for k := 0; k < len(s.points); k += s.seeds() {
		setup, err := s.open(k)
		var warnings []string
		if err == nil {
			warnings, err = engineWarnings(setup)
		}
		if err != nil {
			return fmt.Errorf("a point of the sweep, %s: %w", strings.Join(s.points[k].Overrides, ", "), err)
		}
		if first == nil {
			first = setup
		}
		if !slices.Contains(s.blas, setup.Config.Time.BLAS) {
			s.blas = append(s.blas, setup.Config.Time.BLAS)
		}
		lesions = lesions || setup.Config.Lesions()
		s.warnings = slices.Concat(s.warnings, setup.Network.Graph.Warnings(), warnings, setup.Notes(), samplesNote(setup))
		s.Progress.Show("checking", k+s.seeds(), len(s.points))
	}
	if len(first.Config.Record.Traces) > 0 {
		s.warnings = append(s.warnings, "record: points of a study are not recorded; retrodict run records the experiment itself")
	}
	s.warnings = distinct(s.warnings)
	return s.measure(first, lesions)
}

// engineWarnings returns what the engine of a point has to say.
func engineWarnings(s *config.Setup) ([]string, error) {
	e, err := s.Engine(s.Config.Time.Engine, s.Rule)
	if err != nil {
		return nil, err
	}
	var list []string
	if p, ok := e.(config.Predictive); ok {
		list = slices.Clone(p.Warnings())
	}
	return list, e.Close()
}

// samplesNote says that there are fewer samples than were asked for.
func samplesNote(s *config.Setup) []string {
	asked, there := samples(s)
	if asked <= there {
		return nil
	}
	return []string{fmt.Sprintf("sweep.samples: %s samples are to be measured, and the rows to learn from give %s: all of these are", whole(asked), whole(there))}
}

// distinct returns list without repetitions.
func distinct(list []string) (once []string) {
	for _, x := range list {
		if !slices.Contains(once, x) {
			once = append(once, x)
		}
	}
	return once
}

// measure finds what is measured, and checks the figures that are asked for.
func (s *sweep) measure(setup *config.Setup, lesions bool) error {
	var p engine.Params
	for i := range setup.Network.Graph.Parameters() {
		p = append(p, engine.Param{Name: setup.Network.Graph.Parameter(i).Name})
	}
	names, _ := groups(p)
	s.measures = measures(names, lesions)
	return s.checkPlots()
}

// Check returns the first mistake in a study that can be found without running it. load is as in SweepOptions.
func Check(load func(overrides ...string) (*config.Loaded, error)) error {
	_, err := newSweep(SweepOptions{Load: load})
	return err
}

// open returns the setup of a point.
func (s *sweep) open(k int) (*config.Setup, error) {
	l, err := s.Load(append(s.points[k].Overrides[:len(s.points[k].Overrides):len(s.points[k].Overrides)], "time.workers=1")...)
	if err != nil {
		return nil, err
	}
	return l.Open()
}

// runAll runs the points that are missing, several at a time. The first error ends it.
func (s *sweep) runAll(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var todo []int
	for k, row := range s.rows {
		if row == nil {
			todo = append(todo, k)
		}
	}
	done := len(s.rows) - len(todo)
	defer s.Progress.Hide()
	var lock sync.Mutex
	var group sync.WaitGroup
	next := 0
	for range min(s.Jobs, len(todo)) {
		group.Go(func() {
			for {
				lock.Lock()
				i := next
				next++
				lock.Unlock()
				if i >= len(todo) || ctx.Err() != nil {
					return
				}
				row, err := s.runPoint(ctx, todo[i])
				if err != nil {
					cancel(err)
					return
				}
				lock.Lock()
				s.rows[todo[i]] = row
				done++
				s.Progress.Show("points", done, len(s.rows))
				lock.Unlock()
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("study: stopped after %d of %d points, go on with --resume: %w", done, len(s.rows), err)
	}
	return nil
}

// runPoint runs point k and keeps what it came to.
func (s *sweep) runPoint(ctx context.Context, k int) (*sweepRow, error) {
	setup, err := s.open(k)
	if err != nil {
		return nil, err
	}
	m, err := measure(ctx, setup, s.measures)
	if err != nil {
		return nil, fmt.Errorf("point %v, seed %d: %w", s.points[k].Values, s.points[k].Seed, err)
	}
	row := &sweepRow{Events: m.events, Hosting: m.hosting}
	for _, x := range m.values {
		v := &x
		if math.IsNaN(x) || math.IsInf(x, 0) {
			v = nil
		}
		row.Values = append(row.Values, v)
	}
	text, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	return row, writeAtomically(s.pointPath(k), text)
}

// value returns a measure of point k, NaN if there is none.
func (s *sweep) value(k, measure int) float64 {
	if v := s.rows[k].Values[measure]; v != nil {
		return *v
	}
	return math.NaN()
}

// write writes the table as CSV and Parquet, unless it is where the rows come from.
func (s *sweep) write() error {
	if s.tabled {
		return nil
	}
	var columns []table.Column
	for _, c := range s.base.Sweep.Columns() {
		columns = append(columns, table.Column{Name: c, Type: table.String})
	}
	columns = append(columns, table.Column{Name: "seed", Type: table.Int64})
	for _, m := range s.measures {
		columns = append(columns, table.Column{Name: m, Type: table.Float64})
	}
	for _, name := range []string{sweepResults, sweepParquet} {
		w, err := table.Create(filepath.Join(s.Out, name), columns...)
		if err != nil {
			return fmt.Errorf("study: %w", err)
		}
		for k, p := range s.points {
			var row []table.Cell
			for _, v := range p.Values {
				row = append(row, table.Text(v))
			}
			row = append(row, table.Int(int64(p.Seed)))
			for m := range s.measures {
				row = append(row, table.Float(s.value(k, m)))
			}
			if err := w.Append(row...); err != nil {
				return errors.Join(fmt.Errorf("study: %w", err), w.Abort())
			}
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("study: %w", err)
		}
	}
	return nil
}

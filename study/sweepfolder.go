package study

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/encoding/table"
	"github.com/retrodict/retrodict/record"
)

// A Refusal says why something is not begun that was asked for. Nothing was changed.
type Refusal struct{ error }

// Unwrap returns the error without its kind.
func (e *Refusal) Unwrap() error { return e.error }

func refuse(format string, args ...any) error {
	return &Refusal{fmt.Errorf("study: "+format, args...)}
}

// openFolder makes the folder and locks it, or finds what is in it.
func (s *sweep) openFolder() error {
	if s.Resume && !s.Redraw && s.done() {
		s.finished = true
		return s.sameStudy()
	}
	_, err := os.Stat(s.Out)
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh && s.Redraw {
		return refuse("%s is no study: there is no table to make figures from", s.Out)
	}
	if err := os.MkdirAll(s.Out, 0o755); err != nil {
		return &Refusal{fmt.Errorf("study: %w", err)}
	}
	if s.lock, err = record.LockFolder(s.Out); err != nil {
		return &Refusal{err}
	}
	old, err := os.ReadFile(filepath.Join(s.Out, sweepPoints, sweepConfig))
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.Redraw:
		return s.readTable()
	case errors.Is(err, fs.ErrNotExist) && s.done():
		return refuse("%s has results already: choose another folder with --out, or --redraw", s.Out)
	case errors.Is(err, fs.ErrNotExist):
		return s.beginPoints()
	case err != nil:
		return fmt.Errorf("study: %w", err)
	case !s.Resume && !s.Redraw:
		return refuse("%s is under way: add --resume, or choose another folder with --out", s.Out)
	case !s.same(filepath.Join(s.Out, sweepPoints, sweepConfig), old):
		return refuse("%s holds points of another configuration: choose another folder with --out", s.Out)
	}
	if err := s.readPoints(); err != nil {
		return err
	}
	if s.Redraw && slices.Contains(s.rows, nil) {
		return refuse("%s is under way, and its figures are made when all points are there: add --resume", s.Out)
	}
	return s.adopt(old)
}

// same reports whether text, which is in the file at path, is this study. Figures are not part of it: points do not depend on them.
func (s *sweep) same(path string, text []byte) bool {
	if string(text) == string(s.text) {
		return true
	}
	l, err := config.Parse(path, text)
	if err != nil {
		return false
	}
	mine, its := s.base.Config, l.Config
	mine.Sweep.Plots, its.Sweep.Plots = nil, nil
	a, err := mine.Marshal()
	b, e := its.Marshal()
	return err == nil && e == nil && string(a) == string(b)
}

// adopt has the folder, in which the study was begun as old, say what the study is now: its figures may be others.
func (s *sweep) adopt(old []byte) error {
	for _, path := range []string{filepath.Join(s.Out, sweepConfig), filepath.Join(s.Out, sweepPoints, sweepConfig)} {
		text, err := os.ReadFile(path)
		if err != nil || string(text) != string(old) || string(text) == string(s.text) { // a file of the user's own stays as it is
			continue
		}
		if err := writeAtomically(path, s.text); err != nil {
			return err
		}
	}
	return nil
}

// done reports whether the folder has all results: the points go when the tables and the figures are there.
func (s *sweep) done() bool {
	_, results := os.Stat(filepath.Join(s.Out, sweepResults))
	_, points := os.Stat(filepath.Join(s.Out, sweepPoints, sweepConfig))
	return results == nil && errors.Is(points, fs.ErrNotExist)
}

// sameStudy returns an error if the results in the folder are of another study than this one.
func (s *sweep) sameStudy() error {
	path := filepath.Join(s.Out, sweepConfig)
	if text, err := os.ReadFile(path); err == nil && !s.same(path, text) {
		return refuse("%s holds the results of another configuration (see its %s): choose another folder with --out", s.Out, sweepConfig)
	}
	return s.readTable()
}

// beginPoints makes the folder of points, and writes what the study is.
func (s *sweep) beginPoints() error {
	if err := os.MkdirAll(filepath.Join(s.Out, sweepPoints), 0o755); err != nil {
		return fmt.Errorf("study: %w", err)
	}
	path := filepath.Join(s.Out, sweepConfig)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := writeAtomically(path, s.text); err != nil {
			return err
		}
	}
	return writeAtomically(filepath.Join(s.Out, sweepPoints, sweepConfig), s.text)
}

// endPoints removes the files of single points; a kill leaves all of them, or none that count.
func (s *sweep) endPoints() error {
	points, gone := filepath.Join(s.Out, sweepPoints), filepath.Join(s.Out, "."+sweepPoints)
	err := os.RemoveAll(gone)
	if e := os.Rename(points, gone); err == nil && !errors.Is(e, fs.ErrNotExist) {
		err = e
	}
	if err = errors.Join(err, os.RemoveAll(gone)); err != nil {
		return fmt.Errorf("study: %w", err)
	}
	return nil
}

// A temporary is what a file is written to before it gets its name, which is in parentheses.
var temporary = regexp.MustCompile(`^\.(.+)\.[0-9]+(?:\.tmp)?$`)

// tidy removes what a kill in the middle of writing has left beside the study's files. Nobody else writes here: the folder is
// locked.
func (s *sweep) tidy(figures []string) error {
	list, err := os.ReadDir(s.Out)
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	mine := []string{sweepConfig, sweepResults, sweepParquet}
	for _, f := range figures {
		mine = append(mine, filepath.Base(f))
	}
	for _, e := range list {
		if m := temporary.FindStringSubmatch(e.Name()); m != nil && slices.Contains(mine, m[1]) {
			err = errors.Join(err, os.Remove(filepath.Join(s.Out, e.Name())))
		}
	}
	return err
}

// readPoints fills the rows with the points that are there.
func (s *sweep) readPoints() error {
	for k := range s.rows {
		text, err := os.ReadFile(s.pointPath(k))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var row sweepRow
		if err == nil {
			err = json.Unmarshal(text, &row)
		}
		if err != nil || len(row.Values) != len(s.measures) {
			return refuse("%s is damaged: delete it", s.pointPath(k))
		}
		s.rows[k] = &row
	}
	return nil
}

func (s *sweep) pointPath(k int) string {
	return filepath.Join(s.Out, sweepPoints, fmt.Sprintf("%06d.json", k))
}

// writeAtomically creates or replaces a file, whole or not at all.
func writeAtomically(path string, text []byte) error {
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("study: %w", err)
	}
	_, err = t.Write(text)
	err = errors.Join(err, t.Chmod(0o644), t.Sync(), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("study: %w", errors.Join(err, os.Remove(t.Name())))
	}
	return nil
}

// readTable fills the rows from a table that is complete.
func (s *sweep) readTable() error {
	path := filepath.Join(s.Out, sweepResults)
	t, err := table.Read(path)
	if err != nil {
		return &Refusal{fmt.Errorf("study: %w", err)}
	}
	if t.Rows() != len(s.points) {
		return refuse("%s has %d rows, the study has %d points", path, t.Rows(), len(s.points))
	}
	s.tabled = true
	for k := range s.rows {
		s.rows[k] = &sweepRow{}
	}
	for _, m := range s.measures {
		c, err := t.Column(m)
		if err != nil {
			return refuse("%s: %w", path, err)
		}
		for k, x := range c.Numbers() {
			v := &x
			if math.IsNaN(x) {
				v = nil
			}
			s.rows[k].Values = append(s.rows[k].Values, v)
		}
	}
	return nil
}

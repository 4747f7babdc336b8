package data

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// A Header tells whether the first line of a CSV file names the columns.
type Header uint8

const (
	HeaderAuto Header = iota // it does if, beside the label, a field of it is not a number
	HeaderYes
	HeaderNo
)

// CSV says how a CSV file is read. Every field but the label must be a finite number.
type CSV struct {
	Header Header
	// Label is the name of the label's column in the header, or its number from 0, or backwards from −1, the last. Empty
	// means the last.
	Label      string
	Regression bool // the label is a target, a number, instead of a class
	Comma      rune // 0 means ','
	Limit      Limit
}

// LoadCSV reads the file at path, plain or gzip: X is [N, columns − 1], in the file's order of columns; Y is [N]
// labels, or [N, 1] targets. Labels that are whole numbers from 0 on are taken as they are; other labels are numbered
// in their own order, numerical if all are whole numbers, by bytes otherwise. Errors tell the line and the column of
// the text, in bytes.
func LoadCSV(path string, c CSV) (*Set, error) {
	var s *Set
	err := withFile(path, func(r io.Reader) (err error) {
		s, err = c.read(path, r)
		return err
	})
	return s, err
}

// table is a CSV file while it is read.
type table struct {
	r       *csv.Reader
	label   int // column
	columns int
	x       []float64
	labels  []string
	at      [][2]int32 // line and column of each label
}

func (c CSV) read(name string, r io.Reader) (*Set, error) {
	lim := c.Limit.filled()
	bounded := &io.LimitedReader{R: r, N: lim.Bytes + 1}
	b := bufio.NewReader(bounded)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	t := table{r: csv.NewReader(b)}
	t.r.ReuseRecord, t.r.TrimLeadingSpace = true, true
	if c.Comma != 0 {
		t.r.Comma = c.Comma
	}
	for first := true; ; first = false {
		record, err := t.r.Read()
		switch {
		case bounded.N <= 0:
			return nil, fmt.Errorf("more than %d bytes", lim.Bytes)
		case errors.Is(err, io.EOF):
			if len(t.labels) == 0 {
				return nil, position{1, 1, fmt.Errorf("no rows")}
			}
			return c.set(name, &t)
		case err != nil:
			return nil, textError(err)
		}
		if first {
			header, err := t.start(c, record)
			if err != nil {
				return nil, err
			}
			if header {
				continue
			}
		}
		if int64(len(t.x)+len(record)) > lim.Elements {
			return nil, t.errorf(0, "more than %d elements", lim.Elements)
		}
		if err := t.add(record); err != nil {
			return nil, err
		}
	}
}

// textError turns an error of the reader into one with a position.
func textError(err error) error {
	if e := (*csv.ParseError)(nil); errors.As(err, &e) {
		return position{e.Line, e.Column, e.Err}
	}
	return err
}

// errorf returns an error at a field of the last record.
func (t *table) errorf(field int, format string, args ...any) error {
	line, column := t.r.FieldPos(field)
	return position{line, column, fmt.Errorf(format, args...)}
}

// start learns from the first record which column is the label's, and whether the record is a header.
func (t *table) start(c CSV, record []string) (header bool, err error) {
	t.columns = len(record)
	if t.columns < 2 {
		return false, t.errorf(0, "one column: want features and a label")
	}
	t.label = t.columns - 1
	if c.Label != "" {
		byName := slices.Index(record, c.Label)
		n, err := strconv.Atoi(c.Label)
		if n < 0 {
			n += t.columns
		}
		switch {
		case byName >= 0 && err != nil || byName >= 0 && c.Header == HeaderYes:
			t.label, header = byName, true
		case err != nil:
			return false, t.errorf(0, "no column %q in the first line: %s", c.Label, strings.Join(record, ", "))
		case n < 0 || n >= t.columns:
			return false, t.errorf(0, "no column %s: there are %d", c.Label, t.columns)
		default:
			t.label = n
		}
	}
	if c.Header != HeaderAuto {
		return c.Header == HeaderYes, nil
	}
	for i, field := range record {
		if _, err := strconv.ParseFloat(strings.TrimSpace(field), 64); err != nil && i != t.label {
			header = true
		}
	}
	return header, nil
}

// add appends a record.
func (t *table) add(record []string) error {
	for i, field := range record {
		field = strings.TrimSpace(field)
		if i == t.label {
			if field == "" {
				return t.errorf(i, "the label is empty")
			}
			line, column := t.r.FieldPos(i)
			t.labels = append(t.labels, strings.Clone(field))
			t.at = append(t.at, [2]int32{int32(line), int32(column)})
			continue
		}
		x, err := strconv.ParseFloat(field, 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return t.errorf(i, "%q is not a finite number", field)
		}
		t.x = append(t.x, x)
	}
	return nil
}

// set makes a set of what has been read.
func (c CSV) set(name string, t *table) (*Set, error) {
	n := len(t.labels)
	s := &Set{Name: name, X: tensor.New(tensor.Float64, tensor.Dims(n, t.columns-1))}
	copy(s.X.Float64s(), t.x)
	if c.Regression {
		s.Y = tensor.New(tensor.Float64, tensor.Dims(n, 1))
		for i, label := range t.labels {
			y, err := strconv.ParseFloat(label, 64)
			if err != nil || math.IsInf(y, 0) || math.IsNaN(y) {
				return nil, t.labelErrorf(i, "the target %q is not a finite number", label)
			}
			s.Y.Float64s()[i] = y
		}
		return s, nil
	}
	s.Y = tensor.New(tensor.Int64, tensor.Dims(n))
	var err error
	if s.Classes, err = t.classify(s.Y.Int64s()); err != nil {
		return nil, err
	}
	return s, nil
}

func (t *table) labelErrorf(i int, format string, args ...any) error {
	return position{int(t.at[i][0]), int(t.at[i][1]), fmt.Errorf(format, args...)}
}

// classify sets y to the number of each label's class and returns the names of the classes.
func (t *table) classify(y []int64) ([]string, error) {
	whole, direct := true, true
	for i, label := range t.labels {
		n, err := strconv.ParseInt(label, 10, 64)
		if _, e := strconv.ParseFloat(label, 64); err != nil && e == nil {
			return nil, t.labelErrorf(i, "the label %q is a number but no class: set regression if it is a target", label)
		}
		whole = whole && err == nil
		direct = direct && err == nil && n >= 0 && n < maxClasses
		y[i] = n
	}
	if direct {
		n, err := countClasses(y)
		return numbered(n), err
	}
	names := slices.Clone(t.labels)
	slices.SortFunc(names, func(a, b string) int {
		if whole {
			x, _ := strconv.ParseInt(a, 10, 64)
			y, _ := strconv.ParseInt(b, 10, 64)
			return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
		}
		return cmp.Compare(a, b)
	})
	names = slices.Compact(names)
	if len(names) > maxClasses {
		return nil, fmt.Errorf("%d different labels, more than %d: set regression if they are targets", len(names), maxClasses)
	}
	index := make(map[string]int64, len(names))
	for i, name := range names {
		index[name] = int64(i)
	}
	for i, label := range t.labels {
		y[i] = index[label]
	}
	return names, nil
}

package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

var nan = math.NaN()

// A Series is a column with its values: the slice of its type, the others are nil.
type Series struct {
	Column
	Floats []float64
	Ints   []int64
	Texts  []string
	Flags  []bool
}

// Len returns the number of values.
func (s *Series) Len() int { return len(s.Floats) + len(s.Ints) + len(s.Texts) + len(s.Flags) }

// Numbers returns the values as numbers in a new slice: flags are 0 and 1, texts NaN.
func (s *Series) Numbers() []float64 {
	x := make([]float64, s.Len())
	for i := range x {
		switch s.Type {
		case Float64:
			x[i] = s.Floats[i]
		case Int64:
			x[i] = float64(s.Ints[i])
		case String:
			x[i] = nan
		case Bool:
			if s.Flags[i] {
				x[i] = 1
			}
		}
	}
	return x
}

// Cell returns a value.
func (s *Series) Cell(i int) Cell {
	switch s.Type {
	case Int64:
		return Int(s.Ints[i])
	case String:
		return Text(s.Texts[i])
	case Bool:
		return Flag(s.Flags[i])
	}
	return Float(s.Floats[i])
}

// String returns the value of a cell as it is in CSV, without quotes.
func (c Cell) String() string {
	if c.typ == String {
		return c.text
	}
	return string(appendCSV(nil, &c))
}

// A Table is a table in memory.
type Table struct{ Columns []Series }

// Rows returns the number of rows.
func (t *Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].Len()
}

// Column returns the column of that name.
func (t *Table) Column(name string) (*Series, error) {
	names := make([]string, len(t.Columns))
	for i := range t.Columns {
		if names[i] = t.Columns[i].Name; names[i] == name {
			return &t.Columns[i], nil
		}
	}
	return nil, fmt.Errorf("table: no column %q, there are: %s", name, strings.Join(names, ", "))
}

// check makes sure that columns are of equal length.
func (t *Table) check() error {
	for i := range t.Columns {
		if n := t.Columns[i].Len(); n != t.Rows() {
			return fmt.Errorf("column %q has %d values, the first one %d", t.Columns[i].Name, n, t.Rows())
		}
	}
	return nil
}

// Read reads a CSV or Parquet file. CSV knows no types: a column is Int64 if all its cells are whole numbers as a Writer
// writes them, Float64 if all are numbers or empty (which is NaN) and one is not, Bool if all are true or false, and String
// otherwise. In Parquet a missing number is NaN.
func Read(path string) (t Table, err error) {
	switch filepath.Ext(path) {
	case ".parquet":
		t, err = readParquet(path)
	case ".csv":
		var f *os.File
		if f, err = os.Open(path); err == nil {
			t, err = readCSV(f)
			_ = f.Close()
		}
	default:
		err = fmt.Errorf("unknown format: use .csv or .parquet")
	}
	if err != nil {
		return Table{}, fmt.Errorf("table: %s: %w", path, err)
	}
	return t, nil
}

// ReadCSV is Read of CSV.
func ReadCSV(r io.Reader) (Table, error) {
	t, err := readCSV(r)
	if err != nil {
		return Table{}, fmt.Errorf("table: %w", err)
	}
	return t, nil
}

func readCSV(r io.Reader) (t Table, err error) {
	c := csv.NewReader(r)
	c.ReuseRecord = true
	row, err := c.Read()
	if errors.Is(err, io.EOF) {
		return t, fmt.Errorf("no line of names")
	}
	seen := map[string]bool{}
	for _, name := range row {
		if seen[name] {
			return t, fmt.Errorf("line 1: column %q is there twice", name)
		}
		seen[name] = true
		t.Columns = append(t.Columns, Series{Column: Column{Name: strings.Clone(name), Type: String}})
	}
	for err == nil {
		if row, err = c.Read(); err == nil {
			for i, s := range row {
				t.Columns[i].Texts = append(t.Columns[i].Texts, strings.Clone(s))
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		return t, err
	}
	for i := range t.Columns {
		t.Columns[i].infer()
	}
	return t, nil
}

// infer replaces texts by what they stand for.
func (s *Series) infer() {
	ints, floats, flags, number := len(s.Texts) > 0, true, len(s.Texts) > 0, false
	for _, c := range s.Texts {
		n, err := strconv.ParseInt(c, 10, 64)
		ints = ints && err == nil && strconv.FormatInt(n, 10) == c
		_, err = strconv.ParseFloat(c, 64)
		floats = floats && (c == "" || err == nil)
		number = number || c != ""
		flags = flags && (c == "true" || c == "false")
	}
	texts := s.Texts
	switch {
	case ints:
		s.Type, s.Texts = Int64, nil
		for _, c := range texts {
			n, _ := strconv.ParseInt(c, 10, 64)
			s.Ints = append(s.Ints, n)
		}
	case floats && number:
		s.Type, s.Texts = Float64, nil
		for _, c := range texts {
			x := nan
			if c != "" {
				x, _ = strconv.ParseFloat(c, 64)
			}
			s.Floats = append(s.Floats, x)
		}
	case flags:
		s.Type, s.Texts = Bool, nil
		for _, c := range texts {
			s.Flags = append(s.Flags, c == "true")
		}
	}
}

package table

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
)

// A Type is the type of a column.
type Type uint8

const (
	Float64 Type = iota
	Int64
	String // UTF-8
	Bool
)

// String returns "float64", "int64", "string" or "bool".
func (t Type) String() string { return [...]string{"float64", "int64", "string", "bool"}[t] }

// A Column is the name and the type of a column.
type Column struct {
	Name string
	Type Type
}

// A Cell is one value of a row. The zero Cell is the number 0.
type Cell struct {
	typ  Type
	bits uint64
	text string
}

// Float returns a cell of a Float64 column.
func Float(x float64) Cell { return Cell{typ: Float64, bits: math.Float64bits(x)} }

// Int returns a cell of an Int64 column.
func Int(x int64) Cell { return Cell{typ: Int64, bits: uint64(x)} }

// Text returns a cell of a String column.
func Text(s string) Cell { return Cell{typ: String, text: s} }

// Flag returns a cell of a Bool column.
func Flag(b bool) Cell {
	c := Cell{typ: Bool}
	if b {
		c.bits = 1
	}
	return c
}

func (c *Cell) float() float64 { return math.Float64frombits(c.bits) }

// A format writes rows, which have been checked, to a file.
type format interface {
	append(row []Cell) error
	flush() error // everything appended reaches the file
	close() error // likewise, and what ends the file
}

// A Writer writes a table to a file, row by row. It is not safe for concurrent use. After an error every later call
// returns it, and Abort is what is left to do.
type Writer struct {
	columns []Column
	path    string
	file    *atomicfile.File
	format  format
	rows    int64
	err     error
}

// Formats returns the suffixes of files that Create knows.
func Formats() []string { return []string{".csv", ".parquet", ".jsonl"} }

// Create starts a table with these columns, whose names must be unique and not empty. The suffix of path says which format.
func Create(path string, columns ...Column) (*Writer, error) {
	if err := checkColumns(columns); err != nil {
		return nil, fmt.Errorf("table: %s: %w", path, err)
	}
	w := &Writer{columns: append([]Column(nil), columns...), path: path}
	var start func(*atomicfile.File, []Column) (format, error)
	switch filepath.Ext(path) {
	case ".csv":
		start = startCSV
	case ".parquet":
		start = startParquet
	case ".jsonl":
		start = startJSON
	default:
		return nil, fmt.Errorf("table: %s: unknown format: use one of %s", path, strings.Join(Formats(), ", "))
	}
	var err error
	if w.file, err = atomicfile.Create(path); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	if w.format, err = start(w.file, w.columns); err != nil {
		_ = w.file.Abort()
		return nil, fmt.Errorf("table: %s: %w", path, err)
	}
	return w, nil
}

func checkColumns(columns []Column) error {
	if len(columns) == 0 {
		return fmt.Errorf("no columns")
	}
	seen := make(map[string]bool, len(columns))
	for i, c := range columns {
		switch {
		case c.Type > Bool:
			return fmt.Errorf("column %q has no type", c.Name)
		case c.Name == "" || checkText(c.Name) != nil:
			return fmt.Errorf("column %d: its name %q is empty or no plain text", i, c.Name)
		case seen[c.Name]:
			return fmt.Errorf("column %q is there twice", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// checkText refuses strings that a format would not give back.
func checkText(s string) error {
	if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\x00") {
		return fmt.Errorf("%q is not UTF-8, or has a carriage return or a zero byte in it", s)
	}
	return nil
}

// Columns returns the columns, which the caller must not change.
func (w *Writer) Columns() []Column { return w.columns }

// Rows returns the number of rows appended.
func (w *Writer) Rows() int64 { return w.rows }

// Append appends a row, a cell for every column in their order, of its type. The cells are copied. A row that does not fit
// is refused, and is no error of the Writer.
func (w *Writer) Append(row ...Cell) error {
	if w.err != nil {
		return w.err
	}
	if len(row) != len(w.columns) {
		return fmt.Errorf("table: %s: row %d has %d cells, there are %d columns", w.path, w.rows, len(row), len(w.columns))
	}
	for i := range row {
		c := &w.columns[i]
		if row[i].typ != c.Type {
			return fmt.Errorf("table: %s: row %d, column %q: %v, want %v", w.path, w.rows, c.Name, row[i].typ, c.Type)
		}
		if c.Type == String {
			if err := checkText(row[i].text); err != nil {
				return fmt.Errorf("table: %s: row %d, column %q: %w", w.path, w.rows, c.Name, err)
			}
		}
	}
	if err := w.format.append(row); err != nil {
		return w.fail(err)
	}
	w.rows++
	return nil
}

// Flush hands the rows appended to the operating system. In Parquet it ends a row group: not after every few rows.
func (w *Writer) Flush() error {
	if w.err != nil {
		return w.err
	}
	err := w.format.flush()
	if err == nil {
		err = w.file.Flush()
	}
	return w.fail(err)
}

// Close ends the table and gives it its name.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	err := w.format.close()
	if err == nil {
		err = w.file.Commit()
	}
	if w.fail(err) != nil {
		return w.err
	}
	w.file, w.err = nil, fmt.Errorf("table: %s: closed", w.path)
	return nil
}

// Abort removes what has been written. After Close it does nothing.
func (w *Writer) Abort() error {
	if w.file == nil {
		return nil
	}
	if w.err == nil {
		w.err = fmt.Errorf("table: %s: aborted", w.path)
	}
	f := w.file
	w.file = nil
	return f.Abort()
}

func (w *Writer) fail(err error) error {
	if err != nil {
		w.err = fmt.Errorf("table: %s: %w", w.path, err)
	}
	return w.err
}

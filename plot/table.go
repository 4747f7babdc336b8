package plot

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// A table holds the numbers that a figure was drawn from, one observation a row.
type table struct {
	columns []string
	rows    [][]string
}

func newTable(columns ...string) table { return table{columns: columns} }

// add appends a row of strings, ints and float64s.
func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		switch c := c.(type) {
		case string:
			row[i] = c
		case int:
			row[i] = strconv.Itoa(c)
		case float64:
			row[i] = number(c)
		}
	}
	t.rows = append(t.rows, row)
}

// number returns x with all its digits, "" if it is not finite.
func number(x float64) string {
	if !finite(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func (t *table) write(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(t.columns); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	if err := c.WriteAll(t.rows); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

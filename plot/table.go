package plot

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// A table holds the numbers that a figure was drawn from, one observation a row. each calls add for every row, whose cells
// are strings, ints and float64s.
type table struct {
	columns []string
	each    func(add func(cells ...any))
}

// number returns x with all its digits, "" if it is not finite.
func number(x float64) string {
	if !finite(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// write writes the table as CSV, a line of names first.
func (t table) write(w io.Writer) error {
	c := csv.NewWriter(w)
	err := c.Write(t.columns)
	row := make([]string, len(t.columns))
	t.each(func(cells ...any) {
		for i, x := range cells {
			switch x := x.(type) {
			case string:
				row[i] = x
			case int:
				row[i] = strconv.Itoa(x)
			case float64:
				row[i] = number(x)
			}
		}
		if err == nil {
			err = c.Write(row)
		}
	})
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	if err != nil {
		return fmt.Errorf("plot: table: %w", err)
	}
	return nil
}
